import { delay } from '../timers.ts';
import type { Callback } from './callbacks.ts';
import { HeartbeatTimeout, StateError } from './errors.ts';

/** Returns a signal that is aborted with the outer one, or with a StateError when a time (in seconds) has passed. `end` stops the clocks. */
export function watchDeadlines(
  outer: AbortSignal,
  timeout: number | undefined,
  heartbeat: number | undefined,
  callback: Callback | undefined,
): { signal: AbortSignal; end(): void } {
  const over = new AbortController();
  const signal = AbortSignal.any([outer, over.signal]);
  const expire = (seconds: number, error: StateError, until: AbortSignal) =>
    delay(seconds * 1000, until).then(
      () => over.abort(error),
      () => {},
    );
  if (timeout !== undefined) void expire(timeout, new StateError('States.Timeout', undefined), signal);
  if (heartbeat !== undefined) {
    let pulse = new AbortController();
    const listen = () => {
      pulse.abort();
      pulse = new AbortController();
      void expire(heartbeat, new HeartbeatTimeout(), AbortSignal.any([signal, pulse.signal]));
    };
    listen();
    // A task without a token cannot send heartbeats.
    if (callback) callback.onHeartbeat = listen;
  }
  return { signal, end: () => over.abort() };
}
