import { Aws, Validations } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';

/** Tells cdk-nag why a role may use resources whose ARNs end in wildcards: it takes no wildcard for granted. */
export function acknowledgeWildcards(role: Role, arns: readonly string[], reason: string): void {
  for (const arn of arns) {
    const id = `AwsSolutions-IAM5[Resource::${arn.replace(Aws.ACCOUNT_ID, '<AWS::AccountId>')}]`;
    Validations.of(role).acknowledge({ id, reason });
  }
}
