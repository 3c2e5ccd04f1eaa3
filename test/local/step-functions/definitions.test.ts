import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../../local/step-functions/definition/check.ts';
import { variableReferences } from '../../../local/step-functions/definition/variable-references.ts';
import type { JsonObject } from '../../../local/step-functions/settings.ts';
import { block } from './harness.ts';

/** Findings as `CODE: message at location`. */
const findings = (states: object, fields: object = {}, type: 'STANDARD' | 'EXPRESS' = 'STANDARD') => {
  const definition = { QueryLanguage: 'JSONata', ...block(states), ...fields };
  return checkDefinition(JSON.stringify(definition), type).map(
    ({ code, message, location }) => `${code}: ${message}${location ? ` at ${location}` : ''}`,
  );
};
const pass = { Type: 'Pass', End: true };
const passing = (expression: string) => ({ P: { ...pass, Output: `{% ${expression} %}` } });

describe('a definition', () => {
  it.each(['', ' ', '[]', '"x"', '5', 'null'])('%j is no JSON object', (text) => {
    expect(checkDefinition(text, 'STANDARD')).toEqual([
      {
        severity: 'ERROR',
        code: 'SCHEMA_VALIDATION_FAILED',
        message: 'Definition must be a valid JSON object',
      },
    ]);
  });

  it.each([
    ['nonsense', "Unrecognized token 'nonsense': was expecting (JSON String", 9],
    ["{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote", 3],
    ['{"a": 1', 'Unexpected character or end of input', 8],
    ['['.repeat(2500) + ']'.repeat(2500), 'Document nesting depth (1001) exceeds the maximum', 5001],
  ])('%.9j is no JSON', (text, message, column) => {
    expect(checkDefinition(text, 'STANDARD')).toEqual([
      {
        severity: 'ERROR',
        code: 'INVALID_JSON_DESCRIPTION',
        message: expect.stringContaining(message),
        location: expect.stringContaining(`; line: 1, column: ${column}]`),
      },
    ]);
  });

  it.each([
    [{ StartAt: 5 }, 'Expected value of type String at /StartAt'],
    [{ States: [] }, 'These fields are required: [States] at /'],
    [{ TimeoutSeconds: '{% 1 %}' }, 'Expected value of type Integer at /TimeoutSeconds'],
    [{ TimeoutSeconds: 0 }, 'Minimum value is 1 at /TimeoutSeconds'],
  ])('with %j is refused', (fields, finding) => {
    expect(findings({ P: pass }, fields)).toContain(`SCHEMA_VALIDATION_FAILED: ${finding}`);
  });

  it('needs States and StartAt', () => {
    expect(checkDefinition('{}', 'STANDARD')).toMatchObject([
      { message: 'These fields are required: [States, StartAt]', location: '/' },
    ]);
  });

  it('may turn to JSONata state by state', () => {
    const states = { P: { ...pass, QueryLanguage: 'JSONata' } };
    expect(checkDefinition(JSON.stringify(block(states)), 'STANDARD')).toEqual([]);
  });

  it('is in JSONPath unless it says otherwise', () => {
    expect(findings({ P: { ...pass, Output: 1 } }, { QueryLanguage: undefined })).toEqual([
      "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/P",
    ]);
  });

  it('in JSONPath needs paths and calls where a key ends in .$', () => {
    const Parameters = { good: '$x', 'path.$': '$.a[0]', 'call.$': "States.Format('{}', $.a)", 'bad.$': 'a' };
    expect(findings({ P: { ...pass, Parameters } }, { QueryLanguage: undefined })).toEqual([
      "SCHEMA_VALIDATION_FAILED: The value for the field 'bad.$' must be a valid JSONPath or a valid intrinsic function call at /States/P/Parameters",
    ]);
  });
});

describe('a state in JSONPath', () => {
  const inJsonPath = (states: object) => findings(states, { QueryLanguage: undefined });
  const choice = (rule: object) => ({ C: { Type: 'Choice', Choices: [{ ...rule, Next: 'P' }] }, P: pass });

  it.each([
    { P: { ...pass, Parameters: { 'a.$': '$.a[?(@.b == 1)]' } } },
    { P: { ...pass, InputPath: '$..a', OutputPath: null } },
    choice({ Variable: '$.a', StringMatches: 'a*' }),
    choice({ Not: { Variable: '$.a', StringEqualsPath: '$.b' } }),
  ])('%j is taken', (states) => {
    expect(inJsonPath(states)).toEqual([]);
  });

  it.each([
    [{ P: { ...pass, Parameters: { 'a.$': 5 } } }, "The value for the field 'a.$' must be a valid JSONPath"],
    [{ P: { ...pass, InputPath: 5 } }, 'Expected value of type String'],
    [{ P: { ...pass, Assign: { 'a.$': 'States.constructor()' } } }, "The value for the field 'a.$' must be"],
    [choice({ And: {} }), 'A rule needs rules to combine'],
    [{ P: { ...pass, InputPath: '$.a[?(@.b =~ /x/)]' } }, "'=~' is not supported by this emulator"],
    [choice({ Variable: '$.a', StringEqualsPath: 'b' }), 'Value is not a valid JSONPath'],
  ])('%j is refused', (states, message) => {
    expect(inJsonPath(states)).toContainEqual(expect.stringContaining(message));
  });

  it('needs a comparison in every rule', () => {
    expect(inJsonPath(choice({ And: [{ Variable: '$.a', IsNull: true }, { Variable: '$.b' }] }))).toEqual([
      'SCHEMA_VALIDATION_FAILED: A rule needs a comparison at /States/C/Choices[0]',
    ]);
  });
});

