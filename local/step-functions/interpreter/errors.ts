import { isTooDeep } from '../json.ts';

/** An error of the States Language: what Retry and Catch match, and what fails an execution. A Fail state may name neither part. */
export class StateError extends Error {
  readonly error: string | undefined;
  override readonly cause: string | undefined;

  constructor(error: string | undefined, cause: string | undefined) {
    super(`${error ?? 'Failed'}: ${cause ?? ''}`);
    this.error = error;
    this.cause = cause;
  }
}

/** What AWS reports as States.Timeout, and rules may name States.HeartbeatTimeout. */
export class HeartbeatTimeout extends StateError {
  constructor() {
    super('States.Timeout', undefined);
  }
}

/** Thrown where a branch is told to stop; never an outcome by itself. */
export class Aborted extends Error {}

/** Bytes of UTF-8 in the input or output of a state, task or execution: 256 KiB. */
export const maximumPayload = 262_144;

/** AWS's refusal of a state's or task's result above 256 KiB; the limit holds for a task's input too, the words are ours. */
export function checkSize(text: string, stateOrTask: string, did = 'returned a result'): void {
  const exceeded =
    Buffer.byteLength(text) > maximumPayload
      ? 'size exceeding the maximum number of bytes'
      : isTooDeep(text) && 'nesting depth exceeding the maximum';
  if (exceeded)
    throw new StateError(
      'States.DataLimitExceeded',
      `The state/task '${stateOrTask}' ${did} with a ${exceeded} service limit.`,
    );
}

/**
 * Whether a Retry or Catch rule is for this error. `States.Runtime` can never be caught (measured). `States.ALL` takes
 * `States.DataLimitExceeded` too, against the documentation (measured, 2024-03-21).
 */
export function matches(errorEquals: string[], failure: StateError): boolean {
  const { error } = failure;
  if (error === 'States.Runtime') return false;
  return errorEquals.some(
    (name) =>
      name === 'States.ALL' ||
      name === error ||
      (name === 'States.TaskFailed' && error !== 'States.Timeout') ||
      (name === 'States.HeartbeatTimeout' && failure instanceof HeartbeatTimeout),
  );
}
