import { readFileSync } from 'node:fs';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Ajv } from 'ajv';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
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
import { type Stack, startStack } from '../../local/stack.ts';
import {
  acrossCases,
  administrator,
  ask,
  cancel,
  customAcrossCases,
  ended,
  eventTypes,
  executions,
  keysUnder,
  machineArn,
  mailsOf,
  messagesIn,
  onError,
  paralegal,
  request,
  stateNames,
  statesEntered,
} from '../support/stack.ts';

let stack: Stack;
const { casesAtOnce } = config('development', 'us-east-1');
const releases: (() => unknown)[] = [];
const attorney = { userId: userIds.attorney, email: emails.attorney };
beforeAll(async () => {
  // What a cancel waits for, 930 s on AWS, takes less than 5 s here.
  stack = await startStack({ waitTimeScale: 0.005, quiet: true });
});
afterEach(async () => {
  for (const release of releases.splice(0)) await release();
});
afterAll(() => stack?.stop());

/** Keeps exports of the case where they are until what it gives lets them go on. */
const lockTranscripts = () => lock('deposition_volumes', caseSchema(caseIds.pumps));

async function lock(table: string, schema: string) {
  const admin = await connectAsAdmin(stack.database, schema);
  await admin.query(`LOCK TABLES ${table} WRITE`);
  return letGo(() => admin.end());
}

/** Lets the calls of a service wait until what it gives lets them go on. */
const hold = (service: 'ses' | 'lambda' | 's3') => letGo(stack.hold(service));

/** Does it after the test at the latest. */
function letGo(release: () => unknown) {
  releases.push(release);
  return release;
}

/** Asks for a report, and waits until a function works on it. */
async function begin(jobId: string, more: Record<string, unknown> = {}) {
  const exports = invocations('export-rows');
  await stack.rails.publish(request(jobId, more));
  await expect.poll(() => invocations('export-rows'), { timeout: 20_000 }).toBe(exports + 1);
}

const invocations = (task: string) =>
  stack.calls.filter(
    ({ action, resource }) =>
      action === 'lambda:InvokeFunction' && resource.endsWith(`reports-development-${task}`),
  ).length;

const refusals = (jobId: string) =>
  stack.rails.events.filter((event) => event.eventType === 'REPORT_REFUSED' && event.jobId === jobId);

async function describeExecution(machine: string, name: string) {
  const executionArn = `${machineArn(stack, machine).replace(':stateMachine:', ':execution:')}:${name}`;
  return stack.clients.sfn.send(new DescribeExecutionCommand({ executionArn })).catch(() => undefined);
}

async function files(jobId: string) {
  const { Contents = [] } = await stack.clients.s3.send(new ListObjectsV2Command({ Bucket: stack.bucket }));
  return Contents.map(({ Key }) => Key!).filter((key) => key.includes(`-${jobId}/`));
}

/** Waits until all cancels have done their work. */
const cancelsDone = () =>
  vi.waitFor(async () => {
    const statuses = (await executions(stack, 'cancel-report')).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(['SUCCEEDED']));
  }, 20_000);

it('stops a report in the middle of its export: one event, no mail, nothing running, and in the end no file', async () => {
  const unlock = await lockTranscripts();
  await begin('middle');
  await stack.rails.publish(cancel('middle', { requestedBy: attorney }));
  const cancelled = await ended(stack, 'middle');
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
  expect(await describeExecution('transcript-metadata', 'middle')).toMatchObject({
    status: 'ABORTED',
    error: 'ReportCancelled',
  });

  // The function was not stopped with its execution, and writes its file all the same.
  await unlock();
  await expect.poll(() => files('middle'), { timeout: 4_000 }).toHaveLength(1);
  await cancelsDone();
  expect(await files('middle')).toEqual([]);
  expect(await describeExecution('deliver-report', 'transcript_metadata-middle')).toBeUndefined();
  expect(eventTypes(stack, 'middle')).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
  expect(await mailsOf(stack, 'middle', 0)).toEqual([]);
});

it.each([
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
])(
  'stops the delivery of a report on a whole %s: nobody else is mailed, and the file goes',
  async (_, message) => {
    const release = hold('ses');
    const jobId = message.jobId as string;
    const delivery = () => describeExecution('deliver-report', `${message.eventDetail.reportType}-${jobId}`);
    await stack.rails.publish(message);
    await expect.poll(async () => (await delivery())?.status, { timeout: 20_000 }).toBe('RUNNING');
    expect(await files(jobId)).toHaveLength(2);
    await stack.rails.publish(cancel(jobId, message.eventDetail));
    expect(await ended(stack, jobId)).toMatchObject({
      eventType: 'REPORT_CANCELLED',
      eventDetail: { stage: 'delivery' },
    });
    release();
    expect(await delivery()).toMatchObject({ status: 'ABORTED', error: 'ReportCancelled' });
    await cancelsDone();
    expect(await files(jobId)).toEqual([]);
    expect(eventTypes(stack, jobId)).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
    const mailed = (await stack.mails()).filter(({ text }) => text?.includes(`job ${jobId}.`));
    expect(mailed.flatMap(({ to }) => to)).not.toContain(emails.attorney);
  },
);

