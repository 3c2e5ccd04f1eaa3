import {
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { block, passing } from './harness.ts';
import { eachOf, startMapHarness } from './maps.ts';

const doubled = passing('$states.input * 2');
/** Fails for items above 2. */
const picky = {
  Look: {
    Type: 'Choice',
    Choices: [{ Condition: '{% $states.input > 2 %}', Next: 'Refuse' }],
    Default: 'Take',
  },
  Refuse: { Type: 'Fail', Error: 'TooBig', Cause: 'It is too big' },
  Take: { Type: 'Pass', End: true },
};
const waiting = { Wait: { Type: 'Wait', Seconds: 3600, End: true } };

/** Runs a Distributed Map over the input, and looks at what it left. */
async function runEach(states: object, input: unknown, fields = {}) {
  await using harness = await startMapHarness();
  const outcome = await harness.run(eachOf(states, fields), input);
  const children = await harness.childrenOf(outcome.executionArn);
  return { ...outcome, children, mapRun: await harness.mapRunOf(outcome.executionArn), harness };
}

describe('a Distributed Map', () => {
  it('runs a child for every item, and gives their outputs', async () => {
    expect(await runEach(doubled, [1, 2, 3])).toMatchObject({ status: 'SUCCEEDED', output: [2, 4, 6] });
  });

  it('takes the members of an object as items', async () => {
    const ItemSelector = {
      key: '{% $states.context.Map.Item.Key %}',
      whole: '{% $states.context.Map.Item.Value %}',
    };
    const { output } = await runEach(passing('$states.input'), { a: 1 }, { ItemSelector });
    expect(output).toEqual([{ key: 'a', whole: { Key: 'a', Value: 1 } }]);
  });

  it('over nothing gives nothing', async () => {
    expect((await runEach(doubled, [])).output).toEqual([]);
  });

  it('records a Map Run and nothing of its children', async () => {
    const { types, mapRun, events } = await runEach(doubled, [1]);
    expect(types).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    expect(events[3]?.mapRunStartedEventDetails?.mapRunArn).toBe(mapRun.mapRunArn);
  });

  it('evaluates its ItemSelector with the variables of the parent', async () => {
    await using harness = await startMapHarness();
    const ItemSelector = {
      factor: '{% $factor %}',
      value: '{% $states.context.Map.Item.Value %}',
      index: '{% $states.context.Map.Item.Index %}',
      source: '{% $states.context.Map.Item.Source %}',
    };
    const { output } = await harness.run(
      {
        Remember: { Type: 'Pass', Assign: { factor: 10 }, Next: 'Each' },
        ...eachOf(passing('$states.input'), { ItemSelector }),
      },
      ['a'],
    );
    expect(output).toEqual([{ factor: 10, value: 'a', index: 0, source: 'STATE_DATA' }]);
  });

  it('hides the variables of the parent from its children', async () => {
    await using harness = await startMapHarness();
    const { output } = await harness.run(
      {
        Remember: { Type: 'Pass', Assign: { factor: 10 }, Next: 'Each' },
        ...eachOf(passing('{"seen": $exists($factor)}')),
      },
      [1],
    );
    expect(output).toEqual([{ seen: false }]);
  });

  it('puts items into batches by number', async () => {
    const ItemBatcher = { MaxItemsPerBatch: 2, BatchInput: { day: 'Monday' } };
    const { output, mapRun } = await runEach(passing('$states.input'), [1, 2, 3], { ItemBatcher });
    expect(output).toEqual([
      { BatchInput: { day: 'Monday' }, Items: [1, 2] },
      { BatchInput: { day: 'Monday' }, Items: [3] },
    ]);
    expect([mapRun.itemCounts?.total, mapRun.executionCounts?.total]).toEqual([3, 2]);
  });

  it('puts items into batches by bytes', async () => {
    const ItemBatcher = { MaxInputBytesPerBatch: 40 };
    const items = ['a'.repeat(10), 'b'.repeat(10), 'c'.repeat(10)];
    const { output } = await runEach(passing('$count($states.input.Items)'), items, { ItemBatcher });
    expect(output).toEqual([2, 1]);
  });

  it('is refused in an Express machine', async () => {
    await using harness = await startMapHarness();
    await expect(harness.create(eachOf(doubled), { type: 'EXPRESS' })).rejects.toThrow('DISTRIBUTED');
  });

  it('is refused with a Label that no ARN could carry', async () => {
    await using harness = await startMapHarness();
    await expect(harness.create(eachOf(doubled, { Label: 'a b' }))).rejects.toThrow(
      "Label contains invalid character: ' '",
    );
  });
});

describe('a child', () => {
  it('is a Standard execution below the label, with a history of its own', async () => {
    await using harness = await startMapHarness();
    const { executionArn } = await harness.run(eachOf(doubled), [1]);
    const [child] = await harness.childrenOf(executionArn);
    expect(child).toMatchObject({ status: 'SUCCEEDED', input: '1', output: '2', redriveCount: 0 });
    expect(child?.stateMachineArn).toMatch(/:stateMachine:machine-\d+\/Each$/);
    expect(child?.executionArn).toMatch(/:execution:machine-\d+\/Each:[0-9a-f-]{36}$/);
    expect(child?.mapRunArn).toMatch(/:mapRun:machine-\d+\/Each:[0-9a-f-]{36}$/);
    const { events } = await harness.client.send(
      new GetExecutionHistoryCommand({ executionArn: child!.executionArn }),
    );
    expect(events?.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('is an Express execution if the Map says so', async () => {
    const { children, output } = await runEach(doubled, [1], { ExecutionType: 'EXPRESS' });
    expect(output).toEqual([2]);
    expect(children[0]?.executionArn).toMatch(/:express:machine-\d+\/Each:[0-9a-f-]{36}:[0-9a-f-]{36}$/);
  });

  it('tells of its changes of status under the name of its Map', async () => {
    await using harness = await startMapHarness();
    await harness.run(eachOf(doubled), [1]);
    const machines = harness.statusChanges.map(
      ({ detail }) => `${detail.stateMachineArn.split(':').at(-1)?.replace(/\d+/, 'N')} ${detail.status}`,
    );
    expect(machines).toEqual([
      'machine-N RUNNING',
      'machine-N/Each RUNNING',
      'machine-N/Each SUCCEEDED',
      'machine-N SUCCEEDED',
    ]);
  });

  it('has the item processor as its machine', async () => {
    await using harness = await startMapHarness();
    const { executionArn } = await harness.run(eachOf(doubled), [1]);
    const [child] = await harness.childrenOf(executionArn);
    const machine = await harness.client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: child!.executionArn }),
    );
    expect(machine).toMatchObject({ label: 'Each', mapRunArn: child!.mapRunArn });
    expect(JSON.parse(machine.definition!)).toEqual({
      QueryLanguage: 'JSONata',
      StartAt: 'Pass',
      States: doubled,
    });
  });

  it('is not listed among the executions of the machine', async () => {
    await using harness = await startMapHarness();
    const stateMachineArn = await harness.create(eachOf(doubled));
    await harness.execute(stateMachineArn, [1, 2]);
    const { executions } = await harness.client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions).toHaveLength(1);
  });
});

