import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, vi } from 'vitest';
import { machineOf } from '../../cdk/machines.ts';
import { files, requestOf } from '../../contract/samples/index.ts';
import type { Grant } from '../../local/aws/access/authorization.ts';
import { calderAccountId, caseIds, caseSchema, connectAsAdmin, emails } from '../../local/database/seed.ts';
import {
  acrossCases,
  administrator,
  cancel,
  customAcrossCases,
  type Request,
  request,
} from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

const delivery = { mode: 'attachment' };
// Two cancels wait. On AWS they wait 930 s.
it.override('waitTimeScale', { scope: 'file' }, () => 0.001);

it.beforeAll(async ({ stack }) => {
  for (const [Key, Body] of Object.entries(files))
    await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
  for (const reportType of Object.keys(machineOf) as (keyof typeof machineOf)[]) {
    const sample = requestOf(reportType);
    if (sample.eventDetail.reportType === 'search_hit') continue;
    await stack.ask({ ...sample, eventDetail: { ...sample.eventDetail, delivery } } as Request);
  }
  await searchAndCancel(stack, 'searched');
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
  await reconcile(stack, 'event-lost');
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
    expect(statuses).toEqual(Array(6).fill('SUCCEEDED'));
  }, 20_000);
  await refuse(stack, 'refused');
  await schedule(stack, 'scheduled');
  await deleteOfAccount(stack, 'account-schedule');
  await refuseTwice(stack);
});

/** A search hit report with all that it may have, then two that are cancelled while Glue, and while Athena, works. */
async function searchAndCancel(stack: TestStack, jobId: string) {
  const everything = { byCustodian: true, byMonth: true };
  await stack.ask(await stack.searchHits(jobId, ['seal'], everything, { delivery }));
  for (const service of ['glue', 'athena'] as const) {
    const release = stack[service].control.hold();
    const begun = () => (service === 'glue' ? stack.glue.runs : stack.athena.queries).length;
    const before = begun();
    await stack.rails.publish(await stack.searchHits(`${jobId}-${service}`, ['seal']));
    await vi.waitFor(() => expect(begun()).toBe(before + 1), 20_000);
    await stack.rails.publish(cancel(`${jobId}-${service}`, { reportType: 'search_hit' }));
    await stack.ended(`${jobId}-${service}`);
    await vi.waitFor(async () => {
      const stops = await stack.executions('stop-search-jobs');
      expect(stops.map(({ status }) => status)).toEqual(
        service === 'glue' ? ['SUCCEEDED'] : ['SUCCEEDED', 'SUCCEEDED'],
      );
    }, 20_000);
    release();
  }
}

