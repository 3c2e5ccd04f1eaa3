import type { Json, JsonObject } from './settings.ts';

/** The most levels of nesting, which is the default of AWS's JSON parser (a guess). All code that walks a value relies on it. */
export const deepestJson = 1000;

/** Parses a JSON text. Throws a SyntaxError for other text, and for JSON that is nested too deeply. */
export function parseJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  if (isTooDeep(text))
    throw new SyntaxError(
      `Document nesting depth (${deepestJson + 1}) exceeds the maximum allowed (${deepestJson})`,
    );
  return value;
}

/** Says in the words of AWS's parser (measured) why a text is not JSON, and where. Undefined for JSON. */
export function jsonProblem(text: string): { message: string; location: string } | undefined {
  let problem = '';
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    problem = (error as Error).message;
  }
  const [word, token] = /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(text) ?? [];
  const [name, field] = /^\s*\{\s*([^"}\s])/.exec(text) ?? [];
  const position = (word ?? name)?.length ?? Number(/at position (\d+)/.exec(problem)?.[1] ?? text.length);
  const lines = text.slice(0, position).split('\n');
  const shown =
    text.length > 500 ? `${text.slice(0, 500)}"[truncated ${text.length - 500} chars]` : `${text}"`;
  const location = `[Source: (String)"${shown}; line: ${lines.length}, column: ${lines.at(-1)!.length + 1}]`;
  if (token)
    return {
      message: `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`,
      location,
    };
  if (field)
    return {
      message: `Unexpected character ('${field}' (code ${field.codePointAt(0)})): was expecting double-quote to start field name`,
      location,
    };
  const deep = problem.startsWith('Document nesting depth') && problem;
  return { message: deep || 'Unexpected character or end of input', location };
}

/** Parses a JSON text. Undefined where parseJson throws. */
export function parsed(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Says whether a JSON text has more levels than `deepestJson`. */
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

/** Returns the value if it is an object, else undefined. In an unchecked definition, anything can be anywhere. */
export function object(value: Json | undefined): JsonObject | undefined {
  return value && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
}

/** Returns the value if it is an array, else an empty array. */
export function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
