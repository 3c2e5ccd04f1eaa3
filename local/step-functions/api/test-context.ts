import type { State } from '../definition/language.ts';
import { object, parsed } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import type { ApiError } from './errors.ts';
import { refusal } from './parameters.ts';

/** The types of members of the context object. */
const types: Record<string, 'a string' | 'a number' | 'an object'> = {
  Execution: 'an object',
  'Execution.Id': 'a string',
  'Execution.Name': 'a string',
  'Execution.RoleArn': 'a string',
  'Execution.StartTime': 'a string',
  'Execution.RedriveCount': 'a number',
  'Execution.RedriveTime': 'a string',
  State: 'an object',
  'State.Name': 'a string',
  'State.EnteredTime': 'a string',
  'State.RetryCount': 'a number',
  StateMachine: 'an object',
  'StateMachine.Id': 'a string',
  'StateMachine.Name': 'a string',
  Task: 'an object',
  'Task.Token': 'a string',
  Map: 'an object',
  'Map.Item': 'an object',
  'Map.Item.Index': 'a number',
  'Map.Item.Key': 'a string',
  'Map.Item.Source': 'a string',
};

/** Checks the parameter `context` of TestState, which replaces the context object. Throws a ValidationException. */
export function checkedContext(text: string | undefined, state: State): JsonObject | undefined {
  if (text === undefined) return undefined;
  const context = object(parsed(text));
  if (!context) throw problem('Context object must be a valid JSON object');
  const waits = /\.(sync(:2)?|waitForTaskToken)$/.test(state.Resource ?? '');
  if (context.Task !== undefined && !waits)
    throw problem(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    );
  if (context.Map !== undefined && state.Type !== 'Map')
    throw problem("Context object contains 'Map' when state is not a Map state");
  for (const [path, type] of Object.entries(types)) {
    const value = path.split('.').reduce<Json | undefined>((holder, name) => object(holder)?.[name], context);
    if (value !== undefined && kindOf(value) !== type) throw problem(`${path} must be ${type}`);
  }
  return context;
}

const kindOf = (value: Json) => (object(value) ? 'an object' : `a ${typeof value}`);

function problem(text: string): ApiError {
  return refusal(`Invalid Context object provided: ${text}`);
}
