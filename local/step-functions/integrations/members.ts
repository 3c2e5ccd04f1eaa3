import type { Json, JsonObject } from '../settings.ts';

/**
 * A shape of a service's model as the SDK carries it: a number for a simple type, a function for a reference, or
 * [kind, namespace, name, traits, …]; a member with traits is [shape, traits].
 */
export type Schema = number | (() => Schema) | readonly unknown[];

const kinds = { simple: 0, list: 1, map: 2, structure: 3, union: 4 };
/** The numbers that stand for simple types in a schema. */
const types = {
  blob: 21,
  streamingBlob: 42,
  timestamps: [4, 5, 6, 7],
  listOf: 64,
  mapOf: 128,
};

/** Thrown for arguments that a service does not have. The message is AWS's list of reasons. */
export class ArgumentsError extends Error {}

type Shape =
  | { kind: 'structure'; members: [string, Schema][] }
  | { kind: 'list'; of: Schema }
  | { kind: 'map'; of: Schema }
  | { kind: 'simple'; type: number };

/** Resolves references and traits to a shape. */
export function shapeOf(schema: Schema): Shape {
  if (typeof schema === 'function') return shapeOf(schema());
  if (typeof schema === 'number') {
    if (schema >= types.mapOf) return { kind: 'map', of: schema - types.mapOf };
    if (schema >= types.listOf) return { kind: 'list', of: schema - types.listOf };
    return { kind: 'simple', type: schema };
  }
  if (typeof schema[1] !== 'string') return shapeOf(schema[0] as Schema);
  if (schema[0] === kinds.simple) return shapeOf(schema[4] as Schema);
  if (schema[0] === kinds.list) return { kind: 'list', of: schema[4] as Schema };
  if (schema[0] === kinds.map) return { kind: 'map', of: schema[5] as Schema };
  const names = schema[4] as string[];
  const members = names.map((name, i): [string, Schema] => [name, (schema[5] as Schema[])[i]!]);
  return { kind: 'structure', members };
}

/** Capitalizes a member, as Step Functions does for every service. */
export const pascalCase = (name: string) => name[0]!.toUpperCase() + name.slice(1);

/** Converts a task's arguments for the SDK. Throws an ArgumentsError for a member that the service does not have. */
export function toRequest(schema: Schema, value: Json): unknown {
  const shape = shapeOf(schema);
  if (shape.kind === 'list' && Array.isArray(value)) return value.map((item) => toRequest(shape.of, item));
  if (shape.kind === 'simple') return toSimple(shape.type, value);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== null);
  if (shape.kind === 'map')
    return Object.fromEntries(entries.map(([key, item]) => [key, toRequest(shape.of, item)]));
  if (shape.kind === 'list') return value;
  return Object.fromEntries(
    entries.map(([key, member]) => {
      const found = shape.members.find(([name]) => pascalCase(name) === key);
      if (!found) throw new ArgumentsError(`The field "${key}" is not supported by Step Functions`);
      return [found[0], toRequest(found[1], member)];
    }),
  );
}

function toSimple(type: number, value: Json): unknown {
  if (types.timestamps.includes(type) && typeof value === 'string') return new Date(value);
  // A streaming body is JSON-encoded, quotes and all (measured: S3 PutObject); other blobs are taken as text (a guess).
  if (type === types.streamingBlob) return Buffer.from(JSON.stringify(value));
  if (type === types.blob) return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return value;
}

/** Converts a service's answer to the task's result. A streamed body is read as UTF-8. */
export async function fromResponse(
  schema: Schema,
  value: unknown,
  date: (date: Date) => Json,
): Promise<Json> {
  if (value instanceof Date) return date(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  const stream = value as { transformToString?: (encoding: string) => Promise<string> } | null;
  if (stream?.transformToString) return stream.transformToString('utf8');
  if (value === null || typeof value !== 'object') return value as Json;
  const shape = shapeOf(schema);
  const member = (inner: Schema, item: unknown) => fromResponse(inner, item, date);
  if (shape.kind === 'list') return Promise.all((value as unknown[]).map((item) => member(shape.of, item)));
  if (shape.kind === 'simple') return value as Json;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    if (shape.kind === 'map') result[key] = await member(shape.of, item);
    const found = shape.kind === 'structure' && shape.members.find(([name]) => name === key);
    if (found) result[pascalCase(key)] = await member(found[1], item);
  }
  return result;
}
