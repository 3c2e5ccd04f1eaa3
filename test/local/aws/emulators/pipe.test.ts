import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test, vi } from 'vitest';
import type { TemplateResource } from '../../../../local/aws/template/assembly.ts';
import { allow, arnOf, cloudOf, machine, queue, role } from '../../../support/cloud-of.ts';
import { queueAttributes } from '../../../support/queue-attributes.ts';

const consume = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

function pipe(InvocationType: string, more: Record<string, unknown> = {}): TemplateResource {
  return {
    Type: 'AWS::Pipes::Pipe',
    Properties: {
      Name: 'intake',
      RoleArn: arnOf('PipeRole'),
      Source: arnOf('Queue'),
      SourceParameters: { SqsQueueParameters: { BatchSize: 1 } },
      Target: { Ref: 'Machine' },
      TargetParameters: { StepFunctionStateMachineParameters: { InvocationType } },
      ...more,
    },
  };
}

const resources = (state: object, express: boolean) => ({
  Letters: queue('letters'),
  Queue: queue('intake', 'Letters', 3),
  MachineRole: role('states'),
  Machine: machine('router', state, { StateMachineType: express ? 'EXPRESS' : 'STANDARD' }),
  PipeRole: role(
    'pipes',
    allow(consume, arnOf('Queue')),
    allow(['states:StartSyncExecution', 'states:StartExecution'], { Ref: 'Machine' }),
  ),
  Pipe: pipe(express ? 'REQUEST_RESPONSE' : 'FIRE_AND_FORGET'),
});

const send = ({ clients, endpoint }: Awaited<ReturnType<typeof cloudOf>>) =>
  clients.sqs.send(
    new SendMessageCommand({
      QueueUrl: `${endpoint}/000000000000/intake`,
      MessageBody: '{"job":1}',
      MessageAttributes: { eventType: { DataType: 'String', StringValue: 'REPORT_REQUESTED' } },
    }),
  );

describe('A pipe', () => {
  test('to an Express machine deletes the message when the execution succeeds', async () => {
    const cloud = await cloudOf(resources({ Type: 'Succeed' }, true));
    await send(cloud);
    await vi.waitFor(() =>
      expect(cloud.calls).toContainEqual(expect.objectContaining({ action: 'sqs:DeleteMessage' })),
    );
    await vi.waitFor(async () =>
      expect(await queueAttributes(cloud, 'intake')).toEqual({ visible: 0, inFlight: 0 }),
    );
    expect(await queueAttributes(cloud, 'letters')).toEqual({ visible: 0, inFlight: 0 });
  });

  test('to an Express machine that fails brings the message back, and in the end to the dead letters', async () => {
    const cloud = await cloudOf(resources({ Type: 'Fail', Error: 'Broken' }, true));
    await send(cloud);
    await vi.waitFor(
      async () => expect(await queueAttributes(cloud, 'letters')).toEqual({ visible: 1, inFlight: 0 }),
      { timeout: 20_000 },
    );
    const attempts = cloud.calls.filter(({ action }) => action === 'states:StartSyncExecution');
    expect(attempts).toHaveLength(3);
    expect(cloud.lines[0]).toContain('ended as FAILED: Broken');
  });

  test('to a Standard machine hands over one record, in the shape of Pipes', async () => {
    const cloud = await cloudOf(resources({ Type: 'Succeed' }, false));
    await send(cloud);
    const { sfn } = cloud.clients;
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:router';
    const execution = await vi.waitFor(async () => {
      const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
      expect(executions).toHaveLength(1);
      return executions![0]!;
    });
    const { executionArn } = execution;
    const { input } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(JSON.parse(input!)).toEqual([
      {
        messageId: expect.any(String),
        receiptHandle: expect.any(String),
        body: '{"job":1}',
        attributes: expect.objectContaining({ ApproximateReceiveCount: '1' }),
        messageAttributes: {
          eventType: {
            stringValue: 'REPORT_REQUESTED',
            stringListValues: [],
            binaryListValues: [],
            dataType: 'String',
          },
        },
        md5OfBody: expect.any(String),
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:intake',
        awsRegion: 'us-east-1',
      },
    ]);
  });

  test('with an input template hands over what the template names, as JSON', async () => {
    const InputTemplate = '{"id": <$.messageId>, "type": <$.messageAttributes.eventType>, "body": <$.body>}';
    const Pipe = pipe('FIRE_AND_FORGET');
    Object.assign(Pipe.Properties!.TargetParameters as object, { InputTemplate });
    const cloud = await cloudOf({ ...resources({ Type: 'Succeed' }, false), Pipe });
    await send(cloud);
    const { sfn } = cloud.clients;
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:router';
    const { executionArn } = await vi.waitFor(async () => {
      const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
      expect(executions).toHaveLength(1);
      return executions![0]!;
    });
    const { input } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const type = expect.objectContaining({ stringValue: 'REPORT_REQUESTED' });
    expect(JSON.parse(input!)).toEqual([{ id: expect.any(String), type, body: '{"job":1}' }]);
  });

  test('calls with its own role: what that does not allow fails', async () => {
    const cloud = await cloudOf({
      ...resources({ Type: 'Succeed' }, true),
      PipeRole: role('pipes', allow(consume, arnOf('Queue'))),
    });
    await send(cloud);
    await vi.waitFor(() =>
      expect(cloud.lines[0]).toContain(
        'test-PipeRole/local is not authorized to perform: states:StartSyncExecution',
      ),
    );
  });

  test.each([
    ['a batch size other than 1', { SourceParameters: { SqsQueueParameters: { BatchSize: 10 } } }],
    ['an InputTemplate', { TargetParameters: { InputTemplate: '{"text": "<$.body>"}' } }],
    ['an enrichment', { Enrichment: 'arn:aws:lambda:us-east-1:000000000000:function:f' }],
  ])('with %s is refused', async (what, properties) => {
    const Pipe = pipe('REQUEST_RESPONSE', properties);
    await expect(cloudOf({ ...resources({ Type: 'Succeed' }, true), Pipe })).rejects.toThrow(what);
  });
});
