import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, vi } from 'vitest';
import { caseIds, emails } from '../../local/database/seed.ts';
import { run } from '../../ops/main.ts';
import { begin, lockTranscripts } from '../support/cancels.ts';
import { acrossCases, request } from '../support/messages.ts';
import { ops } from '../support/ops.ts';
import { it, type TestStack } from '../support/stack.ts';

// biome-ignore lint/suspicious/noExplicitAny: each command has JSON of its own.
type Json = any;

const type = 'transcript_metadata';

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
  expect(json.executions).toMatchObject([{ jobId: 'busy', doing: 'Export rows' }]);
  expect((await ops(stack, 'list', 'waiting')).text).toContain('0 requests in the intake queue');
  await unlock();
  await stack.ended('busy');
});

it('only says what it would redrive, until it is told to do it', async ({ stack }) => {
  await failWithoutDatabase(stack, 'dry');
  const dry = await ops(stack, 'redrive', type, 'dry');
  expect(dry).toMatchObject({ code: 0, text: expect.stringContaining('Nothing was changed. Add --yes') });
  expect(await statusOf(stack, 'dry')).toBe('FAILED');
  await stack.nextEvent(
    async () => expect(await ops(stack, 'redrive', type, 'dry', '--yes')).toMatchObject({ code: 0 }),
    ({ jobId, eventType }) => jobId === 'dry' && eventType === 'REPORT_COMPLETED',
  );
  expect((await stack.describeExecution('transcript-metadata', 'dry'))!.redriveCount).toBe(1);
});

it('redrives in bulk what failed for a reason that has passed, and nothing else', async ({ stack }) => {
  await failWithoutDatabase(stack, 'bulk-1', 'bulk-2');
  await stack.ask(request('bulk-never', { parameters: { colour: 'red' } }));
  const unlock = await lockTranscripts(stack);
  await begin(stack, 'bulk-cancelled');
  await ops(stack, 'cancel', type, 'bulk-cancelled', '--yes');
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
    type,
    '--yes',
    '--rate',
    '100',
    '--json',
  );
  const outcomes = Object.fromEntries(
    json.executions.map((each: Json) => [each.jobId, `${each.outcome} ${each.note ?? ''}`.trim()]),
  );
  expect(code).toBe(0);
  expect(outcomes).toEqual({
    'bulk-1': 'redriven',
    'bulk-2': 'redriven',
    'bulk-never': 'left InvalidRequest is permanent; redrive it by its name',
    'bulk-cancelled': 'left it was cancelled',
    'bulk-stopped': 'left somebody stopped it; redrive it by its name',
  });
  expect(said).toContain('2 of 2');
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
  const refused = await ops(stack, 'redrive', type, 'forced', '--yes');
  expect(refused).toMatchObject({ code: 4, text: expect.stringContaining('InvalidRequest is permanent') });
  const again = await stack.nextEvent(
    async () => expect((await ops(stack, 'redrive', type, 'forced', '--force', '--yes')).code).toBe(0),
    ({ jobId, eventType }) => jobId === 'forced' && eventType === 'REPORT_FAILED',
  );
  expect(again.eventDetail.redriveCount).toBe(1);
  const unlock = await lockTranscripts(stack);
  await begin(stack, 'is-cancelled');
  await ops(stack, 'cancel', type, 'is-cancelled', '--yes');
  expect(await stack.ended('is-cancelled')).toMatchObject({
    eventType: 'REPORT_CANCELLED',
    eventDetail: { cause: expect.stringContaining('Cancelled by support@') },
  });
  await unlock();
  const cancelled = await ops(stack, 'redrive', type, 'is-cancelled', '--force', '--yes');
  expect(cancelled).toMatchObject({ code: 4, text: expect.stringContaining('it was cancelled') });
});

it('tells the story of a report that failed, was redriven and delivered', async ({ stack }) => {
  await failWithoutDatabase(stack, 'story');
  await stack.mailsOf('story', 1);
  await stack.redrive('transcript-metadata', 'story');
  await vi.waitFor(async () =>
    expect(await statusOf(stack, `${type}-story`, 'deliver-report')).toBe('SUCCEEDED'),
  );
  const { json, text } = await ops(stack, 'show', type, 'story', '--json');
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
  expect((await ops(stack, 'restart', type, 'anew')).code).toBe(0);
  expect(await statusOf(stack, 'anew-r2')).toBeUndefined();
  const { json } = await ops(stack, 'restart', type, 'anew', '--yes', '--json');
  expect(json).toMatchObject({ jobId: 'anew-r2', originalJobId: 'anew' });
  const completed = await stack.ended('anew-r2');
  expect(completed).toMatchObject({
    eventType: 'REPORT_COMPLETED',
    eventDetail: { originalJobId: 'anew' },
  });
  expect((await ops(stack, 'restart', type, 'anew-r2')).code).toBe(4);
  const { json: failed } = await ops(stack, 'list', '--json');
  expect(failed.find((each: Json) => each.jobId === 'anew')).toMatchObject({
    redrive: false,
    why: 'its job was started anew as anew-r2',
  });
  expect((await ops(stack, 'show', type, 'anew')).text).toContain('It was started anew as anew-r2.');
});

