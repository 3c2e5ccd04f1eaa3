import { object } from '../json.ts';
import { outputsOf } from '../models/outputs.ts';
import type { Model } from '../models/shapes.ts';
import type { Json } from '../settings.ts';

/**
 * Says in AWS's words why an action of a service (the word that follows `aws-sdk:`) would never give this answer.
 * Undefined if it could, or if there is no model. `strict`: required members must be present.
 */
export function answerProblem(
  service: string,
  action: string,
  answer: Json,
  strict: boolean,
): string | undefined {
  const model = outputsOf(service);
  const shape = model?.operations[action.toLowerCase()];
  return model && shape ? problemOf(model, shape, answer, strict, '') : undefined;
}

function problemOf(
  model: Model,
  name: string,
  value: Json,
  strict: boolean,
  field: string,
): string | undefined {
  if (value === null) return undefined;
  const { members, required = [], list, map, type, min, max, ...shape } = model.shapes[name]!;
  const mustBe = (kind: string) => `Field '${field}' must be ${kind}`;
  const inner = (shapeName: string, item: Json, key = field) =>
    problemOf(model, shapeName, item, strict, key);
  if (list) {
    if (!Array.isArray(value)) return mustBe('an array');
    return first(value, (item) => inner(list, item));
  }
  if (type) {
    if (typeof value !== type) return mustBe(`a ${type}`);
    if (shape.enum && !shape.enum.includes(value as string))
      return `Field '${field}' is not an expected value`;
    if (min !== undefined && (value as number) < min)
      return `Field '${field}' is less than the minimum value`;
    if (max !== undefined && (value as number) > max) return `Field '${field}' exceeds the maximum value`;
    return undefined;
  }
  if (!members && !map) return undefined;
  const fields = object(value);
  if (!fields) return mustBe('an object');
  if (map) return first(Object.entries(fields), ([key, item]) => inner(map, item, key));
  return first(Object.entries(members!), ([key, member]) => {
    if (Object.hasOwn(fields, key)) return inner(member, fields[key]!, key);
    return strict && required.includes(key) ? `Required field '${key}' is missing` : undefined;
  });
}

function first<Item>(items: Item[], problemOf: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem) return problem;
  }
  return undefined;
}
