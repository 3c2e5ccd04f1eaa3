import { ListExecutionsCommand, ListMapRunsCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect } from 'vitest';
import { isAbout } from '../../local/aws/emulators/inbox.ts';
import { calderAccountId, caseIds, caseSchema, emails, userIds } from '../../local/database/seed.ts';
import { begin, cancelsDone, files, hold, lock, lockTranscripts } from '../support/cancels.ts';
import { administrator, cancel, customAcrossCases, paralegal, request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

// A cancel waits 930 s on AWS, and less than a second here.
it.override('waitTimeScale', { scope: 'file' }, () => 0.001);

const refusals = (stack: TestStack, jobId: string) =>
  stack.rails.events.filter((event) => event.eventType === 'REPORT_REFUSED' && event.jobId === jobId);

it.for([
  [
    'case',
    request('mailing', { delivery: { mode: 'link', recipients: [emails.paralegal, emails.attorney] } }),
  ],
  [
    'account',
    request(
      'mailing-account',
      { reportType: 'custom', requestedBy: administrator, delivery: { mode: 'link' } },
      null,
    ),
  ],
] as const)(
  'stops the delivery of a report on a whole %s: nobody else gets a mail, and the file is deleted',
  async ([_, message], { stack }) => {
    const release = hold(stack, 'ses');
    const jobId = message.jobId as string;
    const delivery = () =>
      stack.describeExecution('deliver-report', `${message.eventDetail.reportType}-${jobId}`);
    await stack.rails.publish(message);
    await expect.poll(async () => (await delivery())?.status, { timeout: 20_000 }).toBe('RUNNING');
    expect(await files(stack, jobId)).toHaveLength(2);
    await stack.rails.publish(cancel(jobId, message.eventDetail));
    expect(await stack.ended(jobId)).toMatchObject({
      eventType: 'REPORT_CANCELLED',
      eventDetail: { stage: 'delivery' },
    });
    release();
    expect(await delivery()).toMatchObject({ status: 'ABORTED', error: 'ReportCancelled' });
    await cancelsDone(stack);
    expect(await files(stack, jobId)).toEqual([]);
    expect(stack.eventTypes(jobId)).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
    const mailed = (await stack.mails()).filter((mail) => isAbout(mail, jobId));
    expect(mailed.flatMap(({ to }) => to)).not.toContain(emails.attorney);
  },
);

it('publishes one event if the report had just started its delivery and both were stopped', async ({
  stack,
}) => {
  const unlock = await lockTranscripts(stack);
  const release = hold(stack, 'ses');
  await begin(stack, 'both');
  const { input } = (await stack.describeExecution('deliver-report', 'transcript_metadata-mailing'))!;
  await stack.clients.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: stack.machineArn('deliver-report'),
      name: 'transcript_metadata-both',
      input: JSON.stringify({ ...JSON.parse(input!), jobId: 'both' }),
    }),
  );
  await stack.rails.publish(cancel('both'));
  expect((await stack.ended('both')).eventDetail.stage).toBe('report');
  await cancelsDone(stack);
  release();
  await unlock();
  expect(await stack.describeExecution('deliver-report', 'transcript_metadata-both')).toMatchObject({
    status: 'ABORTED',
    error: 'DeliveryCancelled',
  });
  expect(stack.eventTypes('both')).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
});

