// A fault at every Task and at every call of a function, one at a time, and what becomes of the job. That takes minutes, so
// `npm test` injects faults into one call of each operation only. `npm run redrive-matrix` injects them all, and writes the table
// in docs/redrive.md.
import { readFileSync } from 'node:fs';
import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, vi } from 'vitest';
import { tasks as functions, type Task } from '../../cdk/functions.ts';
import { definitionFile, type Machine, machines, reports, watched } from '../../cdk/machines.ts';
import type { Fault } from '../../local/aws/access/faults.ts';
import type { RecordedCall } from '../../local/aws/access/gateway.ts';
import { allMachines, allStates } from '../state-machines/machines.ts';
import { it, type TestStack } from '../support/stack.ts';
import { type End, followJobs, isFailed, type Jobs, keyOf } from './redrive-matrix/jobs.ts';
import { type Recipe, recipes } from './redrive-matrix/recipes.ts';

it.override('waitTimeScale', { scope: 'file' }, () => 0.001);

/** A call that can meet a fault. */
interface Point {
  /** The machine or function, and its state or call. */
  of: string;
  call: string;
  recipe: Recipe;
  fault: Omit<Fault, 'kind'>;
  express: boolean;
}

/** A run without a fault: its end, and the failures that belong to it. */
interface Reference {
  end: End;
  errors: Set<string>;
}

const isWhole = process.env.REDRIVE_MATRIX === 'whole';
const kinds = ['refuse', 'drop', 'timeout'] as const;
type Kind = (typeof kinds)[number];

/** What became of a job that met a fault. */
interface Result {
  jobId: string;
  point: Point;
  kind: Kind;
  end: End;
  /** What an operator or the reconciler did. */
  steps: string[];
  /** Whether a mail was sent twice. */
  twice: boolean;
  /** Whether anything was said or mailed after what was taken for the end. */
  late?: boolean;
  /** In what the end differs from that of a run without a fault. */
  differs?: object;
}

/** Tasks that no recipe can enter. */
const elsewhere = {
  'start-announcement: Start again': 'needs an execution that failed more than 14 days ago',
};
const lanes = 8;

const points = new Map<string, Point>();
let results: Result[] = [];
let lastJob = 0;
const nextJob = () => `fault-${String(++lastJob).padStart(4, '0')}`;
const nameOf = ({ of, call }: Point) => `${of}: ${call}`;

it.beforeAll(async ({ stack }) => {
  const jobs = followJobs(stack);
  const references = new Map<Recipe, Reference>();
  for (const recipe of recipes) references.set(recipe, await runWithout(stack, jobs, recipe));
  const queues = new Map<string, (() => Promise<Result>)[]>();
  const sampled = new Set<string>();
  for (const point of points.values())
    for (const kind of kinds) {
      if (!isWhole && (kind === 'timeout' || sampled.has(`${kind} ${point.fault.operation}`))) continue;
      sampled.add(`${kind} ${point.fault.operation}`);
      // Only a Task times out. For a function, it is an answer lost.
      if (kind === 'timeout' && !point.fault.state) continue;
      const queue = point.recipe.alone ? 'alone' : (point.recipe.lane ?? 'any');
      const run = () => runWith(stack, jobs, point, kind, references.get(point.recipe)!);
      queues.set(queue, [...(queues.get(queue) ?? []), run]);
    }
  const work = async (queue: string) => {
    for (let run = queues.get(queue)?.shift(); run; run = queues.get(queue)?.shift())
      results.push(await run());
  };
  await work('alone');
  await Promise.all([...Array(lanes).fill('any'), 'searches', 'overlays'].map(work));
  const mails = await stack.mails();
  const outcome = ({ says, mails }: Omit<End, 'files'>) => JSON.stringify([says, mails]);
  for (const result of results)
    result.late = outcome(await jobs.outcomeOf(result.jobId, mails)) !== outcome(result.end);
  results = results.toSorted((a, b) => (nameOf(a.point) < nameOf(b.point) ? -1 : 1));
}, 1_800_000);

