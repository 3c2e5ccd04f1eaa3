import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, vi } from 'vitest';
import { caseIds, connectAsAdmin, emails, userIds } from '../../local/database/seed.ts';
import { coreSchema } from '../../local/database/server.ts';
import { request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

/** Switches a service off until the test ends or the returned function switches it on again. */
async function outage(stack: TestStack, service: Parameters<TestStack['outage']>[0]) {
  const restore = await stack.outage(service);
  onTestFinished(restore);
  return restore;
}

/** Waits until announce-failure has run so many times, and its last run has succeeded. */
const announced = (stack: TestStack, times: number) =>
  vi.waitFor(async () => {
    const runs = await stack.executions('announce-failure');
    expect([runs[0]!.status, runs.length]).toEqual(['SUCCEEDED', times]);
  }, 20_000);

it('retries while the database is down, then fails as redrivable and tells the requester', async ({
  stack,
}) => {
  await outage(stack, 'database');
  const before = stack.invocations('load-context');
  const failed = await stack.ask(request('database-down'));
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    status: 'FAILED',
    eventDetail: { error: 'DatabaseUnavailable', stage: 'report', redrivable: true, redriveCount: 0 },
  });
  expect(stack.invocations('load-context') - before).toBe(4);
  expect((await stack.mailsOf('database-down', 1))[0]!.to).toEqual([emails.paralegal]);
  const keys = await stack.keysUnder('');
  expect(keys.filter((key) => key.includes('database-down'))).toEqual([]);
});

it('serves other requests while the database is down', async ({ stack }) => {
  await outage(stack, 'database');
  await stack.rails.publish(request('waits-for-database'));
  const refused = await stack.ask(request('another', { reportType: 'deposition_search_docx' }));
  expect(refused.eventType).toBe('REPORT_REFUSED');
  expect(await stack.ended('waits-for-database')).toMatchObject({ eventType: 'REPORT_FAILED' });
});

it('survives an outage that is shorter than its retries', async ({ stack }) => {
  await stack.outage('lambda', 3);
  expect(await stack.ask(request('short-outage'))).toMatchObject({ eventType: 'REPORT_COMPLETED' });
});

it('announces a failure even if SES is down', async ({ stack }) => {
  const restore = await outage(stack, 'ses');
  const failed = await stack.ask(request('mail-down', {}, caseIds.archived));
  expect(failed).toMatchObject({ eventType: 'REPORT_FAILED', eventDetail: { error: 'CaseUnavailable' } });
  await restore();
  await stack.mailsOf('mail-down', 1);
});

it('names the file of a failed delivery', async ({ stack }) => {
  stack.fault({ kind: 'refuse', operation: 'SendEmail', error: { status: 500, code: 'InternalFailure' } });
  const failed = await stack.ask(request('delivery-down', { delivery: { mode: 'link' } }));
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: {
      stage: 'delivery',
      redrivable: true,
      file: { key: expect.stringContaining('delivery-down') },
    },
  });
});

it('delivers by itself after an outage of SES, and mails nothing about it', async ({ stack }) => {
  const restore = await outage(stack, 'ses');
  const delivery = { mode: 'link', recipients: [emails.paralegal, emails.attorney] };
  await stack.rails.publish(request('mail-was-down', { delivery }));
  await vi.waitFor(() => expect(stack.invocations('mail-report')).toBeGreaterThan(3), 20_000);
  await restore();
  expect(await stack.ended('mail-was-down')).toMatchObject({ eventType: 'REPORT_COMPLETED' });
  expect(await stack.mailsOf('mail-was-down', 2)).toHaveLength(2);
});

it('sends no mail twice whose answer was lost, and does not say that it is missing', async ({ stack }) => {
  stack.fault({ kind: 'drop', operation: 'SendEmail' });
  const before = (await stack.executions('announce-failure')).length;
  const failed = await stack.ask(request('answer-lost', { delivery: { mode: 'link' } }));
  expect(failed.eventDetail).toMatchObject({
    error: 'MailAnswerUnknown',
    stage: 'delivery',
    redrivable: true,
  });
  await announced(stack, before + 1);
  const [mail, ...others] = await stack.mailsOf('answer-lost', 1);
  expect([mail!.subject, others]).toEqual([expect.stringContaining('be ready'), []]);
});

