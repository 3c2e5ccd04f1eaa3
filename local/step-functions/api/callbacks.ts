import type { Callback } from '../interpreter/callbacks.ts';
import { StateError } from '../interpreter/errors.ts';
import { parseJson } from '../json.ts';
import type { JsonObject } from '../settings.ts';
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import { optional, parserRefusal, required } from './parameters.ts';

/** Ends the task with its output. Throws InvalidToken, TaskTimedOut and InvalidOutput. */
export function sendTaskSuccess(engine: Engine, parameters: JsonObject): JsonObject {
  const callback = find(engine, parameters);
  const output = required(parameters, 'output');
  try {
    callback.succeed(parseJson(output));
  } catch {
    throw new ApiError('InvalidOutput', `Invalid Output: '${parserRefusal(output)}'`);
  }
  engine.callbacks.end(callback);
  return {};
}

/** Fails the task. Error and cause are optional. */
export function sendTaskFailure(engine: Engine, parameters: JsonObject): JsonObject {
  const callback = find(engine, parameters);
  callback.fail(new StateError(optional(parameters, 'error'), optional(parameters, 'cause')));
  engine.callbacks.end(callback);
  return {};
}

/** Restarts the task's HeartbeatSeconds. */
export function sendTaskHeartbeat(engine: Engine, parameters: JsonObject): JsonObject {
  find(engine, parameters).onHeartbeat();
  return {};
}

function find(engine: Engine, parameters: JsonObject): Callback {
  const token = required(parameters, 'taskToken');
  const callback = engine.callbacks.find(token);
  if (callback) return callback;
  if (engine.callbacks.isToken(token))
    throw new ApiError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
  throw new ApiError('InvalidToken', "Invalid Token: 'Invalid token'");
}
