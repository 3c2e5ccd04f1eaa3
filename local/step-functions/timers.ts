import { setImmediate } from 'node:timers/promises';

/** The greatest delay of setTimeout, which fires at once above it. */
const longest = 2 ** 31 - 1;

/** Waits a number of milliseconds. 0 lets others run; years are possible. Rejects with the signal's reason when it is aborted. */
export async function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (!(milliseconds > 0)) await setImmediate();
  for (let rest = milliseconds; rest > 0; rest -= longest) await once(Math.min(rest, longest), signal);
  signal.throwIfAborted();
}

function once(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Settles as the work does, or rejects with the signal's reason as soon as it is aborted. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
