import { Aws, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { Arns } from '../arns.ts';
import type { Config } from '../config.ts';
import { platformValue } from './platform-value.ts';

const longestExpiryDays = 30;

/** The bucket of the report files, which a deployment never deletes. */
export class ReportFiles extends Bucket {
  constructor(scope: Construct, config: Config) {
    const key = config.platform.keys.bucket;
    super(scope, 'Bucket', {
      bucketName: new Arns(config, Aws.ACCOUNT_ID).bucketName,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      ...(key
        ? {
            encryptionKey: Key.fromKeyArn(scope, 'BucketKey', platformValue(scope, key)),
            bucketKeyEnabled: true,
          }
        : { encryption: BucketEncryption.S3_MANAGED }),
      enforceSSL: true,
      // Retained, but not by a first deployment that fails: its leftover would block the second.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: lifecycle(config),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason: "Access is logged by the platform's CloudTrail data events, with the identity of the caller.",
    });
  }
}

/** Parts outlive the 14 days of a redrive. Files expire by their tag, since no prefix reaches across cases. */
function lifecycle({ environment, backupDays, requestDays }: Config): LifecycleRule[] {
  const reportDays = Array.from({ length: longestExpiryDays }, (_, index) => index + 1);
  const byTag = [...new Set([...reportDays, backupDays, requestDays])].map((days) => ({
    id: `expires-in-${days}-days`,
    tagFilters: { 'expires-in-days': String(days) },
    expiration: Duration.days(days),
  }));
  return [
    { id: 'parts', prefix: `${environment}/tmp/`, expiration: Duration.days(35) },
    { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(2) },
    ...byTag,
  ];
}
