// Ways through the machines that the whole service takes only by a rare coincidence: whole executions, with mocked answers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateStateMachineCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { config } from '../../cdk/config.ts';
import type { Machine } from '../../cdk/machines.ts';
import { finishedDefinition } from '../../cdk/write-definitions.ts';
import { roleArn, startHarness, startService } from '../local/step-functions/harness.ts';
import { visited } from '../support/visits.ts';

/** What a state is answered, one attempt after the other. */
type Answers = Record<string, ({ Return: unknown } | { Throw: { Error: string; Cause: string } })[]>;

const folder = mkdtempSync(join(tmpdir(), 'paths-'));
const mockConfig = join(folder, 'MockConfigFile.json');
let harness: Awaited<ReturnType<typeof startHarness>>;
let s3: Awaited<ReturnType<typeof startService>>;
beforeAll(async () => {
  // The list of cases, for the Map of user-activity.
  s3 = await startService(() => ({ body: '{"caseId":1001}\n' }));
  harness = await startHarness({
    mockConfig,
    clients: () => ({ endpoint: s3.endpoint, forcePathStyle: true }),
    onVisit: (name, place) => visited(name as Machine, place),
  });
});
afterAll(async () => {
  await harness.close();
  await s3[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Runs a machine with these answers of the services that it calls. */
async function run(machine: Machine, input: unknown, answers: Answers) {
  const definition = finishedDefinition(machine, config('development', 'us-east-1'));
  const { stateMachineArn } = await harness.client.send(
    new CreateStateMachineCommand({ name: machine, definition, roleArn }),
  );
  const responses = Object.entries(answers).map(([state, all]) => [state, { ...all }]);
  const TestCases = { Case: Object.fromEntries(responses.map(([state]) => [state, state])) };
  const MockedResponses = Object.fromEntries(responses);
  writeFileSync(mockConfig, JSON.stringify({ StateMachines: { [machine]: { TestCases } }, MockedResponses }));
  const { events, status, error } = await harness.execute(`${stateMachineArn}#Case`, input);
  const states = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  const calls = events.flatMap(({ taskScheduledEventDetails }) =>
    taskScheduledEventDetails ? [JSON.parse(taskScheduledEventDetails.parameters!)] : [],
  );
  return { status, error, states, last: calls.at(-1) };
}

const returns = (value: unknown) => ({ Return: value });
const throws = (error: string) => ({ Throw: { Error: error, Cause: 'As it happens' } });
const alreadyExists = throws('StepFunctions.ExecutionAlreadyExistsException');
const published = returns({ MessageId: 'm' });
const started = returns({ ExecutionArn: 'arn:e', StartDate: '2026-11-23T17:04:05Z' });
const request = (reportType: string, more: object = {}) => ({
  jobId: 'rpt-1',
  caseId: 1001,
  eventDetail: { reportType, requestedBy: { userId: 2, email: 'priya.raman@harlowpike.example' }, ...more },
});

describe('A report', () => {
  const payload = (Payload: unknown) => returns({ Payload });
  const context = (reportType: string) => ({
    report: { reportType, parameters: { dryRun: true }, parametersKey: 'k', parametersSha256: 's' },
    delivery: { expiresInDays: 7 },
    account: {},
    case: { caseId: 1001 },
    requester: {},
  });
  const file = { bucket: 'b', key: 'folder/name.csv', name: 'name.csv' };
  const made = payload({ file, expires: null, table: null, cancelled: null, cases: [] });
  const found = payload({ file, expires: null, table: null, found: { hits: 0 }, truncated: false });
  const search = { dataPrefix: 'd', manifestKey: 'm' };
  const list = { bucket: 'b', key: 'cases.jsonl', count: 1, query: {} };

  it.each<[Machine, string, Answers]>([
    ['custom-report', 'custom', { 'Export rows': [made] }],
    [
      'deposition-search-pdf',
      'deposition_search_pdf',
      { 'Search testimony': [returns(search)], 'Export testimony': [found] },
    ],
    ['search-hit', 'search_hit', { 'Search terms': [returns(search)], 'Export hits': [made] }],
    [
      'coding-overlay',
      'coding_overlay',
      { 'Check load file': [payload({ refusal: null, stopped: 'dry_run' })], 'Write results': [made] },
    ],
    [
      'user-activity',
      'user_activity',
      {
        'List cases': [payload(list)],
        'Export case': [payload({})],
        'Announce merge': [throws('SNS.NotFoundException')],
        'Merge parts': [made],
      },
    ],
  ])(
    'of %s survives events that cannot be published, and starts one delivery',
    async (machine, type, answers) => {
      const { status, states } = await run(machine, request(type), {
        'Announce start': [throws('SNS.NotFoundException')],
        'Load context': [payload({ refusal: null, context: context(type) })],
        ...answers,
        'Write manifest': [returns({})],
        'Start delivery': [alreadyExists],
      });
      expect(status).toBe('SUCCEEDED');
      expect(states.at(-1)).toBe('Delivery already started');
    },
  );

  const withContext = [
    ['custom-report', 'custom'],
    ['user-activity', 'user_activity'],
    ['deposition-search-pdf', 'deposition_search_pdf'],
  ] as const;

  it.each(withContext)('of %s is rejected for what load-context finds', async (machine, type) => {
    const refusal = { error: 'AdministratorsOnly', cause: 'No administrator.' };
    const { status, error } = await run(machine, request(type), {
      'Announce start': [published],
      'Load context': [payload({ refusal, context: null })],
    });
    expect([status, error]).toEqual(['FAILED', 'AdministratorsOnly']);
  });

  it.each(withContext.slice(0, 2))(
    'of %s only says what it would deliver when it is a dry run',
    async (machine, type) => {
      const dryRun = { rows: null };
      const { states, last } = await run(machine, request(type, { dryRun: true }), {
        'Announce start': [published],
        'Load context': [payload({ refusal: null, context: { ...context(type), dryRun } })],
        'Announce dry run': [published],
      });
      expect(states.at(-1)).toBe('Announce dry run');
      expect(last.Message.eventDetail).toMatchObject({ dryRun: true, forecast: dryRun });
    },
  );
});

it('announce-failure leaves an execution that was redriven in the meantime', async () => {
  const execution = { executionArn: 'arn:e', redriveCount: 0, stage: 'report', error: 'QueryFailed' };
  const { states } = await run(
    'announce-failure',
    { execution, request: request('page_count') },
    { 'Look at execution': [returns({ RedriveCount: 1, Status: 'RUNNING' })] },
  );
  expect(states.at(-2)).toBe('Is it the end');
  expect(states.at(-1)).toBe('Finish');
});

describe('answer-dead-letter', () => {
  it('refuses a message that is nested too deeply', async () => {
    const { last } = await run(
      'answer-dead-letter',
      [{ messageId: 'm', body: '['.repeat(40) + ']'.repeat(40) }],
      {
        'Refuse message': [published],
      },
    );
    expect(last.Message.eventDetail).toMatchObject({ reason: 'too_deep' });
  });

  it('ends when another execution has announced the message', async () => {
    const { status, states } = await run('answer-dead-letter', [{ messageId: 'm', body: 'no JSON' }], {
      'Start announcement': [alreadyExists],
    });
    expect([status, states.at(-1)]).toEqual(['SUCCEEDED', 'Finish']);
  });
});

describe('A schedule', () => {
  const timestamp = '2026-11-23T17:04:05Z';
  const wanted = { expression: 'cron(99 6 ? * MON *)', timeZone: 'UTC' };
  const asked = { ...request('page_count', { schedule: wanted }), timestamp };
  const stored = (at: string) =>
    returns({
      Target: { Input: JSON.stringify({ ...asked, accountId: 7, timestamp: at }) },
      ScheduleExpression: 'rate(3 days)',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
    });

  it('is refused when Scheduler does not accept what should replace it', async () => {
    const { last } = await run('schedule-report', asked, {
      'Load context': [returns({ Payload: { refusal: null, context: { account: { accountId: 7 } } } })],
      'Read schedule': [stored('2026-11-22T00:00:00Z')],
      'Replace schedule': [throws('Scheduler.ValidationException')],
      'Answer request': [published],
    });
    expect(last.Message).toMatchObject({
      eventType: 'REPORT_REFUSED',
      eventDetail: { reason: 'invalid_schedule', message: 'As it happens' },
    });
  });

  it('was deleted if it is gone after a deletion whose answer was lost', async () => {
    const { last } = await run('unschedule-report', asked, {
      'Read schedule': [stored(timestamp), throws('Scheduler.ResourceNotFoundException')],
      'Delete schedule': [throws('Scheduler.SchedulerException')],
      'Answer request': [published],
    });
    expect(last.Message).toMatchObject({
      eventType: 'REPORT_SCHEDULE_CHANGED',
      eventDetail: { change: 'deleted' },
    });
  });
});

describe('start-announcement', () => {
  const machineArn = (machine: Machine) =>
    `arn:aws:states:us-east-1:123456789012:stateMachine:reports-development-${machine}`;
  const ended = { executions: [{ executionArn: 'arn:e', redriveCount: 1 }] };
  const described = (machine: Machine, more: object = {}) =>
    returns({
      ExecutionArn: 'arn:e',
      StateMachineArn: machineArn(machine),
      Status: 'FAILED',
      RedriveCount: 1,
      RedriveStatus: 'REDRIVABLE',
      StopDate: '2026-11-23T17:04:05Z',
      Input: JSON.stringify(request('page_count')),
      Error: 'QueryFailed',
      Cause: 'no column',
      ...more,
    });
  const outage = { Error: 'Sfn.SfnException', RedriveStatus: 'NOT_REDRIVABLE' };

  it('waits until the description knows of the failure', async () => {
    const { states } = await run('start-announcement', ended, {
      'Describe execution': [described('page-count', { Status: 'RUNNING' }), described('page-count')],
      'Start announcement': [started],
    });
    expect(states).toContain('Wait for description');
    expect(states.at(-1)).toBe('Start announcement');
  });

  it('redrives an execution that is too large to be described', async () => {
    const { states } = await run('start-announcement', ended, {
      'Describe execution': [throws('States.DataLimitExceeded')],
      'Redrive execution': [returns({ RedriveDate: '2026-11-23T17:04:05Z' })],
    });
    expect(states.slice(-2)).toEqual(['Redrive execution', 'Leave execution']);
  });

  it('leaves an execution that was redriven by somebody else', async () => {
    const { status, states } = await run('start-announcement', ended, {
      'Describe execution': [described('page-count', { Error: 'SNS.AmazonSNSException' })],
      'Redrive execution': [throws('Sfn.ExecutionNotRedrivableException')],
    });
    expect([status, states.at(-1)]).toEqual(['SUCCEEDED', 'Leave execution']);
  });

  it.each([
    ['starts a machine of the service again that can no longer be redriven', started, 'Start again'],
    ['does so once', alreadyExists, 'Leave execution'],
  ])('%s', async (_, answer, end) => {
    const { status, states, last } = await run('start-announcement', ended, {
      'Describe execution': [described('cancel-report', outage)],
      'Start again': [answer],
    });
    expect([status, states.at(-1)]).toEqual(['SUCCEEDED', end]);
    expect(last.StateMachineArn).toBe(machineArn('cancel-report'));
  });

  it('announces the report of a schedule that another execution stops', async () => {
    const input = { ...request('page_count'), scheduledFor: '2026-11-23T17:00:00Z' };
    const { states } = await run('start-announcement', ended, {
      'Describe execution': [
        described('page-count', { Error: 'AccessDenied', Input: JSON.stringify(input) }),
      ],
      'Stop schedule': [alreadyExists],
      'Start announcement': [started],
    });
    expect(states.slice(-2)).toEqual(['Stop schedule', 'Start announcement']);
  });
});
