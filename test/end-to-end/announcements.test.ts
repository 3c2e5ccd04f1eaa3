// What Rails hears in the end, whatever was lost on the way.
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, StartExecutionCommand, TestStateCommand } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, vi } from 'vitest';
import { caseIds } from '../../local/database/seed.ts';
import { request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

/** A part of the name of a machine's role. */
const roleOf = (machine: string) => `${machine.replaceAll('-', '')}role`;

const ends = ['REPORT_COMPLETED', 'REPORT_FAILED', 'REPORT_CANCELLED'];

/** The ends of a job that Rails heard of, in the order of what they say. */
const endsOf = (stack: TestStack, jobId: string) =>
  stack.rails.events
    .filter((event) => event.jobId === jobId && ends.includes(event.eventType))
    .sort((a, b) => Date.parse(a.eventDetail.occurredAt) - Date.parse(b.eventDetail.occurredAt))
    .map(({ eventType }) => eventType);

/** Has EventBridge lose what it would say of a job, until the test ends or the returned function is called. */
function loseEventsOf(stack: TestStack, jobId: string) {
  const stop = stack.loseEvents((event) => JSON.stringify(event).includes(jobId));
  onTestFinished(stop);
  return stop;
}

/** Waits until an execution has this status. */
const status = (stack: TestStack, machine: string, name: string, expected: string) =>
  vi.waitFor(
    async () => expect(await stack.describeExecution(machine, name)).toMatchObject({ status: expected }),
    { timeout: 20_000, interval: 100 },
  );

/** Waits until nothing runs any more but what waits for the next attempt. */
const settled = (stack: TestStack, machine: string) =>
  vi.waitFor(
    async () => {
      const statuses = (await stack.executions(machine)).map(({ status }) => status);
      expect(statuses).not.toContain('RUNNING');
    },
    { timeout: 30_000, interval: 100 },
  );

/** Runs the reconciler as its schedule does, and waits for its end. */
async function reconcile(stack: TestStack) {
  const before = (await stack.executions('reconcile-reports')).length;
  stack.runScheduledRules();
  await vi.waitFor(
    async () => {
      const runs = await stack.executions('reconcile-reports');
      expect([runs.length, runs[0]!.status]).toEqual([before + 1, 'SUCCEEDED']);
    },
    { timeout: 30_000, interval: 100 },
  );
}

it('dates the end after a redrive after the failure before it', async ({ stack }) => {
  const restore = await stack.outage('database');
  await stack.ask(request('redriven'));
  await restore();
  await stack.redrive('transcript-metadata', 'redriven');
  expect(endsOf(stack, 'redriven')).toEqual(['REPORT_FAILED', 'REPORT_COMPLETED']);
});

it('dates a completion by the time of its redrive, although its state was entered before', async ({
  stack,
}) => {
  const stop = loseEventsOf(stack, 'redated');
  const denied = { status: 403, code: 'AuthorizationError' };
  const restore = stack.fault({
    kind: 'refuse',
    operation: 'Publish',
    caller: roleOf('deliver-report'),
    calls: 100,
    error: denied,
  });
  await stack.rails.publish(request('redated'));
  await status(stack, 'deliver-report', 'transcript_metadata-redated', 'FAILED');
  const failed = await stack.describeExecution('deliver-report', 'transcript_metadata-redated');
  restore();
  stop();
  const completed = await stack.redrive('deliver-report', 'redated', 'transcript_metadata-redated');
  expect(Date.parse(completed.eventDetail.occurredAt)).toBeGreaterThanOrEqual(failed!.stopDate!.getTime());
});

it('says nothing of an execution that was redriven before its failure was announced', async ({ stack }) => {
  const stop = loseEventsOf(stack, 'overtaken');
  const restore = await stack.outage('database');
  await stack.rails.publish(request('overtaken'));
  await status(stack, 'transcript-metadata', 'overtaken', 'FAILED');
  await restore();
  stop();
  await stack.redrive('transcript-metadata', 'overtaken');
  const detail = { executionArn: stack.executionArn('transcript-metadata', 'overtaken'), redriveCount: 0 };
  const stateMachineArn = stack.machineArn('start-announcement');
  await stack.clients.sfn.send(
    new StartExecutionCommand({ stateMachineArn, name: 'late', input: JSON.stringify({ detail }) }),
  );
  await status(stack, 'start-announcement', 'late', 'SUCCEEDED');
  await settled(stack, 'announce-failure');
  expect(endsOf(stack, 'overtaken')).toEqual(['REPORT_COMPLETED']);
});

it.for([
  ['the start of its delivery', 'StartExecution', roleOf('transcript-metadata'), 'deliver-report'],
  ['an event', 'Publish', roleOf('transcript-metadata'), ''],
  ['its manifest', 'PutObject', roleOf('transcript-metadata'), 'manifest.json'],
] as const)(
  'completes a report when the answer to %s is lost',
  async ([_, operation, caller, resource], { stack }) => {
    const jobId = `lost-${operation}`;
    const met = stack.fault({ kind: 'drop', operation, caller, resource, calls: 2 });
    await stack.ask(request(jobId));
    expect(met()).toBe(2);
    expect(endsOf(stack, jobId)).toEqual(['REPORT_COMPLETED']);
  },
);

it('completes a report that fails after it has started its delivery, and mails no failure', async ({
  stack,
}) => {
  const jobId = 'handed-over';
  const met = stack.fault({
    kind: 'drop',
    operation: 'StartExecution',
    resource: 'deliver-report',
    calls: 1,
  });
  const refused = { status: 400, code: 'AccessDeniedException' };
  const restore = stack.fault({
    kind: 'refuse',
    operation: 'StartExecution',
    resource: 'deliver-report',
    calls: 9,
    error: refused,
  });
  await stack.rails.publish(request(jobId));
  await status(stack, 'transcript-metadata', jobId, 'FAILED');
  restore();
  expect(met()).toBe(1);
  await stack.ended(jobId);
  await settled(stack, 'start-announcement');
  await settled(stack, 'announce-failure');
  expect(endsOf(stack, jobId)).toEqual(['REPORT_COMPLETED']);
  expect((await stack.executions('announce-failure')).length).toBeGreaterThan(0);
});

it('completes a report whose start and progress could not be announced', async ({ stack }) => {
  const denied = { status: 403, code: 'AuthorizationError' };
  const met = stack.fault({
    kind: 'refuse',
    operation: 'Publish',
    caller: roleOf('transcript-metadata'),
    calls: 1,
    error: denied,
  });
  await stack.ask(request('unannounced'));
  expect(met()).toBe(1);
  expect(stack.eventTypes('unannounced')).toEqual(['REPORT_COMPLETED']);
});

it('mails a failure when SNS is down, and announces it when SNS is back, without an operator', async ({
  stack,
}) => {
  const jobId = 'sns-down';
  const restore = stack.outage('sns');
  onTestFinished(async () => (await restore)());
  await stack.send('intake', request(jobId, {}, caseIds.archived));
  expect(await stack.mailsOf(jobId, 1)).toHaveLength(1);
  await settled(stack, 'announce-failure');
  expect(endsOf(stack, jobId)).toEqual([]);
  await (await restore)();
  await reconcile(stack);
  expect(await stack.ended(jobId)).toMatchObject({ eventType: 'REPORT_FAILED' });
  expect(await stack.mailsOf(jobId, 1)).toHaveLength(1);
});

it('announces a completion after an outage of SNS, without an operator and without a second mail', async ({
  stack,
}) => {
  const jobId = 'sns-down-later';
  const restore = stack.fault({
    kind: 'refuse',
    operation: 'Publish',
    caller: roleOf('deliver-report'),
    calls: 11,
  });
  await stack.rails.publish(request(jobId));
  expect(await stack.ended(jobId)).toMatchObject({ eventType: 'REPORT_COMPLETED' });
  expect(restore()).toBe(11);
  expect(endsOf(stack, jobId)).toEqual(['REPORT_COMPLETED']);
  expect(await stack.mailsOf(jobId, 1)).toHaveLength(1);
});

it('announces an end whose event was lost, once', async ({ stack }) => {
  const jobId = 'event-lost';
  loseEventsOf(stack, jobId);
  await stack.rails.publish(request(jobId, {}, caseIds.archived));
  await status(stack, 'transcript-metadata', jobId, 'FAILED');
  await reconcile(stack);
  expect(await stack.ended(jobId)).toMatchObject({ eventType: 'REPORT_FAILED' });
  await reconcile(stack);
  await settled(stack, 'start-announcement');
  await settled(stack, 'announce-failure');
  expect(endsOf(stack, jobId)).toEqual(['REPORT_FAILED']);
  expect(await stack.mailsOf(jobId, 1)).toHaveLength(1);
});

it('keeps on S3 how far back every end is announced', async ({ stack }) => {
  const before = Date.now();
  await reconcile(stack);
  const cursor = new GetObjectCommand({
    Bucket: stack.bucket,
    Key: 'development/service/reconcile-reports.json',
  });
  const { announcedBefore } = JSON.parse(
    await (await stack.clients.s3.send(cursor)).Body!.transformToString(),
  );
  const minutes = (before - Date.parse(announcedBefore)) / 60_000;
  expect(minutes).toBeGreaterThan(14);
  expect(minutes).toBeLessThan(16);
});

it.for(['start-announcement', 'announce-failure'] as const)(
  'announces an end whose %s failed for as long as its retries last',
  async (machine, { stack }) => {
    const jobId = `outage-${machine}`;
    const restore = stack.fault({
      kind: 'refuse',
      operation: 'DescribeExecution',
      caller: roleOf(machine),
      calls: 1000,
    });
    onTestFinished(() => void restore());
    await stack.rails.publish(request(jobId, {}, caseIds.archived));
    await status(stack, 'transcript-metadata', jobId, 'FAILED');
    await vi.waitFor(async () => expect((await stack.executions(machine))[0]!.status).toBe('FAILED'), {
      timeout: 20_000,
      interval: 100,
    });
    expect(endsOf(stack, jobId)).toEqual([]);
    restore();
    await reconcile(stack);
    expect(await stack.ended(jobId)).toMatchObject({ eventType: 'REPORT_FAILED' });
  },
);

it('reads lists to their end, a hundred executions at a time', async ({ stack }) => {
  const stateMachineArn = stack.machineArn('announce-mail-problem');
  for (let left = 101; left > 0; left--)
    await stack.clients.sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  await settled(stack, 'announce-mail-problem');
  const calls = stack.calls.length;
  await reconcile(stack);
  const lists = stack.calls
    .slice(calls)
    .filter(({ operation, resource }) => operation === 'ListExecutions' && resource === stateMachineArn)
    .filter(({ caller }) => caller !== 'administrator');
  // Two pages of what failed, and one each of what timed out or was aborted.
  expect(lists).toHaveLength(4);
});

const failed = { Status: 'FAILED', RedriveCount: 1, RedriveStatus: 'REDRIVABLE', Error: 'States.TaskFailed' };
const expired = { ...failed, RedriveStatus: 'NOT_REDRIVABLE' };
const ofSchedule = {
  Input: JSON.stringify({
    jobId: 'weekly-1',
    originalJobId: 'weekly',
    scheduledFor: '2026-11-23T12:00:00Z',
  }),
};
it.for([
  ['A report that failed', 'page-count', failed, 'Start announcement'],
  [
    'A report that an operator stopped',
    'page-count',
    { ...failed, Status: 'ABORTED', Error: undefined },
    'Start announcement',
  ],
  ['A report that failed long ago', 'page-count', expired, 'Start announcement'],
  [
    'A report that could not publish',
    'page-count',
    { ...failed, Error: 'SNS.SdkClientException' },
    'Wait before redrive',
  ],
  [
    'A report that could not publish, long ago',
    'page-count',
    { ...expired, Error: 'SNS.SdkClientException' },
    'Start announcement',
  ],
  [
    'A report that could not start its delivery',
    'page-count',
    { ...failed, Error: 'StepFunctions.SdkClientException' },
    'Start announcement',
  ],
  ['A report that was redriven since', 'page-count', { ...failed, RedriveCount: 2 }, 'Leave execution'],
  ['A report that has succeeded since', 'page-count', { ...failed, Status: 'SUCCEEDED' }, 'Leave execution'],
  [
    'A description that is not up to date',
    'page-count',
    { ...failed, RedriveCount: 0 },
    'Wait for description',
  ],
  [
    'A description from before the failure',
    'page-count',
    { ...failed, Status: 'RUNNING' },
    'Wait for description',
  ],
  [
    'An execution that was stopped after another',
    'deliver-report',
    { ...failed, Error: 'DeliveryCancelled' },
    'Leave execution',
  ],
  [
    'A slot that can never work',
    'page-count',
    { ...failed, Error: 'AccessDenied', ...ofSchedule },
    'Stop schedule',
  ],
  [
    'A slot that may work next time',
    'page-count',
    { ...failed, Error: 'CaseUnavailable', ...ofSchedule },
    'Start announcement',
  ],
  ['A report that can never work', 'page-count', { ...failed, Error: 'AccessDenied' }, 'Start announcement'],
  ['A schedule that was not created', 'schedule-report', failed, 'Start announcement'],
  [
    'A machine of the service after an outage',
    'cancel-report',
    { ...failed, Error: 'Sfn.SfnException' },
    'Wait before redrive',
  ],
  ['The same, long ago', 'cancel-report', { ...expired, Error: 'Sfn.SfnException' }, 'Start again'],
  ['A machine of the service with a fault of its own', 'cancel-report', failed, 'Leave execution'],
  [
    'An announcement whose mail was not accepted',
    'announce-failure',
    { ...failed, Error: 'MailNotAccepted' },
    'Wait before redrive',
  ],
  [
    'An announcement whose mail may have been sent',
    'announce-failure',
    { ...failed, Error: 'MailAnswerUnknown' },
    'Leave execution',
  ],
] as const)('%s, of %s, is dealt with', async ([_, machine, described, next], { stack }) => {
  const StateMachineArn = stack.machineArn(machine);
  const execution = { ExecutionArn: 'arn:e', StateMachineArn, Input: '{"jobId":"rpt-1"}', ...described };
  const stateMachineArn = stack.machineArn('start-announcement');
  const { definition } = await stack.clients.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const { nextState } = await stack.clients.sfn.send(
    new TestStateCommand({
      definition,
      stateName: 'Choose action',
      input: JSON.stringify({ executionArn: 'arn:e', redriveCount: 1 }),
      variables: JSON.stringify({ execution }),
    }),
  );
  expect(nextState).toBe(next);
});
