import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { allow, arnOf, cloudOf, queue, role, type TestCloud } from '../../../support/cloud-of.ts';

const group = 'arn:aws:scheduler:us-east-1:000000000000:schedule/group/*';
const passed = { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } };
const resources = {
  Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'group' } },
  Target: queue('target'),
  Closed: queue('closed'),
  Letters: queue('letters'),
  SchedulerRole: role('scheduler', allow('sqs:SendMessage', [arnOf('Target'), arnOf('Letters')])),
  MakerRole: role(
    'states',
    allow('scheduler:*', group),
    allow('iam:PassRole', arnOf('SchedulerRole'), passed),
  ),
  HalfRole: role('states', allow('scheduler:*', group)),
};

const name = { GroupName: 'group', Name: 'one' };
const input = '{"at":"<aws.scheduler.scheduled-time>","is":"<b>"}';
const schedule = (target = 'target') => ({
  ...name,
  ScheduleExpression: 'cron(0 6 * * ? *)',
  StartDate: new Date('2030-01-01T00:00:00Z'),
  FlexibleTimeWindow: { Mode: 'OFF' as const },
  Target: {
    Arn: `arn:aws:sqs:us-east-1:000000000000:${target}`,
    RoleArn: 'arn:aws:iam::000000000000:role/test-SchedulerRole',
    Input: input,
    DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:letters' },
  },
});

async function messagesOf({ clients, endpoint }: TestCloud, queueName: string) {
  const { Messages = [] } = await clients.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: `${endpoint}/000000000000/${queueName}`,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages;
}

test('A schedule sends its input, with the time of the slot in it, once a slot', async () => {
  const cloud = await cloudOf(resources);
  await cloud.as('MakerRole').scheduler.send(new CreateScheduleCommand(schedule()));
  await cloud.scheduler.runUntil('2030-01-02T07:00:00Z');
  await cloud.scheduler.runUntil('2030-01-02T08:00:00Z');
  expect((await messagesOf(cloud, 'target')).map(({ Body }) => JSON.parse(Body!))).toEqual([
    { at: '2030-01-01T06:00:00Z', is: '<b>' },
    { at: '2030-01-02T06:00:00Z', is: '<b>' },
  ]);
});

test('A schedule is read, replaced and deleted', async () => {
  const { scheduler } = (await cloudOf(resources)).as('MakerRole');
  await scheduler.send(new CreateScheduleCommand(schedule()));
  await expect(scheduler.send(new CreateScheduleCommand(schedule()))).rejects.toThrow('already exists');
  await scheduler.send(new UpdateScheduleCommand({ ...schedule(), State: 'DISABLED' }));
  expect(await scheduler.send(new GetScheduleCommand(name))).toMatchObject({
    State: 'DISABLED',
    ScheduleExpressionTimezone: 'UTC',
    StartDate: new Date('2030-01-01T00:00:00Z'),
    CreationDate: expect.any(Date),
    Target: { Input: input },
  });
  await scheduler.send(new DeleteScheduleCommand(name));
  for (const gone of [new GetScheduleCommand(name), new DeleteScheduleCommand(name)])
    await expect(scheduler.send(gone as GetScheduleCommand)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
});

test('A schedule needs a group that is there', async () => {
  const { clients } = await cloudOf(resources);
  await expect(
    clients.scheduler.send(new CreateScheduleCommand({ ...schedule(), GroupName: 'other' })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('Who may not pass on the role may not make the schedule', async () => {
  const cloud = await cloudOf(resources);
  await expect(cloud.as('HalfRole').scheduler.send(new CreateScheduleCommand(schedule()))).rejects.toThrow(
    /not authorized to perform: iam:PassRole/,
  );
});

test('What the target refuses goes to the dead letters', async () => {
  const cloud = await cloudOf(resources);
  await cloud.clients.scheduler.send(new CreateScheduleCommand(schedule('closed')));
  await cloud.scheduler.runUntil('2030-01-01T06:00:00Z');
  const [letter] = await messagesOf(cloud, 'letters');
  expect(JSON.parse(letter!.Body!).at).toBe('2030-01-01T06:00:00Z');
  expect(letter!.MessageAttributes!.ERROR_CODE!.StringValue).toBe('AccessDenied');
});

test('A slot survives an outage that is shorter than its retries', async () => {
  const cloud = await cloudOf(resources);
  await cloud.clients.scheduler.send(new CreateScheduleCommand(schedule()));
  cloud.outage('sqs', 3);
  await cloud.scheduler.runUntil('2030-01-01T06:00:00Z');
  expect(await messagesOf(cloud, 'target')).toHaveLength(1);
});

test('A schedule that is to go at its end goes', async () => {
  const { clients, scheduler } = await cloudOf(resources);
  const EndDate = new Date('2030-01-02T00:00:00Z');
  const ending = { ...schedule(), EndDate, ActionAfterCompletion: 'DELETE' as const };
  await clients.scheduler.send(new CreateScheduleCommand(ending));
  await scheduler.runUntil('2030-01-01T06:00:00Z');
  await expect(clients.scheduler.send(new GetScheduleCommand(name))).rejects.toThrow('does not exist');
});
