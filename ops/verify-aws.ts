// `npm run verify:aws -- --environment staging --region us-east-1`: tries on an account what only AWS can prove, and records date
// and answer in docs/verified-on-aws.md. Claims and manual checks are the rows of docs/operations.md. It needs the permissions of
// an operator, states:TestState, states:ValidateStateMachineDefinition, and iam:PassRole on the roles of the machines. Of what it
// creates, a schedule that never runs, it deletes all; a report that it asks for stays, as any report does.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import {
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  StopExecutionCommand,
  TestStateCommand,
  type TestStateCommandInput,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { config, environments, oneOf, type Region, regions } from '../cdk/config.ts';
import { sharedFunctions } from '../cdk/definitions.ts';
import { type Machine, machineOf, machines } from '../cdk/machines.ts';
import { finishedDefinition } from '../cdk/write-definitions.ts';
import {
  type ClientOptions,
  connect,
  exitCodes,
  inTurn,
  reportTypeOf,
  type Service,
  Stop,
} from './service.ts';

/** What the checks need besides the service. */
interface Account {
  service: Service;
  region: Region;
  /** A report to ask for. */
  // biome-ignore lint/suspicious/noExplicitAny: a request as Rails publishes it.
  request?: any;
}

/** Milliseconds. */
const longestReport = 600_000;

/** Nothing to try it with: the claim stays as it is. */
class Untried extends Error {}

/** One way to try claims, which are the beginnings of rows. Throws where AWS does something else. */
interface Check {
  claims: string[];
  run(account: Account): Promise<void>;
}

const checks: Check[] = [
  {
    claims: ['Definitions are valid to AWS'],
    async run({ service, region }) {
      const configuration = config(service.config.environment, region);
      const found = await inTurn(Object.keys(machines) as Machine[], async (machine) => {
        const { result, diagnostics = [] } = await service.sfn.send(
          new ValidateStateMachineDefinitionCommand({
            definition: finishedDefinition(machine, configuration),
            type: machines[machine].express ? 'EXPRESS' : 'STANDARD',
          }),
        );
        return result === 'OK' ? [] : [`${machine}: ${diagnostics.map(({ message }) => message).join('; ')}`];
      });
      if (found.flat().length > 0) throw new Error(found.flat().join('\n'));
    },
  },
  {
    claims: ['`function(…){…}(…)` and `$merge` behave'],
    async run(account) {
      const { ReportId, Event, Parsed } = sharedFunctions();
      const request = { jobId: 'verify', eventDetail: { reportType: 'page_count' } };
      equal(await evaluated(account, `${ReportId}($states.input)`, request), 'page_count-verify');
      equal(await evaluated(account, "$merge([{'a': 1}, {'a': 2, 'b': 3}])", {}), { a: 2, b: 3 });
      const event = await evaluated(
        account,
        `${Event}('REPORT_STARTED', $states.input, {'more': 1})`,
        request,
      );
      equal([event.jobId, event.eventDetail.more], ['verify', 1]);
      const { problem } = await evaluated(account, `${Parsed}($states.input.body)`, {
        body: '['.repeat(40) + ']'.repeat(40),
      });
      equal(problem.reason, 'too_deep');
    },
  },
  {
    claims: ['Two equal objects are equal in JSONata'],
    async run(account) {
      const same = {
        one: { a: [1, { b: null }] },
        two: { a: [1, { b: null }] },
        three: { a: [1, { b: 0 }] },
      };
      equal(await evaluated(account, '$states.input.one = $states.input.two', same), true);
      equal(await evaluated(account, '$states.input.one = $states.input.three', same), false);
    },
  },
  {
    claims: ['The ItemSelector of a Distributed Map can read'],
    async run(account) {
      const input = { bucket: 'b', key: 'k', folder: 'f/', count: 1, query: { days: 3 } };
      const report = { jobId: 'verify', eventDetail: { reportType: 'user_activity', requestedBy: {} } };
      const { inspectionData } = await state(account, 'user-activity', 'Export cases', {
        input,
        variables: {},
        more: {
          context: JSON.stringify({ Execution: { Id: 'arn:e', Input: report } }),
          mock: { result: '{}' },
          stateConfiguration: { mapItemReaderData: '{"caseId":1}\n' },
        },
      });
      const [child] = JSON.parse(inspectionData!.afterItemSelector!);
      equal([child.case, child.query, child.report], [{ caseId: 1 }, input.query, report]);
    },
  },
  {
    claims: ['`null` for `NextToken` of `aws-sdk:sfn:listExecutions`'],
    async run(account) {
      const listed = await state(account, 'reconcile-reports', 'List executions', {
        input: { machine: 'page-count', status: 'FAILED', nextToken: null },
        variables: { cursor: '1970-01-01T00:00:00.000Z' },
      });
      equal(listed.status, 'SUCCEEDED');
      const { executions } = JSON.parse(listed.output!);
      if (executions.length === 0)
        throw new Untried('no page count has failed yet, so that a StopDate could be seen');
      equal(typeof executions[0].redriveCount, 'number');
    },
  },
  {
    claims: [
      '`null` for `StartDate` and `EndDate`',
      'The error names `Scheduler.ResourceNotFoundException`',
      'A schedule can be updated with a start',
    ],
    run: schedules,
  },
  {
    claims: ['Without an input template, the pipe passes `body` as text', 'The functions reach MySQL, S3'],
    async run({ service, request }) {
      if (!request) throw new Untried('name a request: --request');
      const jobId = `verify-${Date.now()}`;
      const { reportType } = request.eventDetail;
      const QueueUrl = await service.queueUrl('intake');
      const MessageBody = JSON.stringify({ ...request, jobId });
      await service.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      await succeeded(service, reportType, jobId);
    },
  },
  {
    claims: ['Stopping an execution that has ended'],
    async run({ service: { sfn, machineArn, describe } }) {
      const list = new ListExecutionsCommand({
        stateMachineArn: machineArn('deliver-report'),
        statusFilter: 'SUCCEEDED',
        maxResults: 1,
      });
      const executionArn = (await sfn.send(list)).executions![0]?.executionArn;
      if (!executionArn) throw new Untried('no delivery has succeeded yet');
      const before = await describe(executionArn);
      await sfn.send(new StopExecutionCommand({ executionArn, error: 'VerifyAws', cause: 'VerifyAws' }));
      equal(await describe(executionArn), before);
    },
  },
];

