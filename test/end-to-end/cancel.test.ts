import { readFileSync } from 'node:fs';
import {
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { Ajv } from 'ajv';
import { describe, expect, onTestFinished, vi } from 'vitest';
import { config } from '../../cdk/config.ts';
import {
  addCases,
  calderAccountId,
  caseIds,
  caseSchema,
  connectAsAdmin,
  emails,
  userIds,
} from '../../local/database/seed.ts';
import {
  acrossCases,
  administrator,
  cancel,
  customAcrossCases,
  paralegal,
  request,
} from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

const { casesAtOnce } = config('development', 'us-east-1');
const attorney = { userId: userIds.attorney, email: emails.attorney };
// A cancel that waits 930 s on AWS takes less than 5 s here.
it.override('waitTimeScale', { scope: 'file' }, () => 0.005);
/** Keeps exports of the case where they are until what it gives lets them go on. */
const lockTranscripts = (stack: TestStack) => lock(stack, 'deposition_volumes', caseSchema(caseIds.pumps));

async function lock(stack: TestStack, table: string, schema: string) {
  const admin = await connectAsAdmin(stack.database, schema);
  await admin.query(`LOCK TABLES ${table} WRITE`);
  return untilTheEnd(() => admin.end());
}

/** Lets the calls of a service wait until what it gives lets them go on. */
const hold = (stack: TestStack, service: 'ses' | 'lambda' | 's3') => untilTheEnd(stack.hold(service));

/** Releases at the end of the test, in case that the test has not. */
function untilTheEnd(release: () => unknown) {
  onTestFinished(async () => void (await release()));
  return release;
}

/** Asks for a report, and waits until a function works on it. */
async function begin(stack: TestStack, jobId: string, more: Record<string, unknown> = {}) {
  const exports = stack.invocations('export-rows');
  await stack.rails.publish(request(jobId, more));
  await expect.poll(() => stack.invocations('export-rows'), { timeout: 20_000 }).toBe(exports + 1);
}

const refusals = (stack: TestStack, jobId: string) =>
  stack.rails.events.filter((event) => event.eventType === 'REPORT_REFUSED' && event.jobId === jobId);

async function files(stack: TestStack, jobId: string) {
  return (await stack.keysUnder('')).filter((key) => key.includes(`-${jobId}/`));
}

/** Waits until all cancels have done their work. */
const cancelsDone = (stack: TestStack) =>
  vi.waitFor(async () => {
    const statuses = (await stack.executions('cancel-report')).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(['SUCCEEDED']));
  }, 20_000);

it('stops a report in the middle of its export: one event, no mail, nothing running, and in the end no file', async ({
  stack,
}) => {
  const unlock = await lockTranscripts(stack);
  await begin(stack, 'middle');
  await stack.rails.publish(cancel('middle', { requestedBy: attorney }));
  const cancelled = await stack.ended('middle');
  expect(cancelled).toMatchObject({
    eventType: 'REPORT_CANCELLED',
    status: 'CANCELLED',
    caseId: caseIds.pumps,
    eventDetail: {
      reportType: 'transcript_metadata',
      requestedBy: paralegal,
      stage: 'report',
      cause: expect.stringContaining(`Cancelled by ${emails.attorney} at 20`),
    },
  });
  expect(await stack.describeExecution('transcript-metadata', 'middle')).toMatchObject({
    status: 'ABORTED',
    error: 'ReportCancelled',
  });

  // The function was not stopped with its execution, and writes its file all the same.
  await unlock();
  await expect.poll(() => files(stack, 'middle'), { timeout: 4_000 }).toHaveLength(1);
  await cancelsDone(stack);
  expect(await files(stack, 'middle')).toEqual([]);
  expect(await stack.describeExecution('deliver-report', 'transcript_metadata-middle')).toBeUndefined();
  expect(stack.eventTypes('middle')).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
  expect(await stack.mailsOf('middle', 0)).toEqual([]);
});

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
  'stops the delivery of a report on a whole %s: nobody else is mailed, and the file goes',
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
    const mailed = (await stack.mails()).filter(({ text }) => text?.includes(`job ${jobId}.`));
    expect(mailed.flatMap(({ to }) => to)).not.toContain(emails.attorney);
  },
);

