import { runBlock, runTogether } from '../interpreter/flow.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import { leave } from './ends.ts';
import type { Exit } from './index.ts';

/** Every branch gets the same input; the first failure ends them all. */
export async function runParallel(run: StateRun): Promise<Exit> {
  const { flow, state } = run;
  const { Arguments } = await run.evaluate({ Arguments: state.Arguments });
  const input = Arguments === undefined ? run.input : Arguments;
  const branches = state.Branches!;
  flow.thread.add('ParallelStateStarted');
  const result = await runTogether(flow, branches.length, branches.length, (index, inner) =>
    runBlock(inner, branches[index]!, input),
  );
  flow.thread.note('ParallelStateSucceeded');
  return leave(run, result, true);
}
