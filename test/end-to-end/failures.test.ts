import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { caseIds, connectAsAdmin, emails, userIds } from '../../local/database/seed.ts';
import { coreSchema } from '../../local/database/server.ts';
import type { Stack } from '../../local/stack.ts';
import {
  ask,
  ended,
  eventTypes,
  executions,
  machineArn,
  mailsOf,
  messagesIn,
  paralegal,
  request,
  startTestStack,
  stateNames,
  statesEntered,
} from '../support/stack.ts';

let stack: Stack;
const restores: (() => Promise<void>)[] = [];
const outage = async (service: Parameters<Stack['outage']>[0]) => {
  const restore = await stack.outage(service);
  restores.push(restore);
  return restore;
};
const invocations = (task: string) =>
  stack.calls.filter(
    ({ action, resource }) =>
      action === 'lambda:InvokeFunction' && resource.endsWith(`reports-development-${task}`),
  ).length;

const sendDeadLetter = (MessageBody: string) =>
  stack.clients.sqs.send(
    new SendMessageCommand({
      QueueUrl: stack.queues['reports-development-intake-dead-letters'],
      MessageBody,
    }),
  );

/** Waits until announce-failure has run so many times, the last time to a good end. */
const announced = (times: number) =>
  vi.waitFor(async () => {
    const runs = await executions(stack, 'announce-failure');
    expect([runs[0]!.status, runs.length]).toEqual(['SUCCEEDED', times]);
  }, 20_000);

beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(async () => {
  for (const restore of restores.splice(0)) await restore();
});
afterAll(() => stack?.stop());

it('retries while the database is down, then fails, redrivable, and tells the requester', async () => {
  await outage('database');
  const before = invocations('load-context');
  const failed = await ask(stack, request('database-down'));
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    status: 'FAILED',
    eventDetail: { error: 'DatabaseUnavailable', stage: 'report', redrivable: true, redriveCount: 0 },
  });
  expect(invocations('load-context') - before).toBe(4);
  expect((await mailsOf(stack, 'database-down', 1))[0]!.to).toEqual([emails.paralegal]);
  const { Contents = [] } = await stack.clients.s3.send(new ListObjectsV2Command({ Bucket: stack.bucket }));
  expect(Contents.filter(({ Key }) => Key!.includes('database-down'))).toEqual([]);
});

it('goes on with other requests while the database is down', async () => {
  await outage('database');
  await stack.rails.publish(request('waits-for-database'));
  const refused = await ask(stack, request('another', { reportType: 'deposition_search_pdf' }));
  expect(refused.eventType).toBe('REPORT_REFUSED');
  expect(await ended(stack, 'waits-for-database')).toMatchObject({ eventType: 'REPORT_FAILED' });
});

it('survives an outage that is shorter than its retries', async () => {
  await stack.outage('lambda', 3);
  expect(await ask(stack, request('short-outage'))).toMatchObject({ eventType: 'REPORT_COMPLETED' });
});

it('announces a failure also when mail is down', async () => {
  await outage('ses');
  const failed = await ask(stack, request('mail-down', {}, caseIds.archived));
  expect(failed).toMatchObject({ eventType: 'REPORT_FAILED', eventDetail: { error: 'CaseUnavailable' } });
});

it('says of a delivery that failed that the file is there', async () => {
  await outage('ses');
  const failed = await ask(stack, request('delivery-down', { delivery: { mode: 'link' } }));
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: {
      stage: 'delivery',
      redrivable: true,
      file: { key: expect.stringContaining('delivery-down') },
    },
  });
});

it('takes a recipient that SES refuses as that outcome, not as a failure', async () => {
  const detail = { delivery: { recipients: [emails.paralegal, emails.unverified, emails.copied] } };
  const attached = await ask(stack, request('refused-attachment', detail));
  expect(attached.eventDetail.delivery.recipients).toEqual([
    { email: emails.paralegal, outcome: 'attachment', messageId: expect.any(String) },
    { email: emails.unverified, outcome: 'refused', reason: expect.stringMatching(/rejected|not verified/i) },
    { email: emails.copied, outcome: 'suppressed' },
  ]);
  const linked = await ask(
    stack,
    request('refused-link', { delivery: { ...detail.delivery, mode: 'link' } }),
  );
  expect(linked.eventDetail.delivery.recipients[1]).toMatchObject({
    email: emails.unverified,
    outcome: 'refused',
  });
});

it('gives a message that Step Functions cannot take back to the queue, and in the end to the dead letters', async () => {
  const restore = await outage('states');
  await stack.rails.publish(request('nobody-home'));
  await expect.poll(() => messagesIn(stack, 'intake-dead-letters'), { timeout: 30_000 }).toBe(1);
  await restore();
  expect(await ended(stack, 'nobody-home')).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { error: 'NotStarted', stage: 'intake', executionArn: null, redrivable: false },
  });
  expect(eventTypes(stack, 'nobody-home')).toEqual(['REPORT_FAILED']);
});