it('says it once when a report had just started its delivery, and both were stopped', async ({ stack }) => {
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

describe('A custom report that was left to user-activity', () => {
  const run = (stack: TestStack, jobId: string) =>
    stack.describeExecution('user-activity', `custom.${jobId}`);
  const milestones = (stack: TestStack, jobId: string) =>
    stack.eventTypes(jobId).filter((eventType) => eventType !== 'REPORT_PROGRESS');

  const exportsOf = (stack: TestStack, jobId: string) =>
    stack.keysUnder(`accounts/${calderAccountId}/exports/custom-${jobId}/`);

  /** Keeps the report's run in the middle of its Map Run until what it gives lets it go on. */
  async function begin(stack: TestStack, jobId: string) {
    const unlock = await lock(stack, 'activities', caseSchema(caseIds.northgate));
    const before = stack.invocations('export-case');
    await stack.rails.publish(customAcrossCases(jobId));
    await expect.poll(() => stack.invocations('export-case'), { timeout: 20_000 }).toBe(before + 6);
    return unlock;
  }

  it('stops there, children included, and leaves no file', async ({ stack }) => {
    const unlock = await begin(stack, 'left');
    const message = cancel('left', { reportType: 'custom' });
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

  it('stops in its delivery', async ({ stack }) => {
    const release = hold(stack, 'ses');
    await stack.rails.publish(customAcrossCases('left-mailing'));
    const delivery = () => stack.describeExecution('deliver-report', 'custom-left-mailing');
    await expect.poll(async () => (await delivery())?.status, { timeout: 20_000 }).toBe('RUNNING');
    expect(await exportsOf(stack, 'left-mailing')).not.toEqual([]);
    await stack.rails.publish(cancel('left-mailing', { reportType: 'custom' }));
    expect((await stack.ended('left-mailing')).eventDetail.stage).toBe('delivery');
    release();
    await cancelsDone(stack);
    expect(await exportsOf(stack, 'left-mailing')).toEqual([]);
    expect((await run(stack, 'left-mailing'))!.status).toBe('SUCCEEDED');
  });

  it('is cancelled once when it was just being left, and both were stopped', async ({ stack }) => {
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
      new StartExecutionCommand({ stateMachineArn, name: 'custom.leaving', input }),
    );
    await stack.rails.publish(cancel('leaving', { reportType: 'custom' }));
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

describe('A report across many cases', () => {
  it.beforeAll(({ stack }) => addCases(stack.database, 30));

  const folder = (jobId: string) => `/user_activity-${jobId}/`;
  const parts = async (stack: TestStack, jobId: string, of: string) =>
    (await files(stack, jobId)).filter((key) => key.includes(`/tmp${folder(jobId)}${of}`));
  const exports = async (stack: TestStack, jobId: string) =>
    (await files(stack, jobId)).filter((key) => key.includes(`/exports${folder(jobId)}`));

  /** Cancels it, and looks at all that it was made of. */
  async function cancelled(stack: TestStack, jobId: string) {
    await stack.rails.publish(cancel(jobId, acrossCases(jobId).eventDetail));
    const event = await stack.ended(jobId);
    const report = (await stack.describeExecution('user-activity', jobId))!;
    const { executionArn } = report;
    const { mapRuns } = await stack.clients.sfn.send(new ListMapRunsCommand({ executionArn }));
    const { mapRunArn } = mapRuns![0]!;
    const mapRun = await stack.clients.sfn.send(new DescribeMapRunCommand({ mapRunArn }));
    const children = await stack.clients.sfn.send(new ListExecutionsCommand({ mapRunArn }));
    const statuses = children.executions!.map(({ status }) => status);
    return { event, report, mapRun, statuses };
  }

  async function expectNothingLeft(stack: TestStack, jobId: string) {
    await cancelsDone(stack);
    expect(await exports(stack, jobId)).toEqual([]);
    expect(await stack.describeExecution('deliver-report', `user_activity-${jobId}`)).toBeUndefined();
    const others = stack.eventTypes(jobId).filter((eventType) => eventType !== 'REPORT_PROGRESS');
    expect(others).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
    expect(await stack.mailsOf(jobId, 0)).toEqual([]);
  }

  it('stops with its Map Run and the children that run; of those that wait none starts', async ({
    stack,
  }) => {
    // What the generated cases are views of, so that each of them is held up.
    const unlock = await lock(stack, 'activities', 'nextpoint_generated');
    const before = stack.invocations('export-case');
    const begun = () => stack.invocations('export-case') - before;
    await stack.rails.publish(acrossCases('children'));
    await expect
      .poll(async () => begun() - (await parts(stack, 'children', 'outcomes/')).length, { timeout: 20_000 })
      .toBe(casesAtOnce);
    const { event, report, mapRun, statuses } = await cancelled(stack, 'children');
    expect(event).toMatchObject({ eventType: 'REPORT_CANCELLED', eventDetail: { stage: 'report' } });
    expect(report).toMatchObject({ status: 'ABORTED', error: 'ReportCancelled' });
    expect(mapRun.status).toBe('ABORTED');
    expect(statuses.filter((status) => status === 'ABORTED')).toHaveLength(casesAtOnce);
    expect(statuses).not.toContain('RUNNING');
    const ofChildren = begun();
    expect(ofChildren).toBeLessThan(36);

    // The functions of the stopped children run on, and write their parts all the same.
    await unlock();
    await expect
      .poll(() => parts(stack, 'children', 'outcomes/'), { timeout: 4_000 })
      .toHaveLength(ofChildren);
    await expectNothingLeft(stack, 'children');
    expect(begun()).toBe(ofChildren);
  });

  it('keeps neither the file nor the list of issues that a merge in flight still wrote', async ({
    stack,
  }) => {
    const unlock = await lock(stack, 'activities', caseSchema(caseIds.northgate));
    await stack.rails.publish(acrossCases('merging'));
    await expect.poll(() => parts(stack, 'merging', 'outcomes/'), { timeout: 20_000 }).toHaveLength(35);
    const merge = hold(stack, 'lambda');
    await unlock();
    // The Map Run has written its results: the merge is next.
    await expect.poll(() => parts(stack, 'merging', 'results/'), { timeout: 20_000 }).toHaveLength(2);
    const storage = hold(stack, 's3');
    const before = stack.invocations('merge-parts');
    merge();
    await expect.poll(() => stack.invocations('merge-parts'), { timeout: 20_000 }).toBe(before + 1);
    const { event, mapRun } = await cancelled(stack, 'merging');
    expect(event.eventType).toBe('REPORT_CANCELLED');
    expect(mapRun.status).toBe('SUCCEEDED');
    storage();
    // The file, the issues, and what became of each case.
    await expect.poll(() => exports(stack, 'merging'), { timeout: 4_000 }).toHaveLength(3);
    await expectNothingLeft(stack, 'merging');
    // Parts go by the lifecycle rule of their folder, 35 days later; nobody is led to them.
    expect(await parts(stack, 'merging', 'parts/')).not.toEqual([]);
  });
});

it.for([
  ['a job that nobody asked for', 'never-asked', 'unknown_job'],
  ['a report that was delivered', 'delivered', 'already_ended'],
  ['a report that failed', 'failed', 'already_ended'],
  ['a report that was cancelled before', 'middle', 'already_ended'],
] as const)('refuses to cancel %s, and changes nothing', async ([_, jobId, reason], { stack }) => {
  if (jobId === 'delivered') await stack.ask(request(jobId));
  if (jobId === 'failed') await stack.ask(request(jobId, {}, caseIds.archived));
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

it('waits nine seconds for a report that is just being started', async ({ stack }) => {
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
  expect(await attempt(3)).toMatchObject({ status: 'CAUGHT_ERROR', nextState: 'What next' });
});

it('runs a report whose cancel came before it', async ({ stack }) => {
  await stack.rails.publish(cancel('early'));
  expect((await stack.ended('early')).eventDetail.reason).toBe('unknown_job');
  await stack.rails.publish(request('early'));
  await stack.rails.waitFor((event) => event.jobId === 'early' && event.eventType === 'REPORT_COMPLETED');
});

it('acts once on a cancel that comes twice', async ({ stack }) => {
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

it('takes the long jobId of a job that the service derived, and still refuses one that is too long', async ({
  stack,
}) => {
  const [long, longer] = ['j'.repeat(58), 'j'.repeat(59)];
  await stack.rails.publish(cancel(long));
  await expect.poll(() => refusals(stack, long), { timeout: 20_000 }).toHaveLength(1);
  expect(refusals(stack, long)[0]!.eventDetail.reason).toBe('unknown_job');
  await stack.rails.publish(cancel(longer));
  const refused = await stack.rails.waitFor((event) => event.jobId === null);
  expect(refused.eventDetail).toMatchObject({ reason: 'illegal_job_id', received: expect.any(String) });
});

it('finds nothing to remove where a report without a case was refused', async ({ stack }) => {
  const release = hold(stack, 'lambda');
  await stack.rails.publish(request('no-case', {}, null));
  await stack.rails.waitFor((event) => event.jobId === 'no-case');
  await stack.rails.publish(cancel('no-case'));
  expect((await stack.ended('no-case')).eventType).toBe('REPORT_CANCELLED');
  release();
  await cancelsDone(stack);
});

it('answers a cancel that the router could not take, and fails no report for it', async ({ stack }) => {
  await stack.send('intake-dead-letters', cancel('lost-cancel'));
  const refused = await stack.ended('lost-cancel');
  expect(refused).toMatchObject({ eventType: 'REPORT_REFUSED', eventDetail: { reason: 'not_taken' } });
});

it('has a schema that takes these messages', () => {
  const read = (name: string) =>
    JSON.parse(readFileSync(new URL(`../../contract/${name}.schema.json`, import.meta.url), 'utf8'));
  const validate = new Ajv({ strict: false, validateFormats: false })
    .addSchema(read('request'))
    .compile(read('cancel'));
  expect([validate(cancel('any')), validate(cancel('../any'))]).toEqual([true, false]);
});

it('has seen every state of cancel-report in these tests', async ({ stack }) => {
  expect(await stack.statesNotEntered('cancel-report')).toEqual([]);
});
