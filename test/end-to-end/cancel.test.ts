import { readFileSync } from 'node:fs';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Ajv } from 'ajv';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin, emails, userIds } from '../../local/database/seed.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import {
  administrator,
  ask,
  cancel,
  ended,
  eventTypes,
  executions,
  machineArn,
  mailsOf,
  messagesIn,
  onError,
  paralegal,
  request,
  stateNames,
  statesEntered,
} from './stack.ts';

let stack: Stack;
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
async function lockTranscripts() {
  const admin = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
  await admin.query('LOCK TABLES deposition_volumes WRITE');
  return letGo(() => admin.end());
}

/** Lets the calls of a service wait until what it gives lets them go on. */
const hold = (service: 'ses' | 'lambda') => letGo(stack.hold(service));

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

async function describe(machine: string, name: string) {
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
  expect(await describe('transcript-metadata', 'middle')).toMatchObject({
    status: 'ABORTED',
    error: 'ReportCancelled',
  });

  // The function was not stopped with its execution, and writes its file all the same.
  await unlock();
  await expect.poll(() => files('middle'), { timeout: 4_000 }).toHaveLength(1);
  await cancelsDone();
  expect(await files('middle')).toEqual([]);
  expect(await describe('deliver-report', 'transcript_metadata-middle')).toBeUndefined();
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
    const delivery = () => describe('deliver-report', `${message.eventDetail.reportType}-${jobId}`);
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
  const { input } = (await describe('deliver-report', 'transcript_metadata-mailing'))!;
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
  expect(await describe('deliver-report', 'transcript_metadata-both')).toMatchObject({
    status: 'ABORTED',
    error: 'DeliveryCancelled',
  });
  expect(eventTypes(stack, 'both')).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
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
  const variables = { arn: 'arn', error: 'ReportCancelled', who: 'somebody', when: 'now' };
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
  expect(await attempt(3)).toMatchObject({ status: 'CAUGHT_ERROR', nextState: 'What next' });
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
