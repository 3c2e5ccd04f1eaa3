import { describe, expect, it } from 'vitest';
import type { Retrier } from '../../../local/step-functions/definition/language.ts';
import { StateError } from '../../../local/step-functions/interpreter/errors.ts';
import { Retries } from '../../../local/step-functions/interpreter/retries.ts';
import { settingsOf } from '../../../local/step-functions/settings.ts';

/** Milliseconds before each retry of an error that does not go away. */
function pauses(retriers: Retrier[], error = 'Deadlock', options = {}): number[] {
  const retries = new Retries(retriers, settingsOf({ waitTimeScale: 1, ...options }));
  const found: number[] = [];
  for (let retry = retries.next(new StateError(error, '')); retry; ) {
    found.push(retry.pause);
    retry = retries.next(new StateError(error, ''));
  }
  return found;
}

describe('the pauses before retries', () => {
  it('are 1, 2 and 4 seconds unless told otherwise', () => {
    expect(pauses([{ ErrorEquals: ['States.ALL'] }])).toEqual([1000, 2000, 4000]);
  });

  it('grow by BackoffRate up to MaxDelaySeconds', () => {
    const retrier = { IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 10 };
    expect(pauses([{ ErrorEquals: ['States.ALL'], ...retrier }])).toEqual([2000, 6000, 10_000, 10_000]);
  });

  it('are cut by chance with full jitter', () => {
    const retrier = { ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL' as const, MaxAttempts: 2 };
    expect(pauses([retrier], 'Deadlock', { random: () => 0.25 })).toEqual([250, 500]);
  });

  it('shrink with WAIT_TIME_SCALE', () => {
    expect(pauses([{ ErrorEquals: ['States.ALL'] }], 'Deadlock', { waitTimeScale: 0.01 })).toEqual([
      10, 20, 40,
    ]);
  });

  it('come from the first retrier that names the error', () => {
    const retriers = [
      { ErrorEquals: ['Other'], IntervalSeconds: 9 },
      { ErrorEquals: ['Deadlock'], IntervalSeconds: 5, MaxAttempts: 1 },
    ];
    expect(pauses(retriers)).toEqual([5000]);
  });

  it.each([
    ['MaxAttempts is 0', { ErrorEquals: ['States.ALL'], MaxAttempts: 0 }, 'Deadlock'],
    ['the error has another name', { ErrorEquals: ['Other'] }, 'Deadlock'],
    ['a timeout is no States.TaskFailed', { ErrorEquals: ['States.TaskFailed'] }, 'States.Timeout'],
    [
      'nothing helps against States.Runtime',
      { ErrorEquals: ['States.ALL', 'States.Runtime'] },
      'States.Runtime',
    ],
  ])('are none when %s', (_, retrier, error) => {
    expect(pauses([retrier], error)).toEqual([]);
  });
});
