import { runBlock, runTogether } from '../interpreter/flow.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import { leave } from './ends.ts';
import type { Exit } from './index.ts';

/** Runs all branches with the same input. The first failure ends them all. */
export async function runParallel(run: StateRun): Promise<Exit> {
  const { flow, state } = run;
  const { progress, thread } = flow;
  if (!progress.started) {
    const { Arguments } = await run.evaluate({ Arguments: state.Arguments });
    const values = Arguments === undefined ? run.input : Arguments;
    progress.started = { eventId: thread.add('ParallelStateStarted'), values };
  }
  thread.moveTo(progress.started.eventId);
  const input = progress.started.values;
  const branches = state.Branches!;
  const result = await runTogether(flow, branches.length, branches.length, (index, inner) =>
    runBlock(inner, branches[index]!, input),
  );
  flow.thread.note('ParallelStateSucceeded');
  return leave(run, result);
}