/** Creates, replaces and deletes a schedule that never runs, with the states of the machines. */
async function schedules(account: Account): Promise<void> {
  const request = {
    jobId: `verify-${Date.now()}`,
    caseId: null,
    timestamp: new Date().toISOString(),
    eventDetail: {
      reportType: 'page_count',
      schedule: { expression: 'rate(365 days)', timeZone: 'UTC', paused: true },
    },
  };
  const { schedule } = request.eventDetail;
  const prepared = await state(account, 'schedule-report', 'Is schedule valid', {
    variables: { refusal: null, request, schedule, accountId: 0, detail: {} },
  });
  const variables = JSON.parse(prepared.inspectionData!.variables!);
  const next = async (machine: Machine, name: string, change: object = {}) =>
    (await state(account, machine, name, { variables: { ...variables, ...change } })).nextState;
  const create = (change?: object) => next('schedule-report', 'Create schedule', change);
  try {
    equal(await next('schedule-report', 'Read schedule'), 'Create schedule');
    const invalid = { ...schedule, expression: 'cron(99 6 ? * MON *)' };
    equal(await create({ schedule: invalid }), 'Is schedule valid');
    equal(await create(), 'Answer request');
    equal(await create(), 'Read schedule');
    const past = new Date(Date.now() - 120_000).toISOString();
    for (const startAt of [past, null])
      equal(await next('schedule-report', 'Replace schedule', { startAt }), 'Answer request');
  } finally {
    equal(await next('unschedule-report', 'Delete schedule'), 'Answer request');
  }
  const gone = await state(account, 'unschedule-report', 'Delete schedule', { variables });
  equal([gone.status, gone.nextState], ['CAUGHT_ERROR', 'Answer request']);
}

/** Runs one state of a deployed machine, under its role. */
async function state(
  { service: { sfn, machineArn } }: Account,
  machine: Machine,
  stateName: string,
  {
    input = {},
    variables,
    more,
  }: { input?: object; variables: object; more?: Partial<TestStateCommandInput> },
) {
  const stateMachineArn = machineArn(machine);
  const { definition, roleArn } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const tested = { definition, roleArn, stateName, input: JSON.stringify(input) };
  return sfn.send(
    new TestStateCommand({
      ...tested,
      ...more,
      variables: JSON.stringify(variables),
      inspectionLevel: 'DEBUG',
    }),
  );
}

/** The value of an expression. */
// biome-ignore lint/suspicious/noExplicitAny: every expression has a value of its own.
async function evaluated({ service }: Account, expression: string, input: object): Promise<any> {
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    Type: 'Pass',
    Output: `{% ${expression} %}`,
    End: true,
  });
  const { output, cause } = await service.sfn.send(
    new TestStateCommand({ definition, input: JSON.stringify(input) }),
  );
  if (output === undefined) throw new Error(cause);
  return JSON.parse(output);
}

