import { setTimeout as sleep } from 'node:timers/promises';

/** What a target of EventBridge says about failures. */
export interface RetryPolicy {
  MaximumEventAgeInSeconds?: number;
  MaximumRetryAttempts?: number;
}

/** How deliveries to targets go. */
export interface DeliveryOptions {
  policy?: RetryPolicy;
  /** Names of errors that time cannot mend. */
  permanent: string[];
  signal: AbortSignal;
  waitTimeScale: number;
  log(error: Error): void;
}

/** Sends until it works or the policy says that it is enough; then gives the last error. Nothing when it is stopped. */
export async function deliver(send: () => Promise<unknown>, options: DeliveryOptions) {
  const { policy = {}, permanent, signal, waitTimeScale, log } = options;
  const { MaximumEventAgeInSeconds = 86_400, MaximumRetryAttempts = 185 } = policy;
  // The age is what it would be unscaled, so that the scale changes the pace and not the outcome.
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

/** Attributes of a message in a dead-letter queue. */
export function asAttributes(values: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(values).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
}
