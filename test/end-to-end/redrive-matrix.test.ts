// A fault at every Task and at every call of a function, one at a time, and what becomes of the job.
import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, vi } from 'vitest';
import { tasks as functions, type Task } from '../../cdk/functions.ts';
import { definitionFile, type Machine, machines } from '../../cdk/machines.ts';
import type { Fault } from '../../local/aws/access/faults.ts';
import type { RecordedCall } from '../../local/aws/access/gateway.ts';
import { allMachines, allStates } from '../state-machines/machines.ts';
import { it, type TestStack } from '../support/stack.ts';
import { type End, type Execution, failed, followJobs, type Jobs } from './redrive-matrix/jobs.ts';
import { type Recipe, recipes } from './redrive-matrix/recipes.ts';

it.override('waitTimeScale', { scope: 'file' }, () => 0.001);

/** A call that can meet a fault. */
interface Point {
  /** The name of its row in the table. */
  name: string;
  recipe: Recipe;
  fault: Omit<Fault, 'kind'>;
  express: boolean;
}

/** What became of a job that met a fault. */
interface Result {
  point: Point;
  kind: Fault['kind'];
  jobId: string;
  wanted: End;
  met: number;
  steps: string[];
  end: End;
  equal: boolean;
  twice: boolean;
}

const only = process.env.MATRIX;
let lastJob = 0;
const nextJob = () => `fault-${String(++lastJob).padStart(4, '0')}`;

it('ends every job as if nothing had failed', { timeout: 600_000 }, async ({ stack }) => {
  const jobs = followJobs(stack);
  const references = new Map<Recipe, Reference>();
  const points = new Map<string, Point>();
  const tasks = new Set(tasksOf());
  const begun = Date.now();
  const wanted = recipes.filter(({ name }) => !process.env.RECIPE || name.includes(process.env.RECIPE));
  for (const recipe of wanted) {
    const jobId = nextJob();
    await recipe.given?.(stack, jobId, jobs);
    const before = stack.calls.length;
    await recipe.when(stack, jobId, jobs);
    await jobs.settled(jobId, undefined, reconcilerOf(recipe));
    for (const call of stack.calls.slice(before)) {
      const point = pointOf(call, recipe, jobId);
      if (point && !points.has(point.name)) points.set(point.name, point);
    }
    const errors = jobs.executionsOf(jobId).map(({ machine, error }) => `${machine} ${error}`);
    references.set(recipe, { end: await jobs.endOf(jobId), errors });
    console.log(Date.now() - begun, recipe.name, JSON.stringify(references.get(recipe)));
  }
  console.log(
    [...tasks].filter((task) => !points.has(task)),
    [...points.keys()],
  );
  const lanes = new Map<string, (() => Promise<Result>)[]>();
  let last = 0;
  for (const point of points.values()) {
    if (only && !point.name.includes(only) && !point.recipe.name.includes(only)) continue;
    for (const kind of ['refuse', 'drop'] as const) {
      const lane = point.recipe.alone ? 'alone' : (point.recipe.lane ?? String(last++ % 6));
      const run = () => meet(stack, jobs, point, kind, references.get(point.recipe)!);
      lanes.set(lane, [...(lanes.get(lane) ?? []), run]);
    }
  }
  const results: Result[] = [];
  const runLane = async (lane: (() => Promise<Result>)[] = []) => {
    for (const run of lane) {
      const result = await run();
      results.push(result);
      const { point, kind, jobId, met, steps, equal, twice, end, wanted } = result;
      console.log(
        Date.now() - begun,
        equal ? 'ok ' : 'NOT',
        met,
        point.name,
        '|',
        kind,
        jobId,
        steps.map((step) => step.replace(/.*development-/, '')).join(),
        twice ? 'TWICE' : '',
        equal
          ? ''
          : JSON.stringify([
              end,
              wanted,
              jobs
                .executionsOf(jobId)
                .map(({ machine, status, error, redriveCount }) => [machine, status, error, redriveCount]),
              jobs
                .eventsOf(jobId)
                .map((event) => [event.eventType, event.eventDetail.occurredAt, event.eventDetail.error]),
            ]),
      );
    }
  };
  await runLane(lanes.get('alone'));
  lanes.delete('alone');
  await Promise.all([...lanes.values()].map(runLane));
  expect(
    results
      .filter(({ equal, met }) => !equal || met === 0)
      .map(({ point, kind, met }) => [point.name, kind, met]),
  ).toEqual([]);
});

