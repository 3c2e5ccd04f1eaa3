import { describe, expect, it } from 'vitest';
import { type Outcome, startHarness, startService } from './harness.ts';
import { randomOf, statesOf } from './machines.ts';

const seeds = Array.from({ length: 12 }, (_, i) => i + 1);
const none = () => 0;

/** A harness whose function gives its input back, but fails in the calls that it is told to fail in. */
async function startEcho() {
  let calls = 0;
  let broken: number[] = [];
  const service = await startService(({ body }) =>
    broken.includes(++calls)
      ? { headers: { 'X-Amz-Function-Error': 'Unhandled' }, body: '{"errorType":"Broken"}' }
      : { body },
  );
  const harness = await startHarness({
    waitTimeScale: 0.001,
    clients: () => ({ endpoint: service.endpoint }),
  });
  return {
    ...harness,
    calls: () => calls,
    /** Calls are counted from here on. */
    breakCalls: (...numbers: number[]) => {
      calls = 0;
      broken = numbers;
    },
    async [Symbol.asyncDispose]() {
      await harness.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

const result = ({ status, output, error }: Outcome) => ({ status, output, error });
/** The names of the states that were left, each as often as that happened. */
const left = ({ events }: Outcome) =>
  events.flatMap(({ stateExitedEventDetails: details }) => details?.name ?? []).toSorted();

describe('a machine made by chance', () => {
  it.each(seeds)('ends the same however its branches interleave (%i)', async (seed) => {
    await using harness = await startEcho();
    const run = async (seconds: () => number) =>
      result(await harness.run(statesOf({ random: randomOf(seed), seconds, depth: 2 }), ['start']));
    const expected = await run(none);
    expect(expected.status).toBe('SUCCEEDED');
    const delays = randomOf(-seed);
    for (let i = 0; i < 3; i++) expect(await run(() => Math.floor(delays() * 20))).toEqual(expected);
  });

  it.each(seeds)('ends, when redriven, as if no Task had failed (%i)', async (seed) => {
    const states = () => statesOf({ random: randomOf(seed), seconds: none, depth: 2 });
    await using harness = await startEcho();
    const expected = await harness.run(states(), ['start']);
    const calls = Math.min(harness.calls(), 10);
    for (let failing = 1; failing <= calls; failing++) {
      // The call that follows fails too, so that some are redriven twice.
      harness.breakCalls(failing, failing + 1);
      let outcome = await harness.run(states(), ['start']);
      expect(outcome.status).toBe('FAILED');
      for (let redrives = 0; redrives < 2 && outcome.status === 'FAILED'; redrives++)
        outcome = await harness.redrive(outcome.executionArn);
      expect(result(outcome)).toEqual(result(expected));
      // Nothing that was done is done again.
      expect(left(outcome)).toEqual(left(expected));
    }
  });
});
