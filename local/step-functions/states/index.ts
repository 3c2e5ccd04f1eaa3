import { isDistributed, type State } from '../definition/language.ts';
import { JsonPathRun } from '../expressions/jsonpath.ts';
import { Aborted, checkSize, matches, StateError } from '../interpreter/errors.ts';
import type { Flow } from '../interpreter/flow.ts';
import { restart } from '../interpreter/progress.ts';
import { Retries } from '../interpreter/retries.ts';
import { type Left, StateRun } from '../interpreter/state-run.ts';
import type { Json, JsonObject } from '../settings.ts';
import { delay } from '../timers.ts';
import { runChoice } from './choice.ts';
import { runDistributedMap } from './distributed-map.ts';
import { runFail, runPass, runSucceed } from './ends.ts';
import { runMap } from './map.ts';
import { runParallel } from './parallel.ts';
import { runTask } from './task.ts';
import { runWait } from './wait.ts';

/** The way out of a state. */
export interface Exit extends Left {
  /** The next state; undefined at the end of the block. */
  next: string | undefined;
}

/** Runs one attempt of a state, by type. */
export const kinds: Record<State['Type'], (run: StateRun) => Promise<Exit>> = {
  Task: runTask,
  Pass: runPass,
  Choice: runChoice,
  Wait: runWait,
  Succeed: runSucceed,
  Fail: runFail,
  Parallel: runParallel,
  Map: (run) => (isDistributed(run.state) ? runDistributedMap(run) : runMap(run)),
};
const abortable = ['Task', 'Wait', 'Parallel', 'Map'];
const composite = ['Parallel', 'Map'];

/** Enters a state, retries it as its Retry says, and leaves it by Next or Catch. Throws an error that is not caught. */
export async function runState(flow: Flow, name: string, state: State, input: Json): Promise<Exit> {
  flow.signal.throwIfAborted();
  const run = enter(flow, name, state, input);
  run.visit();
  try {
    const exit = await attempt(run).catch((error) => recover(run, error));
    const output = JSON.stringify(exit.output);
    checkSize(output, name);
    const assigned = Object.keys(exit.assigned ?? {}).length > 0 && exit.assigned;
    if (assigned) {
      checkSize(JSON.stringify(assigned), name);
      flow.variables.assign(assigned);
    }
    flow.thread.add(`${state.Type}StateExited`, {
      name,
      output,
      outputDetails: { truncated: false },
      ...(assigned && {
        assignedVariables: texts(assigned),
        assignedVariablesDetails: { truncated: false },
      }),
    });
    return exit;
  } catch (error) {
    // A sibling failed. Once the whole execution is over, no more events are written.
    if (error instanceof Aborted && !flow.over.aborted && abortable.includes(state.Type))
      flow.thread.add(`${state.Type}StateAborted`);
    // The output was too big, so a redrive runs everything again.
    if (error instanceof StateError && error.error === 'States.DataLimitExceeded') restart(flow.progress);
    throw error;
  }
}

/** Enters a state in its query language. */
export function enter(flow: Flow, name: string, state: State, input: Json): StateRun {
  const language = state.QueryLanguage ?? flow.execution.queryLanguage;
  return new (language === 'JSONata' ? StateRun : JsonPathRun)(flow, name, state, input);
}

async function attempt(run: StateRun): Promise<Exit> {
  const retries = new Retries(run.state.Retry ?? [], run.flow.execution.settings);
  for (;;) {
    try {
      return await kinds[run.state.Type](run);
    } catch (error) {
      run.flow.signal.throwIfAborted();
      const retry = error instanceof StateError ? retries.next(error) : undefined;
      if (!retry) throw error;
      run.visit(`Retry[${retry.index}]`);
      await delay(retry.pause, run.flow.signal);
      restart(run.flow.progress);
      run.retryCount++;
    }
  }
}

async function recover(run: StateRun, error: unknown): Promise<Exit> {
  if (!(error instanceof StateError) || run.flow.signal.aborted) throw error;
  const isRuntime = error.error === 'States.Runtime';
  if (composite.includes(run.state.Type) && !isRuntime) run.flow.thread.add(`${run.state.Type}StateFailed`);
  const catchers = run.state.Catch ?? [];
  const index = catchers.findIndex((catcher) => matches(catcher.ErrorEquals, error));
  const catcher = catchers[index];
  if (!catcher) throw error;
  run.visit(`Catch[${index}]`);
  const errorOutput = { Error: error.error ?? '', Cause: error.cause ?? '' };
  return { ...(await run.exit(catcher, { prefix: `Catch[${index}]/`, errorOutput })), next: catcher.Next };
}

function texts(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
}
