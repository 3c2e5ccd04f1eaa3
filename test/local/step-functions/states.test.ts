import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { block, startHarness } from './harness.ts';

let harness: Awaited<ReturnType<typeof startHarness>>;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const fail = { Type: 'Fail', Error: 'Broken', Cause: 'because' };
const longWait = { Type: 'Wait', Seconds: '{% $states.input.seconds %}', End: true };

describe('variables', () => {
  it('are set after the state, from what the state was entered with', async () => {
    const { output } = await harness.run({
      First: { Type: 'Pass', Assign: { n: 1 }, Next: 'Second' },
      Second: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Output: '{% $n %}', Next: 'Third' },
      Third: { Type: 'Pass', Output: '{% [$states.input, $n] %}', End: true },
    });
    expect(output).toEqual([1, 2]);
  });

  it('of an outer scope are read inside, and those of an inner scope are gone outside', async () => {
    const { output } = await harness.run({
      Set: { Type: 'Pass', Assign: { outer: 'o' }, Next: 'Both' },
      Both: {
        Type: 'Parallel',
        Branches: [
          block({
            Inside: { Type: 'Pass', Assign: { inner: '{% $outer & "i" %}' }, Next: 'Read' },
            Read: { Type: 'Pass', Output: '{% $inner %}', End: true },
          }),
        ],
        Output: '{% [$states.result, $exists($inner)] %}',
        End: true,
      },
    });
    expect(output).toEqual(['oi', false]);
  });

  it('are written into the history as JSON', async () => {
    const { events } = await harness.run({ Pass: { Type: 'Pass', Assign: { list: [1, 'a'] }, End: true } });
    expect(events[2]?.stateExitedEventDetails?.assignedVariables).toEqual({ list: '[1,"a"]' });
  });
});

describe('an empty Assign', () => {
  it('leaves no trace in the history', async () => {
    const { events } = await harness.run({ Pass: { Type: 'Pass', Assign: {}, End: true } });
    expect(events[2]?.stateExitedEventDetails).not.toHaveProperty('assignedVariables');
  });
});

describe('Choice', () => {
  const choice = {
    Choose: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.n > 10 %}', Output: 'big', Next: 'End' },
        { Condition: '{% $states.input.n > 5 %}', Assign: { size: 'middle' }, Next: 'Tell' },
      ],
      Default: 'End',
      Output: 'small',
    },
    Tell: { Type: 'Pass', Output: '{% $size %}', Next: 'End' },
    End: { Type: 'Succeed' },
  };

  it.each([
    [11, 'big'],
    [6, 'middle'],
    [1, 'small'],
  ])('takes the first rule that is true: %i is %s', async (n, size) => {
    expect((await harness.run(choice, { n })).output).toBe(size);
  });

  it('fails on an undefined condition, whatever Default says', async () => {
    const { error, cause } = await harness.run(choice, {});
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain("the field 'Choices[0]/Condition' returned nothing (undefined).");
  });

  it('fails on a condition that is no boolean', async () => {
    const { cause } = await harness.run({
      Choose: { Type: 'Choice', Choices: [{ Condition: "{% 'yes' %}", Next: 'End' }], Default: 'End' },
      End: { Type: 'Succeed' },
    });
    expect(cause).toContain("Expected 'boolean', but was 'string' for value: \"yes\"");
  });

  it('fails without a rule that is true and without Default', async () => {
    const { error } = await harness.run({
      Choose: { Type: 'Choice', Choices: [{ Condition: false, Next: 'End' }] },
      End: { Type: 'Succeed' },
    });
    expect(error).toBe('States.NoChoiceMatched');
  });
});

describe('Fail', () => {
  it('ends the execution with its error and cause', async () => {
    const states = { Fail: { Type: 'Fail', Error: '{% $states.input.error %}', Cause: 'c' } };
    const { status, error, cause } = await harness.run(states, { error: 'E' });
    expect({ status, error, cause }).toEqual({ status: 'FAILED', error: 'E', cause: 'c' });
  });

  it('may name neither', async () => {
    const { status, error, cause } = await harness.run({ Fail: { Type: 'Fail' } });
    expect({ status, error, cause }).toEqual({ status: 'FAILED', error: undefined, cause: undefined });
  });
});

describe('Wait', () => {
  it('goes on at once when the time is in the past', async () => {
    const { output } = await harness.run(
      { Wait: { Type: 'Wait', Timestamp: '{% $states.input %}', End: true } },
      '2016-03-05T21:29:29.243167252Z',
    );
    expect(output).toBe('2016-03-05T21:29:29.243167252Z');
  });

  it('fails on what is no time', async () => {
    const states = { Wait: { Type: 'Wait', Timestamp: '{% $states.input %}', End: true } };
    const { cause } = await harness.run(states, '05-12-2016T21:29:29Z');
    expect(cause).toContain(
      'The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: 05-12-2016T21:29:29Z',
    );
  });
});

