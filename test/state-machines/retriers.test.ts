// Every retrier of every machine, by TestState: its errors reach it, and it retries them as often as it says. Whole executions
// cannot show that for each error, since a service has to fail in each way at each state.
import { TestStateCommand, type TestStateCommandOutput } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHarness } from '../local/step-functions/harness.ts';
import { visitedIn } from '../support/visits.ts';
import { allMachines, allStates } from './machines.ts';

let harness: Awaited<ReturnType<typeof startHarness>>;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const retriers = allMachines.flatMap(([file, machine]) =>
  allStates(machine).flatMap(([name, state]) =>
    (state.Retry ?? []).map((retrier, index) => ({ file, name, state, retrier, index })),
  ),
);

it.for(retriers)(
  '$file: "$name" retries $retrier.ErrorEquals',
  async ({ file, name, state, retrier, index }) => {
    // What the call is asked and what becomes of its answer do not matter here; they would need the variables of an execution.
    const { Type, Resource, Retry } = state;
    const definition = JSON.stringify({
      QueryLanguage: 'JSONata',
      Type,
      Resource,
      Arguments: {},
      Retry,
      End: true,
    });
    const fail = (error: string, retrierRetryCount: number): Promise<TestStateCommandOutput> =>
      harness.client.send(
        new TestStateCommand({
          definition,
          mock: { errorOutput: { error, cause: 'As it happens' } },
          stateConfiguration: { retrierRetryCount },
          inspectionLevel: 'DEBUG',
        }),
      );
    for (const error of retrier.ErrorEquals) {
      const first = await fail(error, 0);
      expect(first).toMatchObject({ status: 'RETRIABLE' });
      expect(first.inspectionData!.errorDetails).toEqual({
        retryIndex: index,
        retryBackoffIntervalSeconds: retrier.IntervalSeconds,
      });
      expect(await fail(error, retrier.MaxAttempts - 1)).toMatchObject({ status: 'RETRIABLE' });
      expect(await fail(error, retrier.MaxAttempts)).toMatchObject({ status: 'FAILED', error });
    }
    visitedIn(file, `${name}/Retry[${index}]`);
  },
);
