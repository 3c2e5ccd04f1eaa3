import { createHash } from 'node:crypto';

/** What tests do to the jobs of a service. */
export interface JobControl {
  /** Lets jobs that start from now on wait, until what it returns lets them go. */
  hold(): () => void;
  /** Lets the next job fail for this reason. */
  failNext(reason: string): void;
}

/** The control, and what a job does before its work. */
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
