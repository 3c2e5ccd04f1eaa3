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

  const called = (Resource: string) => ({ Type: 'Task', Resource, Arguments: {}, End: true });

  it.each([
    ['arn:aws:states:::events:putEvents', { Entries: 'x' }, "Field 'Entries' must be an array"],
    ['arn:aws:states:::events:putEvents', { Entries: [{ EventId: [] }] }, "Field 'EventId' must be a string"],
    [
      'arn:aws:states:::aws-sdk:kms:encrypt',
      { CiphertextBlob: 1 },
      "Field 'CiphertextBlob' must be a string",
    ],
    [
      'arn:aws:states:::aws-sdk:lambda:getFunction',
      { Configuration: { MemorySize: 127 } },
      "Field 'MemorySize' is less than the minimum value",
    ],
    [
      'arn:aws:states:::aws-sdk:lambda:getFunction',
      { Configuration: { MemorySize: 10_241 } },
      "Field 'MemorySize' exceeds the maximum value",
    ],
    [
      'arn:aws:states:::aws-sdk:s3:getObject',
      { StorageClass: 'Papyrus' },
      "Field 'StorageClass' is not an expected value",
    ],
    [
      'arn:aws:states:::states:startExecution.sync:2',
      { Output: {} },
      "Required field 'ExecutionArn' is missing",
    ],
    ['arn:aws:states:::lambda:invoke', [], "Field '' must be an object"],
  ])('holds a result of %s to the model of the service', async (resource, result, problem) => {
    const refused = test(called(resource), { mock: { result: JSON.stringify(result) } });
    await expect(refused).rejects.toThrow(`Mock result schema validation error: ${problem}`);
  });

  it.each([
    'arn:aws:states:::events:putEvents',
    'arn:aws:states:::aws-sdk:dynamodb:getItem',
    'arn:aws:states:::http:invoke',
    'arn:aws:states:::ecs:runTask.sync',
  ])('takes a mock for %s, which is not installed', async (resource) => {
    expect(await test(called(resource), { mock: { result: '{}' } })).toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each([
    ['[]', 'Context object must be a valid JSON object'],
    ['{"Execution":1}', 'Execution must be an object'],
    ['{"State":{"RetryCount":"1"}}', 'State.RetryCount must be a number'],
  ])('refuses the context object %s', async (context, problem) => {
    const refused = test({ Type: 'Pass', End: true }, { context });
    await expect(refused).rejects.toThrow(`Invalid Context object provided: ${problem}`);
  });

  it('refuses variables that are no object', async () => {
    await expect(test({ Type: 'Pass', End: true }, { variables: '[1]' })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('reads the data of an ItemReader in its format', async () => {
    const ItemProcessor = {
      ...block({ Inner: { Type: 'Pass', End: true } }),
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    };
    const ItemReader = {
      Resource: 'arn:aws:states:::s3:getObject',
      Arguments: { Bucket: 'b', Key: 'k' },
      ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
    };
    const ItemSelector = '{% $states.context.Map.Item.Value.id %}';
    const state = { Type: 'Map', ItemReader, ItemSelector, ItemProcessor, End: true };
    const answer = await test(state, {
      mock: { result: '[1]' },
      stateConfiguration: { mapItemReaderData: 'id\n7' },
      inspectionLevel: 'DEBUG',
    });
    expect(answer).toMatchObject({ inspectionData: { afterItemSelector: '["7"]' } });
  });

  it.each(['MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage'])(
    'fails for a %s of another type',
    async (field) => {
      const ItemProcessor = {
        ...block({ Inner: { Type: 'Pass', End: true } }),
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      };
      const state = { Type: 'Map', ItemProcessor, [field]: '{% [{}] %}', End: true };
      expect(await test(state, { input: '[1]', mock: { result: '[1]' } })).toMatchObject({
        error: 'States.QueryEvaluationError',
        cause: expect.stringContaining("Expected 'number', but was 'array'"),
      });
    },
  );

  it('holds a failure count to whichever tolerance is smaller', async () => {
    const ItemProcessor = {
      ...block({ Inner: { Type: 'Pass', End: true } }),
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    };
    const limits = { ToleratedFailureCount: 2, ToleratedFailurePercentage: 25 };
    const state = { Type: 'Map', ItemProcessor, ...limits, End: true };
    const rest = { input: '[1,2,3,4]', mock: { result: '[]' } };
    const outcome = async (mapIterationFailureCount: number) =>
      (await test(state, { ...rest, stateConfiguration: { mapIterationFailureCount } })).status;
    expect([await outcome(1), await outcome(2)]).toEqual(['SUCCEEDED', 'FAILED']);
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