describe('failures of children', () => {
  it('are not tolerated by default: the others are stopped', async () => {
    const { error, cause, types, children, mapRun } = await runEach(
      {
        Look: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $states.input = 1 %}', Next: 'Refuse' }],
          Default: 'Wait',
        },
        Refuse: { Type: 'Fail', Error: 'No' },
        Wait: { Type: 'Wait', Timestamp: '9999-01-01T00:00:00Z', End: true },
      },
      [1, 2],
      { MaxConcurrency: 2 },
    );
    expect([error, cause]).toEqual([
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    ]);
    expect(types.slice(-3)).toEqual(['MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
    expect(children.map(({ status }) => status)).toEqual(['FAILED', 'ABORTED']);
    expect(mapRun.status).toBe('FAILED');
  });

  it('leave the children that have not begun pending', async () => {
    const { mapRun, children } = await runEach(picky, [3, 1, 2], { MaxConcurrency: 1 });
    expect(mapRun.executionCounts).toMatchObject({ failed: 1, pending: 2, total: 3 });
    expect(children).toHaveLength(1);
  });

  it('are tolerated up to a number', async () => {
    const { status, mapRun } = await runEach(picky, [1, 3, 2], { ToleratedFailureCount: 1 });
    expect(status).toBe('SUCCEEDED');
    expect(mapRun).toMatchObject({
      toleratedFailureCount: 1,
      executionCounts: { succeeded: 2, failed: 1, total: 3 },
    });
  });

  it('are tolerated up to a percentage', async () => {
    const tolerate = (ToleratedFailurePercentage: number) =>
      runEach(picky, [1, 3], { ToleratedFailurePercentage });
    expect((await tolerate(50)).status).toBe('SUCCEEDED');
    expect((await tolerate(49.9)).status).toBe('FAILED');
  });

  it('are shown in the output with all that is known of them', async () => {
    const { output } = await runEach(picky, [1, 3], { ToleratedFailureCount: 1 });
    expect(output).toEqual([1, expect.objectContaining({ Status: 'FAILED', Error: 'TooBig', Input: '3' })]);
  });

  it('can be caught as one', async () => {
    await using harness = await startMapHarness();
    const Catch = [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], Next: 'Caught' }];
    const { output } = await harness.run(
      { ...eachOf(picky, { Catch }), Caught: passing('"caught"').Pass },
      [3],
    );
    expect(output).toBe('caught');
  });

  it('are answered by a Retry with a new Map Run', async () => {
    const { types } = await runEach(picky, [3], {
      Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
    });
    expect(types.filter((type) => type === 'MapRunStarted')).toHaveLength(2);
  });
});

