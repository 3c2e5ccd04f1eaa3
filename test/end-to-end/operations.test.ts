// `npm run ops` on the whole service, and docs/operations.md, followed to the letter through what breaks.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import {
  DescribeStateMachineCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, onTestFinished, vi } from 'vitest';
import { clientConfiguration } from '../../local/aws/clients.ts';
import { caseIds, caseSchema, connectAsAdmin, emails } from '../../local/database/seed.ts';
import { claims, recorded, run as verifyAws } from '../../ops/verify-aws.ts';
import { begin, lockTranscripts } from '../support/cancels.ts';
import { acrossCases, request } from '../support/messages.ts';
import { ops } from '../support/ops.ts';
import { it, type TestStack } from '../support/stack.ts';

// biome-ignore lint/suspicious/noExplicitAny: each command has JSON of its own.
type Json = any;

const reportType = 'transcript_metadata';

/** Asks for reports while the database is down, and waits for their failures. */
async function failWithoutDatabase(stack: TestStack, ...jobIds: string[]) {
  const restore = await stack.outage('database');
  await Promise.all(jobIds.map((jobId) => stack.ask(request(jobId))));
  await restore();
}

const statusOf = async (stack: TestStack, name: string, machine = 'transcript-metadata') =>
  (await stack.describeExecution(machine, name))?.status;

it('lists what is running and what waits for it', async ({ stack }) => {
  const unlock = await lockTranscripts(stack);
  await begin(stack, 'busy');
  const { json } = await ops(stack, 'list', 'running', '--json');
  expect(json.executions).toContainEqual(expect.objectContaining({ jobId: 'busy', doing: 'Export rows' }));
  expect((await ops(stack, 'list', 'waiting')).text).toContain('0 requests in the intake queue');
  await unlock();
  await stack.ended('busy');
});

it('only says what it would redrive, until it is told to do it', async ({ stack }) => {
  await failWithoutDatabase(stack, 'dry');
  const dry = await ops(stack, 'redrive', reportType, 'dry');
  expect(dry).toMatchObject({ code: 0, text: expect.stringContaining('Nothing was changed. Add --yes') });
  expect(await statusOf(stack, 'dry')).toBe('FAILED');
  await stack.nextEvent(
    async () => expect(await ops(stack, 'redrive', reportType, 'dry', '--yes')).toMatchObject({ code: 0 }),
    ({ jobId, eventType }) => jobId === 'dry' && eventType === 'REPORT_COMPLETED',
  );
  expect((await stack.describeExecution('transcript-metadata', 'dry'))!.redriveCount).toBe(1);
});

it('redrives in bulk what failed for a reason that has passed, and nothing else', async ({ stack }) => {
  await failWithoutDatabase(stack, 'bulk-1', 'bulk-2');
  await stack.ask(request('bulk-never', { parameters: { colour: 'red' } }));
  const unlock = await lockTranscripts(stack);
  await begin(stack, 'bulk-cancelled');
  await ops(stack, 'cancel', reportType, 'bulk-cancelled', '--yes');
  await stack.ended('bulk-cancelled');
  await begin(stack, 'bulk-stopped');
  const executionArn = stack.executionArn('transcript-metadata', 'bulk-stopped');
  await stack.clients.sfn.send(new StopExecutionCommand({ executionArn }));
  await stack.ended('bulk-stopped');
  await unlock();
  const { code, json, said } = await ops(
    stack,
    'redrive',
    '--report',
    reportType,
    '--yes',
    '--rate',
    '100',
    '--json',
  );
  const outcomes = Object.fromEntries(
    json.executions
      .filter(({ jobId }: Json) => jobId.startsWith('bulk-'))
      .map((each: Json) => [each.jobId, `${each.outcome} ${each.note ?? ''}`.trim()]),
  );
  expect(code).toBe(0);
  expect(outcomes).toEqual({
    'bulk-1': 'redriven',
    'bulk-2': 'redriven',
    'bulk-never': 'left InvalidRequest is permanent; redrive it by its name',
    'bulk-cancelled': 'left it was cancelled',
    'bulk-stopped': 'left somebody stopped it; redrive it by its name',
  });
  expect(said).toMatch(/^\d+ of \d+: transcript_metadata bulk-/m);
  await vi.waitFor(async () => {
    expect(await statusOf(stack, 'bulk-1')).toBe('SUCCEEDED');
    expect(await statusOf(stack, 'bulk-2')).toBe('SUCCEEDED');
  }, 20_000);
  expect(await statusOf(stack, 'bulk-cancelled')).toBe('ABORTED');
});

