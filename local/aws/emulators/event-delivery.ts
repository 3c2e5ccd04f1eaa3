import { setTimeout as sleep } from 'node:timers/promises';

/** Retry policy of an EventBridge target. */
export interface RetryPolicy {
  MaximumEventAgeInSeconds?: number;
  MaximumRetryAttempts?: number;
}

/** Options of a delivery. */
export interface DeliveryOptions {
  policy?: RetryPolicy;
  /** Names of errors that are not retried. */
  permanent: string[];
  signal: AbortSignal;
  waitTimeScale: number;
  log(error: Error): void;
}

/** Sends, with retries by the policy. Returns the last error if all attempts failed, and nothing if it was stopped. */
export async function deliver(send: () => Promise<unknown>, options: DeliveryOptions) {
  const { policy = {}, permanent, signal, waitTimeScale, log } = options;
  const { MaximumEventAgeInSeconds = 86_400, MaximumRetryAttempts = 185 } = policy;
  // The age is not scaled, so that the scale changes the speed but not the number of attempts.
  for (let attempt = 0, age = 0; ; attempt++) {
    try {
      await send();
      return undefined;
    } catch (thrown) {
      if (signal.aborted) return undefined;
      const error = thrown as Error;
      log(error);
      const delay = Math.min(2 ** attempt, 60);
      age += delay;
      if (permanent.includes(error.name) || attempt >= MaximumRetryAttempts || age > MaximumEventAgeInSeconds)
        return error;
      await sleep(delay * 1000 * waitTimeScale, undefined, { signal });
    }
  }
}

/** Values as attributes of an SQS message. */
export function asAttributes(values: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(values).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
}