it('says it once when a report had just started its delivery, and both were stopped', async () => {
  const unlock = await lockTranscripts();
  const release = hold('ses');
  await begin('both');
  const { input } = (await describeExecution('deliver-report', 'transcript_metadata-mailing'))!;
  await stack.clients.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: machineArn(stack, 'deliver-report'),
      name: 'transcript_metadata-both',
      input: JSON.stringify({ ...JSON.parse(input!), jobId: 'both' }),
    }),
  );
  await stack.rails.publish(cancel('both'));
  expect((await ended(stack, 'both')).eventDetail.stage).toBe('report');
  await cancelsDone();
  release();
  await unlock();
  expect(await describeExecution('deliver-report', 'transcript_metadata-both')).toMatchObject({
    status: 'ABORTED',
    error: 'DeliveryCancelled',
  });
  expect(eventTypes(stack, 'both')).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
});

describe('A custom report that was left to user-activity', () => {
  const run = (jobId: string) => describeExecution('user-activity', `custom.${jobId}`);
  const milestones = (jobId: string) =>
    eventTypes(stack, jobId).filter((eventType) => eventType !== 'REPORT_PROGRESS');

  const exportsOf = (jobId: string) =>
    keysUnder(stack, `accounts/${calderAccountId}/exports/custom-${jobId}/`);

  /** Keeps the report's run in the middle of its Map Run until what it gives lets it go on. */
  async function begin(jobId: string) {
    const unlock = await lock('activities', caseSchema(caseIds.northgate));
    const before = invocations('export-case');
    await stack.rails.publish(customAcrossCases(jobId));
    await expect.poll(() => invocations('export-case'), { timeout: 20_000 }).toBe(before + 6);
    return unlock;
  }

  it('stops there, children included, and leaves no file', async () => {
    const unlock = await begin('left');
    const message = cancel('left', { reportType: 'custom' });
    await stack.rails.publish(message);
    expect(await ended(stack, 'left')).toMatchObject({
      eventType: 'REPORT_CANCELLED',
      eventDetail: { reportType: 'custom', stage: 'report' },
    });
    expect(await run('left')).toMatchObject({ status: 'ABORTED', error: 'ReportCancelled' });
    await unlock();
    await cancelsDone();
    const mapRuns = await stack.clients.sfn.send(
      new ListMapRunsCommand({ executionArn: (await run('left'))!.executionArn }),
    );
    const { mapRunArn } = mapRuns.mapRuns![0]!;
    const children = await stack.clients.sfn.send(new ListExecutionsCommand({ mapRunArn }));
    expect(children.executions!.filter(({ status }) => status === 'RUNNING')).toEqual([]);
    expect(await exportsOf('left')).toEqual([]);
    expect(await describeExecution('deliver-report', 'custom-left')).toBeUndefined();
    expect(milestones('left')).toEqual(['REPORT_STARTED', 'REPORT_STARTED', 'REPORT_CANCELLED']);
  });

  it('stops in its delivery', async () => {
    const release = hold('ses');
    await stack.rails.publish(customAcrossCases('left-mailing'));
    const delivery = () => describeExecution('deliver-report', 'custom-left-mailing');
    await expect.poll(async () => (await delivery())?.status, { timeout: 20_000 }).toBe('RUNNING');
    expect(await exportsOf('left-mailing')).not.toEqual([]);
    await stack.rails.publish(cancel('left-mailing', { reportType: 'custom' }));
    expect((await ended(stack, 'left-mailing')).eventDetail.stage).toBe('delivery');
    release();
    await cancelsDone();
    expect(await exportsOf('left-mailing')).toEqual([]);
    expect((await run('left-mailing'))!.status).toBe('SUCCEEDED');
  });

  it('is cancelled once when it was just being left, and both were stopped', async () => {
    const release = hold('lambda');
    const message = customAcrossCases('leaving');
    const { jobId, caseId, eventDetail } = message;
    const stateMachineArn = machineArn(stack, 'user-activity');
    const input = JSON.stringify({ jobId, caseId, eventDetail });
    await stack.rails.publish(message);
    await expect
      .poll(async () => (await describeExecution('custom-report', 'leaving'))?.status, { timeout: 20_000 })
      .toBe('RUNNING');
    await stack.clients.sfn.send(
      new StartExecutionCommand({ stateMachineArn, name: 'custom.leaving', input }),
    );
    await stack.rails.publish(cancel('leaving', { reportType: 'custom' }));
    await ended(stack, 'leaving');
    await expect
      .poll(async () => (await run('leaving'))?.error, { timeout: 20_000 })
      .toBe('DeliveryCancelled');
    release();
    await cancelsDone();
    expect((await describeExecution('custom-report', 'leaving'))!.error).toBe('ReportCancelled');
    expect(milestones('leaving').filter((type) => type !== 'REPORT_STARTED')).toEqual(['REPORT_CANCELLED']);
    expect(await exportsOf('leaving')).toEqual([]);
  });
});

