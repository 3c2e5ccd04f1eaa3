import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passing, startHarness } from './harness.ts';

let harness: Awaited<ReturnType<typeof startHarness>>;
beforeAll(async () => {
  harness = await startHarness({ clock: () => Date.UTC(2026, 10, 23, 17, 4, 5, 678), random: () => 0.5 });
});
afterAll(() => harness.close());

const resultOf = async (expression: string, input: unknown = {}) => {
  const { output, cause } = await harness.run(passing(expression), input);
  return cause ?? output;
};
const problemOf = async (expression: string, input: unknown = {}) =>
  String(await resultOf(expression, input)).replace(/^.*specified for the field 'Output' /, '');

describe('an expression', () => {
  it('fails the state when it finds nothing, with the field that it stands in', async () => {
    const states = { Pass: { Type: 'Pass', Output: { rows: ['{% $states.input.absent %}'] }, End: true } };
    const { status, error, cause, types } = await harness.run(states);
    expect({ status, error, cause }).toEqual({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause:
        "An error occurred while executing the state 'Pass' (entered at the event id #2). The JSONata expression '$states.input.absent' specified for the field 'Output/rows[0]' returned nothing (undefined).",
    });
    expect(types).toEqual(['ExecutionStarted', 'PassStateEntered', 'EvaluationFailed', 'ExecutionFailed']);
  });

  it('keeps null, and drops what is undefined inside a constructor', async () => {
    expect(await resultOf("{'a': null, 'b': $states.input.absent}")).toEqual({ a: null });
  });

  it('is a literal with a blank outside the braces', async () => {
    const { output } = await harness.run({ Pass: { Type: 'Pass', Output: ' {% 1 %} ', End: true } });
    expect(output).toBe(' {% 1 %} ');
  });

  it('cannot give a function', async () => {
    expect(await problemOf('function($x) { $x }')).toBe('returned an unsupported result type.');
  });

  it('names the code of an error of JSONata', async () => {
    expect(await problemOf("$sum('a')")).toBe(
      'threw an error during evaluation. T0412: Argument 1 of function "sum" must be an array of "numbers"',
    );
  });

  it('shows nothing of JavaScript where the package makes a mistake', async () => {
    expect(await problemOf('$formatNumber(1, "x")')).toBe('threw an internal error during evaluation.');
  });

  it('sees input and context', async () => {
    expect(await resultOf('[$states.input.n, $states.context.State.Name]', { n: 7 })).toEqual([7, 'Pass']);
  });
});

describe('a value that is nested too deeply', () => {
  const deep = '['.repeat(2500) + ']'.repeat(2500);

  it('is refused as an input by name, and the emulator goes on', async () => {
    const stateMachineArn = await harness.create(passing('$states.input'));
    await expect(
      harness.client.send(new StartExecutionCommand({ stateMachineArn, input: deep })),
    ).rejects.toMatchObject({
      name: 'InvalidExecutionInput',
      message: expect.stringContaining('Document nesting depth (1001) exceeds the maximum allowed (1000)'),
    });
    expect(await resultOf('1 + 1')).toBe(2);
  });

  it('may have a thousand levels', async () => {
    const input = JSON.parse('['.repeat(1000) + ']'.repeat(1000)) as unknown;
    expect(JSON.stringify(await resultOf('$states.input', input))).toHaveLength(2000);
  });

  it.each([
    [
      `$parse($join($map([1..2500], function($i) { '[' })) & '')`,
      'threw an error during evaluation: The argument',
    ],
    [
      '$reduce([1..1500], function($all, $i) { {"a": $all} }, 0)',
      'threw an error during evaluation: Expression evaluation memory',
    ],
  ])('is none that an expression can make: %s', async (expression, problem) => {
    expect(await problemOf(expression)).toContain(problem);
    expect(await resultOf('1 + 1')).toBe(2);
  });

  it('is none that a machine can make state by state', async () => {
    const states = {
      Wrap: { Type: 'Pass', Output: ['{% $states.input %}'], Next: 'Again' },
      Again: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Wrap' }], Default: 'End' },
      End: { Type: 'Succeed' },
    };
    expect(await harness.run(states)).toMatchObject({
      error: 'States.DataLimitExceeded',
      cause:
        "The state/task 'Wrap' returned a result with a nesting depth exceeding the maximum service limit.",
    });
  });
});

