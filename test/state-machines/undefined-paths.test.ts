import { expect, it } from 'vitest';
import type { Definition } from './machines.ts';
import { undefinedPaths } from './undefined-paths.ts';

/** A machine whose task describes an execution and assigns this. */
const assigning = (expression: string, Resource = 'arn:aws:states:::aws-sdk:sfn:describeExecution') =>
  ({
    StartAt: 'Look',
    States: { Look: { Type: 'Task', Resource, Assign: { value: `{% ${expression} %}` } } },
  }) as unknown as Definition;

const input = '$states.context.Execution.Input';

it.each([
  ['a member that the answer of a service may lack', '$states.result.StopDate'],
  ['a function of such a member', '$toMillis($states.result.StopDate)'],
  ['a comparison with it', '$states.result.StopDate > 1'],
  ['a condition that tests something else', '$states.result.Error ? $states.result.StopDate : 0'],
  ['a condition without an alternative', '$states.result.Status ? 1'],
  ['what the request may lack', `${input}.eventDetail.schedule.expression`],
  ['what only a redriven execution has', '$states.context.Execution.RedriveCount'],
  ['a filter that may let nothing through', '$states.input.items[size > 3]'],
])('finds %s', (_, expression) => {
  expect(undefinedPaths(assigning(expression), true)).toEqual([`Look/Assign/value: ${expression}`]);
});

it.each([
  ['a member that the model of the service requires', '$states.result.StartDate'],
  ['a member that was asked for before', '$exists($states.result.StopDate) ? $states.result.StopDate : 0'],
  ['a member that is true', '1 = 1 and $states.result.Error ? $states.result.Error : 0'],
  ['a text with it, which may be short', "'at ' & $states.result.StopDate"],
  ['an object with it, which leaves it out', "{ 'at': $states.result.StopDate }"],
  ['an equation with it', "$states.result.Error = 'Aborted'"],
  ['what the request must have', `${input}.eventDetail.requestedBy.userId`],
  ['an index', '$states.input.items[0]'],
])('passes %s', (_, expression) => {
  expect(undefinedPaths(assigning(expression), true)).toEqual([]);
});
