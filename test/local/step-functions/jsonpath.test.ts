import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { block, startHarness } from './harness.ts';

let harness: Awaited<ReturnType<typeof startHarness>>;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const language = { QueryLanguage: undefined };
const run = (states: object, input: unknown = {}) => harness.run(states, input, language);
/** The output of a Pass state with these fields. */
const passed = async (fields: object, input: unknown = {}) =>
  (await run({ P: { Type: 'Pass', End: true, ...fields } }, input)).output;
/** What a path or call gives. */
const referenced = async (text: string, input: unknown = {}) =>
  ((await passed({ Parameters: { 'value.$': text } }, input)) as { value: unknown }).value;

describe('the way of the data', () => {
  it('goes through InputPath, Parameters, ResultPath and OutputPath', async () => {
    const fields = {
      InputPath: '$.in',
      Parameters: { 'b.$': '$.a' },
      ResultPath: '$.x.y',
      OutputPath: '$.x',
    };
    expect(await passed(fields, { in: { a: 1 } })).toEqual({ y: { b: 1 } });
  });

  it('keeps the whole input beside a result', async () => {
    expect(await passed({ InputPath: '$.a', Result: 2, ResultPath: '$.b' }, { a: 1 })).toEqual({
      a: 1,
      b: 2,
    });
  });

  it('drops the result for a ResultPath of null', async () => {
    expect(await passed({ Result: 2, ResultPath: null }, { a: 1 })).toEqual({ a: 1 });
  });

  it('is cut off by an InputPath or OutputPath of null', async () => {
    expect(await passed({ OutputPath: null }, { a: 1 })).toEqual({});
    expect(await passed({ InputPath: null }, { a: 1 })).toEqual({});
  });

  it('takes what a ResultSelector makes of a result', async () => {
    const Branches = [block({ B: { Type: 'Pass', Result: 7, End: true } })];
    const state = { Type: 'Parallel', Branches, ResultSelector: { 'first.$': '$[0]' }, End: true };
    expect((await run({ S: state })).output).toEqual({ first: 7 });
  });

  it('puts a caught error where the catcher says', async () => {
    const Branches = [block({ B: { Type: 'Fail', Error: 'E', Cause: 'C' } })];
    const Catch = [{ ErrorEquals: ['E'], ResultPath: '$.error', Next: 'Done' }];
    const states = { S: { Type: 'Parallel', Branches, Catch, End: true }, Done: { Type: 'Succeed' } };
    expect((await run(states, { a: 1 })).output).toEqual({ a: 1, error: { Error: 'E', Cause: 'C' } });
  });

  it('goes on in JSONata, variables too', async () => {
    const states = {
      Path: { Type: 'Pass', Assign: { 'n.$': '$.a' }, Next: 'Jsonata' },
      Jsonata: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $n + 1 %}', End: true },
    };
    expect((await run(states, { a: 1 })).output).toBe(2);
  });
});

describe('a path', () => {
  const input = { list: [1, 2, 3], 'a-b': { "it's": 4 } };
  it.each([
    ['$.list[1]', 2],
    ['$.list[-1]', 3],
    ['$.list[1:]', [2, 3]],
    ['$.list[*]', [1, 2, 3]],
    ['$.none[*].x', []],
    ["$.a-b['it\\'s']", 4],
    ['$$.State.Name', 'P'],
  ])('%s gives %j', async (path, value) => {
    expect(await referenced(path, input)).toEqual(value);
  });

  it('that leads nowhere fails the execution, which nothing can catch', async () => {
    const { error, cause } = await run({ P: { Type: 'Pass', InputPath: '$.a.b', End: true } });
    expect(error).toBe('States.Runtime');
    expect(cause).toContain("Invalid path '$.a.b' : Missing property in path $['a']");
  });

  it('of a Wait has to give whole seconds', async () => {
    const { cause } = await run({ W: { Type: 'Wait', SecondsPath: '$.s', End: true } }, { s: 1.5 });
    expect(cause).toContain('The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5');
  });
});