describe('numbers', () => {
  it.each([
    ['$string(9223372036854775808)', '9223372036854776000'],
    ['$string(1e21)', '1e+21'],
    ['$string(0.1 + 0.2)', '0.3'],
    ['0.1 + 0.2', 0.30000000000000004],
    ['[1/0]', ['Infinity']],
    ['0/0', 'NaN'],
    ["$parse('-0')", 0],
    ['$round(2.5)', 2],
    ["$formatNumber(1234.5, '#,##0.00')", '1,234.50'],
  ])('%s is %j', async (expression, value) => {
    expect(await resultOf(expression)).toEqual(value);
  });
});

describe('the functions of Step Functions', () => {
  it.each([
    ['$partition([1..7], 3)', [[1, 2, 3], [4, 5, 6], [7]]],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$range(1, 9, 9)', 1],
    ['$random(42)', 0.7275636800328681],
    ["$hash('a', 'MD5')", '0cc175b9c0f1b6a831c399e269772661'],
    ["$hash('a', 'SHA-256')", 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
    ['$parse(\'{"a": [1]}\')', { a: [1] }],
    ["$base64encode('é—日')", 'w6nigJTml6U='],
  ])('%s is %j', async (expression, value) => {
    expect(await resultOf(expression)).toEqual(value);
  });

  it.each(['$range(1, 5, 0)', '$range(1, 5)', '$partition([], 2)', '$partition([1], 0)', "$hash('a')"])(
    '%s is undefined',
    async (expression) => {
      expect(await problemOf(expression)).toBe('returned nothing (undefined).');
    },
  );

  it('have no $eval', async () => {
    expect(await problemOf("$eval('1')")).toContain('T1006: Attempted to invoke a non-function');
  });

  it('follow the clock and the random numbers that the emulator was given', async () => {
    expect(await resultOf('$now()')).toBe('2026-11-23T17:04:05.678Z');
    expect(await resultOf('$uuid()')).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    expect(await resultOf('$uuid()')).toBe(await resultOf('$uuid()'));
  });
});

describe('limits', () => {
  const memory =
    'threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage';
  const nested = (depth: number) => '['.repeat(depth) + 1 + ']'.repeat(depth);
  const sum = (terms: number) => Array(terms).fill('1').join('+');
  const recursion = (depth: number) => `($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(${depth}))`;

  it.each([
    ['100 terms', sum(100), sum(101)],
    ['99 brackets', nested(99), nested(100)],
    ['31 calls in a call', recursion(31), recursion(32)],
  ])('allow %s and nothing deeper', async (_, allowed, refused) => {
    expect(await problemOf(allowed)).not.toContain('threw');
    expect(await problemOf(refused)).toContain(
      'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive. Depth=101 max=100',
    );
  });

  it('count the members of a constructor one by one', async () => {
    const rows = Array.from({ length: 300 }, (_, id) => ({ id: `r${id}`, name: 'n' }));
    expect(await resultOf('$states.input{id: [[name]]} ~> $keys() ~> $count()', rows)).toBe(300);
  });

  it.each([
    ['873,782 elements', '[1..873782] ~> $count()', '[1..873783] ~> $count()'],
    ['360,145 numbers of $range', '$range(1, 360145, 1) ~> $count()', '$range(1, 360146, 1) ~> $count()'],
  ])('allow %s', async (_, allowed, refused) => {
    expect(await problemOf(allowed)).not.toContain('threw');
    expect(await problemOf(refused)).toBe(memory);
  });

  it('refuse a text that fits nowhere', async () => {
    expect(await problemOf("$pad('x', 2000000000)")).toBe(memory);
  });

  it('end an expression after a second, even in the midst of a regular expression, and leave the others alone', async () => {
    const [runaway, other] = await Promise.all([
      problemOf(`$match('${'a'.repeat(40)}!', /^(a+)+$/)`),
      resultOf('1 + 1'),
    ]);
    expect(runaway).toBe(
      'threw an error during evaluation: Expression evaluation timeout: Check for infinite loop',
    );
    expect(other).toBe(2);
  });
});