describe('A custom report that was handed to user-activity', () => {
  const run = (stack: TestStack, jobId: string) =>
    stack.describeExecution('user-activity', `custom--${jobId}`);
  const milestones = (stack: TestStack, jobId: string) =>
    stack.eventTypes(jobId).filter((eventType) => eventType !== 'REPORT_PROGRESS');

  const exportsOf = (stack: TestStack, jobId: string) =>
    stack.keysUnder(`accounts/${calderAccountId}/exports/custom-${jobId}/`);

  /** Holds up the report in its Map Run until the returned function releases it. */
  async function begin(stack: TestStack, jobId: string) {
    const unlock = await lock(stack, 'activities', caseSchema(caseIds.northgate));
    const before = stack.invocations('export-case');
    await stack.rails.publish(customAcrossCases(jobId));
    await expect.poll(() => stack.invocations('export-case'), { timeout: 20_000 }).toBe(before + 6);
    return unlock;
  }

  it('stops with its children, and leaves no file', async ({ stack }) => {
    const unlock = await begin(stack, 'left');
    const message = cancel('left', customAcrossCases('left').eventDetail);
    await stack.rails.publish(message);
    expect(await stack.ended('left')).toMatchObject({
      eventType: 'REPORT_CANCELLED',
      eventDetail: { reportType: 'custom', stage: 'report' },
    });
    expect(await run(stack, 'left')).toMatchObject({ status: 'ABORTED', error: 'ReportCancelled' });
    await unlock();
    await cancelsDone(stack);
    const mapRuns = await stack.clients.sfn.send(
      new ListMapRunsCommand({ executionArn: (await run(stack, 'left'))!.executionArn }),
    );
    const { mapRunArn } = mapRuns.mapRuns![0]!;
    const children = await stack.clients.sfn.send(new ListExecutionsCommand({ mapRunArn }));
    expect(children.executions!.filter(({ status }) => status === 'RUNNING')).toEqual([]);
    expect(await exportsOf(stack, 'left')).toEqual([]);
    expect(await stack.describeExecution('deliver-report', 'custom-left')).toBeUndefined();
    expect(milestones(stack, 'left')).toEqual(['REPORT_STARTED', 'REPORT_STARTED', 'REPORT_CANCELLED']);
  });

  it('stops during its delivery', async ({ stack }) => {
    const release = hold(stack, 'ses');
    await stack.rails.publish(customAcrossCases('left-mailing'));
    const delivery = () => stack.describeExecution('deliver-report', 'custom-left-mailing');
    await expect.poll(async () => (await delivery())?.status, { timeout: 20_000 }).toBe('RUNNING');
    expect(await exportsOf(stack, 'left-mailing')).not.toEqual([]);
    await stack.rails.publish(cancel('left-mailing', customAcrossCases('left-mailing').eventDetail));
    expect((await stack.ended('left-mailing')).eventDetail.stage).toBe('delivery');
    release();
    await cancelsDone(stack);
    expect(await exportsOf(stack, 'left-mailing')).toEqual([]);
    expect((await run(stack, 'left-mailing'))!.status).toBe('SUCCEEDED');
  });

  it('is cancelled once if it was just being handed over and both were stopped', async ({ stack }) => {
    const release = hold(stack, 'lambda');
    const message = customAcrossCases('leaving');
    const { jobId, caseId, eventDetail } = message;
    const stateMachineArn = stack.machineArn('user-activity');
    const input = JSON.stringify({ jobId, caseId, eventDetail });
    await stack.rails.publish(message);
    await expect
      .poll(async () => (await stack.describeExecution('custom-report', 'leaving'))?.status, {
        timeout: 20_000,
      })
      .toBe('RUNNING');
    await stack.clients.sfn.send(
      new StartExecutionCommand({ stateMachineArn, name: 'custom--leaving', input }),
    );
    await stack.rails.publish(cancel('leaving', message.eventDetail));
    await stack.ended('leaving');
    await expect
      .poll(async () => (await run(stack, 'leaving'))?.error, { timeout: 20_000 })
      .toBe('DeliveryCancelled');
    release();
    await cancelsDone(stack);
    expect((await stack.describeExecution('custom-report', 'leaving'))!.error).toBe('ReportCancelled');
    expect(milestones(stack, 'leaving').filter((type) => type !== 'REPORT_STARTED')).toEqual([
      'REPORT_CANCELLED',
    ]);
    expect(await exportsOf(stack, 'leaving')).toEqual([]);
  });
});

it.for([
  ['an unknown job', 'never-asked', 'unknown_job'],
  ['a report that was delivered', 'delivered', 'already_ended'],
  ['a report that failed', 'failed', 'already_ended'],
  ['a report that was cancelled before', 'mailing', 'already_ended'],
] as const)('refuses to cancel %s, and changes nothing', async ([_, jobId, reason], { stack }) => {
  if (jobId === 'delivered') await stack.ask(request(jobId));
  if (jobId === 'failed') await stack.ask(request(jobId, { parameters: { colour: 'red' } }));
  const before = [stack.eventTypes(jobId), await files(stack, jobId)] as const;
  await stack.rails.publish(cancel(jobId));
  await expect.poll(() => refusals(stack, jobId), { timeout: 20_000 }).toHaveLength(1);
  expect(refusals(stack, jobId)[0]).toMatchObject({
    status: 'FAILED',
    caseId: caseIds.pumps,
    eventDetail: { reason, requestedBy: paralegal, received: expect.stringContaining(jobId) },
  });
  await cancelsDone(stack);
  expect([stack.eventTypes(jobId), await files(stack, jobId)]).toEqual([
    [...before[0], 'REPORT_REFUSED'],
    before[1],
  ]);
});

it('waits nine seconds for a report that is about to start', async ({ stack }) => {
  const variables = { executions: ['arn'], step: 0, error: 'ReportCancelled', who: 'somebody', when: 'now' };
  const attempt = (retries: number) =>
    stack.onError(
      'cancel-report',
      'Stop execution',
      'Sfn.ExecutionDoesNotExistException',
      variables,
      retries,
    );
  const retried = await Promise.all([0, 1, 2].map(attempt));
  expect(
    retried.map(({ inspectionData }) => inspectionData?.errorDetails?.retryBackoffIntervalSeconds),
  ).toEqual([3, 3, 3]);
  expect(await attempt(3)).toMatchObject({ status: 'CAUGHT_ERROR', nextState: 'Choose next step' });
});