describe('A report across many cases', () => {
  beforeAll(() => addCases(stack.database, 30));

  const folder = (jobId: string) => `/user_activity-${jobId}/`;
  const parts = async (jobId: string, of: string) =>
    (await files(jobId)).filter((key) => key.includes(`/tmp${folder(jobId)}${of}`));
  const exports = async (jobId: string) =>
    (await files(jobId)).filter((key) => key.includes(`/exports${folder(jobId)}`));

  /** Cancels it, and looks at all that it was made of. */
  async function cancelled(jobId: string) {
    await stack.rails.publish(cancel(jobId, acrossCases(jobId).eventDetail));
    const event = await ended(stack, jobId);
    const report = (await describeExecution('user-activity', jobId))!;
    const { executionArn } = report;
    const { mapRuns } = await stack.clients.sfn.send(new ListMapRunsCommand({ executionArn }));
    const { mapRunArn } = mapRuns![0]!;
    const mapRun = await stack.clients.sfn.send(new DescribeMapRunCommand({ mapRunArn }));
    const children = await stack.clients.sfn.send(new ListExecutionsCommand({ mapRunArn }));
    const statuses = children.executions!.map(({ status }) => status);
    return { event, report, mapRun, statuses };
  }

  async function expectNothingLeft(jobId: string) {
    await cancelsDone();
    expect(await exports(jobId)).toEqual([]);
    expect(await describeExecution('deliver-report', `user_activity-${jobId}`)).toBeUndefined();
    const others = eventTypes(stack, jobId).filter((eventType) => eventType !== 'REPORT_PROGRESS');
    expect(others).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
    expect(await mailsOf(stack, jobId, 0)).toEqual([]);
  }

  it('stops with its Map Run and the children that run; of those that wait none starts', async () => {
    // What the generated cases are views of, so that each of them is held up.
    const unlock = await lock('activities', 'nextpoint_generated');
    const before = invocations('export-case');
    const begun = () => invocations('export-case') - before;
    await stack.rails.publish(acrossCases('children'));
    await expect
      .poll(async () => begun() - (await parts('children', 'outcomes/')).length, { timeout: 20_000 })
      .toBe(casesAtOnce);
    const { event, report, mapRun, statuses } = await cancelled('children');
    expect(event).toMatchObject({ eventType: 'REPORT_CANCELLED', eventDetail: { stage: 'report' } });
    expect(report).toMatchObject({ status: 'ABORTED', error: 'ReportCancelled' });
    expect(mapRun.status).toBe('ABORTED');
    expect(statuses.filter((status) => status === 'ABORTED')).toHaveLength(casesAtOnce);
    expect(statuses).not.toContain('RUNNING');
    const ofChildren = begun();
    expect(ofChildren).toBeLessThan(36);

    // The functions of the stopped children run on, and write their parts all the same.
    await unlock();
    await expect.poll(() => parts('children', 'outcomes/'), { timeout: 4_000 }).toHaveLength(ofChildren);
    await expectNothingLeft('children');
    expect(begun()).toBe(ofChildren);
  });

  it('keeps neither the file nor the list of issues that a merge in flight still wrote', async () => {
    const unlock = await lock('activities', caseSchema(caseIds.northgate));
    await stack.rails.publish(acrossCases('merging'));
    await expect.poll(() => parts('merging', 'outcomes/'), { timeout: 20_000 }).toHaveLength(35);
    const merge = hold('lambda');
    await unlock();
    // The Map Run has written its results: the merge is next.
    await expect.poll(() => parts('merging', 'results/'), { timeout: 20_000 }).toHaveLength(2);
    const storage = hold('s3');
    const before = invocations('merge-parts');
    merge();
    await expect.poll(() => invocations('merge-parts'), { timeout: 20_000 }).toBe(before + 1);
    const { event, mapRun } = await cancelled('merging');
    expect(event.eventType).toBe('REPORT_CANCELLED');
    expect(mapRun.status).toBe('SUCCEEDED');
    storage();
    // The file, the issues, and what became of each case.
    await expect.poll(() => exports('merging'), { timeout: 4_000 }).toHaveLength(3);
    await expectNothingLeft('merging');
    // Parts go by the lifecycle rule of their folder, 35 days later; nobody is led to them.
    expect(await parts('merging', 'parts/')).not.toEqual([]);
  });
});

