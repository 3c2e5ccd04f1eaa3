import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { parseJson } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';

/** Items that States.ArrayRange makes at most (documented). */
const longestRange = 1000;

/** A value in a text, as Java writes it (recorded for objects). */
function text(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  if (value === null || typeof value !== 'object') return String(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}=${text(item)}`)
    .join(', ')}}`;
}

function checkedLength(length: number): number {
  if (!(length <= longestRange)) throw new Error(`States.ArrayRange makes at most ${longestRange} items`);
  return length;
}

/** The functions `States.…` of JSONPath. They throw for arguments that they cannot work with. */
export const intrinsics: Record<string, (...parts: never[]) => Json> = {
  Array: (...items: Json[]) => items,
  ArrayPartition: (array: Json[], size: number) =>
    Array.from({ length: Math.ceil(array.length / size) }, (_, i) => array.slice(i * size, (i + 1) * size)),
  ArrayContains: (array: Json[], wanted: Json) => array.some((item) => isDeepStrictEqual(item, wanted)),
  ArrayRange: (first: number, last: number, by: number) =>
    Array.from({ length: checkedLength(Math.floor((last - first) / by) + 1) }, (_, i) => first + i * by),
  ArrayGetItem: (array: Json[], index: number) => array[index]!,
  ArrayLength: (array: Json[]) => array.length,
  ArrayUnique: (array: Json[]) =>
    array.filter((item, i) => array.findIndex((other) => isDeepStrictEqual(other, item)) === i),
  Base64Encode: (text: string) => Buffer.from(text).toString('base64'),
  Base64Decode: (text: string) => Buffer.from(text, 'base64').toString(),
  Hash: (text: string, name: string) => createHash(name.replace('SHA-', 'SHA')).update(text).digest('hex'),
  JsonMerge: (one: JsonObject, other: JsonObject) => ({ ...one, ...other }),
  MathRandom: (first: number, last: number) => first + Math.floor(Math.random() * (last - first)),
  MathAdd: (one: number, other: number) => Math.round(one) + Math.round(other),
  StringSplit: (text: string, separators: string) =>
    text.split(new RegExp(`[${separators.replace(/[\]\\^-]/g, '\\$&')}]`)).filter(Boolean),
  UUID: () => crypto.randomUUID(),
  Format: (template: string, ...parts: Json[]) =>
    template.replace(/\\(.)|\{\}/g, (_, escaped?: string) => escaped ?? text(parts.shift()!)),
  StringToJson: (text: string) => (text.trim() ? parseJson(text) : null),
  JsonToString: (value: Json) => JSON.stringify(value),
};