it('says nothing of a schedule when a report that was started anew can never work', async ({ stack }) => {
  await stack.ask(request('hopeless', { parameters: { colour: 'red' } }));
  expect((await ops(stack, 'restart', type, 'hopeless', '--yes')).code).toBe(4);
  await ops(stack, 'restart', type, 'hopeless', '--force', '--yes');
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
      expect((await ops(stack, 'redeliver', type, 'again', '--to', emails.attorney, '--yes')).code).toBe(0),
    ({ jobId, eventType }) => jobId === 'again' && eventType === 'REPORT_COMPLETED',
  );
  expect(completed.eventDetail.delivery.recipients).toMatchObject([
    { email: emails.attorney, outcome: 'link' },
  ]);
  expect(await stack.mailsOf('again', 3)).toHaveLength(3);
  expect((await ops(stack, 'redeliver', type, 'again', '--to', 'else@where.example')).code).toBe(3);
  expect((await ops(stack, 'show', type, 'again')).text).toContain('delivery again');
});

it('lists, replays and drops dead letters', async ({ stack }) => {
  await stack.send('schedule-dead-letters', { ...request('late'), scheduleId: undefined });
  await stack.send('schedule-dead-letters', 'no JSON');
  const { json } = await ops(stack, 'dlq', 'list', '--json');
  expect(json.depths['schedule-dead-letters']).toBe(2);
  const late = json.messages.find((each: Json) => each.jobId === 'late');
  expect(late).toMatchObject({ reportType: type, eventType: 'REPORT_REQUESTED' });
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
  await ops(stack, 'schedules', 'pause', type, 'weekly', '--yes');
  expect(await stateOf()).toBe('DISABLED');
  expect((await ops(stack, 'schedules', 'pause', type, 'weekly', '--yes')).code).toBe(4);
  await ops(stack, 'schedules', 'resume', type, 'weekly', '--yes');
  expect((await ops(stack, 'schedules', 'list')).text).toContain('cron(0 6 ? * MON *)  America/Chicago');
  await ops(stack, 'schedules', 'run-slot', type, 'weekly', '2026-11-23T12:00Z', '--yes');
  const completed = await stack.ended('weekly-20261123T1200Z');
  expect(completed.eventDetail.originalJobId).toBe('weekly');
  const again = await ops(stack, 'schedules', 'run-slot', type, 'weekly', '2026-11-23T12:00Z', '--yes');
  expect(again).toMatchObject({ code: 4, said: expect.stringContaining('has been started already') });
  expect((await ops(stack, 'show', type, 'weekly')).text).toMatch(/schedule .*REPORT_SCHEDULE_CHANGED/);
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
  expect(JSON.parse(found.stdout)).toEqual({ executions: [] });
  await expect(command('list', '--environment', 'production')).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining('no machines reports-production-'),
  });
});

it.for([
  [['list']],
  [['list', 'everything', '--environment', 'development']],
  [['show', 'no_report', 'job', '--environment', 'development']],
  [['show', type, '--environment', 'development']],
  [['redrive', '--environment', 'development']],
  [['redrive', 'job', '--all', '--environment', 'development']],
  [['redrive', '--since', 'yesterday', '--environment', 'development']],
  [['redrive', '--machine', 'coffee', '--environment', 'development']],
  [['redrive', '--all', '--rate', '0', '--environment', 'development']],
  [['dlq', 'drop', 'intake', '--all', '--environment', 'development']],
  [['dlq', 'drop', 'schedule-dead-letters', '--environment', 'development']],
  [['schedules', 'pause', type, '--environment', 'development']],
  [['list', '--environment', 'moon']],
  [['list', '--colour', 'red']],
] as const)('refuses the wrong usage %j before it calls anything', async ([args]) => {
  const client = { endpoint: 'http://127.0.0.1:1', region: 'us-east-1' };
  const said: string[] = [];
  const code = await run([...args], { env: {}, client, out: () => {}, err: (text) => said.push(text) });
  expect([code, said.join('')]).toEqual([2, expect.stringMatching(/\w/)]);
});
