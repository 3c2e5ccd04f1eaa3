import { createConnection } from 'node:net';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { PublishCommand } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import type { TemplateResource } from '../../../local/aws/template/assembly.ts';
import { allow, arnOf, cloudOf, machine, queue, role, startTestCloud } from '../../support/cloud-of.ts';

const lambda: TemplateResource = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: 'function',
    Role: arnOf('FunctionRole'),
    Handler: 'index.handler',
    Code: { S3Key: 'code.zip' },
    Environment: { Variables: { BUCKET: { Ref: 'Bucket' } } },
  },
};
const Bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } };

describe('A cloud', () => {
  test('gives a function its environment and the credentials of its role', async () => {
    const code = `export const handler = async () => {
      const { AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, AWS_REGION, BUCKET } = process.env;
      return { AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, AWS_REGION, BUCKET };
    }`;
    const { clients, endpoint } = await cloudOf(
      { Bucket, Function: lambda, FunctionRole: role('lambda') },
      { code },
    );
    const { Payload } = await clients.lambda.send(new InvokeCommand({ FunctionName: 'function' }));
    expect(JSON.parse(Payload!.transformToString())).toEqual({
      AWS_ACCESS_KEY_ID: 'AKIA-test-FunctionRole',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      BUCKET: 'files',
    });
  });

  test('reports a failed function in a header', async () => {
    const code = 'export const handler = async () => { throw new TypeError("wrong") }';
    const { clients } = await cloudOf({ Bucket, Function: lambda, FunctionRole: role('lambda') }, { code });
    const { FunctionError, StatusCode } = await clients.lambda.send(
      new InvokeCommand({ FunctionName: 'function' }),
    );
    expect({ FunctionError, StatusCode }).toEqual({ FunctionError: 'Unhandled', StatusCode: 200 });
  });

  test('delivers raw messages to the queues whose filter they match', async () => {
    const subscription = (Queue: string, eventType: string) => ({
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: { Ref: 'Topic' },
        Protocol: 'sqs',
        Endpoint: arnOf(Queue),
        RawMessageDelivery: true,
        FilterPolicy: { eventType: [eventType] },
      },
    });
    const { clients, endpoint } = await cloudOf({
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'events' } },
      Requests: queue('requests'),
      Others: queue('others'),
      ToRequests: subscription('Requests', 'REPORT_REQUESTED'),
      ToOthers: subscription('Others', 'OTHER'),
    });
    await clients.sns.send(
      new PublishCommand({
        TopicArn: 'arn:aws:sns:us-east-1:000000000000:events',
        Message: '{"job":1}',
        MessageAttributes: { eventType: { DataType: 'String', StringValue: 'REPORT_REQUESTED' } },
      }),
    );
    const received = async (name: string) => {
      const QueueUrl = `${endpoint}/000000000000/${name}`;
      const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      return Messages.map(({ Body }) => Body);
    };
    expect(await received('requests')).toEqual(['{"job":1}']);
    expect(await received('others')).toEqual([]);
  });

  test('refuses a definition with a missing substitution', async () => {
    const Machine = machine('machine', { Type: 'Pass', Output: '${Missing}', End: true });
    await expect(cloudOf({ MachineRole: role('states'), Machine })).rejects.toThrow(
      'Machine: nothing is substituted for ${Missing}',
    );
  });

  test('lists the grants of each role', async () => {
    const { grants } = await cloudOf({
      Bucket,
      Reader: role('lambda', allow(['s3:GetObject', 's3:ListBucket'], arnOf('Bucket'))),
    });
    expect(grants).toEqual([
      { role: 'test-Reader', action: 's3:GetObject', resource: 'arn:aws:s3:::files' },
      { role: 'test-Reader', action: 's3:ListBucket', resource: 'arn:aws:s3:::files' },
    ]);
  });

  test('can run side by side with another one', async () => {
    const first = await cloudOf({ Bucket });
    await cloudOf({ Bucket });
    const { KeyCount } = await first.clients.s3.send(new ListObjectsV2Command({ Bucket: 'files' }));
    expect(KeyCount).toBe(0);
  });

  test('leaves no port open after it has stopped', async () => {
    const { endpoint, inbox, stop } = await startTestCloud({ Bucket });
    await stop();
    for (const url of [endpoint, inbox.url]) await expect(connect(url)).rejects.toThrow('ECONNREFUSED');
  });
});

function connect(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port), hostname, () => {
      socket.destroy();
      resolve();
    }).once('error', reject);
  });
}
