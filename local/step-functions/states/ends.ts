import { StateError } from '../interpreter/errors.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import type { Json } from '../settings.ts';
import type { Exit } from './index.ts';

/** Applies Assign and Output. */
export async function runPass(run: StateRun): Promise<Exit> {
  return leave(run);
}

/** Ends its block. */
export async function runSucceed(run: StateRun): Promise<Exit> {
  return leave(run);
}

/** Throws its Error and Cause; both are optional. */
export async function runFail(run: StateRun): Promise<Exit> {
  const { Error: error, Cause } = await run.evaluate({ Error: run.state.Error, Cause: run.state.Cause });
  const text = (field: 'Error' | 'Cause', value = field === 'Error' ? error : Cause) =>
    value === undefined ? undefined : (run.typed(field, value, 'string', run.state[field]!) as string);
  throw new StateError(text('Error'), text('Cause'));
}

/** Leaves a state by Next. Assign and Output both read the variables as they were on entry. */
export async function leave(run: StateRun, result?: Json): Promise<Exit> {
  return { ...(await run.exit(run.state, result === undefined ? {} : { result })), next: run.state.Next };
}
