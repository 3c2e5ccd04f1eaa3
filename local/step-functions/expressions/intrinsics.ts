import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { parseJson } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';

/** The most items that States.ArrayRange makes (documented). */
const longestRange = 1000;

/** Writes a value as Java does (recorded for objects). */
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

/** The intrinsic functions `States.…` of JSONPath. They throw for arguments of the wrong type. */
export const intrinsics: Record<string, (...parts: never[]) => Json> = {
  Array: (...items: Json[]) => items,
  ArrayPartition: (array: Json[], size: number) => {
    const most = Math.round(size);
    return Array.from({ length: Math.ceil(array.length / most) }, (_, i) =>
      array.slice(i * most, (i + 1) * most),
    );
  },
  ArrayContains: (array: Json[], wanted: Json) => array.some((item) => isDeepStrictEqual(item, wanted)),
  ArrayRange: (start: number, end: number, step: number) => {
    const [first, last, by] = [Math.round(start), Math.round(end), Math.round(step)];
    const length = checkedLength(Math.floor((last - first) / by) + 1);
    return Array.from({ length }, (_, i) => first + i * by);
  },
  ArrayGetItem: (array: Json[], index: number) => array[index]!,
  ArrayLength: (array: Json[]) => array.length,
  ArrayUnique: (array: Json[]) =>
    array.filter((item, i) => array.findIndex((other) => isDeepStrictEqual(other, item)) === i),
  Base64Encode: (text: string) => Buffer.from(text).toString('base64'),
  Base64Decode: (text: string) => Buffer.from(text, 'base64').toString(),
  Hash: (text: string, name: string) => createHash(name.replace('SHA-', 'SHA')).update(text).digest('hex'),
  JsonMerge: (one: JsonObject, other: JsonObject, deep: boolean) => {
    if (deep) throw new Error('Deep merging is not supported');
    return { ...one, ...other };
  },
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
