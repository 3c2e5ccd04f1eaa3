import { maximumPayload } from '../interpreter/errors.ts';
import { jsonProblem } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { ApiError } from './errors.ts';

const resourceTypes = ['stateMachine', 'execution', 'express', 'mapRun', 'activity'];
/** The characters that a name must not have, from the API reference. */
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\ufffe\uffff]/u;

/** Reads a text parameter that the model requires. */
export const required = (parameters: JsonObject, name: string): string => parameters[name] as string;

/** Reads an optional text parameter. */
export const optional = (parameters: JsonObject, name: string): string | undefined =>
  parameters[name] as string | undefined;

/** Checks the name of a machine or execution. Throws InvalidName. */
export function checkedName(name: string): string {
  if (forbidden.test(name)) throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
  return name;
}

/** Throws InvalidArn for text that is not an ARN, and for an ARN of another type of resource. */
export function checkedArn(arn: string, type?: 'stateMachine' | 'execution' | 'mapRun'): string {
  if (!arn.startsWith('arn:')) throw new ApiError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  const found = arn.split(':')[5];
  if (type && found !== undefined && found !== type && resourceTypes.includes(found))
    throw new ApiError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${found}'`);
  return arn;
}

/** Makes the ValidationException of a request. */
export function invalid(...problems: string[]): ApiError {
  const errors = problems.length === 1 ? 'error' : 'errors';
  return new ApiError(
    'ValidationException',
    `${problems.length} validation ${errors} detected: ${problems.join('; ')}`,
  );
}

/** Makes a ValidationException without the usual introduction. */
export function refusal(problem: string): ApiError {
  return new ApiError('ValidationException', problem);
}

/** Refuses unsupported parameters by name, so that none is ignored silently. */
export function refuse(parameters: JsonObject, ...names: string[]): void {
  for (const name of names)
    if (parameters[name] !== undefined && parameters[name] !== false)
      throw invalid(`The parameter '${name}' is not supported by this emulator`);
}

/** Converts milliseconds to seconds, the protocol's unit of time. */
export const seconds = (milliseconds: number): number => milliseconds / 1000;

/** Returns one page of a list. The token holds the index at which the next page begins. */
export function page<Item>(items: Item[], parameters: JsonObject): { items: Item[]; nextToken?: string } {
  const wanted = Math.trunc((parameters.maxResults ?? 0) as number);
  const start = placeOf(parameters.nextToken);
  const end = start + (wanted || 100);
  const token = Buffer.from(`next:${end}`).toString('base64url');
  return { items: items.slice(start, end), ...(end < items.length && { nextToken: token }) };
}

function placeOf(token: Json | undefined): number {
  if (token === undefined) return 0;
  const text = String(token);
  const place = /^next:(\d+)$/.exec(Buffer.from(text, 'base64url').toString());
  if (!place) throw new ApiError('InvalidToken', `Invalid Token: '${text}'`);
  return Number(place[1]);
}

/** Words the refusal of a text that is not JSON, with details for some mistakes (measured). Undefined for JSON. */
export function parserRefusal(text: string): string | undefined {
  const message = jsonProblem(text)?.message;
  return message?.startsWith('Unexpected character or') ? 'Invalid execution input.' : message;
}

/** Checks that an input is JSON of at most 256 KiB. Throws in the words of AWS's parser (measured). */
export function checkedInput(input: string): string {
  if (Buffer.byteLength(input) > maximumPayload)
    throw invalid(
      `Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${maximumPayload}`,
    );
  const refusal = parserRefusal(input);
  if (refusal === undefined) return input;
  throw new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${refusal}'`);
}
