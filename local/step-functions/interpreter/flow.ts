import { setImmediate } from 'node:timers/promises';
import type { Block } from '../definition/language.ts';
import type { Json } from '../settings.ts';
import { runState } from '../states/index.ts';
import { Aborted } from './errors.ts';
import type { Execution } from './execution.ts';
import type { Thread } from './history.ts';
import { Variables } from './variables.ts';

/** One line of work: the execution itself, a branch of a Parallel, or an iteration of a Map. */
export interface Flow {
  execution: Execution;
  thread: Thread;
  variables: Variables;
  /** Aborted with an `Aborted` when the work is to stop. */
  signal: AbortSignal;
}

/** A loop of states that wait for nothing lets others run after so many of them. */
const statesAtOnce = 100;

/** Runs the states of a block one after the other, and gives the output of the last. */
export async function runBlock(flow: Flow, block: Block, input: Json): Promise<Json> {
  let value = input;
  let count = 0;
  for (let name: string | undefined = block.StartAt; name !== undefined; ) {
    const exit = await runState(flow, name, block.States[name]!, value);
    value = exit.output;
    name = exit.next;
    if (++count % statesAtOnce === 0) await setImmediate();
  }
  return value;
}

/**
 * Runs so many branches or iterations, at most `limit` at a time. The first failure aborts the others and is thrown;
 * the thread then goes on from where that branch stood, else from the one that finished last.
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
  let next = 0;
  const lane = async () => {
    let previous = flow.thread.tip;
    while (next < total && !failure) {
      const index = next++;
      const thread = flow.thread.fork(previous);
      try {
        results[index] = await start(index, {
          ...flow,
          thread,
          signal,
          variables: new Variables(flow.variables),
        });
        previous = lastEvent = thread.tip;
      } catch (error) {
        failure ??= { error, eventId: thread.tip };
        stop.abort(new Aborted());
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