it('keeps contents from a recipient who loses access before a redrive', async ({ stack }) => {
  stack.fault({ kind: 'refuse', operation: 'SendEmail', error: { status: 500, code: 'InternalFailure' } });
  await stack.ask(request('access-removed', { delivery: { recipients: [emails.attorney] } }));
  const admin = await connectAsAdmin(stack.database, coreSchema);
  onTestFinished(async () => {
    await admin.query('UPDATE users SET removed_at = NULL WHERE id = ?', [userIds.attorney]);
    await admin.end();
  });
  await admin.query('UPDATE users SET removed_at = NOW() WHERE id = ?', [userIds.attorney]);
  const name = 'transcript_metadata-access-removed';
  const completed = await stack.redrive('deliver-report', 'access-removed', name);
  expect(completed.eventDetail.delivery.recipients).toEqual([
    { email: emails.attorney, outcome: 'access_removed' },
  ]);
  expect(await stack.mailsOf('access-removed', 0)).toEqual([]);
});

it('quotes nothing of a request in a mail about its failure, and mails nobody at an address that is not the user’s', async ({
  stack,
}) => {
  const text = 'Your account is locked. Sign in at evil.example';
  const failed = await stack.ask(request('quoting', { [text]: 1, reportType: 'transcript_metadata' }));
  expect(failed.eventDetail.cause).toContain(text);
  const [mail] = await stack.mailsOf('quoting', 1);
  expect(`${mail!.text}${mail!.html}`).not.toContain('locked');
  expect(mail!.text).toContain('The request was incomplete. Support has the details under reference ');
  const before = (await stack.executions('announce-failure')).length;
  const requestedBy = { userId: userIds.paralegal, email: emails.attorney };
  await stack.ask(request('not-hers', { requestedBy }));
  await announced(stack, before + 1);
  expect(await stack.mailsOf('not-hers', 0)).toEqual([]);
});

it('reports a recipient that SES refuses as an outcome, not as a failure', async ({ stack }) => {
  const detail = { delivery: { recipients: [emails.paralegal, emails.refused, emails.copied] } };
  const attached = await stack.ask(request('refused-attachment', detail));
  expect(attached.eventDetail.delivery.recipients).toEqual([
    { email: emails.paralegal, outcome: 'attachment', messageId: expect.any(String) },
    {
      email: emails.refused,
      outcome: 'refused',
      reason: expect.stringMatching('Domain contains illegal character'),
    },
    { email: emails.copied, outcome: 'suppressed' },
  ]);
  const linked = await stack.ask(request('refused-link', { delivery: { ...detail.delivery, mode: 'link' } }));
  expect(linked.eventDetail.delivery.recipients[1]).toMatchObject({
    email: emails.refused,
    outcome: 'refused',
  });
});

it('returns a message to the queue while Step Functions is down, and finally to the dead-letter queue', async ({
  stack,
}) => {
  const restore = await outage(stack, 'states');
  await stack.rails.publish(request('nobody-home'));
  await expect.poll(() => stack.messagesIn('intake-dead-letters'), { timeout: 30_000 }).toBe(1);
  await restore();
  expect(await stack.ended('nobody-home')).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { error: 'NotStarted', stage: 'intake', executionArn: null, redrivable: false },
  });
  expect(stack.eventTypes('nobody-home')).toEqual(['REPORT_FAILED']);
});

