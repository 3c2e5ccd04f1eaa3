import { AthenaClient } from '@aws-sdk/client-athena';
import { GlueClient } from '@aws-sdk/client-glue';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Credentials } from './access/authorization.ts';
import { pseudoParameters } from './template/intrinsics.ts';

/** SDK clients of the local services for one caller. */
export type Clients = ReturnType<typeof clientsOf>;

/** The configuration of an SDK client that calls the gateway with these credentials. */
export function clientConfiguration(endpoint: string, credentials: Credentials) {
  // Otherwise StartSyncExecution calls the host sync-127.0.0.1.
  return { endpoint, credentials, region: pseudoParameters['AWS::Region'], disableHostPrefix: true };
}

/** Creates clients that call the gateway with these credentials. */
export function clientsOf(endpoint: string, credentials: Credentials) {
  const configuration = clientConfiguration(endpoint, credentials);
  return {
    athena: new AthenaClient(configuration),
    glue: new GlueClient(configuration),
    lambda: new LambdaClient(configuration),
    s3: new S3Client(configuration),
    scheduler: new SchedulerClient(configuration),
    sesv2: new SESv2Client(configuration),
    sfn: new SFNClient(configuration),
    sns: new SNSClient(configuration),
    sqs: new SQSClient(configuration),
  };
}