it('chooses by error and by time', async ({ stack }) => {
  await failWithoutDatabase(stack, 'chosen');
  const before = new Date(Date.now() + 3_600_000).toISOString();
  const jobs = async (...args: string[]) =>
    (await ops(stack, 'list', 'failed', '--json', ...args)).json.map((each: Json) => each.jobId);
  expect(await jobs('--error', 'DatabaseUnavailable')).toContain('chosen');
  expect(await jobs('--error', 'InvalidRequest')).not.toContain('chosen');
  expect(await jobs('--report', 'page_count')).not.toContain('chosen');
  expect(await jobs('--since', '1h')).toContain('chosen');
  expect(await jobs('--since', before)).toEqual([]);
  expect((await ops(stack, 'redrive', '--since', before, '--yes')).code).toBe(3);
});

it('refuses to redrive a cancelled report, and insists on a permanent error only by name and by force', async ({
  stack,
}) => {
  await stack.ask(request('forced', { parameters: { colour: 'red' } }));
  const refused = await ops(stack, 'redrive', reportType, 'forced', '--yes');
  expect(refused).toMatchObject({ code: 4, text: expect.stringContaining('InvalidRequest is permanent') });
  const again = await stack.nextEvent(
    async () => expect((await ops(stack, 'redrive', reportType, 'forced', '--force', '--yes')).code).toBe(0),
    ({ jobId, eventType }) => jobId === 'forced' && eventType === 'REPORT_FAILED',
  );
  expect(again.eventDetail.redriveCount).toBe(1);
  const unlock = await lockTranscripts(stack);
  await begin(stack, 'is-cancelled');
  await ops(stack, 'cancel', reportType, 'is-cancelled', '--yes');
  expect(await stack.ended('is-cancelled')).toMatchObject({
    eventType: 'REPORT_CANCELLED',
    eventDetail: { cause: expect.stringContaining('Cancelled by support@') },
  });
  await unlock();
  const cancelled = await ops(stack, 'redrive', reportType, 'is-cancelled', '--force', '--yes');
  expect(cancelled).toMatchObject({ code: 4, text: expect.stringContaining('it was cancelled') });
});

it('tells the story of a report that failed, was redriven and delivered', async ({ stack }) => {
  await failWithoutDatabase(stack, 'story');
  await stack.mailsOf('story', 1);
  await stack.redrive('transcript-metadata', 'story');
  await vi.waitFor(async () =>
    expect(await statusOf(stack, `${reportType}-story`, 'deliver-report')).toBe('SUCCEEDED'),
  );
  const { json, text } = await ops(stack, 'show', reportType, 'story', '--json');
  const lines: string[] = json.timeline.map(({ where, what }: Json) => `${where}: ${what}`);
  const story = [
    /^report: transcript-metadata started: story$/,
    /^report: Announce start: event REPORT_STARTED$/,
    /^report: Load context: DatabaseUnavailable/,
    /^report: Load context: DatabaseUnavailable, attempt 4/,
    /^report: FAILED DatabaseUnavailable/,
    /^announcement: Announce failure: event REPORT_FAILED$/,
    /^announcement: Mail requester: mail to .* sent$/,
    /^report: redriven, once so far$/,
    /^report: Load context: done in/,
    /^report: Start delivery: started .*deliver-report transcript_metadata-story$/,
    /^report: succeeded$/,
    /^delivery: Mail recipient: mail to .* sent$/,
    /^delivery: Announce completion: event REPORT_COMPLETED$/,
  ];
  const places = story.map((line) => lines.findIndex((each) => line.test(each)));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(json.conclusion).toEqual(['The report is delivered.']);
  expect(text).not.toContain('parameters');
});

