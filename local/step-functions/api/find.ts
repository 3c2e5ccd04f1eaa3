import type { Execution } from '../interpreter/execution.ts';
import type { MapRun } from '../interpreter/map-run.ts';
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import { checkedArn } from './parameters.ts';

/** Finds a Standard execution or a child of a Map Run. Throws ExecutionDoesNotExist. */
export function findExecution(engine: Engine, arn: string): Execution {
  // The Express children of a Map Run have ARNs that checkedArn would refuse.
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

/** Makes the refusal of an operation that this type of machine does not support. */
export function notOfThisType(): ApiError {
  return new ApiError(
    'StateMachineTypeNotSupported',
    'This operation is not supported by this type of state machine',
  );
}