it.each([
  ['a job that nobody asked for', 'never-asked', 'unknown_job'],
  ['a report that was delivered', 'delivered', 'already_ended'],
  ['a report that failed', 'failed', 'already_ended'],
  ['a report that was cancelled before', 'middle', 'already_ended'],
])('refuses to cancel %s, and changes nothing', async (_, jobId, reason) => {
  if (jobId === 'delivered') await ask(stack, request(jobId));
  if (jobId === 'failed') await ask(stack, request(jobId, {}, caseIds.archived));
  const before = [eventTypes(stack, jobId), await files(jobId)] as const;
  await stack.rails.publish(cancel(jobId));
  await expect.poll(() => refusals(jobId), { timeout: 20_000 }).toHaveLength(1);
  expect(refusals(jobId)[0]).toMatchObject({
    status: 'FAILED',
    caseId: caseIds.pumps,
    eventDetail: { reason, requestedBy: paralegal, received: expect.stringContaining(jobId) },
  });
  await cancelsDone();
  expect([eventTypes(stack, jobId), await files(jobId)]).toEqual([
    [...before[0], 'REPORT_REFUSED'],
    before[1],
  ]);
});

it('waits nine seconds for a report that is just being started', async () => {
  const variables = { executions: ['arn'], step: 0, error: 'ReportCancelled', who: 'somebody', when: 'now' };
  const attempt = (retries: number) =>
    onError(
      stack,
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

it('runs a report whose cancel came before it', async () => {
  await stack.rails.publish(cancel('early'));
  expect((await ended(stack, 'early')).eventDetail.reason).toBe('unknown_job');
  await stack.rails.publish(request('early'));
  await stack.rails.waitFor((event) => event.jobId === 'early' && event.eventType === 'REPORT_COMPLETED');
});

it('acts once on a cancel that comes twice', async () => {
  const message = cancel('nobody');
  const taken = () => expect.poll(() => messagesIn(stack, 'intake'), { timeout: 20_000 }).toBe(0);
  await stack.rails.publish(message);
  await stack.rails.publish(message);
  await taken();
  await cancelsDone();
  // Once more, after the end.
  await stack.rails.publish(message);
  await taken();
  const started = (await executions(stack, 'cancel-report')).filter(({ name }) => name!.startsWith('nobody'));
  expect([started.length, refusals('nobody').length]).toEqual([1, 1]);
});

it('takes the long jobId of a job that the service derived, and still refuses one that is too long', async () => {
  const [long, longer] = ['j'.repeat(58), 'j'.repeat(59)];
  await stack.rails.publish(cancel(long));
  await expect.poll(() => refusals(long), { timeout: 20_000 }).toHaveLength(1);
  expect(refusals(long)[0]!.eventDetail.reason).toBe('unknown_job');
  await stack.rails.publish(cancel(longer));
  const refused = await stack.rails.waitFor((event) => event.jobId === null);
  expect(refused.eventDetail).toMatchObject({ reason: 'illegal_job_id', received: expect.any(String) });
});

it('finds nothing to remove where a report without a case was refused', async () => {
  const release = hold('lambda');
  await stack.rails.publish(request('no-case', {}, null));
  await stack.rails.waitFor((event) => event.jobId === 'no-case');
  await stack.rails.publish(cancel('no-case'));
  expect((await ended(stack, 'no-case')).eventType).toBe('REPORT_CANCELLED');
  release();
  await cancelsDone();
});

it('answers a cancel that the router could not take, and fails no report for it', async () => {
  const QueueUrl = stack.queues['reports-development-intake-dead-letters'];
  const MessageBody = JSON.stringify(cancel('lost-cancel'));
  await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const refused = await ended(stack, 'lost-cancel');
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

it('has seen every state of cancel-report in these tests', async () => {
  const entered = await statesEntered(stack, 'cancel-report');
  expect(stateNames('cancel-report').filter((name) => !entered.has(name))).toEqual([]);
});

it('publishes nothing that breaks the contract', () => expect(stack.violations).toEqual([]));