it('shows the Map Run of a report across cases, with the error of the case that failed', async ({
  stack,
}) => {
  await stack.failOnOneCase(acrossCases('many'), caseIds.northgate);
  const { text } = await ops(stack, 'show', 'user_activity', 'many');
  expect(text).toMatch(/Map Run FAILED: .*1 failed/);
  expect(text).toMatch(/child failed with (DatabaseUnavailable|ConnectionLost)/);
  expect(text).toContain('npm run ops -- redrive user_activity many');
});

it('starts a report anew under a name of its own, which Rails can trace back', async ({ stack }) => {
  await failWithoutDatabase(stack, 'anew');
  expect((await ops(stack, 'restart', reportType, 'anew')).code).toBe(0);
  expect(await statusOf(stack, 'anew-r2')).toBeUndefined();
  const { json } = await ops(stack, 'restart', reportType, 'anew', '--yes', '--json');
  expect(json).toMatchObject({ jobId: 'anew-r2', originalJobId: 'anew' });
  const completed = await stack.ended('anew-r2');
  expect(completed).toMatchObject({
    eventType: 'REPORT_COMPLETED',
    eventDetail: { originalJobId: 'anew' },
  });
  expect((await ops(stack, 'restart', reportType, 'anew-r2')).code).toBe(4);
  const { json: failed } = await ops(stack, 'list', '--json');
  expect(failed.find((each: Json) => each.jobId === 'anew')).toMatchObject({
    redrive: false,
    why: 'its job was started anew as anew-r2',
  });
  expect((await ops(stack, 'show', reportType, 'anew')).text).toContain('It was started anew as anew-r2.');
});

it('says nothing of a schedule when a report that was started anew can never work', async ({ stack }) => {
  await stack.ask(request('hopeless', { parameters: { colour: 'red' } }));
  expect((await ops(stack, 'restart', reportType, 'hopeless', '--yes')).code).toBe(4);
  await ops(stack, 'restart', reportType, 'hopeless', '--force', '--yes');
  const { eventDetail } = await stack.ended('hopeless-r2');
  expect(eventDetail).toMatchObject({ error: 'InvalidRequest', originalJobId: 'hopeless' });
  expect(eventDetail.cause).not.toContain('schedule');
});

it('mails a report again to one of its recipients', async ({ stack }) => {
  const recipients = [emails.paralegal, emails.attorney];
  await stack.ask(request('again', { delivery: { mode: 'link', recipients } }));
  await stack.mailsOf('again', 2);
  const completed = await stack.nextEvent(
    async () =>
      expect(
        (await ops(stack, 'redeliver', reportType, 'again', '--to', emails.attorney, '--yes')).code,
      ).toBe(0),
    ({ jobId, eventType }) => jobId === 'again' && eventType === 'REPORT_COMPLETED',
  );
  expect(completed.eventDetail.delivery.recipients).toMatchObject([
    { email: emails.attorney, outcome: 'link' },
  ]);
  expect(await stack.mailsOf('again', 3)).toHaveLength(3);
  expect((await ops(stack, 'redeliver', reportType, 'again', '--to', 'else@where.example')).code).toBe(3);
  expect((await ops(stack, 'show', reportType, 'again')).text).toContain('delivery again');
});

it('lists, replays and drops dead letters', async ({ stack }) => {
  await stack.send('schedule-dead-letters', { ...request('late'), scheduleId: undefined });
  await stack.send('schedule-dead-letters', 'no JSON');
  const { json } = await ops(stack, 'dlq', 'list', '--json');
  expect(json.depths['schedule-dead-letters']).toBe(2);
  const late = json.messages.find((each: Json) => each.jobId === 'late');
  expect(late).toMatchObject({ reportType: reportType, eventType: 'REPORT_REQUESTED' });
  await ops(stack, 'dlq', 'replay', 'schedule-dead-letters', late.messageId);
  expect(await stack.messagesIn('schedule-dead-letters')).toBe(2);
  const replayed = await ops(stack, 'dlq', 'replay', 'schedule-dead-letters', late.messageId, '--yes');
  expect(replayed.code).toBe(0);
  expect(await stack.ended('late')).toMatchObject({ eventType: 'REPORT_COMPLETED' });
  const dropped = await ops(stack, 'dlq', 'drop', 'schedule-dead-letters', '--all', '--yes', '--json');
  expect(dropped.json.messages).toMatchObject([{ outcome: 'dropped', body: 'no JSON' }]);
  expect(await stack.messagesIn('schedule-dead-letters')).toBe(0);
  expect((await ops(stack, 'dlq', 'drop', 'schedule-dead-letters', '--all')).code).toBe(3);
  expect((await ops(stack, 'dlq', 'replay', 'intake-unreadable', '--all')).code).toBe(4);
});