it('has a recipe that enters every Task', () => {
  const missing = tasksOf().filter((task) => !points.has(task) && !(task in elsewhere));
  expect(
    missing,
    'Add a recipe to test/end-to-end/redrive-matrix/recipes.ts whose job enters each of these states.',
  ).toEqual([]);
});

it('ends every job as if nothing had failed', () => {
  const different = results.filter(({ differs }) => differs);
  expect(different.map(({ point, kind, differs }) => [nameOf(point), kind, differs])).toEqual([]);
});

it('says and mails nothing more after the end of a job', () => {
  const late = results.filter((result) => result.late);
  expect(late.map(({ point, kind, jobId }) => [nameOf(point), kind, jobId])).toEqual([]);
});

it('mails nobody twice, except where the answer of SES was lost', () => {
  const twice = results.filter((result) => result.twice);
  const known = [
    'deliver-report: Mail recipient, drop',
    'deliver-report: Mail recipient, timeout',
    'mail-report: SendEmail, drop',
  ];
  const found = twice.map(({ point, kind }) => `${nameOf(point)}, ${kind}`);
  expect(isWhole ? found : found.filter((name) => !known.includes(name))).toEqual(isWhole ? known : []);
});

it.runIf(isWhole)('is what docs/redrive.md says', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/redrive.md');
});

it('has a row in docs/redrive.md for every call that can meet a fault', () => {
  const rows = readFileSync('docs/redrive.md', 'utf8');
  const missing = [...points.values()].filter(({ of, call }) => !rows.includes(`| \`${of}\` | ${call} |`));
  expect(missing.map(nameOf), 'Run npm run redrive-matrix, which writes the page.').toEqual([]);
});

/** Runs a recipe without a fault, and adds the points that it reaches. */
async function runWithout(stack: TestStack, jobs: Jobs, recipe: Recipe): Promise<Reference> {
  const jobId = nextJob();
  await recipe.given?.(stack, jobId, jobs);
  const before = stack.calls.length;
  const since = Date.now();
  await recipe.when(stack, jobId, jobs);
  if (!recipe.alone) await jobs.settled(jobId, since);
  for (const call of stack.calls.slice(before)) {
    const point = pointOf(call, recipe, jobId);
    if (point && !points.has(nameOf(point))) points.set(nameOf(point), point);
  }
  if (recipe.alone) await jobs.settled(jobId, 0);
  return { end: await jobs.endOf(jobId), errors: jobs.errorsOf(jobId) };
}

/** Runs a recipe with a fault, then does what an operator does, until the job ends as it should. */
async function runWith(
  stack: TestStack,
  jobs: Jobs,
  point: Point,
  kind: Kind,
  { end: wanted, errors }: Reference,
): Promise<Result> {
  const { recipe, fault, express } = point;
  const jobId = nextJob();
  await recipe.given?.(stack, jobId, jobs);
  const calls = kind !== 'refuse' ? 1 : express ? 6 : 20;
  const injected = stack.fault({ ...fault, kind, calls, text: fault.text && jobId });
  // A refusal lasts until the machine gives up.
  jobs.onError(jobId, (error) => {
    if (!errors.has(error)) injected();
  });
  const since = recipe.alone ? 0 : Date.now();
  await recipe.when(stack, jobId, jobs);
  const steps: string[] = [];
  for (let idle = 0; ; idle++) {
    await jobs.settled(jobId, since, () => injected.met() > 0);
    injected();
    const end = await jobs.endOf(jobId);
    const differs = differenceOf(end, wanted);
    if (!differs || idle > 100 || steps.length > 3) {
      const story = { executions: jobs.executionsOf(jobId), events: jobs.eventsOf(jobId), steps, jobId };
      return {
        jobId,
        point,
        kind,
        end,
        steps: needed(recipe, steps, jobs.errorsOf(jobId), errors),
        twice: end.mails.length > wanted.mails.length,
        ...(differs && { differs: { ...differs, ...story } }),
      };
    }
    // An operator hears of a failure by its event. What is not announced is the reconciler's, and then an alarm's.
    const said = jobs.eventsOf(jobId).at(-1);
    const failed = jobs.executionsOf(jobId).filter((one) => isFailed(one) && !errors.has(keyOf(one)));
    const isAnnounced = said?.eventType === 'REPORT_FAILED' && said.eventDetail.redrivable;
    const toRedrive = isAnnounced
      ? failed.find(({ executionArn }) => executionArn === said.eventDetail.executionArn)
      : failed[0];
    if (!isAnnounced && !steps.includes('`reconcile-reports`')) {
      // Without a failure, the end is only late.
      if (!toRedrive && !recipe.alone && idle < 10) continue;
      steps.push('`reconcile-reports`');
      await reconcile(stack);
    } else if (toRedrive) {
      steps.push(`a redrive of \`${toRedrive.machine}\``);
      const { executionArn } = toRedrive;
      await stack.clients.sfn.send(new RedriveExecutionCommand({ executionArn }));
    } else continue;
    idle = 0;
  }
}

