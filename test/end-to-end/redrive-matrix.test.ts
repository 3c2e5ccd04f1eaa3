// A fault at every Task and at every call of a function, one at a time, and what becomes of the job.
import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import { definitionFile, type Machine, machines } from '../../cdk/machines.ts';
import type { Fault } from '../../local/aws/access/faults.ts';
import type { RecordedCall } from '../../local/aws/access/gateway.ts';
import { allMachines, allStates } from '../state-machines/machines.ts';
import { it, type TestStack } from '../support/stack.ts';
import { type End, failed, followJobs, type Jobs } from './redrive-matrix/jobs.ts';
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
  const ends = new Map<Recipe, End>();
  const points = new Map<string, Point>();
  const tasks = new Set(tasksOf());
  const begun = Date.now();
  for (const recipe of recipes) {
    const jobId = nextJob();
    await recipe.given?.(stack, jobId, jobs);
    const before = stack.calls.length;
    await recipe.when(stack, jobId, jobs);
    await jobs.settled(jobId);
    for (const call of stack.calls.slice(before)) {
      const point = pointOf(call, recipe, jobId);
      if (point && !points.has(point.name)) points.set(point.name, point);
    }
    ends.set(recipe, await jobs.endOf(jobId));
  }
  console.log(
    'references',
    Date.now() - begun,
    points.size,
    JSON.stringify(
      [...ends].map(([r, e]) => [r.name, e]),
      null,
      1,
    ),
  );
  console.log([...tasks].filter((task) => !points.has(task)));
  const lanes = new Map<string, (() => Promise<Result>)[]>();
  for (const point of points.values()) {
    if (only && !point.name.includes(only) && !point.recipe.name.includes(only)) continue;
    for (const kind of ['refuse', 'drop'] as const) {
      const lane = point.recipe.lane ?? String(lastJob++ % 6);
      lanes.set(lane, [
        ...(lanes.get(lane) ?? []),
        () => meet(stack, jobs, point, kind, ends.get(point.recipe)!),
      ]);
    }
  }
  const results: Result[] = [];
  await Promise.all(
    [...lanes.values()].map(async (lane) => {
      for (const run of lane) {
        const result = await run();
        results.push(result);
        const { point, kind, jobId, met, steps, equal, twice, end, wanted } = result;
        console.log(
          Date.now() - begun,
          equal ? 'ok ' : 'NOT',
          met,
          point.name,
          kind,
          jobId,
          steps,
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
    }),
  );
  expect(
    results
      .filter(({ equal, met }) => !equal || met === 0)
      .map(({ point, kind, met }) => [point.name, kind, met]),
  ).toEqual([]);
});

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
  const role = caller.toLowerCase();
  const machine = names.find((name) => role.includes(`${name.replaceAll('-', '')}role`));
  if (machine && state === undefined) return;
  if (machine)
    return {
      name: `${definitionOf(machine)}: ${state}`,
      recipe,
      fault: { operation, caller, state, text: jobId },
      express: machines[machine].express === true,
    };
  const task = /(?:development)?[a-z]*?([a-z]+)role/.exec(role)?.[1];
  if (!task || resource.includes(':sqs:')) return;
  const file = resource.includes(':s3:') ? resource.replace(/.*\//, '').replace(/\d.*/, '') : '';
  const folder = /\/(parts|outcomes|results|requests)\//.exec(resource)?.[0] ?? '';
  return {
    name: `${caller}: ${operation} ${folder}${file}`.trim(),
    recipe,
    fault: { operation, caller, resource: folder + file, text: jobId },
    express: false,
  };
}

/** Runs a recipe with a fault, then does what an operator does, until the job ends as it should. */
async function meet(
  stack: TestStack,
  jobs: Jobs,
  point: Point,
  kind: 'refuse' | 'drop',
  wanted: End,
): Promise<Result> {
  const { recipe } = point;
  const jobId = nextJob();
  await recipe.given?.(stack, jobId, jobs);
  const calls = kind === 'drop' ? 1 : point.express ? 6 : 200;
  const takeBack = stack.fault({ ...point.fault, kind, calls, text: jobId });
  await recipe.when(stack, jobId, jobs);
  const steps: string[] = [];
  let met = 0;
  for (;;) {
    await jobs.settled(jobId);
    met += takeBack();
    const end = await jobs.endOf(jobId);
    const equal = isEqual(end, wanted);
    const twice = end.mails.length > wanted.mails.length;
    const said = jobs.eventsOf(jobId).at(-1);
    const broken = jobs.executionsOf(jobId).filter(({ status }) => failed.includes(status));
    const executionArn =
      said?.eventType === 'REPORT_FAILED' && said.eventDetail.redrivable
        ? said.eventDetail.executionArn
        : broken.find(
            ({ machine, executionArn }) => !steps.includes(executionArn) && machine !== 'start-announcement',
          )?.executionArn;
    if (equal || steps.length > 3 || !executionArn)
      return { point, kind, jobId, wanted, met, steps, end, equal, twice };
    steps.push(executionArn);
    await stack.clients.sfn
      .send(new RedriveExecutionCommand({ executionArn }))
      .catch((error) => steps.push(String(error)));
  }
}

function isEqual(end: End, wanted: End): boolean {
  const once = (mails: string[]) => [...new Set(mails)];
  return (
    JSON.stringify([end.says, end.files, once(end.mails)]) ===
    JSON.stringify([wanted.says, wanted.files, once(wanted.mails)])
  );
}
