import {
  Aws,
  CfnOutput,
  Duration,
  Fn,
  RemovalPolicy,
  Stack,
  type StackProps,
  Validations,
} from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';
import { DeadLetterQueue } from './constructs/dead-letter-queue.ts';
import { Scheduler } from './constructs/scheduler.ts';
import type { Owner } from './machines.ts';

const longestExpiryDays = 30;

/** What holds data and outlives a deployment: the report files, the topic, the queues, and the schedules. */
export class StorageStack extends Stack {
  readonly bucket: Bucket;
  readonly topic: ITopic;
  readonly intakeQueue: Queue;
  /** Messages that the router could not take; their pipe leads to announce-failure. */
  readonly intakeDeadLetters: Queue;
  readonly scheduler: Scheduler;

  constructor(scope: Construct, id: string, config: Config, props: StackProps) {
    super(scope, id, props);
    const name = (suffix: string) => `reports-${config.environment}-${suffix}`;

    this.bucket = new Bucket(this, 'Bucket', {
      bucketName: bucketName(config),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: lifecycle(config.environment),
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: "Access is logged by the platform's CloudTrail data events, with the caller's identity.",
    });

    this.topic =
      config.environment === 'development'
        ? new Topic(this, 'Topic', { topicName: name('events'), enforceSSL: true })
        : Topic.fromTopicArn(this, 'Topic', Fn.importValue(`${config.platform}-TopicArn`));

    this.intakeDeadLetters = new DeadLetterQueue(this, 'IntakeDeadLetters', name('intake-dead-letters'));
    this.intakeQueue = new Queue(this, 'Intake', {
      queueName: name('intake'),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // Longer than the router may run, so that a message in work never comes a second time.
      visibilityTimeout: Duration.minutes(5),
      deadLetterQueue: { queue: this.intakeDeadLetters, maxReceiveCount: 5 },
    });
    this.scheduler = new Scheduler(this, config, this.intakeQueue);

    new CfnOutput(this, 'BucketName', { value: this.bucket.bucketName, description: 'Report files' });
    new CfnOutput(this, 'TopicArn', { value: this.topic.topicArn, description: 'Requests in, events out' });
  }
}

/** Bucket names are global, hence account and region; fixed, because Rails signs downloads from it. */
export const bucketName = (config: Config) =>
  `reports-${config.environment}-${Aws.ACCOUNT_ID}-${config.region}`;

/** The files of the exports of any case or any account, or one of each. */
export const exportsArn = (config: Config, owner: Owner, file?: string) =>
  `${filesArn(config, owner)}/exports/*${file ? `/${file}` : ''}`;

/** The parameters that Rails stored for requests on any case or any account. */
export const requestsArn = (config: Config, owner: Owner) => `${filesArn(config, owner)}/requests/*`;

/** The parts of any report across cases, or one kind of file among them. */
export const partsArn = (config: Config, file = '*') =>
  `arn:aws:s3:::${bucketName(config)}/${config.environment}/tmp/*/${file}`;

/** The right to list files, and nothing else of the bucket. */
export function listOf(config: Config, files: string[]): PolicyStatement {
  const bucket = `arn:aws:s3:::${bucketName(config)}`;
  const prefixes = files.map((arn) => arn.slice(bucket.length + 1));
  return new PolicyStatement({
    actions: ['s3:ListBucket'],
    resources: [bucket],
    conditions: { StringLike: { 's3:prefix': prefixes } },
  });
}

const filesArn = (config: Config, owner: Owner) =>
  `arn:aws:s3:::${bucketName(config)}/${config.environment}/${owner}/*`;

/** Parts live longer than a redrive may come (14 days); files as long as their tag says, which a prefix can't tell. */
function lifecycle(environment: string): LifecycleRule[] {
  const byTag = Array.from({ length: longestExpiryDays }, (_, index) => ({
    id: `expires-in-${index + 1}-days`,
    tagFilters: { 'expires-in-days': String(index + 1) },
    expiration: Duration.days(index + 1),
  }));
  return [
    { id: 'parts', prefix: `${environment}/tmp/`, expiration: Duration.days(35) },
    { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(2) },
    ...byTag,
  ];
}