it.each([
  ['outside the domains of the environment', 'copied', emails.copied],
  ['to a domain in capitals, which roles may not mail', 'paralegal', emails.paralegal.toUpperCase()],
] as const)('mails no failure %s', async (_, user, email) => {
  const before = (await executions(stack, 'announce-failure')).length;
  const requestedBy = { userId: userIds[user], email };
  await ask(stack, request(`failed-${user}`, { requestedBy }, caseIds.archived));
  await announced(before + 1);
  expect(await mailsOf(stack, `failed-${user}`, 0)).toEqual([]);
});

it('announces a failure to a requester whose address SES refuses, and is done', async () => {
  const requestedBy = { userId: userIds.paralegal, email: emails.unverified };
  const before = (await executions(stack, 'announce-failure')).length;
  await ask(stack, request('refused-requester', { requestedBy }));
  await announced(before + 1);
});

it('says what is wrong with a field whose name looks like JSON', async () => {
  const failed = await ask(stack, request('braced', { '{a': 1 }));
  expect(failed.eventDetail).toMatchObject({
    error: 'InvalidRequest',
    cause: expect.stringContaining('{a: unknown'),
  });
});

it.each([
  ['no fields at all', {}, null],
  ['no case', { ...request('dead-without-case'), caseId: undefined }, 'dead-without-case'],
  ['an illegal jobId', request('../../etc'), null],
  ['no requester', request('dead-without-requester', { requestedBy: undefined }), 'dead-without-requester'],
])('announces a dead letter with %s', async (_, message, jobId) => {
  const seen = stack.rails.events.length;
  await sendDeadLetter(JSON.stringify(message));
  const failed = await stack.rails.waitFor((event) => stack.rails.events.indexOf(event) >= seen);
  expect(failed).toMatchObject({ jobId, eventType: 'REPORT_FAILED', eventDetail: { error: 'NotStarted' } });
  await vi.waitFor(
    async () => expect((await executions(stack, 'announce-failure'))[0]!.status).toBe('SUCCEEDED'),
    20_000,
  );
});

it('announces a dead letter that is not JSON', async () => {
  const seen = stack.rails.events.length;
  await sendDeadLetter('Please send me the transcripts');
  const failed = await stack.rails.waitFor((event) => stack.rails.events.indexOf(event) >= seen);
  expect(failed).toMatchObject({ jobId: null, eventType: 'REPORT_FAILED' });
});

it('says nothing of a dead letter whose report was started after all', async () => {
  await ask(stack, request('alive'));
  const before = (await executions(stack, 'announce-failure')).length;
  await sendDeadLetter(JSON.stringify(request('alive')));
  await announced(before + 1);
  expect(eventTypes(stack, 'alive')).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
});

it("calls an operator's stop a failure", async () => {
  // A lock keeps the report where it is until it is stopped.
  const admin = await connectAsAdmin(stack.database, coreSchema);
  await admin.query('LOCK TABLES users WRITE');
  await stack.rails.publish(request('stopped'));
  await stack.rails.waitFor((event) => event.jobId === 'stopped');
  const executionArn = `${machineArn(stack, 'transcript-metadata').replace(':stateMachine:', ':execution:')}:stopped`;
  await stack.clients.sfn.send(new StopExecutionCommand({ executionArn }));
  await admin.end();
  const failed = await ended(stack, 'stopped');
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { error: 'Aborted', redrivable: true },
  });
});

it('reads the input of a failed execution itself when the event had no room for it', async () => {
  const executionArn = `${machineArn(stack, 'transcript-metadata').replace(':stateMachine:', ':execution:')}:database-down`;
  const { error, cause } = await stack.clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
  const detail = {
    executionArn,
    stateMachineArn: machineArn(stack, 'transcript-metadata'),
    status: 'FAILED',
    error,
    cause,
    redriveCount: 1,
    redriveStatus: 'REDRIVABLE',
    input: null,
    inputDetails: { included: false },
  };
  const seen = stack.rails.events.length;
  const stateMachineArn = machineArn(stack, 'announce-failure');
  await stack.clients.sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ detail }) }),
  );
  const failed = await stack.rails.waitFor((event) => stack.rails.events.indexOf(event) >= seen);
  expect(failed).toMatchObject({
    jobId: 'database-down',
    eventDetail: { requestedBy: paralegal, redriveCount: 1 },
  });
});

it('starts a delivery once, also when the report comes to it again', async () => {
  const completed = await ask(stack, request('delivered'));
  const arn = completed.eventDetail.reportExecutionArn;
  const { input } = await stack.clients.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
  // As a redrive would that comes to "Start delivery" with another start time, hence another file.
  const again = { ...JSON.parse(input!), jobId: 'delivered' };
  const started = await stack.clients.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: machineArn(stack, 'transcript-metadata'),
      name: 'delivered-again',
      input: JSON.stringify(again),
    }),
  );
  await expect
    .poll(async () => (await stack.clients.sfn.send(new DescribeExecutionCommand(started as never))).status)
    .toBe('SUCCEEDED');
  expect(await mailsOf(stack, 'delivered', 1)).toHaveLength(1);
});

it.each(['transcript-metadata', 'deliver-report', 'announce-failure'] as const)(
  'has seen every state of %s in these tests',
  async (machine) => {
    const entered = await statesEntered(stack, machine);
    expect(stateNames(machine).filter((name) => !entered.has(name))).toEqual([]);
  },
);

it('publishes nothing that breaks the contract', () => expect(stack.violations).toEqual([]));
