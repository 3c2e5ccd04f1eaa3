import { PutObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, vi } from 'vitest';
import { machineOf } from '../../cdk/machines.ts';
import { files, requestOf } from '../../contract/samples/index.ts';
import type { Grant } from '../../local/aws/access/authorization.ts';
import { calderAccountId, caseIds, caseSchema, connectAsAdmin, emails } from '../../local/database/seed.ts';
import { acrossCases, cancel, customAcrossCases, type Request, request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

const delivery = { mode: 'attachment' };
// Two cancels wait. On AWS they wait 930 s.
it.override('waitTimeScale', { scope: 'file' }, () => 0.001);

it.beforeAll(async ({ stack }) => {
  for (const [Key, Body] of Object.entries(files))
    await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
  for (const reportType of Object.keys(machineOf) as (keyof typeof machineOf)[]) {
    const sample = requestOf(reportType);
    await stack.ask({ ...sample, eventDetail: { ...sample.eventDetail, delivery } } as Request);
  }
  await stack.ask(customAcrossCases('handed-over', { delivery }));
  await askWithStoredParameters(stack, 'stored');
  await stack.failOnOneCase(acrossCases('redriven', { delivery }), caseIds.northgate);
  await stack.redrive('user-activity', 'redriven');
  await redriveOverlay(stack, 'redriven-overlay');
  await cancelOverlay(stack, 'cancelled-overlay');
  await stack.ask(request('linked', { delivery: { mode: 'link', recipients: [emails.bouncing] } }));
  await stack.rails.waitFor((event) => event.eventType === 'REPORT_DELIVERY_PROBLEM');
  await stack.rails.publish({ ...requestOf('page_count'), caseId: caseIds.empty });
  await stack.rails.waitFor((event) => event.eventType === 'REPORT_REFUSED');
  await stack.ask(request('failed', {}, caseIds.missing));
  await stack.mailsOf('failed', 1);
  await describeFailure(stack, 'failed');
  await deadLetter(stack, 'dead');
  await cancelWhileHeld(
    stack,
    'cancelled-delivery',
    'ses',
    'deliver-report',
    'transcript_metadata-cancelled-delivery',
  );
  await cancelWhileHeld(stack, 'cancelled-report', 'lambda', 'transcript-metadata', 'cancelled-report', null);
  await stack.rails.publish(cancel('never-asked'));
  await stack.ended('never-asked');
  await vi.waitFor(async () => {
    const statuses = (await stack.executions('cancel-report')).map(({ status }) => status);
    expect(statuses).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  }, 20_000);
  await refuse(stack, 'refused');
  await schedule(stack, 'scheduled');
});

async function askWithStoredParameters(stack: TestStack, jobId: string) {
  const store = async (owner: string, parameters: object) => {
    const Key = `development/${owner}/requests/${jobId}.json`;
    const Body = JSON.stringify(parameters);
    await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
    return Key;
  };
  const parametersKey = await store(`cases/${caseIds.pumps}`, { scope: 'deponents' });
  await stack.ask(request(jobId, { parametersKey }));
  const { eventDetail, ...message } = acrossCases(`${jobId}-account`);
  const ofAccount = await store(
    `accounts/${calderAccountId}`,
    requestOf('user_activity').eventDetail.parameters!,
  );
  const detail = { ...eventDetail, parameters: undefined, parametersKey: ofAccount };
  await stack.ask({ ...message, eventDetail: detail });
}

/** Announces a failure without the input of the execution, so that announce-failure must read it. */
async function describeFailure(stack: TestStack, jobId: string) {
  const detail = {
    executionArn: stack.executionArn('transcript-metadata', jobId),
    stateMachineArn: stack.machineArn('transcript-metadata'),
    status: 'FAILED',
    redriveCount: 1,
    redriveStatus: 'REDRIVABLE',
  };
  const input = JSON.stringify({ detail: { ...detail, input: null } });
  const start = new StartExecutionCommand({ stateMachineArn: stack.machineArn('announce-failure'), input });
  await stack.nextEvent(() => stack.clients.sfn.send(start));
}

/** Cancels a report while one of its executions waits for a service. */
async function cancelWhileHeld(
  stack: TestStack,
  jobId: string,
  service: 'ses' | 'lambda',
  machine: string,
  name: string,
  caseId: number | null = caseIds.pumps,
) {
  const release = stack.hold(service);
  await stack.rails.publish(request(jobId, { delivery: { mode: 'link' } }, caseId));
  await vi.waitFor(async () => {
    const running = (await stack.executions(machine)).find((execution) => execution.name === name);
    expect(running?.status).toBe('RUNNING');
  }, 20_000);
  await stack.rails.publish(cancel(jobId));
  await stack.ended(jobId);
  release();
}

/** An overlay, restored, that changes documents and is redriven after a failure in its chunks. */
async function redriveOverlay(stack: TestStack, jobId: string) {
  const overlay = requestOf('coding_overlay');
  const restore = {
    ...overlay,
    jobId,
    eventDetail: { ...overlay.eventDetail, parameters: { restore: overlay.jobId } },
  };
  const admin = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
  admin.on('error', () => {});
  await admin.beginTransaction();
  await admin.query('SELECT id FROM exhibits FOR UPDATE');
  const earlier = stack.invocations('apply-overlay');
  await stack.rails.publish(restore);
  await vi.waitFor(() => expect(stack.invocations('apply-overlay')).toBe(earlier + 1), 20_000);
  const bring = await stack.outage('database');
  await stack.ended(jobId);
  await bring();
  await admin.end().catch(() => {});
  await stack.redrive('coding-overlay', jobId);
}

/** Cancels an overlay before its first function ends. */
async function cancelOverlay(stack: TestStack, jobId: string) {
  const overlay = { ...requestOf('coding_overlay'), jobId };
  const { reportType, requestedBy } = overlay.eventDetail;
  const release = stack.hold('lambda');
  await stack.rails.publish(overlay);
  await stack.rails.waitFor((event) => event.jobId === jobId);
  await stack.rails.publish(cancel(jobId, { reportType, requestedBy }));
  await vi.waitFor(async () => {
    expect(await stack.keysUnder(`tmp/coding_overlay-${jobId}/`)).toHaveLength(1);
  }, 20_000);
  release();
  await stack.ended(jobId);
}

/** Sends a message that the router could not process. */
async function deadLetter(stack: TestStack, jobId: string) {
  await stack.send('intake-dead-letters', request(jobId));
  await stack.ended(jobId);
}

/** Asks for a report that can never work. Such a failure stops a schedule. */
async function refuse(stack: TestStack, jobId: string) {
  await stack.ask(request(jobId, {}, caseIds.otherAccount));
  await vi.waitFor(async () => expect(await stack.executions('unschedule-report')).toHaveLength(1), 20_000);
}

/** Creates a schedule, replaces it, runs a slot, and deletes it. */
async function schedule(stack: TestStack, jobId: string) {
  const schedule = { expression: 'rate(1 day)', timeZone: 'UTC', startAt: '2030-01-01T00:00:00Z' };
  const say = async (change: string, message: object) => {
    await stack.rails.publish({ ...request(jobId, { schedule }), ...message });
    await stack.rails.waitFor((event) => event.eventDetail.change === change);
  };
  await say('created', {});
  await say('replaced', {});
  await stack.scheduler.runUntil('2030-01-01T00:00:00Z');
  await stack.ended(`${jobId}-20300101T0000Z`);
  await say('deleted', { eventType: 'REPORT_SCHEDULE_DELETED' });
}

it('grants only what is used, what an aborted upload needs, and what pipes poll with on AWS', ({ stack }) => {
  // On AWS, Lambda and Step Functions write logs and traces and create network interfaces themselves.
  const grants = stack.grants.filter(({ action }) => !/^(logs|xray|ec2):/.test(action));
  const unused = grants.filter(
    (grant) => !stack.calls.some(({ caller, action }) => caller === grant.role && action === grant.action),
  );
  const elsewhere =
    /^s3:(AbortMultipartUpload|ListMultipartUploadParts)|sqs:(ChangeMessageVisibility|GetQueueAttributes|GetQueueUrl)$/;
  expect(grants.length).toBeGreaterThan(20);
  const undone = /^s3:DeleteObject .*-full-texts\.csv$/;
  const expected = ({ action, resource }: Grant) =>
    elsewhere.test(action) || undone.test(`${action} ${resource}`);
  expect(unused.filter((grant) => !expected(grant))).toEqual([]);
});