async function askWithStoredParameters(stack: TestStack, jobId: string) {
  const store = async (owner: string, parameters: object, name = jobId) => {
    const Key = `development/${owner}/requests/${name}.json`;
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
  const custom = requestOf('custom');
  const ofCustom = await store(`accounts/${calderAccountId}`, { type: 'all_npcases' }, 'custom');
  await stack.ask({
    ...custom,
    jobId: `${jobId}-custom`,
    eventDetail: { ...custom.eventDetail, parameters: undefined, parametersKey: ofCustom },
  } as Request);
  const detail = { ...eventDetail, parameters: undefined, parametersKey: ofAccount };
  await stack.ask({ ...message, eventDetail: detail });
}

/** Has EventBridge lose the failure of a report, which could not publish either, and the reconciler find it. */
async function reconcile(stack: TestStack, jobId: string) {
  const stop = stack.loseEvents((event) => JSON.stringify(event).includes(jobId));
  const error = { status: 403, code: 'AuthorizationError' };
  stack.fault({ kind: 'refuse', operation: 'Publish', caller: 'deliverreportrole', error });
  await stack.rails.publish(request(jobId));
  await vi.waitFor(async () => {
    const delivery = await stack.describeExecution('deliver-report', `transcript_metadata-${jobId}`);
    expect(delivery?.status).toBe('FAILED');
  }, 20_000);
  // Once without a cursor, and once with it.
  for (const runs of [1, 2]) {
    stack.runScheduledRules();
    await vi.waitFor(async () => {
      const statuses = (await stack.executions('reconcile-reports')).map(({ status }) => status);
      expect(statuses).toEqual(Array(runs).fill('SUCCEEDED'));
    }, 20_000);
  }
  expect(await stack.ended(jobId)).toMatchObject({ eventType: 'REPORT_COMPLETED' });
  stop();
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
  await stack.rails.publish({ ...cancel(jobId), caseId });
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
  const slot = { scheduleId: jobId, scheduledFor: '2030-01-01T00:00:00Z' };
  await stack.rails.publish({ ...request('', {}, caseIds.otherAccount), ...slot });
  await stack.ended(`${jobId}-20300101T0000Z`);
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

/** Has somebody else ask for the deletion of a schedule on an account, so that their account is looked up. */
async function deleteOfAccount(stack: TestStack, jobId: string) {
  const schedule = { expression: 'rate(1 day)', timeZone: 'UTC', startAt: '2031-01-01T00:00:00Z' };
  const made = acrossCases(jobId, { schedule });
  await stack.rails.publish(made);
  await stack.rails.waitFor((event) => event.jobId === jobId && event.eventDetail.change === 'created');
  const eventDetail = { ...made.eventDetail, requestedBy: administrator, schedule: undefined };
  await stack.rails.publish({ ...made, eventType: 'REPORT_SCHEDULE_DELETED', eventDetail });
  await stack.rails.waitFor((event) => event.jobId === jobId && event.eventType === 'REPORT_REFUSED');
}

/** Sends a dead letter that is refused and one that no execution takes, and has what was lost found. */
async function refuseTwice(stack: TestStack) {
  await stack.nextEvent(() => stack.send('intake-dead-letters', cancel('too-late')));
  await stack.nextEvent(() => stack.send('intake-unreadable', 'x'.repeat(1000)));
}

it('grants only what is used, what an aborted upload needs, and what pipes and jobs poll with on AWS', ({
  stack,
}) => {
  // On AWS, Lambda and Step Functions write logs and traces and create network interfaces themselves.
  const grants = stack.grants.filter(({ action }) => !/^(logs|xray|ec2):/.test(action));
  // A machine that works on the executions of any report needs not meet each of them here.
  const anyMachine = (resource: string) =>
    resource.replace(/(execution:reports-development-)[a-z-]+/, '$1any');
  const covers = (granted: string, used: string) =>
    new RegExp(`^${granted.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(used);
  const unused = grants.filter(
    (grant) =>
      !stack.calls.some(
        ({ caller, action, resource }) =>
          caller === grant.role &&
          action === grant.action &&
          covers(anyMachine(grant.resource), anyMachine(resource)),
      ),
  );
  const elsewhere =
    /^s3:(AbortMultipartUpload|ListMultipartUploadParts|ListBucketMultipartUploads)|glue:GetJobRuns|sqs:(ChangeMessageVisibility|GetQueueAttributes|GetQueueUrl)$/;
  expect(grants.length).toBeGreaterThan(20);
  // S3 asks for it only when stored parameters are missing.
  const missing =
    /(loadcontext|exportrows|exporthits|exporttestimony|listcases|mailreport|checkloadfile)role.* s3:ListBucket /;
  // Scheduler keeps there what the intake queue did not take for a day.
  const lost = /sqs:SendMessage .*-schedule-dead-letters$/;
  // After 14 days start-announcement starts anew what can't be redriven; Step Functions reads what a Map Run wrote; cancels of
  // reports on an account are cancel.test.ts's, and an overlay that names its dry run coding-overlay.test.ts's.
  const rare =
    /startannouncementrole.* states:StartExecution|useractivityrole.* s3:GetObject .*\/results\/\*$|cancelreportrole.* s3:DeleteObject .*\/accounts\/|checkloadfilerole.* s3:GetObject .*\/tmp\//;
  const undone = /s3:DeleteObject .*-full-texts\.csv$/;
  const expected = ({ role, action, resource }: Grant) =>
    elsewhere.test(action) ||
    [missing, lost, rare, undone].some((grant) => grant.test(`${role} ${action} ${resource}`));
  expect(unused.filter((grant) => !expected(grant))).toEqual([]);
});