describe('a Map Run', () => {
  /** A Map Run whose children never end, and the way to look at it. */
  async function startWaiting(fields = {}) {
    const harness = await startMapHarness({ waitTimeScale: 1 });
    const stateMachineArn = await harness.create(eachOf(waiting, fields));
    const { executionArn } = await harness.client.send(
      new StartExecutionCommand({ stateMachineArn, input: '[1,2,3]' }),
    );
    const running = () =>
      expect.poll(async () => (await harness.mapRunOf(executionArn!)).executionCounts?.running);
    return { ...harness, executionArn: executionArn!, running };
  }

  it('runs so many children at once', async () => {
    await using harness = await startWaiting({ MaxConcurrency: 2 });
    await harness.running().toBe(2);
    expect((await harness.mapRunOf(harness.executionArn)).executionCounts?.pending).toBe(1);
  });

  it('runs 10,000 at once by default', async () => {
    await using harness = await startWaiting();
    await harness.running().toBe(3);
    expect((await harness.mapRunOf(harness.executionArn)).maxConcurrency).toBe(10_000);
  });

  it('can be changed while it goes on', async () => {
    await using harness = await startWaiting({ MaxConcurrency: 1 });
    await harness.running().toBe(1);
    const { mapRunArn } = await harness.mapRunOf(harness.executionArn);
    await harness.client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 3 }));
    await harness.running().toBe(3);
  });

  it('fails at once when less is tolerated than has failed', async () => {
    await using harness = await startMapHarness({ waitTimeScale: 1 });
    const states = {
      Look: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input = 1 %}', Next: 'Refuse' }],
        Default: 'Wait',
      },
      Refuse: { Type: 'Fail', Error: 'No' },
      ...waiting,
    };
    const stateMachineArn = await harness.create(eachOf(states, { ToleratedFailureCount: 1 }));
    const { executionArn } = await harness.client.send(
      new StartExecutionCommand({ stateMachineArn, input: '[1,2]' }),
    );
    const counts = async () => (await harness.mapRunOf(executionArn!)).executionCounts;
    await expect.poll(counts).toMatchObject({ failed: 1, running: 1 });
    const { mapRunArn } = await harness.mapRunOf(executionArn!);
    await harness.client.send(new UpdateMapRunCommand({ mapRunArn, toleratedFailureCount: 0 }));
    await expect.poll(counts).toMatchObject({ failed: 1, aborted: 1 });
  });

  it('is aborted with its children when the parent is stopped', async () => {
    await using harness = await startWaiting();
    await harness.running().toBe(3);
    await harness.client.send(new StopExecutionCommand({ executionArn: harness.executionArn }));
    expect(await harness.mapRunOf(harness.executionArn)).toMatchObject({
      status: 'ABORTED',
      executionCounts: { aborted: 3 },
    });
  });

  it('is aborted by a branch beside it that fails', async () => {
    await using harness = await startMapHarness({ waitTimeScale: 1 });
    const fail = {
      Pause: { Type: 'Wait', Seconds: 1, Next: 'Fail' },
      Fail: { Type: 'Fail', Error: 'No' },
    };
    const Branches = [block(eachOf(waiting)), block(fail)];
    const { error, types, executionArn } = await harness.run(
      { Both: { Type: 'Parallel', Branches, End: true } },
      [1],
    );
    expect(error).toBe('No');
    expect(types.slice(-5)).toEqual([
      'FailStateEntered',
      'MapRunAborted',
      'MapStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
    expect((await harness.childrenOf(executionArn))[0]?.status).toBe('ABORTED');
  });

  it('lets Express children finish when it fails', async () => {
    await using harness = await startMapHarness({ waitTimeScale: 1 });
    const states = {
      Look: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input = 1 %}', Next: 'Refuse' }],
        Default: 'Wait',
      },
      Refuse: { Type: 'Fail', Error: 'No' },
      Wait: { Type: 'Wait', Seconds: 1, End: true },
    };
    const { executionArn } = await harness.run(eachOf(states, { ExecutionType: 'EXPRESS' }), [1, 2]);
    const children = await harness.childrenOf(executionArn);
    expect(children.map(({ status }) => status)).toEqual(['FAILED', 'SUCCEEDED']);
  });

  it('that is unknown is not found', async () => {
    await using harness = await startMapHarness();
    const update = new UpdateMapRunCommand({
      mapRunArn: 'arn:aws:states:us-east-1:123456789012:mapRun:a/b:c',
    });
    await expect(harness.client.send(update)).rejects.toThrow('Resource not found');
  });
});

