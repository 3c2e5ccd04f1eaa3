import { object } from '../definition/json.ts';
import type { State } from '../definition/language.ts';
import type { JsonObject } from '../settings.ts';
import type { ApiError } from './errors.ts';
import { parsed, refusal } from './parameters.ts';

/** Where the context object has what type, as far as AWS looks. */
const types: Record<string, 'string' | 'number'> = {
  'Execution.Id': 'string',
  'Execution.Name': 'string',
  'Execution.RoleArn': 'string',
  'Execution.StartTime': 'string',
  'Execution.RedriveCount': 'number',
  'Execution.RedriveTime': 'string',
  'State.Name': 'string',
  'State.EnteredTime': 'string',
  'State.RetryCount': 'number',
  'StateMachine.Id': 'string',
  'StateMachine.Name': 'string',
  'Task.Token': 'string',
};

/** The context object that TestState is given, instead of the one it makes. Throws a ValidationException. */
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
    const [holder, member] = path.split('.') as [string, string];
    const value = object(context[holder])?.[member];
    const article = type === 'number' ? 'a number' : 'a string';
    if (value !== undefined && typeof value !== type) throw problem(`${path} must be ${article}`);
  }
  return context;
}

function problem(text: string): ApiError {
  return refusal(`Invalid Context object provided: ${text}`);
}