it('pauses and resumes a schedule, and makes up for an occurrence once', async ({ stack }) => {
  const schedule = { expression: 'cron(0 6 ? * MON *)', timeZone: 'America/Chicago' };
  await stack.nextEvent(
    () => stack.rails.publish(request('weekly', { schedule })),
    ({ jobId }) => jobId === 'weekly',
  );
  const stateOf = async () => (await ops(stack, 'schedules', 'list', '--json')).json[0].state;
  expect(await stateOf()).toBe('ENABLED');
  await ops(stack, 'schedules', 'pause', reportType, 'weekly', '--yes');
  expect(await stateOf()).toBe('DISABLED');
  expect((await ops(stack, 'schedules', 'pause', reportType, 'weekly', '--yes')).code).toBe(4);
  await ops(stack, 'schedules', 'resume', reportType, 'weekly', '--yes');
  expect((await ops(stack, 'schedules', 'list')).text).toContain('cron(0 6 ? * MON *)  America/Chicago');
  await ops(stack, 'schedules', 'run-slot', reportType, 'weekly', '2026-11-23T12:00Z', '--yes');
  const completed = await stack.ended('weekly-20261123T1200Z');
  expect(completed.eventDetail.originalJobId).toBe('weekly');
  const again = await ops(stack, 'schedules', 'run-slot', reportType, 'weekly', '2026-11-23T12:00Z', '--yes');
  expect(again).toMatchObject({ code: 4, said: expect.stringContaining('has been started already') });
  expect((await ops(stack, 'show', reportType, 'weekly')).text).toMatch(/schedule .*REPORT_SCHEDULE_CHANGED/);
});

it('asks for the type of a jobId that two reports have', async ({ stack }) => {
  const restore = await stack.outage('database');
  await Promise.all([
    stack.ask(request('twins')),
    stack.nextEvent(
      () => stack.rails.publish(request('twins', { reportType: 'page_count' })),
      (event) => event.eventType === 'REPORT_FAILED' && event.eventDetail.reportType === 'page_count',
    ),
  ]);
  await restore();
  expect(await ops(stack, 'redrive', 'twins')).toMatchObject({
    code: 2,
    said: expect.stringMatching('transcript_metadata, page_count'),
  });
  expect((await ops(stack, 'redrive', 'page_count', 'twins')).code).toBe(0);
});

it('works as a command, with the variables of the AWS CLI', async ({ stack }) => {
  const { credentials, endpoint } = stack;
  const env = {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const command = (...args: string[]) =>
    promisify(execFile)('node_modules/.bin/node', ['ops/main.ts', ...args], { env });
  const found = await command('list', 'running', '--environment', 'development', '--json');
  expect(JSON.parse(found.stdout).executions).toBeInstanceOf(Array);
  await expect(command('list', '--environment', 'production')).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining('no machines reports-production-'),
  });
});

/** Waits until no other job can meet the fault that is meant for one. */
const nobodyMails = (stack: TestStack) =>
  vi.waitFor(
    async () => {
      const { json } = await ops(stack, 'list', 'running', '--json');
      const announcements = await stack.executions('announce-failure');
      expect([json.executions, announcements.filter(({ status }) => status === 'RUNNING')]).toEqual([[], []]);
    },
    { timeout: 30_000, interval: 200 },
  );