describe('an intrinsic function', () => {
  it.each([
    ["States.Format('{} \\{\\} {}', 'a', $.n)", 'a {} 1'],
    ['States.ArrayRange(1, 5, 2)', [1, 3, 5]],
    ['States.ArrayPartition($.list, 2)', [[1, 2], [2]]],
    ['States.ArrayUnique($.list)', [1, 2]],
    ['States.ArrayContains($.list, 2)', true],
    ["States.StringSplit('a,b;c', ',;')", ['a', 'b', 'c']],
    ['States.StringToJson(\'{"a": 1}\')', { a: 1 }],
    ["States.JsonToString(States.Array(1, 'x', true, null))", '[1,"x",true,null]'],
    ['States.JsonMerge($.one, $.two, false)', { a: 1, b: 2 }],
    ["States.Base64Decode(States.Base64Encode('é'))", 'é'],
    ["States.Hash('a', 'SHA-1')", '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
    ['States.MathAdd($.n, -2)', -1],
  ])('%s', async (call, value) => {
    expect(await referenced(call, { n: 1, list: [1, 2, 2], one: { a: 1 }, two: { b: 2 } })).toEqual(value);
  });
});

describe('what has no value', () => {
  it.each([
    ['$unknown', 'States.Runtime'],
    ["States.StringToJson('{')", 'States.IntrinsicFailure'],
    ['States.ArrayGetItem($.list, 5)', 'States.IntrinsicFailure'],
  ])('like %s fails with %s', async (text, expected) => {
    const state = { Type: 'Pass', Parameters: { 'value.$': text }, End: true };
    expect((await run({ P: state }, { list: [] })).error).toBe(expected);
  });
});

describe('a Choice', () => {
  const taken = async (rule: object, input: unknown) => {
    const states = {
      C: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Pass', Result: true, End: true },
      No: { Type: 'Pass', Result: false, End: true },
    };
    return (await run(states, input)).output;
  };

  it.each([
    [{ Variable: '$.n', NumericGreaterThan: 1 }, true],
    [{ Variable: '$.n', NumericEqualsPath: '$.m' }, true],
    [{ Variable: '$.n', StringEquals: '2' }, false],
    [{ Variable: '$.none', IsPresent: false }, true],
    [{ Variable: '$.t', TimestampLessThan: '2026-01-01T01:00:00+01:00' }, false],
    [{ Not: { Variable: '$.n', IsNumeric: true } }, false],
    [
      {
        And: [
          { Variable: '$.n', NumericEquals: 2 },
          { Variable: '$.t', IsTimestamp: true },
        ],
      },
      true,
    ],
    [
      {
        Or: [
          { Variable: '$.n', NumericEquals: 3 },
          { Variable: '$.t', IsNull: true },
        ],
      },
      false,
    ],
  ])('with %j: %s', async (rule, expected) => {
    expect(await taken(rule, { n: 2, m: 2, t: '2026-01-01T00:00:00Z' })).toBe(expected);
  });
});

describe('a Map', () => {
  it('takes the older names of its fields', async () => {
    const Iterator = block({ I: { Type: 'Pass', End: true } });
    const Parameters = { 'item.$': '$$.Map.Item.Value', 'all.$': '$.n' };
    const state = { Type: 'Map', ItemsPath: '$.list', Parameters, Iterator, End: true };
    expect((await run({ M: state }, { list: [1, 2], n: 3 })).output).toEqual([
      { item: 1, all: 3 },
      { item: 2, all: 3 },
    ]);
  });
});

describe('a path with a filter, descent or union', () => {
  const input = { a: [{ b: 1, c: 'x' }, { b: 2 }, 5], items: [1, 2, 3] };

  it.each([
    ['$.a[?(@.b == 1)]', [{ b: 1, c: 'x' }]],
    ['$.a[?(@.b)].b', [1, 2]],
    ['$.a[?(@.b==1 || @.b > 1 && @.c)]', [{ b: 1, c: 'x' }]],
    ['$.a[?(!(@.b) && @ in [5, 6])]', [5]],
    ["$.a[?(@.c == 'x')].c", ['x']],
    ['$.a[?(@.b >= $.items[1])]', [{ b: 2 }]],
    ['$.a[?(@.none != 1)].c', ['x']],
    ['$.items[?(@ > 9)]', []],
    ["$.a[?(@.c contains 'x' && @ size 2)].b", [1]],
    ['$[?(@.items anyof [3, 4] && @.items empty false)].items', [[1, 2, 3]]],
    ['$[?(@.items subsetof [1, 2])]', []],
    ['$.items.length()', 3],
    ['$.items.avg()', 2],
    ['$..b', [1, 2]],
    ['$.items[0,2]', [1, 3]],
    ["$['items','none']", [[1, 2, 3]]],
    ['States.ArrayLength($.a[?(@.b)])', 2],
  ])('%s is looked up', async (path, value) => {
    expect(await referenced(path, input)).toEqual(value);
  });
});

describe('StringMatches', () => {
  const outcome = async (text: string, pattern: string) => {
    const rule = { Variable: '$', StringMatches: pattern, Next: 'Yes' };
    const states = {
      C: { Type: 'Choice', Choices: [rule], Default: 'No' },
      Yes: { Type: 'Pass', Result: true, End: true },
      No: { Type: 'Pass', Result: false, End: true },
    };
    return (await run(states, text)).output;
  };

  it.each([
    ['log-1.txt', 'log-*.txt', true],
    ['log.txt', 'log*.txt', true],
    ['log', 'log', true],
    ['log.text', 'log*.txt', false],
    ['aXbYc', 'a*b*c', true],
    ['abc', 'a*b*b*c', false],
    ['aba', 'ab*ba', false],
    ['a*', 'a\\*', true],
    ['ab', 'a\\*', false],
    ['two\nlines', 'two*lines', true],
  ])('%j is like %j: %s', async (text, pattern, expected) => {
    expect(await outcome(text, pattern)).toBe(expected);
  });
});

describe('data', () => {
  it('is never taken for a template', async () => {
    expect(await passed({}, { 'a.$': '$.secret', secret: 1 })).toEqual({ 'a.$': '$.secret', secret: 1 });
  });

  it('can be an object of items for a Distributed Map', async () => {
    const config = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
    const ItemProcessor = { ...config, ...block({ P: { Type: 'Pass', End: true } }) };
    const states = { M: { Type: 'Map', ItemsPath: '$.items', ItemProcessor, End: true } };
    expect((await run(states, { items: { a: 1 } })).output).toEqual([{ Key: 'a', Value: 1 }]);
  });

  it('shows nothing of JavaScript where a function cannot work with it', async () => {
    const states = { P: { Type: 'Pass', Parameters: { 'a.$': 'States.ArrayLength($.none[*])' }, End: true } };
    expect((await run(states, { none: null })).status).toBe('SUCCEEDED');
    const length = { P: { Type: 'Pass', Parameters: { 'a.$': 'States.StringSplit($.n, $.n)' }, End: true } };
    expect(await run(length, { n: 5 })).toMatchObject({
      error: 'States.IntrinsicFailure',
      cause: expect.stringContaining('had the following error: The arguments are not valid.'),
    });
  });

  it.each([
    [
      { ToleratedFailurePercentagePath: '$.n' },
      { n: {} },
      'refers to value "{}" which is not a valid float: $.n',
    ],
    [
      { ToleratedFailurePercentagePath: '$.n' },
      { n: 'x' },
      'refers to value "x" which is not a valid float: $.n',
    ],
    [
      { ToleratedFailureCountPath: '$.n' },
      { n: null },
      'refers to value "null" which is not a valid integer: $.n',
    ],
    [{ MaxConcurrencyPath: '$.n' }, { n: -1 }, 'MaxConcurrency cannot be negative.'],
  ])('of another type than %j needs is named', async (fields, input, problem) => {
    const config = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
    const ItemProcessor = { ...config, ...block({ P: { Type: 'Pass', End: true } }) };
    const states = { M: { Type: 'Map', ItemsPath: '$.items', ItemProcessor, ...fields, End: true } };
    expect(await run(states, { ...input, items: [1] })).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(problem),
    });
  });
});
