import type { Json } from '../settings.ts';
import { isText, pascalCase, type Schema, shapeOf, types } from './members.ts';

/** How strictly an answer is looked at. */
export interface AnswerRules {
  /** The members that are always there have to be there. */
  strict: boolean;
  /** The values that a member of this name can have; undefined when any will do. */
  valuesOf(member: string): string[] | undefined;
}

/** Why a service would never answer so, in AWS's words; the SDK's model knows no bounds of numbers. */
export function answerProblem(
  schema: Schema,
  value: Json,
  rules: AnswerRules,
  field = '',
): string | undefined {
  const shape = shapeOf(schema);
  const mustBe = (kind: string) => `Field '${field}' must be ${kind}`;
  if (value === null) return undefined;
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return mustBe('an array');
    return first(value, (item) => answerProblem(shape.of, item, rules, field));
  }
  if (shape.kind === 'simple') {
    if (isText(shape.type) && typeof value !== 'string') return mustBe('a string');
    if (shape.type === types.number && typeof value !== 'number') return mustBe('a number');
    if (shape.type === types.boolean && typeof value !== 'boolean') return mustBe('a boolean');
    const values = typeof value === 'string' ? rules.valuesOf(field) : undefined;
    return values && !values.includes(String(value))
      ? `Field '${field}' is not an expected value`
      : undefined;
  }
  if (typeof value !== 'object' || Array.isArray(value)) return mustBe('an object');
  if (shape.kind === 'map')
    return first(Object.entries(value), ([key, item]) => answerProblem(shape.of, item, rules, key));
  return first([...shape.members.entries()], ([index, [name, member]]) => {
    const key = pascalCase(name);
    const item = value[key];
    if (item !== undefined) return answerProblem(member, item, rules, key);
    return rules.strict && index < shape.required ? `Required field '${key}' is missing` : undefined;
  });
}

function first<Item>(items: Item[], problemOf: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem) return problem;
  }
  return undefined;
}