describe('A cancel of a report on the whole account', () => {
  const asked = { reportType: 'custom', requestedBy: administrator, delivery: { mode: 'link' } };
  const by = (userId: number, email: string) => ({ reportType: 'custom', requestedBy: { userId, email } });

  it.for([
    ['of another account', 'account-theirs', by(userIds.calderAdministrator, emails.calderAdministrator)],
    ['who may not ask for it', 'account-not-admin', by(userIds.paralegal, emails.paralegal)],
  ] as const)('by a user %s is refused, and the report goes on', async ([_, jobId, detail], { stack }) => {
    const release = hold(stack, 'ses');
    await stack.rails.publish(request(jobId, asked, null));
    const delivery = () => stack.describeExecution('deliver-report', `custom-${jobId}`);
    await expect.poll(async () => (await delivery())?.status, { timeout: 20_000 }).toBe('RUNNING');
    await stack.rails.publish(cancel(jobId, detail));
    await expect.poll(() => refusals(stack, jobId), { timeout: 20_000 }).toHaveLength(1);
    expect(refusals(stack, jobId)[0]!.eventDetail.reason).toBe('unknown_job');
    release();
    await stack.rails.waitFor((event) => event.jobId === jobId && event.eventType === 'REPORT_COMPLETED');
  });
});

it('refuses a cancel that names another case, and the report goes on', async ({ stack }) => {
  const release = hold(stack, 'lambda');
  await stack.rails.publish(request('other-case'));
  await stack.rails.waitFor((event) => event.jobId === 'other-case');
  await stack.rails.publish({ ...cancel('other-case'), caseId: caseIds.otherAccount });
  await expect.poll(() => refusals(stack, 'other-case'), { timeout: 20_000 }).toHaveLength(1);
  expect(refusals(stack, 'other-case')[0]!.eventDetail.reason).toBe('unknown_job');
  release();
  await stack.rails.waitFor(
    (event) => event.jobId === 'other-case' && event.eventType === 'REPORT_COMPLETED',
  );
});

it('runs a report whose cancel came before it', async ({ stack }) => {
  await stack.rails.publish(cancel('early'));
  expect((await stack.ended('early')).eventDetail.reason).toBe('unknown_job');
  await stack.rails.publish(request('early'));
  await stack.rails.waitFor((event) => event.jobId === 'early' && event.eventType === 'REPORT_COMPLETED');
});

it('acts once on a cancel that arrives twice', async ({ stack }) => {
  const message = cancel('nobody');
  const taken = () => expect.poll(() => stack.messagesIn('intake'), { timeout: 20_000 }).toBe(0);
  await stack.rails.publish(message);
  await stack.rails.publish(message);
  await taken();
  await cancelsDone(stack);
  // Once more, after the end.
  await stack.rails.publish(message);
  await taken();
  const started = (await stack.executions('cancel-report')).filter(({ name }) => name!.startsWith('nobody'));
  expect([started.length, refusals(stack, 'nobody').length]).toEqual([1, 1]);
});

it('accepts the long jobId of a slot, and refuses one that is too long', async ({ stack }) => {
  const [long, longer] = ['j'.repeat(58), 'j'.repeat(59)];
  await stack.rails.publish(cancel(long));
  await expect.poll(() => refusals(stack, long), { timeout: 20_000 }).toHaveLength(1);
  expect(refusals(stack, long)[0]!.eventDetail.reason).toBe('unknown_job');
  await stack.rails.publish(cancel(longer));
  const refused = await stack.rails.waitFor((event) => event.jobId === null);
  expect(refused.eventDetail).toMatchObject({ reason: 'illegal_job_id', received: expect.any(String) });
});

it('has nothing to delete if the report had no case', async ({ stack }) => {
  const release = hold(stack, 'lambda');
  await stack.rails.publish(request('no-case', {}, null));
  await stack.rails.waitFor((event) => event.jobId === 'no-case');
  await stack.rails.publish({ ...cancel('no-case'), caseId: null });
  expect((await stack.ended('no-case')).eventType).toBe('REPORT_CANCELLED');
  release();
  await cancelsDone(stack);
});

it('answers a cancel that the router could not process, and fails no report', async ({ stack }) => {
  await stack.send('intake-dead-letters', cancel('lost-cancel'));
  const refused = await stack.ended('lost-cancel');
  expect(refused).toMatchObject({ eventType: 'REPORT_REFUSED', eventDetail: { reason: 'not_taken' } });
});
