import type { State } from '../definition/language.ts';
import { Aborted, checkSize, matches, StateError } from '../interpreter/errors.ts';
import type { Flow } from '../interpreter/flow.ts';
import { Retries } from '../interpreter/retries.ts';
import { StateRun } from '../interpreter/state-run.ts';
import type { Json, JsonObject } from '../settings.ts';
import { delay } from '../timers.ts';
import { runChoice } from './choice.ts';
import { runFail, runPass, runSucceed } from './ends.ts';
import { runMap } from './map.ts';
import { runParallel } from './parallel.ts';
import { runTask } from './task.ts';
import { runWait } from './wait.ts';

/** How a state is left. */
export interface Exit {
  output: Json;
  assigned?: JsonObject | undefined;
  /** The next state; undefined at the end of the block. */
  next: string | undefined;
}

const kinds: Record<State['Type'], (run: StateRun) => Promise<Exit>> = {
  Task: runTask,
  Pass: runPass,
  Choice: runChoice,
  Wait: runWait,
  Succeed: runSucceed,
  Fail: runFail,
  Parallel: runParallel,
  Map: runMap,
};
const abortable = ['Task', 'Wait', 'Parallel', 'Map'];
const composite = ['Parallel', 'Map'];

/** Enters a state, tries it as often as its Retry says, and leaves it by Next or Catch. Throws the error nobody caught. */
export async function runState(flow: Flow, name: string, state: State, input: Json): Promise<Exit> {
  flow.signal.throwIfAborted();
  const run = new StateRun(flow, name, state, input);
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
    // A sibling failed. When the whole execution is over, nothing more is written.
    if (error instanceof Aborted && flow.execution.status === 'RUNNING' && abortable.includes(state.Type))
      flow.thread.add(`${state.Type}StateAborted`);
    throw error;
  }
}

async function attempt(run: StateRun): Promise<Exit> {
  const retries = new Retries(run.state.Retry ?? [], run.flow.execution.settings);
  for (;;) {
    try {
      return await kinds[run.state.Type](run);
    } catch (error) {
      run.flow.signal.throwIfAborted();
      const pause = error instanceof StateError ? retries.next(error) : undefined;
      if (pause === undefined) throw error;
      await delay(pause, run.flow.signal);
      run.retryCount++;
    }
  }
}

async function recover(run: StateRun, error: unknown): Promise<Exit> {
  if (!(error instanceof StateError) || run.flow.signal.aborted) throw error;
  if (composite.includes(run.state.Type)) run.flow.thread.add(`${run.state.Type}StateFailed`);
  const catchers = run.state.Catch ?? [];
  const index = catchers.findIndex((catcher) => matches(catcher.ErrorEquals, error));
  const catcher = catchers[index];
  if (!catcher) throw error;
  const errorOutput = { Error: error.error ?? '', Cause: error.cause ?? '' };
  const { Assign, Output } = await run.evaluate(
    { Assign: catcher.Assign, Output: catcher.Output },
    { prefix: `Catch[${index}]/`, errorOutput },
  );
  return {
    output: Output === undefined ? errorOutput : Output,
    assigned: Assign as JsonObject,
    next: catcher.Next,
  };
}

function texts(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
}
