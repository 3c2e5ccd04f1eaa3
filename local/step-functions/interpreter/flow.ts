import { setImmediate } from 'node:timers/promises';
import type { Block } from '../definition/language.ts';
import type { Json } from '../settings.ts';
import { runState } from '../states/index.ts';
import { Aborted } from './errors.ts';
import type { Execution } from './execution.ts';
import type { Thread } from './history.ts';
import type { StateTest } from './mocks.ts';
import { advance, type Progress } from './progress.ts';
import { Variables } from './variables.ts';

/** One line of work: the execution itself, a branch of a Parallel, or an iteration of a Map. */
export interface Flow {
  execution: Execution;
  thread: Thread;
  progress: Progress;
  variables: Variables;
  /** Aborted with an `Aborted` to stop the work. */
  signal: AbortSignal;
  /** Aborted when the execution has ended, after which no more events are written. */
  over: AbortSignal;
  /** Set by TestState. */
  test?: StateTest;
}

/** The number of states after which a loop without waits lets other executions run. */
const statesAtOnce = 100;

/** Runs the states of a block in turn, from where an earlier attempt stopped. Returns the output of the last one. */
export async function runBlock(flow: Flow, block: Block, input: Json): Promise<Json> {
  const { progress, thread } = flow;
  const resumedAt = progress.entered?.eventId ?? progress.previousEventId;
  if (resumedAt !== undefined) thread.moveTo(resumedAt);
  if (progress.state === undefined) Object.assign(progress, { state: block.StartAt, input });
  for (let count = 1; ; count++) {
    const name = progress.state!;
    const exit = await runState(flow, name, block.States[name]!, progress.input!);
    if (exit.next === undefined) return exit.output;
    advance(progress, exit.next, exit.output, thread.tip);
    if (count % statesAtOnce === 0) await setImmediate();
  }
}

/**
 * Runs a number of branches or iterations, at most `limit` at a time. Those that an earlier attempt finished keep their
 * output. The first failure aborts the others and is thrown. The thread then continues from the last event of the branch
 * that failed, or else of the one that finished last.
 */
export async function runTogether(
  flow: Flow,
  total: number,
  limit: number,
  start: (index: number, inner: Flow) => Promise<Json>,
): Promise<Json[]> {
  const results: Json[] = [];
  const stop = new AbortController();
  const signal = AbortSignal.any([flow.signal, stop.signal]);
  let failure: { error: unknown; eventId: number } | undefined;
  let lastEvent = flow.thread.tip;
  flow.progress.lines ??= [];
  const { lines } = flow.progress;
  let next = 0;
  const lane = async () => {
    let previous = flow.thread.tip;
    while (next < total && !failure) {
      const index = next++;
      lines[index] ??= {};
      const progress = lines[index];
      if (progress.ended) {
        results[index] = progress.ended.output;
        continue;
      }
      const thread = flow.thread.fork(previous);
      const variables = new Variables(progress, flow.variables);
      try {
        results[index] = await start(index, { ...flow, progress, thread, signal, variables });
        lines[index] = { ended: { output: results[index]! } };
        previous = lastEvent = thread.tip;
      } catch (error) {
        failure ??= { error, eventId: thread.tip };
        stop.abort(new Aborted());
      } finally {
        variables.release();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, total) }, lane));
  if (failure) {
    flow.signal.throwIfAborted();
    flow.thread.moveTo(failure.eventId);
    throw failure.error;
  }
  flow.thread.moveTo(lastEvent);
  return results;
}
