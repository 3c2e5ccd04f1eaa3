import { object } from '../json.ts';
import inputs from '../models/inputs.json' with { type: 'json' };
import type { Model } from '../models/shapes.ts';
import type { Json, JsonObject } from '../settings.ts';
import { ApiError } from './errors.ts';
import { invalid } from './parameters.ts';

const model = inputs as Model;
/** The order in which AWS lists the values of an enumeration, where it differs from the model (recorded). */
const orders: Record<string, string[]> = {
  ExecutionStatus: ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'],
};

/**
 * Checks a request against the model of the API. Throws a SerializationException for a value of the wrong type, and a
 * ValidationException that lists all other problems. Drops nulls and members that the model does not have.
 */
export function checkedRequest(operation: string, parameters: JsonObject): JsonObject {
  const shape = model.operations[operation.toLowerCase()];
  if (!shape) return parameters;
  const problems: string[] = [];
  const checked = check(shape, parameters, '', problems) as JsonObject;
  if (problems.length > 0) throw invalid(...problems);
  return checked;
}

function check(name: string, value: Json, path: string, problems: string[]): Json {
  const { members, required = [], list, type, enum: values, min, max, sensitive } = model.shapes[name]!;
  const refuse = (constraint: string) => {
    const shown = sensitive ? '' : ` '${typeof value === 'object' ? JSON.stringify(value) : value}'`;
    problems.push(`Value${shown} at '${path}' failed to satisfy constraint: Member must ${constraint}`);
  };
  const wrongType = () =>
    new ApiError('SerializationException', `Unexpected value type in the member '${path}'`);
  const within = (measure: number, what: string) => {
    if (min !== undefined && measure < min) refuse(`have ${what} greater than or equal to ${min}`);
    if (max !== undefined && measure > max) refuse(`have ${what} less than or equal to ${max}`);
  };
  if (members) {
    const fields = object(value);
    if (!fields) throw wrongType();
    const at = (key: string) => (path ? `${path}.${key}` : key);
    const given = Object.keys(members).filter((key) => (fields[key] ?? null) !== null);
    for (const key of required)
      if (!given.includes(key))
        problems.push(`Value null at '${at(key)}' failed to satisfy constraint: Member must not be null`);
    return Object.fromEntries(
      given.map((key) => [key, check(members[key]!, fields[key]!, at(key), problems)]),
    );
  }
  if (list) {
    if (!Array.isArray(value)) throw wrongType();
    within(value.length, 'length');
    return value.map((item, index) => check(list, item, `${path}.${index + 1}.member`, problems));
  }
  if (typeof value !== type) throw wrongType();
  if (values && !values.includes(value as string))
    refuse(`satisfy enum value set: [${(orders[name] ?? values).join(', ')}]`);
  if (typeof value === 'string') within(value.length, 'length');
  if (typeof value === 'number') within(value, 'value');
  return value;
}
