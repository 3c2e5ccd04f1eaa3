import { PutObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Grant } from '../../local/aws/access/authorization.ts';
import { calderAccountId, caseIds, emails } from '../../local/database/seed.ts';
import type { Stack } from '../../local/stack.ts';
import {
  acrossCases,
  administrator,
  ask,
  cancel,
  customAcrossCases,
  ended,
  executions,
  failOnOneCase,
  isOnAccount,
  machineArn,
  mailsOf,
  parametersOf,
  redrive,
  request,
  searchHits,
  startTestStack,
} from '../support/stack.ts';

let stack: Stack;
const delivery = { mode: 'attachment' };
beforeAll(async () => {
  stack = await startTestStack();
  for (const [reportType, parameters] of Object.entries(parametersOf))
    await ask(
      stack,
      isOnAccount(reportType)
        ? request('attached', { reportType, parameters, delivery, requestedBy: administrator }, null)
        : request('attached', { reportType, parameters, delivery }),
    );
  await searchAndCancel('searched');
  await ask(stack, customAcrossCases('handed-over', { delivery }));
  await askWithStoredParameters('stored');
  await failOnOneCase(stack, acrossCases('redriven', { delivery }), caseIds.northgate);
  await redrive(stack, 'user-activity', 'redriven');
  await ask(stack, request('linked', { delivery: { mode: 'link', recipients: [emails.bouncing] } }));
  await stack.rails.waitFor((event) => event.eventType === 'REPORT_DELIVERY_PROBLEM');
  await stack.rails.publish(request('attached', {}, caseIds.empty));
  await stack.rails.waitFor((event) => event.eventType === 'REPORT_REFUSED');
  await ask(stack, request('failed', {}, caseIds.missing));
  await mailsOf(stack, 'failed', 1);
  await describeFailure('failed');
  await deadLetter('dead');
  await cancelWhileHeld(
    'cancelled-delivery',
    'ses',
    'deliver-report',
    'transcript_metadata-cancelled-delivery',
  );
  await cancelWhileHeld('cancelled-report', 'lambda', 'transcript-metadata', 'cancelled-report', null);
  await stack.rails.publish(cancel('never-asked'));
  await ended(stack, 'never-asked');
  await vi.waitFor(async () => {
    const statuses = (await executions(stack, 'cancel-report')).map(({ status }) => status);
    expect(statuses).toEqual(Array(5).fill('SUCCEEDED'));
  }, 20_000);
  await refuse('refused');
  await schedule('scheduled');
});
afterAll(() => stack?.stop());

/** A search hit report with all that it may have, then two that are cancelled while Glue, and while Athena, works. */
async function searchAndCancel(jobId: string) {
  const everything = { byCustodian: true, byMonth: true };
  await ask(stack, await searchHits(stack, jobId, ['seal'], everything, { delivery }));
  for (const service of ['glue', 'athena'] as const) {
    const release = stack[service].control.hold();
    const begun = () => (service === 'glue' ? stack.glue.runs : stack.athena.queries).length;
    const before = begun();
    await stack.rails.publish(await searchHits(stack, `${jobId}-${service}`, ['seal']));
    await vi.waitFor(() => expect(begun()).toBe(before + 1), 20_000);
    await stack.rails.publish(cancel(`${jobId}-${service}`, { reportType: 'search_hit' }));
    await ended(stack, `${jobId}-${service}`);
    await vi.waitFor(async () => {
      const stops = await executions(stack, 'stop-search-jobs');
      expect(stops.map(({ status }) => status)).toEqual(
        service === 'glue' ? ['SUCCEEDED'] : ['SUCCEEDED', 'SUCCEEDED'],
      );
    }, 20_000);
    release();
  }
}

async function askWithStoredParameters(jobId: string) {
  const store = async (owner: string, parameters: object) => {
    const Key = `development/${owner}/requests/${jobId}.json`;
    const Body = JSON.stringify(parameters);
    await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
    return Key;
  };
  const parametersKey = await store(`cases/${caseIds.pumps}`, { scope: 'deponents' });
  await ask(stack, request(jobId, { parametersKey }));
  const { eventDetail, ...message } = acrossCases(`${jobId}-account`);
  const ofAccount = await store(`accounts/${calderAccountId}`, parametersOf.user_activity);
  const detail = { ...eventDetail, parameters: undefined, parametersKey: ofAccount };
  await ask(stack, { ...message, eventDetail: detail });
}

