import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test, vi } from 'vitest';
import type { Fault } from '../../../../local/aws/access/faults.ts';
import { clientConfiguration } from '../../../../local/aws/clients.ts';
import { allow, arnOf, cloudOf, machine, queue, role } from '../../../support/cloud-of.ts';

const topicArn = 'arn:aws:sns:us-east-1:000000000000:events';

/** A bucket, a topic and a queue, and clients that try each call once. */
async function services() {
  const cloud = await cloudOf({
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } },
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'events' } },
    Queue: queue('work'),
    Publisher: role(
      'lambda',
      allow('sns:Publish', { Ref: 'Topic' }),
      allow('sqs:SendMessage', arnOf('Queue')),
      allow('s3:PutObject', 'arn:aws:s3:::files/*'),
    ),
  });
  const once = { ...clientConfiguration(cloud.endpoint, cloud.credentials), maxAttempts: 1 };
  const sqs = new SQSClient(once);
  const QueueUrl = `${cloud.endpoint}/000000000000/work`;
  return {
    cloud,
    publish: () => new SNSClient(once).send(new PublishCommand({ TopicArn: topicArn, Message: 'a' })),
    publishAsRole: () =>
      cloud.as('Publisher').sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'a' })),
    put: (Key: string) =>
      new S3Client({ ...once, forcePathStyle: true }).send(
        new PutObjectCommand({ Bucket: 'files', Key, Body: 'a' }),
      ),
    sendMessage: () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' })),
    async messages() {
      const AttributeNames = ['ApproximateNumberOfMessages' as const];
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      return Number(Attributes!.ApproximateNumberOfMessages);
    },
  };
}

/** A machine of two states that publish, and a function that runs it once under a name and returns its status. */
async function publishingMachine() {
  const publish = {
    Type: 'Task',
    Resource: 'arn:aws:states:::sns:publish',
    Arguments: { TopicArn: topicArn, Message: 'a' },
  };
  const DefinitionString = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Speak',
    States: { Speak: { ...publish, Next: 'Speak again' }, 'Speak again': { ...publish, End: true } },
  });
  const cloud = await cloudOf({
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'events' } },
    Machine: machine('speaker', {}, { DefinitionString }),
    MachineRole: role('states', allow('sns:Publish', { Ref: 'Topic' })),
  });
  const { sfn } = cloud.clients;
  return {
    cloud,
    async run(name: string) {
      const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:speaker';
      const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name }));
      return vi.waitFor(async () => {
        const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        expect(status).not.toBe('RUNNING');
        return status;
      });
    },
  };
}

const sending: Fault = { kind: 'refuse', operation: 'SendMessage' };

test('A refused call fails and has no effect; the next one is answered', async () => {
  const { cloud, sendMessage, messages } = await services();
  cloud.fault(sending);
  await expect(sendMessage()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
  expect(await messages()).toBe(0);
  await sendMessage();
  expect(await messages()).toBe(1);
});

test('A refusal has the error that it was given', async () => {
  const { cloud, publish } = await services();
  cloud.fault({ kind: 'refuse', operation: 'Publish', error: { status: 429, code: 'Throttled' } });
  await expect(publish()).rejects.toMatchObject({ name: 'ThrottledException' });
});

test('A refused connection closes without an answer', async () => {
  const { cloud, sendMessage, messages } = await services();
  cloud.fault({ ...sending, error: 'connection' });
  await expect(sendMessage()).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(await messages()).toBe(0);
});

test('A call whose answer is dropped fails although it took effect', async () => {
  const { cloud, sendMessage, messages } = await services();
  cloud.fault({ ...sending, kind: 'drop' });
  await expect(sendMessage()).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(await messages()).toBe(1);
});

test('A delayed call is answered in the end', async () => {
  const { cloud, sendMessage, messages } = await services();
  cloud.fault({ ...sending, kind: 'delay', milliseconds: 1 });
  await sendMessage();
  expect(await messages()).toBe(1);
});

test('A fault meets as many calls as it says, and tells how many it met', async () => {
  const { cloud, sendMessage } = await services();
  const takeBack = cloud.fault({ ...sending, calls: 3 });
  await expect(sendMessage()).rejects.toThrow();
  await expect(sendMessage()).rejects.toThrow();
  expect(takeBack()).toBe(2);
  await sendMessage();
});

test('A fault of one caller leaves others alone', async () => {
  const { cloud, publish, publishAsRole } = await services();
  const takeBack = cloud.fault({ kind: 'refuse', operation: 'Publish', caller: 'Publisher' });
  await publish();
  expect(takeBack()).toBe(0);
  cloud.fault({ kind: 'refuse', operation: 'Publish', caller: 'Publisher', calls: 9 });
  await expect(publishAsRole()).rejects.toThrow('A fault that a test asked for');
});

test('A fault of one resource leaves others alone', async () => {
  const { cloud, put } = await services();
  cloud.fault({ kind: 'refuse', operation: 'PutObject', resource: '/manifest.json' });
  await put('report.csv');
  await expect(put('manifest.json')).rejects.toThrow();
});

test('A fault of one text leaves others alone, so that many can wait side by side', async () => {
  const { cloud, sendMessage, publish } = await services();
  cloud.fault({ ...sending, text: 'of another job' });
  await sendMessage();
  cloud.fault({ kind: 'refuse', operation: 'Publish', text: 'Message=a' });
  await expect(publish()).rejects.toThrow('A fault that a test asked for');
});

test('A fault of one state meets the Tasks of that state only, of executions with the text in their names', async () => {
  const { cloud, run } = await publishingMachine();
  cloud.fault({ kind: 'refuse', operation: 'Publish', state: 'Speak again', text: ':second' });
  expect(await run('first')).toBe('SUCCEEDED');
  expect(await run('second')).toBe('FAILED');
  expect(cloud.calls.map(({ task }) => task?.state).filter(Boolean)).toEqual([
    'Speak',
    'Speak again',
    'Speak',
    'Speak again',
  ]);
});
