import type { Execution } from '../interpreter/execution.ts';
import type { MapRun } from '../interpreter/map-run.ts';
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import { checkedArn } from './parameters.ts';

/** Standard executions and the children of Map Runs. Throws ExecutionDoesNotExist. */
export function findExecution(engine: Engine, arn: string): Execution {
  const execution = engine.executions.get(checkedArn(arn));
  if (execution) return execution;
  if (arn.split(':')[5] === 'express') throw notOfThisType();
  throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
}

/** Throws ResourceNotFound. */
export function findMapRun(engine: Engine, arn: string): MapRun {
  const mapRun = engine.mapRuns.get(checkedArn(arn));
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
