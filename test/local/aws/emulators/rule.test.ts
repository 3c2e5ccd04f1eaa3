import { DescribeExecutionCommand, ListExecutionsCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test, vi } from 'vitest';
import { matches } from '../../../../local/aws/emulators/event-pattern.ts';
import { allow, arnOf, cloudOf, machine, queue, role, type TestCloud } from '../../../support/cloud-of.ts';
import { queueAttributes } from '../../../support/queue-attributes.ts';

const arn = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;

const resources = {
  Letters: queue('letters'),
  MachineRole: role('states'),
  Report: machine('report', { Type: 'Fail', Error: 'Broken' }),
  Other: machine('other', { Type: 'Fail', Error: 'Broken' }),
  Failed: machine('failed', { Type: 'Succeed' }),
  RuleRole: role('events', allow('states:StartExecution', { Ref: 'Failed' })),
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT'], stateMachineArn: [{ Ref: 'Report' }] },
      },
      State: 'ENABLED',
      Targets: [
        {
          Arn: { Ref: 'Failed' },
          RoleArn: arnOf('RuleRole'),
          DeadLetterConfig: { Arn: arnOf('Letters') },
          RetryPolicy: { MaximumRetryAttempts: 2 },
        },
      ],
    },
  },
};

const start = ({ clients }: TestCloud, name: string) =>
  clients.sfn.send(new StartExecutionCommand({ stateMachineArn: arn(name), input: '{"job":1}' }));

async function executionsOf({ clients }: TestCloud, name: string) {
  const { executions } = await clients.sfn.send(new ListExecutionsCommand({ stateMachineArn: arn(name) }));
  return executions!;
}

async function letter({ clients, endpoint }: TestCloud) {
  const { Messages } = await clients.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: `${endpoint}/000000000000/letters`,
      MessageAttributeNames: ['All'],
      WaitTimeSeconds: 20,
    }),
  );
  return Messages![0]!;
}

describe('A rule', () => {
  test('starts its target with the event of a failed execution', async () => {
    const cloud = await cloudOf(resources);
    await start(cloud, 'report');
    const [execution] = await vi.waitFor(async () => {
      const executions = await executionsOf(cloud, 'failed');
      expect(executions).toHaveLength(1);
      return executions;
    });
    const { executionArn } = execution!;
    const { input } = await cloud.clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(JSON.parse(input!)).toMatchObject({
      source: 'aws.states',
      detail: { status: 'FAILED', stateMachineArn: arn('report'), input: '{"job":1}', error: 'Broken' },
    });
  });

  test('leaves alone what its pattern does not name', async () => {
    const cloud = await cloudOf(resources);
    await start(cloud, 'other');
    await start(cloud, 'report');
    await vi.waitFor(async () => expect(await executionsOf(cloud, 'failed')).toHaveLength(1));
  });

  test('retries a target that is out of order', async () => {
    const cloud = await cloudOf(resources);
    await start(cloud, 'report');
    const restore = cloud.outage('states');
    await vi.waitFor(() => expect(cloud.lines).not.toHaveLength(0));
    restore();
    await vi.waitFor(async () => expect(await executionsOf(cloud, 'failed')).toHaveLength(1));
    expect(await queueAttributes(cloud, 'letters')).toEqual({ visible: 0, inFlight: 0 });
  });

  test('leaves the event to the dead letters after its retries', async () => {
    const cloud = await cloudOf(resources);
    await start(cloud, 'report');
    cloud.outage('states');
    const { Body, MessageAttributes } = await letter(cloud);
    expect(JSON.parse(Body!).detail.stateMachineArn).toBe(arn('report'));
    expect(MessageAttributes).toMatchObject({ TARGET_ARN: { StringValue: arn('failed') } });
    expect(cloud.lines).toHaveLength(3);
  });

  test('does not retry what its role may not do', async () => {
    const cloud = await cloudOf({ ...resources, RuleRole: role('events') });
    await start(cloud, 'report');
    const { MessageAttributes } = await letter(cloud);
    expect(MessageAttributes).toMatchObject({ ERROR_CODE: { StringValue: 'AccessDeniedException' } });
    expect(cloud.lines).toHaveLength(1);
  });
});

describe('An event pattern', () => {
  test.each([
    [{ a: ['x', 'y'] }, { a: 'y' }, true],
    [{ a: ['x'] }, { a: 'z' }, false],
    [{ a: ['x'] }, {}, false],
    [{ a: { b: [1] } }, { a: { b: 1 } }, true],
    [{ a: { b: [1] } }, {}, false],
    [{ a: [{ prefix: 'x' }] }, { a: 'xy' }, true],
    [{ a: [{ wildcard: '*"b":[1]*' }] }, { a: '{"a":0,\n"b":[1]}' }, true],
    [{ a: [{ wildcard: '*"b":[1]*' }] }, { a: '{"b":1}' }, false],
    [{ a: [{ 'anything-but': ['x'] }] }, { a: 'x' }, false],
    [{ a: [{ exists: false }] }, {}, true],
  ])('%j against %j: %j', (pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  test('with a matcher that nobody knows is refused', () => {
    expect(() => matches({ a: [{ cidr: '10.0.0.0/8' }] }, { a: '10.0.0.1' })).toThrow('cidr');
  });
});
