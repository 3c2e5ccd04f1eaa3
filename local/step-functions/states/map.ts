import { Aborted } from '../interpreter/errors.ts';
import { type Flow, runBlock, runTogether } from '../interpreter/flow.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import type { Json } from '../settings.ts';
import { leave } from './ends.ts';
import type { Exit } from './index.ts';

/** The most iterations of an inline Map that AWS runs at once. */
const inlineConcurrency = 40;

/** Runs an inline Map, whose iterations are part of the execution. */
export async function runMap(run: StateRun): Promise<Exit> {
  const { flow, name, state } = run;
  const values = await run.evaluate({
    Items: state.Items,
    MaxConcurrency: state.MaxConcurrency,
    ToleratedFailureCount: state.ToleratedFailureCount,
    ToleratedFailurePercentage: state.ToleratedFailurePercentage,
  });
  const { progress, thread } = flow;
  const items = (progress.started?.values as Json[] | undefined) ?? itemsOf(run, values.Items);
  const wanted =
    run.count('MaxConcurrency', values.MaxConcurrency, 0, state.MaxConcurrency) || inlineConcurrency;
  progress.started ??= {
    eventId: thread.add('MapStateStarted', { length: items.length }),
    values: items,
  };
  thread.moveTo(progress.started.eventId);
  let lastEvent = flow.thread.tip;
  const iterate = async (index: number, inner: Flow): Promise<Json> => {
    const iteration = { name, index };
    const resumed = inner.progress.state !== undefined;
    if (!resumed) inner.thread.add('MapIterationStarted', iteration);
    try {
      const input = resumed ? null : await itemInput(run, inner, items[index]!, index);
      const output = await runBlock(inner, state.ItemProcessor!, input);
      lastEvent = inner.thread.note('MapIterationSucceeded', iteration);
      return output;
    } catch (error) {
      if (!flow.over.aborted)
        inner.thread.note(error instanceof Aborted ? 'MapIterationAborted' : 'MapIterationFailed', iteration);
      throw error;
    }
  };
  const result = await runTogether(flow, items.length, Math.min(wanted, inlineConcurrency), iterate);
  flow.thread.moveTo(lastEvent);
  flow.thread.note('MapStateSucceeded');
  return leave(run, result);
}

/** Returns Items, or else the state's input, which must be an array. */
export function itemsOf(run: StateRun, items: Json | undefined): Json[] {
  if (items !== undefined) return run.typed('Items', items, 'array', run.state.Items!) as Json[];
  if (Array.isArray(run.input)) return run.input;
  const type = run.input === null ? 'null' : typeof run.input;
  throw run.evaluationError('Items', `Map state input must be an array but was: ${type}`);
}

async function itemInput(run: StateRun, inner: Flow, item: Json, index: number): Promise<Json> {
  if (run.state.ItemSelector === undefined) return item;
  const mapItem = { Index: index, Value: item, Source: 'STATE_DATA' };
  const { ItemSelector } = await run.evaluate(
    { ItemSelector: run.state.ItemSelector },
    { mapItem, thread: inner.thread },
  );
  return ItemSelector!;
}
