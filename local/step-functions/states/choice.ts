import { StateError } from '../interpreter/errors.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import { leave } from './ends.ts';
import type { Exit } from './index.ts';

/** Takes the first rule whose condition is true. Later conditions are not evaluated. */
export async function runChoice(run: StateRun): Promise<Exit> {
  for (const [index, rule] of run.state.Choices!.entries()) {
    const prefix = `Choices[${index}]/`;
    if (!(await run.matches(rule, prefix))) continue;
    run.visit(`Choices[${index}]`);
    return { ...(await run.exit(rule, { prefix })), next: rule.Next };
  }
  if (run.state.Default === undefined)
    throw new StateError('States.NoChoiceMatched', `No choice rule matched in the state '${run.name}'`);
  run.visit('Default');
  return { ...(await leave(run)), next: run.state.Default };
}