describe('the graph', () => {
  it.each([
    [
      'a state that leads nowhere',
      { A: { Type: 'Pass', Next: 'B' } },
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next",
    ],
    [
      'a state nobody leads to',
      { A: pass, C: pass },
      'MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C',
    ],
    ['no end', { A: { Type: 'Pass', Next: 'A' } }, 'MISSING_END_STATE: Workflow has no terminal state'],
    [
      'two states of one name',
      { A: { Type: 'Parallel', Branches: [block({ A: pass })], End: true } },
      'DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A',
    ],
  ])('has %s', (_, states, finding) => {
    expect(findings(states)).toContain(finding);
  });
});

describe('a state', () => {
  it.each([
    [
      { ...pass, Type: 'Paas' },
      "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/S/Type",
    ],
    [{ ...pass, TimeoutSeconds: 1 }, "Field 'TimeoutSeconds' is not supported at /States/S/TimeoutSeconds"],
    [{ ...pass, Catch: [] }, "Field 'Catch' is not supported at /States/S/Catch"],
    [
      { ...pass, ResultPath: '$' },
      "The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the 'JSONPath' QueryLanguage at /States/S",
    ],
    [
      { ...pass, QueryLanguage: 'JSONPath' },
      "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/S",
    ],
    [
      { Type: 'Wait', Timestamp: '2016-12-05 21:29:29Z', End: true },
      'String does not match RFC3339 timestamp at /States/S/Timestamp',
    ],
    [
      { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Credentials: {}, End: true },
      "The field 'RoleArn' is required but was missing at /States/S/Credentials",
    ],
    [
      { Type: 'Task', Resource: 'arn:aws:states:::lambda', End: true },
      'The resource provided arn:aws:states:::lambda is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/S/Resource',
    ],
    [
      { Type: 'Task', Resource: 'arn:aws:states:::sns:publish.sync', End: true },
      'The resource provided arn:aws:states:::sns:publish.sync is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/S/Resource',
    ],
    [{ Type: 'Parallel', Branches: [], End: true }, 'Value cannot be empty at /States/S/Branches'],
  ])('%j is refused', (state, finding) => {
    expect(findings({ S: state })).toContain(`SCHEMA_VALIDATION_FAILED: ${finding}`);
  });

  it('that AWS would run and this emulator cannot is refused by name', () => {
    const Resource = 'arn:aws:states:::aws-sdk:s3:eatObject';
    expect(findings({ S: { Type: 'Task', Resource, End: true } })).toEqual([
      'UNSUPPORTED_BY_EMULATOR: The resource arn:aws:states:::aws-sdk:s3:eatObject is not supported by this emulator: @aws-sdk/client-s3 has no EatObjectCommand at /States/S/Resource',
    ]);
  });

  it('of an Express machine cannot wait for a token', () => {
    const Resource = 'arn:aws:states:::sns:publish.waitForTaskToken';
    expect(findings({ S: { Type: 'Task', Resource, End: true } }, {}, 'EXPRESS')).toEqual([
      "SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' service integration  at /States/S/Resource",
    ]);
  });

  const inner = block({ B: { ...pass, Assign: { n: 2 } } });

  it('cannot assign a variable that an outer scope already has', () => {
    const states = {
      First: { Type: 'Pass', Assign: { n: 1 }, Next: 'A' },
      A: { Type: 'Parallel', Branches: [inner], End: true },
    };
    expect(findings(states)).toEqual([
      "SCHEMA_VALIDATION_FAILED: Variable 'n' of an outer scope cannot be assigned here at /States/A/Branches[0]/States/B/Assign/n",
    ]);
  });

  it('can assign a variable that the outer scope has only afterwards', () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Assign: { n: '{% $states.errorOutput %}' }, Next: 'Done' }];
    const states = {
      A: { Type: 'Parallel', Branches: [inner], Catch, Next: 'Done' },
      Done: { ...pass, Assign: { n: 3 } },
    };
    expect(findings(states)).toEqual([]);
  });

  it.each([
    [{ ...pass, Next: ['B'] }, 'Expected value of type String at /States/S/Next'],
    [{ ...pass, End: 'true' }, 'Expected value of type Boolean at /States/S/End'],
    [{ ...pass, Assign: { 'a.b': 1 } }, "'a.b' is not a valid variable name at /States/S/Assign"],
    [{ Type: 'Wait', Seconds: -1, End: true }, 'Minimum value is 0 at /States/S/Seconds'],
    [{ Type: 'Wait', Seconds: '1', End: true }, 'Expected value of type Integer at /States/S/Seconds'],
    [{ Type: 'Choice', Choices: [] }, 'Value cannot be empty at /States/S/Choices'],
    [{ Type: 'Choice', Choices: [null] }, 'Expected value of type Object at /States/S/Choices[0]'],
    [
      { Type: 'Parallel', Branches: [inner], Retry: [{ ErrorEquals: [5] }], End: true },
      'Expected value of type String at /States/S/Retry[0]/ErrorEquals',
    ],
    [
      { Type: 'Parallel', Branches: [inner], Retry: [{ ErrorEquals: ['E'], BackoffRate: 0.5 }], End: true },
      'Minimum value is 1 at /States/S/Retry[0]/BackoffRate',
    ],
    [
      [],
      "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/S/Type",
    ],
  ])('%j has a value of another type or out of bounds', (state, finding) => {
    expect(findings({ S: state })).toContain(`SCHEMA_VALIDATION_FAILED: ${finding}`);
  });

  it('cannot have an expression that is nested without end', () => {
    expect(findings(passing(`${'1 + '.repeat(5000)}1`))).toEqual([
      'INVALID_JSONATA_EXPRESSION: The expression is nested too deeply at /States/P/Output',
    ]);
  });
});

