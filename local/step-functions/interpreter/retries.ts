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

  /** Milliseconds to wait before the next attempt; undefined when there is none. */
  next(error: StateError): number | undefined {
    const index = this.retriers.findIndex((retrier) => matches(retrier.ErrorEquals, error));
    const retrier = this.retriers[index];
    if (!retrier || this.used[index]! >= (retrier.MaxAttempts ?? 3)) return undefined;
    const growth = (retrier.BackoffRate ?? 2) ** this.used[index]!++;
    const seconds = Math.min((retrier.IntervalSeconds ?? 1) * growth, retrier.MaxDelaySeconds ?? 31_622_400);
    const jitter = retrier.JitterStrategy === 'FULL' ? this.settings.random() : 1;
    return seconds * jitter * this.settings.waitTimeScale * 1000;
  }
}
