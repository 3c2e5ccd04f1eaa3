import type { Json, JsonObject } from './settings.ts';

/** Levels of arrays and objects within each other: what AWS's JSON parser takes by default (a guess). All code that walks a value relies on it. */
export const deepestJson = 1000;

/** The value of a JSON text. Throws a SyntaxError for other texts, and for one that is nested too deeply. */
export function parseJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  if (isTooDeep(text))
    throw new SyntaxError(
      `Document nesting depth (${deepestJson + 1}) exceeds the maximum allowed (${deepestJson})`,
    );
  return value;
}

/** The value of a JSON text; undefined where parseJson throws. */
export function parsed(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Whether a text, which is JSON, has more levels than `deepestJson`. */
export function isTooDeep(text: string): boolean {
  // Every level has two brackets.
  if (text.length <= 2 * deepestJson) return false;
  let depth = 0;
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > deepestJson) return true;
  }
  return false;
}

/** The value if it is an object: a definition that is being checked can hold anything anywhere. */
export function object(value: Json | undefined): JsonObject | undefined {
  return value && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
}

/** The value if it is an array, else an empty one. */
export function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
