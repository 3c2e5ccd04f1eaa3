import { StateError } from '../interpreter/errors.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import type { JsonObject } from '../settings.ts';
import { leave } from './ends.ts';
import type { Exit } from './index.ts';

/** Takes the first rule whose condition is true; later conditions are not looked at. */
export async function runChoice(run: StateRun): Promise<Exit> {
  for (const [index, rule] of run.state.Choices!.entries()) {
    const prefix = `Choices[${index}]/`;
    const { Condition } = await run.evaluate({ Condition: rule.Condition }, { prefix });
    if (!run.typed(`${prefix}Condition`, Condition!, 'boolean', rule.Condition)) continue;
    const { Assign, Output } = await run.evaluate({ Assign: rule.Assign, Output: rule.Output }, { prefix });
    const output = Output === undefined ? run.input : Output;
    return { output, assigned: Assign as JsonObject | undefined, next: rule.Next };
  }
  if (run.state.Default === undefined)
    throw new StateError('States.NoChoiceMatched', `No choice rule matched in the state '${run.name}'`);
  return { ...(await leave(run)), next: run.state.Default };
}
