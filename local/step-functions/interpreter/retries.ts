import type { Retrier } from '../definition/language.ts';
import type { Settings } from '../settings.ts';
import { matches, type StateError } from './errors.ts';

/** Counts the retries of one entry into a state; every retrier has its own count. */
export class Retries {
  private readonly retriers: Retrier[];
  private readonly settings: Settings;
  private readonly used: number[];

  constructor(retriers: Retrier[], settings: Settings) {
    this.retriers = retriers;
    this.settings = settings;
    this.used = retriers.map(() => 0);
  }

  /** Returns the retrier that allows another attempt, and the milliseconds before it; undefined if none does. */
  next(error: StateError): { index: number; pause: number } | undefined {
    const index = this.retriers.findIndex((retrier) => matches(retrier.ErrorEquals, error));
    const retrier = this.retriers[index];
    if (!retrier || this.used[index]! >= attemptsOf(retrier)) return undefined;
    const seconds = secondsBefore(retrier, this.used[index]!++);
    const jitter = retrier.JitterStrategy === 'FULL' ? this.settings.random() : 1;
    return { index, pause: seconds * jitter * this.settings.waitTimeScale * 1000 };
  }
}

/** Returns the number of retries that a retrier allows. */
export function attemptsOf({ MaxAttempts = 3 }: Retrier): number {
  return MaxAttempts;
}

/** Returns the seconds before a retry, without jitter. `used` is the number of retries so far. */
export function secondsBefore(
  { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = 31_622_400 }: Retrier,
  used: number,
): number {
  return Math.min(IntervalSeconds * BackoffRate ** used, MaxDelaySeconds);
}
