import { createHash } from 'node:crypto';

/** Lets tests hold or fail the jobs of a service. */
export interface JobControl {
  /** Holds jobs that start from now on until the returned function releases them. */
  hold(): () => void;
  /** Fails the next job for this reason. */
  failNext(reason: string): void;
}

/** Gives the control, and a function that each job calls before its work. */
export function jobControl(): JobControl & { begin(signal: AbortSignal): Promise<void> } {
  let held: PromiseWithResolvers<void> | undefined;
  const failures: string[] = [];
  return {
    hold() {
      held = Promise.withResolvers();
      const { resolve } = held;
      return () => {
        held = undefined;
        resolve();
      };
    },
    failNext: (reason) => void failures.push(reason),
    async begin(signal) {
      const aborted = new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
      );
      await Promise.race([held?.promise, aborted]);
      signal.throwIfAborted();
      const reason = failures.shift();
      if (reason) throw new Error(reason);
    },
  };
}

/** Equal for equal parameters. */
export function fingerprint(parameters: unknown): string {
  return createHash('sha256').update(JSON.stringify(parameters)).digest('hex');
}

/** Seconds since 1970, as the JSON protocols write dates. */
export function seconds(date = new Date()): number {
  return date.getTime() / 1000;
}