/** A status event without the execution's input, so that announce-failure must read it. */
async function describeFailure(jobId: string) {
  const stateMachineArn = machineArn(stack, 'transcript-metadata');
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${jobId}`;
  const detail = {
    executionArn,
    stateMachineArn,
    status: 'FAILED',
    redriveCount: 1,
    redriveStatus: 'REDRIVABLE',
  };
  const input = JSON.stringify({ detail: { ...detail, input: null } });
  const before = stack.rails.events.length;
  await stack.clients.sfn.send(
    new StartExecutionCommand({ stateMachineArn: machineArn(stack, 'announce-failure'), input }),
  );
  await stack.rails.waitFor((event) => stack.rails.events.indexOf(event) >= before);
}

/** A report that is cancelled while an execution of it waits for a service. */
async function cancelWhileHeld(
  jobId: string,
  service: 'ses' | 'lambda',
  machine: string,
  name: string,
  caseId: number | null = caseIds.pumps,
) {
  const release = stack.hold(service);
  await stack.rails.publish(request(jobId, { delivery: { mode: 'link' } }, caseId));
  await vi.waitFor(async () => {
    const running = (await executions(stack, machine)).find((execution) => execution.name === name);
    expect(running?.status).toBe('RUNNING');
  }, 20_000);
  await stack.rails.publish(cancel(jobId));
  await ended(stack, jobId);
  release();
}

/** A message that the router could not take. */
async function deadLetter(jobId: string) {
  const QueueUrl = stack.queues['reports-development-intake-dead-letters'];
  await stack.clients.sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(request(jobId)) }),
  );
  await ended(stack, jobId);
}

/** A report that can never work, so that its schedule, if it had one, would be stopped. */
async function refuse(jobId: string) {
  await ask(stack, request(jobId, {}, caseIds.otherAccount));
  await vi.waitFor(async () => expect(await executions(stack, 'unschedule-report')).toHaveLength(1), 20_000);
}

/** Makes a schedule, replaces it, lets it ask for a report, and deletes it. */
async function schedule(jobId: string) {
  const schedule = { expression: 'rate(1 day)', timeZone: 'UTC', startAt: '2030-01-01T00:00:00Z' };
  const say = async (change: string, message: object) => {
    await stack.rails.publish({ ...request(jobId, { schedule }), ...message });
    await stack.rails.waitFor((event) => event.eventDetail.change === change);
  };
  await say('created', {});
  await say('replaced', {});
  await stack.scheduler.runUntil('2030-01-01T00:00:00Z');
  await ended(stack, `${jobId}-20300101T0000Z`);
  await say('deleted', { eventType: 'REPORT_SCHEDULE_DELETED' });
}

it('grants nothing that is not used, but what an abandoned upload needs and what pipes and jobs poll with on AWS', () => {
  // Logs, traces and network interfaces are Lambda's and Step Functions' own doing on AWS.
  const grants = stack.grants.filter(({ action }) => !/^(logs|xray|ec2):/.test(action));
  const unused = grants.filter(
    (grant) => !stack.calls.some(({ caller, action }) => caller === grant.role && action === grant.action),
  );
  const elsewhere =
    /^s3:(AbortMultipartUpload|ListMultipartUploadParts|ListBucketMultipartUploads)|glue:GetJobRuns|sqs:(ChangeMessageVisibility|GetQueueAttributes|GetQueueUrl)$/;
  expect(grants.length).toBeGreaterThan(20);
  const undone = /^s3:DeleteObject .*-full-texts\.csv$/;
  const expected = ({ action, resource }: Grant) =>
    elsewhere.test(action) || undone.test(`${action} ${resource}`);
  expect(unused.filter((grant) => !expected(grant))).toEqual([]);
});

it('denied nothing on the way', () => {
  expect(stack.calls.filter(({ allowed }) => !allowed)).toEqual([]);
});
