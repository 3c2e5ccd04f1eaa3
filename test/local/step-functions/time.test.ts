import { describe, expect, it } from 'vitest';
import { passing, startHarness } from './harness.ts';
import { randomOf } from './machines.ts';
import { eachOf, startMapHarness } from './maps.ts';

describe('with clock, ids and random numbers of its own, the emulator', () => {
  /** Everything that is by chance or by time elsewhere. */
  function frozen() {
    let count = 0;
    return {
      clock: () => Date.parse('2026-01-01T00:00:00Z'),
      random: randomOf(1),
      randomUUID: () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`,
    };
  }

  it('does the same again, down to the history', async () => {
    const states = {
      Look: {
        Type: 'Pass',
        Output: '{% [$random(), $uuid(), $now(), $states.context.State.EnteredTime] %}',
        Next: 'Each',
      },
      ...eachOf(passing('$uuid()'), { MaxConcurrency: 1 }),
    };
    const observe = async () => {
      await using harness = await startMapHarness(frozen());
      const outcome = await harness.run(states);
      return {
        ...outcome,
        children: (await harness.childrenOf(outcome.executionArn)).map(({ name, output }) => [name, output]),
      };
    };
    expect(await observe()).toEqual(await observe());
  });
});

describe('a factor of 0', () => {
  it('jumps over every wait', async () => {
    await using harness = await startHarness({ waitTimeScale: 0 });
    const { status } = await harness.run({
      Seconds: { Type: 'Wait', Seconds: 99_999_999, Next: 'Timestamp' },
      Timestamp: { Type: 'Wait', Timestamp: '9999-01-01T00:00:00Z', End: true },
    });
    expect(status).toBe('SUCCEEDED');
  });
});
