import { TestStateCommand, type TestStateCommandInput } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { block, startHarness } from './harness.ts';

let harness: Awaited<ReturnType<typeof startHarness>>;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

/** What TestState answers for a state in JSONata, without the SDK's own members. */
async function test(state: object, rest: Omit<TestStateCommandInput, 'definition'> = {}) {
  const definition = JSON.stringify({ QueryLanguage: 'JSONata', ...state });
  const { $metadata: _, ...answer } = await harness.client.send(
    new TestStateCommand({ definition, ...rest }),
  );
  return answer;
}

const task = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: '{% $states.input.name %}' },
  Output: '{% $states.result.Payload %}',
  Next: 'Elsewhere',
};
const retry = { Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 2 }] };
const caught = {
  Catch: [{ ErrorEquals: ['Busy'], Output: '{% $states.errorOutput.Cause %}', Next: 'Sorry' }],
};
const busy = { mock: { errorOutput: { error: 'Busy', cause: 'much to do' } } };
const input = '{"name":"report"}';

describe('TestState', () => {
  it('gives the output and the next state', async () => {
    const state = { Type: 'Pass', Output: '{% $states.input.a + 1 %}', Next: 'B' };
    expect(await test(state, { input: '{"a":1}' })).toEqual({
      status: 'SUCCEEDED',
      output: '2',
      nextState: 'B',
    });
  });

  it('gives a mocked result to a Task, and calls nothing', async () => {
    const mock = { result: '{"Payload":7,"StatusCode":200}' };
    expect(await test(task, { input, mock, inspectionLevel: 'DEBUG' })).toEqual({
      status: 'SUCCEEDED',
      output: '7',
      nextState: 'Elsewhere',
      inspectionData: {
        input,
        afterArguments: '{"FunctionName":"report"}',
        result: '{"Payload":7,"StatusCode":200}',
      },
    });
  });

  it('tells what a retrier would do', async () => {
    const stateConfiguration = { retrierRetryCount: 1 };
    const answer = await test(
      { ...task, ...retry },
      { input, ...busy, stateConfiguration, inspectionLevel: 'DEBUG' },
    );
    expect(answer).toMatchObject({
      status: 'RETRIABLE',
      error: 'Busy',
      inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 4 } },
    });
  });

  it('goes to the catcher when no retry is left', async () => {
    const stateConfiguration = { retrierRetryCount: 2 };
    expect(await test({ ...task, ...retry, ...caught }, { input, ...busy, stateConfiguration })).toEqual({
      status: 'CAUGHT_ERROR',
      error: 'Busy',
      cause: 'much to do',
      output: '"much to do"',
      nextState: 'Sorry',
    });
  });

  it('fails with the bare cause', async () => {
    expect(await test({ Type: 'Pass', Output: '{% $none %}', End: true })).toEqual({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: "The JSONata expression '$none' specified for the field 'Output' returned nothing (undefined).",
    });
  });

  it('finds a state wherever it is in a machine, and takes variables', async () => {
    const ItemProcessor = block({ Inner: { Type: 'Pass', Output: '{% $n * 2 %}', End: true } });
    const machine = block({ Each: { Type: 'Map', ItemProcessor, End: true } });
    expect(await test(machine, { stateName: 'Inner', variables: '{"n":2}' })).toMatchObject({ output: '4' });
  });

  it('takes a context object', async () => {
    const state = { Type: 'Pass', Output: '{% $states.context.Execution.Name %}', End: true };
    expect(await test(state, { context: '{"Execution":{"Name":"n"}}' })).toMatchObject({ output: '"n"' });
  });

  it('counts the failures that a Map tolerates', async () => {
    const ItemProcessor = {
      ...block({ Inner: { Type: 'Pass', End: true } }),
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    };
    const state = { Type: 'Map', ItemProcessor, ToleratedFailureCount: 1, End: true };
    const outcome = async (mapIterationFailureCount: number) =>
      test(state, {
        input: '[1,2]',
        mock: { result: '[1,2]' },
        stateConfiguration: { mapIterationFailureCount },
      });
    expect(await outcome(1)).toMatchObject({ status: 'SUCCEEDED', output: '[1,2]' });
    expect(await outcome(2)).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
  });

  it.each([
    [
      'a result that the service would not give',
      task,
      '{"StatusCode":"200"}',
      /Field 'StatusCode' must be a number/,
    ],
    ['a result that is no JSON', task, '{', /^Mocked result must be valid JSON$/],
    [
      'a mocked Pass',
      { Type: 'Pass', End: true },
      '{}',
      /^State type 'Pass' is not supported when a mock is specified$/,
    ],
  ])('refuses %s', async (_, state, result, message) => {
    const refused = test(state, { input, mock: { result } });
    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
    });
  });

  it('does not look at the result when told not to', async () => {
    const mock = { result: '{"Payload":1,"StatusCode":"200"}', fieldValidationMode: 'NONE' as const };
    expect(await test(task, { input, mock })).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('refuses a Map without a mock, and a definition that could not be created', async () => {
    const ItemProcessor = block({ Inner: { Type: 'Pass', End: true } });
    await expect(test({ Type: 'Map', ItemProcessor, End: true })).rejects.toMatchObject({
      name: 'InvalidDefinition',
    });
    await expect(test({ Type: 'Pass', Output: '{% a %}', End: true })).rejects.toMatchObject({
      name: 'InvalidDefinition',
      message: expect.stringContaining('/States/StateName/Output'),
    });
  });
});