describe('the runbook mends what is broken:', () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  /** Runs a command as the page has it, with these values for its placeholders. */
  function follow(stack: TestStack, line: string, values: Record<string, string> = {}) {
    expect(page).toContain(`npm run ops -- ${line}`);
    const filled = line.replaceAll(/<(\w+)>/g, (_, name) => values[name]!);
    return ops(stack, ...filled.split(' '));
  }

  const completed = (stack: TestStack, jobId: string) =>
    stack.rails.waitFor((event) => event.jobId === jobId && event.eventType === 'REPORT_COMPLETED');

  it('a machine had a bug, and a deployment fixed it', async ({ stack }) => {
    const jobId = 'bug';
    const { sfn } = stack.clients;
    const stateMachineArn = stack.machineArn('transcript-metadata');
    const { definition } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const deploy = (text: string) =>
      sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: text }));
    onTestFinished(async () => void (await deploy(definition!)));
    await deploy(definition!.replaceAll('$exported.file %}', '$exported.fiel %}'));
    expect(await stack.ask(request(jobId))).toMatchObject({
      eventDetail: { error: 'States.QueryEvaluationError', redrivable: true },
    });
    await deploy(definition!);
    // The runbook says that this is in vain.
    expect(await stack.redrive('transcript-metadata', jobId)).toMatchObject({ eventType: 'REPORT_FAILED' });
    await follow(stack, 'restart <reportType> <jobId> --yes', { reportType, jobId });
    expect((await completed(stack, `${jobId}-r2`)).eventDetail.originalJobId).toBe(jobId);
  });

  it('the database was down', async ({ stack }) => {
    const restore = await stack.outage('database');
    await Promise.all([stack.ask(request('down-1')), stack.ask(request('down-2'))]);
    await restore();
    expect((await follow(stack, 'list redrivable')).text).toMatch(/ down-1 .* yes /);
    const dry = await follow(stack, 'redrive --since 2h --error DatabaseUnavailable');
    expect(dry.text).toMatch(/^to redrive .* down-1 /m);
    await follow(stack, 'redrive --since 2h --error DatabaseUnavailable --yes');
    await Promise.all([completed(stack, 'down-1'), completed(stack, 'down-2')]);
    // That of the failure, and that with the file.
    await Promise.all([stack.mailsOf('down-1', 2), stack.mailsOf('down-2', 2)]);
    expect((await follow(stack, 'list redrivable')).text).not.toContain('down-');
  });

  it('a mail was refused', async ({ stack }) => {
    await nobodyMails(stack);
    stack.fault({ kind: 'refuse', operation: 'SendEmail', error: { status: 500, code: 'InternalFailure' } });
    const jobId = 'refused';
    await stack.ask(request(jobId, { delivery: { mode: 'link' } }));
    expect((await follow(stack, 'list --machine deliver-report')).text).toContain(jobId);
    const { text } = await follow(stack, 'show <reportType> <jobId>', { reportType, jobId });
    expect(text).toContain('The mail may have been sent: look for it before you redrive.');
    expect((await stack.mails()).filter((mail) => mail.text?.includes(`${jobId}/download`))).toEqual([]);
    await follow(stack, 'redrive <reportType> <jobId> --yes', { reportType, jobId });
    await completed(stack, jobId);
    expect((await stack.mails()).filter((mail) => mail.text?.includes(`${jobId}/download`))).toHaveLength(1);
  });

  it('a queue holds a message that nothing can process', async ({ stack }) => {
    const stop = stack.loseEvents((event) => JSON.stringify(event).includes('unheard'));
    onTestFinished(stop);
    await stack.rails.publish(request('unheard', { parameters: { colour: 'red' } }));
    await vi.waitFor(
      async () =>
        expect((await stack.describeExecution('transcript-metadata', 'unheard'))?.status).toBe('FAILED'),
      20_000,
    );
    const executionArn = stack.executionArn('transcript-metadata', 'unheard');
    const send = (MessageBody: string, target: string) =>
      stack.clients.sqs.send(
        new SendMessageCommand({
          QueueUrl: stack.queues['reports-development-failure-dead-letters'],
          MessageBody,
          MessageAttributes: { TARGET_ARN: { DataType: 'String', StringValue: target } },
        }),
      );
    await send(
      JSON.stringify({ detail: { executionArn, redriveCount: 0 } }),
      stack.machineArn('start-announcement'),
    );
    await send('poison', stack.machineArn('start-announcement'));
    expect((await follow(stack, 'dlq list')).text).toMatch(/failure-dead-letters +2/);
    const replayed = await follow(stack, 'dlq replay failure-dead-letters --all --yes');
    expect([replayed.code, replayed.text]).toEqual([1, expect.stringMatching(/^replayed /m)]);
    expect(await stack.ended('unheard')).toMatchObject({ eventType: 'REPORT_FAILED' });
    const messageId = /^failed +(\S+)/m.exec(replayed.text)![1]!;
    const dropped = await follow(stack, 'dlq drop failure-dead-letters <messageId> --yes', { messageId });
    expect(dropped).toMatchObject({ code: 0, text: expect.stringContaining('poison') });
    expect(await stack.messagesIn('failure-dead-letters')).toBe(0);
  });

  it('the schema of a case differs', async ({ stack }) => {
    const jobId = 'drifted';
    const admin = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
    onTestFinished(() => admin.end());
    await admin.query('RENAME TABLE deposition_volumes TO volumes_elsewhere');
    const failed = await stack.ask(request(jobId));
    await admin.query('RENAME TABLE volumes_elsewhere TO deposition_volumes');
    expect(failed.eventDetail).toMatchObject({ error: 'QueryFailed', redrivable: true });
    const { text } = await follow(stack, 'show <reportType> <jobId>', { reportType, jobId });
    expect(text).toMatch(/QueryFailed.*ER_NO_SUCH_TABLE/);
    await follow(stack, 'redrive <reportType> <jobId> --yes', { reportType, jobId });
    await completed(stack, jobId);
  });

  it('an event was lost', async ({ stack }) => {
    const jobId = 'lost';
    const stop = stack.loseEvents((event) => JSON.stringify(event).includes(jobId));
    onTestFinished(stop);
    const restore = await stack.outage('database');
    await stack.rails.publish(request(jobId));
    await vi.waitFor(
      async () =>
        expect((await stack.describeExecution('transcript-metadata', jobId))?.status).toBe('FAILED'),
      20_000,
    );
    await restore();
    const { text } = await follow(stack, 'show <reportType> <jobId>', { reportType, jobId });
    expect(text).toContain('FAILED DatabaseUnavailable');
    expect(text).not.toContain('announcement');
    await follow(stack, 'redrive <reportType> <jobId> --yes', { reportType, jobId });
    await completed(stack, jobId);
  });
});

