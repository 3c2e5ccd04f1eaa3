import { isTooDeep } from '../json.ts';

/** An error of the States Language, which Retry and Catch match. A Fail state may leave out either part. */
export class StateError extends Error {
  readonly error: string | undefined;
  override readonly cause: string | undefined;

  constructor(error: string | undefined, cause: string | undefined) {
    super(`${error ?? 'Failed'}: ${cause ?? ''}`);
    this.error = error;
    this.cause = cause;
  }
}

/** A missed heartbeat. AWS reports it as States.Timeout; Retry and Catch may name it States.HeartbeatTimeout. */
export class HeartbeatTimeout extends StateError {
  constructor() {
    super('States.Timeout', undefined);
  }
}

/** Thrown in a branch that is told to stop. It is never an outcome. */
export class Aborted extends Error {}

/** The most bytes of UTF-8 in the input or output of a state, task or execution (256 KiB). */
export const maximumPayload = 262_144;

/** Throws for a result of a state or task above 256 KiB, in AWS's words. For a task's input, the words are ours. */
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
 * Says whether a Retry or Catch rule matches an error. Nothing matches `States.Runtime` (measured). `States.ALL` matches
 * `States.DataLimitExceeded`, too, against the documentation (measured, 2024-03-21).
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
