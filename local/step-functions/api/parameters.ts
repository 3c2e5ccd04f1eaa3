import { maximumPayload } from '../interpreter/errors.ts';
import type { Json, JsonObject } from '../settings.ts';
import { ApiError } from './errors.ts';

/** Limits of names, from the API reference; AWS's message is `Invalid Name: '…'`. */
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\ufffe\uffff]/u;

/** A text parameter that has to be there. */
export function required(parameters: JsonObject, name: string): string {
  const value = parameters[name];
  if (typeof value === 'string') return value;
  throw invalid(`Value null at '${name}' failed to satisfy constraint: Member must not be null`);
}

/** A text parameter that may be left out. */
export function optional(parameters: JsonObject, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === 'string' ? value : undefined;
}

/** The name of a machine or execution. Throws InvalidName, or a ValidationException for its length. */
export function checkedName(name: string): string {
  const bound =
    name.length < 1 ? 'greater than or equal to 1' : name.length > 80 && 'less than or equal to 80';
  if (bound)
    throw invalid(`Value '${name}' at 'name' failed to satisfy constraint: Member must have length ${bound}`);
  if (forbidden.test(name)) throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
  return name;
}

/** Throws InvalidArn for what does not even begin like one. */
export function checkedArn(arn: string): string {
  if (!arn.startsWith('arn:')) throw new ApiError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  return arn;
}

/** A parameter with listed values. Throws a ValidationException for any other. */
export function oneOf<Value extends string>(
  parameters: JsonObject,
  name: string,
  values: readonly Value[],
): Value | undefined {
  const value = parameters[name] as Value | null | undefined;
  if (value === undefined || value === null || values.includes(value)) return value ?? undefined;
  throw invalid(
    `Value '${value}' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`,
  );
}

/** The ValidationException of a parameter. */
export function invalid(problem: string): ApiError {
  return new ApiError('ValidationException', `1 validation error detected: ${problem}`);
}

/** A ValidationException without the usual introduction. */
export function refusal(problem: string): ApiError {
  return new ApiError('ValidationException', problem);
}

/** The value of a JSON text; undefined for any other text. */
export function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Refuses by name what is not there yet, so that nothing is ignored in silence. */
export function refuse(parameters: JsonObject, ...names: string[]): void {
  for (const name of names)
    if (parameters[name] !== undefined && parameters[name] !== null && parameters[name] !== false)
      throw invalid(`The parameter '${name}' is not supported by this emulator`);
}

/** Seconds since 1970, the protocol's form of a time. */
export const seconds = (milliseconds: number): number => milliseconds / 1000;

/** One page of a list. A token is the place where the next page begins. */
export function page<Item>(items: Item[], parameters: JsonObject): { items: Item[]; nextToken?: string } {
  const wanted = (parameters.maxResults ?? 0) as number;
  if (wanted > 1000)
    throw invalid(
      `Value '${wanted}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000`,
    );
  const start = placeOf(parameters.nextToken);
  const end = start + (wanted || 100);
  const token = Buffer.from(`next:${end}`).toString('base64url');
  return { items: items.slice(start, end), ...(end < items.length && { nextToken: token }) };
}

function placeOf(token: Json | undefined): number {
  if (token === undefined || token === null) return 0;
  const text = String(token);
  if (text.length > 3096)
    throw invalid(
      `Value '${text}' at 'nextToken' failed to satisfy constraint: Member must have length less than or equal to 3096`,
    );
  const place = /^next:(\d+)$/.exec(Buffer.from(text, 'base64url').toString());
  if (!place) throw new ApiError('InvalidToken', `Invalid Token: '${text}'`);
  return Number(place[1]);
}

/** How AWS's parser words its refusal of a text that is not JSON (measured). */
export function parserRefusal(input: string): string {
  const [, token] = /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(input) ?? [];
  if (token)
    return `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
  const [, field] = /^\s*\{\s*([^"}\s])/.exec(input) ?? [];
  if (field)
    return `Unexpected character ('${field}' (code ${field.codePointAt(0)})): was expecting double-quote to start field name`;
  return 'Invalid execution input.';
}

/** JSON of at most 256 KiB; the refusals are those of AWS's parser (measured). */
export function checkedInput(input: string): string {
  if (Buffer.byteLength(input) > maximumPayload)
    throw invalid(
      `Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${maximumPayload}`,
    );
  try {
    JSON.parse(input);
    return input;
  } catch {
    throw new ApiError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${parserRefusal(input)}'`,
    );
  }
}
