import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../../local/step-functions/definition/check.ts';
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
  it.each(['', '[]', '{'])('%j is no JSON object', (text) => {
    expect(checkDefinition(text, 'STANDARD')).toEqual([
      {
        severity: 'ERROR',
        code: 'SCHEMA_VALIDATION_FAILED',
        message: 'Definition must be a valid JSON object',
      },
    ]);
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

  it('in JSONPath is refused, as this emulator runs JSONata only', () => {
    expect(checkDefinition(JSON.stringify(block({ P: pass })), 'STANDARD')).toMatchObject([
      { message: expect.stringContaining('this emulator runs JSONata only'), location: '/States/P' },
    ]);
  });

  it('with a Distributed Map is refused, as this emulator has none', () => {
    const ItemProcessor = { ProcessorConfig: { Mode: 'DISTRIBUTED' }, ...block({ P: pass }) };
    expect(findings({ Each: { Type: 'Map', ItemProcessor, End: true } })).toEqual([
      'SCHEMA_VALIDATION_FAILED: Distributed Map is not supported by this emulator at /States/Each',
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
      { Type: 'Task', Resource: 'arn:aws:states:::glue:startJobRun.sync', End: true },
      "The pattern '.sync' is not supported by this emulator at /States/S/Resource",
    ],
    [
      { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:s3:eatObject', End: true },
      'The resource arn:aws:states:::aws-sdk:s3:eatObject is not supported by this emulator: @aws-sdk/client-s3 has no EatObjectCommand at /States/S/Resource',
    ],
  ])('%j is refused', (state, finding) => {
    expect(findings({ S: state })).toContain(`SCHEMA_VALIDATION_FAILED: ${finding}`);
  });

  it('of an Express machine cannot wait for a token', () => {
    const Resource = 'arn:aws:states:::sns:publish.waitForTaskToken';
    expect(findings({ S: { Type: 'Task', Resource, End: true } }, {}, 'EXPRESS')).toEqual([
      "SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' service integration  at /States/S/Resource",
    ]);
  });

  it('cannot assign a variable of an outer scope', () => {
    const inner = block({ B: { ...pass, Assign: { n: 2 } } });
    expect(findings({ A: { Type: 'Parallel', Branches: [inner], Assign: { n: 1 }, End: true } })).toContain(
      "SCHEMA_VALIDATION_FAILED: Variable 'n' of an outer scope cannot be assigned here at /States/A/Branches[0]/States/B/Assign/n",
    );
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