/** Waits for the end of a report and of its delivery. */
async function succeeded(service: Service, type: string, jobId: string): Promise<void> {
  const reportType = reportTypeOf(type);
  const waits: [Machine, string][] = [
    [machineOf[reportType], jobId],
    ['deliver-report', `${reportType}-${jobId}`],
  ];
  const end = Date.now() + longestReport;
  for (const [machine, name] of waits)
    for (;;) {
      const execution = await service.find(machine, name);
      if (execution?.status === 'SUCCEEDED') break;
      if (execution && execution.status !== 'RUNNING')
        throw new Error(`${machine} ${name}: ${execution.error}: ${execution.cause}`);
      if (Date.now() > end) throw new Error(`${machine} ${name} did not end in time`);
      await setTimeout(500);
    }
}

function equal(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected))
    throw new Error(`${JSON.stringify(actual)} in place of ${JSON.stringify(expected)}`);
}

/** What is known of a claim. */
interface Row {
  claim: string;
  answer: string;
  date: string;
}

const page = (name: string) => new URL(`../docs/${name}`, import.meta.url);

/** The claims of docs/operations.md, with the way to check each by hand. */
export function claims(): { claim: string; byHand: string }[] {
  const [, section = ''] = readFileSync(page('operations.md'), 'utf8').split('## What only AWS can prove\n');
  return cellsOf(section.split('\n## ')[0]!).map(([claim, byHand]) => ({ claim: claim!, byHand: byHand! }));
}

/** The rows of a table without its head. A cell holds no vertical bar. */
function cellsOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(1).map((line) => line.slice(2, -2).split(' | '));
}

/** The page with all claims: what was found now, else what it has of earlier times. */
export function recorded(before: string, found: Row[]): string {
  const dated = cellsOf(before).filter(([, , date]) => date);
  const known = new Map(dated.map(([claim, answer, date]) => [claim, { answer, date }]));
  for (const { claim, ...row } of found) known.set(claim, row);
  const rows = claims().map(({ claim }) => {
    const { answer = answerOf(claim), date = '' } = known.get(claim) ?? {};
    return `| ${claim} | ${answer} | ${date} |`;
  });
  return `# Verified on AWS

The answers to [what only AWS can prove](operations.md#what-only-aws-can-prove). \`npm run verify:aws\` tries what it can and
writes this page; it keeps the other rows. For a claim that is checked by hand, write the answer and the date here.

| claim | answer | date |
|---|---|---|
${rows.join('\n')}
`;
}

const checkOf = (claim: string) =>
  checks.find((check) => check.claims.some((start) => claim.startsWith(start)));
const answerOf = (claim: string) => (checkOf(claim) ? 'not tried yet' : 'to be checked by hand');

/** Runs all checks. A claim that could not be tried is not among the results. */
export async function verify(account: Account, place: string, say: (line: string) => void): Promise<Row[]> {
  const date = new Date().toISOString().slice(0, 10);
  const found: Row[] = [];
  for (const check of checks) {
    const rows = claims().filter(({ claim }) => checkOf(claim) === check);
    const answer = await check.run(account).then(
      () => `holds in ${place}`,
      (error: Error) => (error instanceof Untried ? error : `does not hold in ${place}: ${error.message}`),
    );
    for (const { claim } of rows) {
      say(`${claim}\n  ${answer instanceof Untried ? `not tried: ${answer.message}` : answer}`);
      if (typeof answer === 'string') found.push({ claim, answer: inCell(answer), date });
    }
  }
  return found;
}

const inCell = (text: string) => text.replaceAll(/\s*\n\s*/g, '; ').replaceAll('|', '/');

/** Runs the command line and returns its exit code: 1 if a claim does not hold. */
export async function run(
  args: string[],
  client: ClientOptions,
  say: (line: string) => void,
): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      environment: { type: 'string' },
      region: { type: 'string' },
      request: { type: 'string' },
      file: { type: 'string' },
    },
  });
  const environment = oneOf('environment', environments, values.environment ?? '');
  const region = oneOf('region', regions, values.region ?? '');
  if (environment === 'production') throw new Stop(exitCodes.refused, 'It tries things: not in production.');
  const request = values.request && JSON.parse(readFileSync(values.request, 'utf8'));
  const service = await connect(environment, { region, ...client }, say);
  const place = `${environment}, ${region}`;
  const found = await verify({ service, region, request }, place, say);
  const file = values.file ?? page('verified-on-aws.md');
  writeFileSync(file, recorded(existsSync(file) ? readFileSync(file, 'utf8') : '', found));
  const byHand = claims().filter(({ claim }) => !checkOf(claim));
  say(`${byHand.length} claims are to be checked by hand, as docs/operations.md says.`);
  return found.some(({ answer }) => answer.startsWith('does not')) ? exitCodes.failed : exitCodes.done;
}

if (import.meta.main)
  process.exitCode = await run(process.argv.slice(2), {}, console.log).catch((error) => {
    console.error((error as Error).message);
    return error instanceof Stop ? error.code : exitCodes.usage;
  });