describe('an expression', () => {
  it.each([
    ['phone', "Reference to 'phone' at the top level is not supported."],
    ['$map($states.input.a, function($x) { b })', "Reference to 'b' at the top level is not supported."],
    ['{"k": [c]}', "Reference to 'c' at the top level is not supported."],
    ['$.a', "Reference to '$' at the top level is not supported."],
    ['$$', "Reference to '$$' is not supported."],
    ['$states.errorOutput.Error', "Field '$states.errorOutput' does not exist."],
    ['$states.result', "Field '$states.result' does not exist."],
  ])('%s is refused', (expression, message) => {
    expect(findings(passing(expression))).toEqual([
      `UNSUPPORTED_JSONATA_EXPRESSION: ${message} at /States/P/Output`,
    ]);
  });

  it.each([
    '$states.input.rows[value > 3].name',
    '$states.input.rows{id: [name]}',
    '$states.input.rows^(>age).($.name)',
    '$undefinedVariable',
  ])('%s is fine', (expression) => {
    expect(findings(passing(expression))).toEqual([]);
  });

  it.each([
    ['1 +', 'Unexpected end of expression'],
    ["'text", 'String literal must be terminated by a matching quote'],
    ['[1, 2', 'Expected "]" before end of expression'],
    ['a ?? b', 'The symbol "?" cannot be used as a unary operator'],
  ])('%s cannot be read', (expression, message) => {
    expect(findings(passing(expression))).toEqual([
      `INVALID_JSONATA_EXPRESSION: ${message} at /States/P/Output`,
    ]);
  });

  it('sees the error in a catcher and the result in a Task', () => {
    const task = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'f' },
      Output: '{% $states.result %}',
      Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'P' }],
      End: true,
    };
    expect(findings({ T: task, P: pass })).toEqual([]);
  });
});

describe('the variables that a state reads', () => {
  it('are those of its expressions, but for their own', () => {
    const Output = '{% ($x := $a; $map($states.input.list, function($v) { $v + $x + $b.c })) %}';
    const machine = { QueryLanguage: 'JSONata', ...block({ P: { ...pass, Output } }) };
    expect(variableReferences(machine as JsonObject)).toEqual({
      P: ['a', 'b'],
    });
  });

  it('are those of its paths', () => {
    const inner = block({ I: { ...pass, Parameters: { 'x.$': "States.Format('$no {}', $yes)", y: '$no' } } });
    const states = {
      W: { Type: 'Wait', SecondsPath: '$seconds', Next: 'M' },
      M: { Type: 'Map', ItemsPath: '$$.no', Iterator: inner, End: true },
    };
    expect(variableReferences(block(states) as JsonObject)).toEqual({ W: ['seconds'], I: ['yes'] });
  });
});