/** A run without a fault: its end, and the errors that belong to it. */
interface Reference {
  end: End;
  errors: string[];
}

const reconcilerOf =
  ({ alone }: Recipe) =>
  (execution: Execution) =>
    alone === true && execution.machine === 'reconcile-reports';

/** Every Task of every definition. */
function tasksOf(): string[] {
  return allMachines.flatMap(([file, definition]) =>
    allStates(definition)
      .filter(([, { Type }]) => Type === 'Task')
      .map(([name]) => `${file.replace(/.*\/|\.asl\.json/g, '')}: ${name}`),
  );
}

const names = Object.keys(machines) as Machine[];
const definitionOf = (machine: Machine) => definitionFile(machine).replace(/.*\/|\.asl\.json/g, '');

/** The point of a call of a machine or a function; undefined for calls of others. */
function pointOf(
  { caller, operation, resource, state }: RecordedCall,
  recipe: Recipe,
  jobId: string,
): Point | undefined {
  const role = /^reports-development-(\w+)role[0-9A-F]{8}$/.exec(caller)?.[1];
  const is = (name: string) => name.replaceAll('-', '') === role;
  const machine = names.find(is);
  const text = recipe.alone ? undefined : jobId;
  // Athena reads and writes with the role of the machine.
  if (machine && state === undefined) return;
  if (machine)
    return {
      name: `${definitionOf(machine)}: ${state}`,
      recipe,
      fault: { operation, caller, state, text },
      express: machines[machine].express === true,
    };
  const task = (Object.keys(functions) as Task[]).find(is);
  if (!task || operation === 'GetSecretValue') return;
  const path = resource.replace(/^arn:aws:s3:::[^/]*\//, '');
  const [, folder = '', file] = /([a-z]+\/)?([^/]*)$/.exec(path)!;
  const what =
    operation.includes('Object') || operation.includes('Upload') || operation.includes('List')
      ? (['parts/', 'outcomes/', 'requests/'].includes(folder) ? folder : '') +
        file!.replace(/\d.*/, '').replace(jobId.replace(/\d+/, ''), '')
      : '';
  return {
    name: `${task}: ${operation} ${what}`.trim(),
    recipe,
    fault: { operation, caller, resource: what, text },
    express: false,
  };
}

/** Runs a recipe with a fault, then does what an operator does, until the job ends as it should. */
async function meet(
  stack: TestStack,
  jobs: Jobs,
  point: Point,
  kind: 'refuse' | 'drop',
  { end: wanted, errors }: Reference,
): Promise<Result> {
  const { recipe } = point;
  const jobId = nextJob();
  await recipe.given?.(stack, jobId, jobs);
  const calls = kind === 'drop' ? 1 : point.express ? 6 : 20;
  const text = point.fault.text && jobId;
  const takeBack = stack.fault({ ...point.fault, kind, calls, text });
  let met = 0;
  const lift = () => {
    met = takeBack();
  };
  await recipe.when(stack, jobId, jobs);
  const steps: string[] = [];
  for (;;) {
    // A refusal lasts until the machine gives up.
    await jobs.settled(
      jobId,
      ({ machine, error }) => errors.includes(`${machine} ${error}`) || lift(),
      reconcilerOf(recipe),
    );
    lift();
    const end = await jobs.endOf(jobId);
    const equal = isEqual(end, wanted);
    const twice = end.mails.length > wanted.mails.length;
    const said = jobs.eventsOf(jobId).at(-1);
    const broken = jobs
      .executionsOf(jobId)
      .filter(
        ({ status, machine, error }) => failed.includes(status) && !errors.includes(`${machine} ${error}`),
      );
    const step =
      said?.eventType === 'REPORT_FAILED' && said.eventDetail.redrivable
        ? said.eventDetail.executionArn
        : !steps.includes('reconcile-reports')
          ? 'reconcile-reports'
          : broken[0]?.executionArn;
    if (equal || steps.length > 3 || !step)
      return { point, kind, jobId, wanted, met, steps, end, equal, twice };
    steps.push(step);
    if (step === 'reconcile-reports') await reconcile(stack);
    else
      await stack.clients.sfn
        .send(new RedriveExecutionCommand({ executionArn: step }))
        .catch((error: Error) => steps.push(error.message));
  }
}

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

function isEqual(end: End, wanted: End): boolean {
  const once = (mails: string[]) => [...new Set(mails)];
  return (
    JSON.stringify([end.says, end.files, once(end.mails)]) ===
    JSON.stringify([wanted.says, wanted.files, once(wanted.mails)])
  );
}
