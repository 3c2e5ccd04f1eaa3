import { Fn } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { PlatformValue } from '../config.ts';

/** The value for a template. CloudFormation looks up exports and parameters when it deploys. */
export function platformValue(scope: Construct, value: PlatformValue): string {
  if ('export' in value) return Fn.importValue(value.export);
  if ('parameter' in value) return StringParameter.valueForStringParameter(scope, value.parameter);
  return value.value;
}