describe('results in the state', () => {
  const lists = passing('[$states.input, $states.input]');

  it('above 256 KiB in all fail it', async () => {
    const { error, types } = await runEach(passing('$join([1..100000].("ab"))'), [1, 2]);
    expect(error).toBe('States.DataLimitExceeded');
    expect(types).toContain('MapRunFailed');
  });

  it('can be flattened', async () => {
    const ResultWriter = { WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSON' } };
    expect((await runEach(lists, [1, 2], { ResultWriter })).output).toEqual([1, 1, 2, 2]);
  });

  it('can be whole executions', async () => {
    const ResultWriter = { WriterConfig: { Transformation: 'NONE', OutputType: 'JSON' } };
    expect((await runEach(lists, [1], { ResultWriter })).output).toEqual([
      expect.objectContaining({ Status: 'SUCCEEDED', Output: '[1,1]', RedriveStatus: 'NOT_REDRIVABLE' }),
    ]);
  });
});

describe('the role of a Distributed Map', () => {
  const denying = (denied: string) => {
    const asked: string[] = [];
    const mayControlChildren = async (_role: string, action: string, resource: string) => {
      asked.push(`${action} ${resource.split(':').slice(5).join(':')}`);
      return action !== denied;
    };
    return { asked, mayControlChildren };
  };

  it('is asked whether it may start, describe and stop children', async () => {
    const { asked, mayControlChildren } = denying('nothing');
    await using harness = await startMapHarness({ mayControlChildren });
    const { executionArn } = await harness.run(eachOf(doubled), [1]);
    const own = executionArn.split(':').slice(6).join(':');
    const [machine] = own.split(':');
    expect(asked).toEqual([
      `states:StartExecution stateMachine:${machine}`,
      `states:DescribeExecution execution:${own}`,
      `states:StopExecution execution:${own}`,
    ]);
  });

  it('runs none when it may not', async () => {
    const { mayControlChildren } = denying('states:StartExecution');
    await using harness = await startMapHarness({ mayControlChildren });
    expect(await harness.run(eachOf(doubled), [1])).toMatchObject({
      status: 'FAILED',
      error: 'StepFunctions.AWSStepFunctionsException',
      cause: expect.stringContaining('is not authorized to perform: states:StartExecution'),
    });
  });

  it('needs one permission more for a redrive', async () => {
    const { asked, mayControlChildren } = denying('states:RedriveExecution');
    await using harness = await startMapHarness({ mayControlChildren });
    const { executionArn } = await harness.run(eachOf(picky), [1, 3]);
    const redriven = await harness.redrive(executionArn);
    expect(redriven).toMatchObject({ status: 'FAILED', error: 'StepFunctions.AWSStepFunctionsException' });
    expect(asked.at(-1)).toMatch(/^states:RedriveExecution execution:machine-1\/Each:/);
  });
});
