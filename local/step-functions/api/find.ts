import type { Execution } from '../interpreter/execution.ts';
import type { MapRun } from '../interpreter/map-run.ts';
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import { checkedArn } from './parameters.ts';

/** Standard executions and the children of Map Runs. Throws ExecutionDoesNotExist. */
export function findExecution(engine: Engine, arn: string): Execution {
  // A Map Run's Express children are there under ARNs that no other call takes.
  const execution = engine.executions.get(arn) ?? engine.executions.get(checkedArn(arn, 'execution'));
  if (execution) return execution;
  throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
}

/** Throws ResourceNotFound. */
export function findMapRun(engine: Engine, arn: string): MapRun {
  const mapRun = engine.mapRuns.get(checkedArn(arn, 'mapRun'));
  if (!mapRun) throw new ApiError('ResourceNotFound', `Resource not found: '${arn}'`);
  return mapRun;
}

/** The refusal of what only Standard machines, or only Express ones, can do. */
export function notOfThisType(): ApiError {
  return new ApiError(
    'StateMachineTypeNotSupported',
    'This operation is not supported by this type of state machine',
  );
}