/**
 * The redrives that a job took. Without one, the reconciler if a machine failed whose failures no rule tells of: its run for
 * another job may have been first.
 */
function needed({ alone }: Recipe, steps: string[], errors: Set<string>, expected: Set<string>): string[] {
  const redrives = steps.filter((step) => step !== '`reconcile-reports`');
  if (alone || redrives.length > 0) return alone ? steps : redrives;
  const silent = [...errors].filter((error) => !expected.has(error) && isUnannounced(error.split(' ')[0]!));
  const left = silent.find((error) => !isRedriven(error));
  if (left) return [`an alarm for \`${left.split(' ')[0]}\``];
  return silent.length > 0 ? ['`reconcile-reports`'] : [];
}

/** Whether start-announcement redrives this failure of a machine of the service, as its definition says. */
const isRedriven = (error: string) =>
  watched.some((machine) => error.startsWith(`${machine} `)) &&
  / ((SNS|Sfn|StepFunctions|S3|Scheduler)[.]|MailNotAccepted$)/.test(error);

/** Whether no rule starts start-announcement when this machine fails. */
const isUnannounced = (machine: string) =>
  !['deliver-report', 'schedule-report', ...reports].includes(machine as Machine);

let reconciling: Promise<void> | undefined;

/** Runs reconcile-reports once for all that ask at the same time. */
async function reconcile(stack: TestStack): Promise<void> {
  reconciling ??= (async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    reconciling = undefined;
    const before = (await stack.executions('reconcile-reports')).length;
    stack.runScheduledRules();
    await vi.waitUntil(
      async () => {
        const runs = await stack.executions('reconcile-reports');
        return runs.length > before && runs[0]!.status !== 'RUNNING';
      },
      { timeout: 60_000, interval: 100 },
    );
  })();
  await reconciling;
}

/** In what an end differs from the one that is wanted; undefined when it does not. */
function differenceOf(end: End, wanted: End): object | undefined {
  const once = ({ says, files, mails }: End) =>
    JSON.stringify([says, Object.entries(files).sort(), [...new Set(mails)]]);
  return once(end) === once(wanted) ? undefined : { end, wanted };
}

/** Every Task of every definition. */
function tasksOf(): string[] {
  return allMachines.flatMap(([file, definition]) =>
    allStates(definition)
      .filter(([, { Type }]) => Type === 'Task')
      .map(([name]) => `${baseName(file)}: ${name}`),
  );
}

const baseName = (file: string) => file.replace(/.*\/|\.asl\.json/g, '');