describe('npm run verify:aws', () => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'verified.md');

  /** Runs it on the stack, and gives its exit code and the claims by their answers. */
  async function verify(stack: TestStack) {
    const client = clientConfiguration(stack.endpoint, stack.credentials);
    const place = ['--environment', 'development', '--region', 'us-east-1', '--file', file];
    const asked = ['--request', 'contract/samples/requests/transcript-metadata-in-app.json'];
    const code = await verifyAws([...place, ...asked], client, () => {});
    const [, ...rows] = readFileSync(file, 'utf8').matchAll(/^\| (.*) \| (.*) \| (.*) \|$/gm);
    return {
      code,
      rows: rows.map(([, claim, answer, date]) => ({ claim: claim!, answer: answer!, date: date! })),
    };
  }

  it('tries every claim that a command can try, and keeps what was recorded by hand', async ({ stack }) => {
    await stack.ask(request('verify-failed', { reportType: 'page_count', parameters: { colour: 'red' } }));
    const [byHand] = claims().filter(({ claim }) => /lifecycle/i.test(claim));
    const answer = { claim: byHand!.claim, answer: 'holds, says Priya', date: '2026-12-01' };
    writeFileSync(file, recorded('', [answer]));
    const { code, rows } = await verify(stack);
    const tried = rows.filter(({ answer }) => answer !== 'to be checked by hand');
    expect(tried).toContainEqual(answer);
    expect(tried.filter(({ answer }) => answer === 'holds in development, us-east-1')).toHaveLength(11);
    expect(tried).toHaveLength(12);
    expect(code).toBe(0);
    const { Schedules } = await stack.clients.scheduler.send(new ListSchedulesCommand({}));
    expect(Schedules!.filter(({ Name }) => Name!.includes('verify'))).toEqual([]);
  });

  it('says what does not hold', async ({ stack }) => {
    const restore = await stack.outage('scheduler');
    const { code, rows } = await verify(stack);
    await restore();
    const failed = rows.filter(({ answer }) =>
      answer.startsWith('does not hold in development, us-east-1: '),
    );
    expect(failed.map(({ claim }) => claim)).toContainEqual(expect.stringMatching(/^`null` for `StartDate`/));
    expect([failed.length, code]).toEqual([3, 1]);
  });
});
