import { describe, expect, it } from 'vitest';
import errors from '../../contract/errors.json' with { type: 'json' };
import { allMachines, allStates } from './machines.ts';
import { policies, retrierOf, waitsOf } from './retries.ts';

describe.each(Object.entries(policies))('The retry policy %s', (_, policy) => {
  const { label, reason, retrier } = policy;

  it('has a label for comments, and a reason', () => {
    expect(label).not.toBe('');
    expect(reason).toMatch(/^[A-Z].*\.$/);
  });

  it('has a longest delay only where a wait would grow beyond it', () => {
    const { MaxDelaySeconds, ...uncapped } = retrier;
    if (MaxDelaySeconds) expect(Math.max(...waitsOf(uncapped))).toBeGreaterThan(MaxDelaySeconds);
  });

  it('is used by a machine', () => {
    const retriers = allMachines.flatMap(([, machine]) =>
      allStates(machine).flatMap(([, { Retry = [], Resource = '' }]) =>
        Retry.map((retry) => [retry, Resource] as const),
      ),
    );
    const users = retriers.filter(
      ([retry, resource]) => JSON.stringify(retry) === JSON.stringify(retrierOf(policy, resource)),
    );
    expect(users).not.toEqual([]);
  });
});

it('no two policies are the same', () => {
  const seen = Object.values(policies).map(({ errors, retrier }) => JSON.stringify([errors, retrier]));
  expect(new Set(seen).size).toBe(seen.length);
});

it('every transient error can be redriven too', () => {
  const lost = Object.entries(errors).filter(([, { transient, redrivable }]) => transient && !redrivable);
  expect(lost).toEqual([]);
});