describe('Parallel', () => {
  it('gives the outputs of its branches in their order', async () => {
    const branch = (value: string) => block({ [value]: { Type: 'Pass', Output: value, End: true } });
    const { output } = await harness.run({
      Both: { Type: 'Parallel', Branches: [branch('a'), branch('b')], End: true },
    });
    expect(output).toEqual(['a', 'b']);
  });

  it('gives its Arguments to every branch', async () => {
    const { output } = await harness.run({
      Both: {
        Type: 'Parallel',
        Arguments: { n: '{% 1 + 1 %}' },
        Branches: [block({ Echo: { Type: 'Pass', End: true } })],
        End: true,
      },
    });
    expect(output).toEqual([{ n: 2 }]);
  });

  it('starts anew on a retry, and fails once for good', async () => {
    const { types, error } = await harness.run({
      Both: {
        Type: 'Parallel',
        Branches: [block({ Fail: fail })],
        Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 1 }],
        End: true,
      },
    });
    expect(error).toBe('Broken');
    expect(types.slice(2)).toEqual([
      'ParallelStateStarted',
      'FailStateEntered',
      'ParallelStateStarted',
      'FailStateEntered',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
  });

  it('aborts the other branches when one fails, and can catch the error', async () => {
    await using slow = await startHarness({ waitTimeScale: 1 });
    const { output, types } = await slow.run(
      {
        Both: {
          Type: 'Parallel',
          Branches: [block({ Wait: longWait }), block({ Fail: fail })],
          Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Caught' }],
          End: true,
        },
        Caught: { Type: 'Succeed' },
      },
      { seconds: 3600 },
    );
    expect(output).toEqual({ Error: 'Broken', Cause: 'because' });
    expect(types).toContain('WaitStateAborted');
    expect(types.slice(-5)).toEqual([
      'ParallelStateFailed',
      'ParallelStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
  });
});

describe('Map', () => {
  const echo = block({ Echo: { Type: 'Pass', End: true } });

  it('runs every item through its states', async () => {
    const { output, events } = await harness.run({
      Each: { Type: 'Map', Items: [1, '{% 1 + 1 %}'], ItemProcessor: echo, End: true },
    });
    expect(output).toEqual([1, 2]);
    expect(events[2]?.mapStateStartedEventDetails).toEqual({ length: 2 });
  });

  it('takes its input for items when it has no Items', async () => {
    const { output } = await harness.run({ Each: { Type: 'Map', ItemProcessor: echo, End: true } }, ['a']);
    expect(output).toEqual(['a']);
  });

  it('shows item and index to its ItemSelector', async () => {
    const { output } = await harness.run({
      Each: {
        Type: 'Map',
        Items: ['a', 'b'],
        ItemSelector: {
          value: '{% $states.context.Map.Item.Value %}',
          at: '{% $states.context.Map.Item.Index %}',
        },
        ItemProcessor: echo,
        End: true,
      },
    });
    expect(output).toEqual([
      { value: 'a', at: 0 },
      { value: 'b', at: 1 },
    ]);
  });

  it.each([
    ["{% 'text' %}", 'string', '"text"'],
    ["{% {'a': 1} %}", 'object', '{"a":1}'],
    ['{% null %}', 'null', 'null'],
  ])('refuses Items %s', async (items, type, value) => {
    const { cause, types } = await harness.run({
      Each: { Type: 'Map', Items: items, ItemProcessor: echo, End: true },
    });
    expect(cause).toContain(
      `specified for the field 'Items' returned an unexpected result type. Expected 'array', but was '${type}' for value: ${value}`,
    );
    expect(types.slice(2)).toEqual(['EvaluationFailed', 'MapStateFailed', 'ExecutionFailed']);
  });

  it('runs no more iterations at once than MaxConcurrency', async () => {
    const { types } = await harness.run({
      Each: { Type: 'Map', Items: [1, 2], MaxConcurrency: 1, ItemProcessor: echo, End: true },
    });
    expect(types.slice(3, 7)).toEqual([
      'MapIterationStarted',
      'PassStateEntered',
      'PassStateExited',
      'MapIterationSucceeded',
    ]);
  });

  it('fails with the first iteration that fails', async () => {
    const { types, error } = await harness.run({
      Each: { Type: 'Map', Items: [1], ItemProcessor: block({ Fail: fail }), End: true },
    });
    expect(error).toBe('Broken');
    expect(types.slice(3)).toEqual([
      'MapIterationStarted',
      'FailStateEntered',
      'MapIterationFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });
});

describe('limits of an execution', () => {
  it('are 25,000 events, the last of which is its failure', async () => {
    const { error, cause, executionArn } = await harness.run({
      Loop: { Type: 'Choice', Choices: [{ Condition: true, Next: 'Loop' }], Default: 'End' },
      End: { Type: 'Succeed' },
    });
    expect(error).toBe('States.Runtime');
    expect(cause).toBe('The execution reached the maximum number of history events (25000).');
    const last = (await harness.history(executionArn, { reverseOrder: true, maxResults: 1 })).events?.[0];
    expect(last).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
  });

  it('are 10 MiB for all its variables', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `S${i}`);
    const remember = (_: string, index: number) => ({
      Type: 'Pass',
      Assign: { [`v${index}`]: "{% $pad('', 200000, 'x') %}" },
      Output: {},
      ...(names[index + 1] ? { Next: names[index + 1] } : { End: true }),
    });
    const states = Object.fromEntries(names.map((name, index) => [name, remember(name, index)]));
    const { error, events } = await harness.run(states);
    expect(error).toBe('States.DataLimitExceeded');
    expect(events.filter(({ type }) => type === 'PassStateExited')).toHaveLength(52);
  });

  it('are 256 KiB for the output of a state', async () => {
    const { error, cause } = await harness.run({
      Big: { Type: 'Pass', Output: "{% $pad('', 262143, 'x') %}", End: true },
    });
    expect(error).toBe('States.DataLimitExceeded');
    expect(cause).toBe(
      "The state/task 'Big' returned a result with a size exceeding the maximum number of bytes service limit.",
    );
  });

  it('are the TimeoutSeconds of the machine', async () => {
    await using slow = await startHarness({ waitTimeScale: 1 });
    const { status, error, types } = await slow.run(
      { Wait: longWait },
      { seconds: 3600 },
      { TimeoutSeconds: 1 },
    );
    expect({ status, error }).toEqual({ status: 'TIMED_OUT', error: undefined });
    expect(types.at(-1)).toBe('ExecutionTimedOut');
  });
});