/** The point of a call of a machine or a function; undefined for calls of others. */
function pointOf(
  { caller, operation, resource, task: caused }: RecordedCall,
  recipe: Recipe,
  jobId: string,
): Point | undefined {
  const role = /^reports-development-(\w+)role[0-9A-F]{8}$/.exec(caller)?.[1];
  const is = (name: string) => name.replaceAll('-', '') === role;
  // The lane of searches is the only one that calls these, and the id of a job of Glue does not name ours.
  const text = recipe.alone || recipe.lane === 'searches' ? undefined : jobId;
  const machine = (Object.keys(machines) as Machine[]).find(is);
  if (machine) {
    // Athena reads and writes with the role of the machine.
    if (!caused) return;
    const { state } = caused;
    const express = machines[machine].express === true;
    const fault = { operation, caller, state, text };
    return { of: baseName(definitionFile(machine)), call: state, recipe, fault, express };
  }
  const task = (Object.keys(functions) as Task[]).find(is);
  // A process reads its secret once: test/tasks/lib/database/connection.test.ts.
  if (!task || operation === 'GetSecretValue') return;
  const [, folder = '', file = ''] = /([a-z-]+\/)?([^/]*)$/.exec(resource)!;
  // Files that are numbered or named by chance go by their folder.
  const part = /^\d|^[0-9a-f]{8}-|^fault-/.test(file) ? `/${folder}` : file.replace(/\d.*/, '');
  // Reads of a function are one point: they have no effect, and all are made by one client.
  const isWrite = operation.startsWith('Put') || operation.includes('Upload');
  return {
    of: task,
    call: isWrite ? `${operation} ${part.includes('_') ? 'report file' : part}` : operation,
    recipe,
    fault: { operation, caller, resource: isWrite ? part : '', text },
    express: false,
  };
}

/** The page of all results. */
function page(): string {
  const cell = (of: string, call: string, kind: Kind) => {
    const result = results.find(
      ({ point, ...one }) => point.of === of && point.call === call && one.kind === kind,
    );
    if (!result) return '';
    const steps = result.steps.length ? result.steps.join(', then ') : 'by itself';
    return result.twice ? `${steps}; **mailed twice**` : steps;
  };
  const rows = [...points.values()]
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map(
      ({ of, call }) => `| \`${of}\` | ${call} | ${kinds.map((kind) => cell(of, call, kind)).join(' | ')} |`,
    );
  const untested = Object.entries(elsewhere).map(([task, why]) => `- ${task} ${why}.`);
  return `${introduction}
${rows.join('\n')}

Not tested here:

${untested.join('\n')}
- \`GetSecretValue\`, which a process of a function calls once, is a test of the functions.
`;
}

const introduction = `# After a fault

\`npm run redrive-matrix\` writes this page: \`test/end-to-end/redrive-matrix.test.ts\` injects three faults into each Task of each machine and
each call of each function, one at a time, into a job that would otherwise end well, and compares the end with that of a job that
met no fault: the file, the outcome of each recipient, the mails, and the last event in the order of \`occurredAt\`. They are
always equal. The table says what it takes:

- **Refused**: the service answers 503 and does nothing, until the retries of the machine have ended, or 20 times.
- **Answer lost**: the call takes effect once, and its answer does not arrive.
- **Timed out**: the call takes effect once, and the Task fails with \`States.Timeout\`. For a call of a function, that is a lost
  answer.
- *by itself*: the retries, the next state or \`start-announcement\` is enough.
- *\`reconcile-reports\`*: its next run, at most 15 minutes later.
- *an alarm for …*: the end is right, but something beside it is missing, such as the mail about a failure. An operator redrives
  this machine.
- *a redrive of …*: REPORT_FAILED has said so; an operator redrives this execution.

A new Task or call joins by itself. The test says when a recipe is missing for it. \`npm test\` injects faults into one call of each
operation of a service, and says when this page lacks a row.

| machine or function | state or call | refused | answer lost | timed out |
|---|---|---|---|---|`;