it.for([
  ['outside the domains of the environment', 'copied', emails.copied],
  ['to a domain in capitals, which roles may not mail', 'paralegal', emails.paralegal.toUpperCase()],
] as const)('sends no mail about a failure %s', async ([_, user, email], { stack }) => {
  const before = (await stack.executions('announce-failure')).length;
  const requestedBy = { userId: userIds[user], email };
  await stack.ask(request(`failed-${user}`, { requestedBy }, caseIds.archived));
  await announced(stack, before + 1);
  expect(await stack.mailsOf(`failed-${user}`, 0)).toEqual([]);
});

it('announces a failure even if SES refuses the requester’s address', async ({ stack }) => {
  const requestedBy = { userId: userIds.paralegal, email: emails.refused };
  const before = (await stack.executions('announce-failure')).length;
  await stack.ask(request('refused-requester', { requestedBy }));
  await announced(stack, before + 1);
});

it('explains an error in a field whose name looks like JSON', async ({ stack }) => {
  const failed = await stack.ask(request('braced', { '{a': 1 }));
  expect(failed.eventDetail).toMatchObject({
    error: 'InvalidRequest',
    cause: expect.stringContaining('{a: Unknown'),
  });
});

it.for([
  ['no fields at all', {}, null],
  ['no case', { ...request('dead-without-case'), caseId: undefined }, 'dead-without-case'],
  ['an illegal jobId', request('../../etc'), null],
  ['no requester', request('dead-without-requester', { requestedBy: undefined }), 'dead-without-requester'],
] as const)('announces a dead letter with %s', async ([_, message, jobId], { stack }) => {
  const failed = await stack.nextEvent(() => stack.send('intake-dead-letters', message));
  expect(failed).toMatchObject({ jobId, eventType: 'REPORT_FAILED', eventDetail: { error: 'NotStarted' } });
  await vi.waitFor(
    async () => expect((await stack.executions('announce-failure'))[0]!.status).toBe('SUCCEEDED'),
    20_000,
  );
});

it('announces a dead letter that is not JSON', async ({ stack }) => {
  const failed = await stack.nextEvent(() =>
    stack.send('intake-dead-letters', 'Please send me the transcripts'),
  );
  expect(failed).toMatchObject({ jobId: null, eventType: 'REPORT_FAILED' });
});

it('ignores a dead letter whose report was started', async ({ stack }) => {
  await stack.ask(request('alive'));
  const before = (await stack.executions('answer-dead-letter')).length;
  await stack.send('intake-dead-letters', request('alive'));
  await vi.waitFor(async () => {
    const runs = await stack.executions('answer-dead-letter');
    expect([runs[0]!.status, runs.length]).toEqual(['SUCCEEDED', before + 1]);
  }, 20_000);
  expect(stack.eventTypes('alive')).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
});

it("announces an operator's stop as a failure", async ({ stack }) => {
  // A lock holds up the report until it is stopped.
  const admin = await connectAsAdmin(stack.database, coreSchema);
  await admin.query('LOCK TABLES users WRITE');
  await stack.rails.publish(request('stopped'));
  await stack.rails.waitFor((event) => event.jobId === 'stopped');
  const executionArn = stack.executionArn('transcript-metadata', 'stopped');
  await stack.clients.sfn.send(new StopExecutionCommand({ executionArn }));
  await admin.end();
  const failed = await stack.ended('stopped');
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { error: 'Aborted', redrivable: true },
  });
});

it('starts a delivery once, even if the report gets there again', async ({ stack }) => {
  const completed = await stack.ask(request('delivered'));
  const arn = completed.eventDetail.reportExecutionArn;
  const { input } = await stack.clients.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
  // A redrive can get to "Start delivery" with another start time, and hence another file.
  const again = { ...JSON.parse(input!), jobId: 'delivered' };
  const started = await stack.clients.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: stack.machineArn('transcript-metadata'),
      name: 'delivered-again',
      input: JSON.stringify(again),
    }),
  );
  await expect
    .poll(async () => (await stack.clients.sfn.send(new DescribeExecutionCommand(started as never))).status)
    .toBe('SUCCEEDED');
  expect(await stack.mailsOf('delivered', 1)).toHaveLength(1);
});
