// The first step: a request of any form becomes one of the contract's form, with defaults, or is refused.
import { Ajv, type ErrorObject } from 'ajv';
import schema from '../../contract/request.schema.json' with { type: 'json' };
import type { DeliveryMode, EventDetail, ReportRequest } from '../../contract/types.ts';
import { isTimeZone } from '../lib/time-zone.ts';
import { Refusal, refuseIfAny } from './refusal.ts';
import { scheduleProblems } from './schedule.ts';

/** A request with the contract's defaults. */
export type ParsedRequest = ReportRequest & { eventDetail: ParsedDetail };
export type ParsedDetail = EventDetail &
  Required<Pick<EventDetail, 'parameters' | 'format' | 'timeZone' | 'dryRun'>> & {
    delivery: { mode: DeliveryMode; recipients?: string[]; expiresInDays: number };
  };

/** A request of which nothing is known yet. */
type Loose = {
  eventDetail?: {
    parametersKey?: unknown;
    reportType?: unknown;
    parameters?: Record<string, unknown>;
    repeatOf?: { reportType?: unknown };
    schedule?: unknown;
    dryRun?: unknown;
  };
} | null;

/** Bytes of a request. A state of 256 KiB holds it up to three times, beside names and addresses. */
const maxBytes = 64 * 1024;
/** Characters of a request with its stored parameters. Of a longer one only the first problem is told, not a million of them. */
const maxCharacters = 100_000;
/** Problems that are told one by one. All of them may not fit the cause of an execution. */
const maxListed = 20;

const formats = { date: 'a date', 'time-zone': 'a time zone', moment: 'a moment in UTC' };
const types = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  string: 'a text',
};
const validateAll = validator(true);
const validateFirst = validator(false);

/**
 * Gives a new request with defaults. One with a `parametersKey` is to be completed by `withParameters`, and one with
 * `repeatOf` by `repeated`.
 * Throws a Refusal as InvalidRequest, with one line per problem (`parameters.dateFrom: …`).
 * @param startedAt when the report's execution started, ISO 8601
 */
export function parse(given: unknown, startedAt: string): ParsedRequest {
  const bytes = Buffer.byteLength(JSON.stringify(given) ?? '');
  if (bytes > maxBytes)
    throw new Refusal(
      'InvalidRequest',
      `request: It has ${bytes} bytes, more than ${maxBytes}. Put its parameters on S3 and name them in parametersKey.`,
    );
  const { parametersKey, parameters, repeatOf } = (given as Loose)?.eventDetail ?? {};
  const hasParameters = Object.keys(parameters ?? {}).length > 0;
  if (repeatOf && (hasParameters || parametersKey))
    throw new Refusal(
      'InvalidRequest',
      'repeatOf: The report is run again with its own parameters. Leave out parameters and parametersKey.',
    );
  if (parametersKey && hasParameters)
    throw new Refusal('InvalidRequest', 'parametersKey: Give parameters or parametersKey, not both.');
  const request = structuredClone(given);
  // Parameters on S3 are checked once they have been read.
  const isOnS3 = parametersKey || repeatOf;
  refuseIfAny('InvalidRequest', listed(problemsOf(request, isOnS3 ? /^parameters\b/ : undefined)));
  const parsed = request as ParsedRequest;
  refuseIfAny('InvalidRequest', scheduleProblems(parsed.eventDetail, startedAt));
  return parsed;
}

/** Completes a request by parameters that were stored on S3. Throws as `parse` does. */
export function withParameters(request: ParsedRequest, parameters: Record<string, unknown>): ParsedRequest {
  const complete = { ...request, eventDetail: { ...request.eventDetail, parameters } };
  refuseIfAny('InvalidRequest', listed(problemsOf(complete)));
  return complete;
}

/** Fills defaults into a request, and finds its problems by place, except in places that match the pattern. */
function problemsOf(request: unknown, except?: RegExp): Map<string, string> {
  const validate = (JSON.stringify(request)?.length ?? 0) > maxCharacters ? validateFirst : validateAll;
  // Ajv looks at conditions before it fills in defaults. So the first run fills them in, and the second one judges.
  validate(request);
  validate(request);
  const problems = new Map<string, string>();
  for (const error of validate.errors ?? []) {
    // The whole choice says better what its branches lack.
    if (error.keyword === 'required' && /\/(anyOf|oneOf)\//.test(error.schemaPath)) continue;
    const place = placeOf(error);
    const text = textOf(error);
    // A text of the wrong form fails both its pattern and its format, which says it better; so does one type of several.
    const { keyword, schema } = error;
    const saysLess = keyword === 'pattern' || (keyword === 'type' && Array.isArray(schema));
    if (text && !(saysLess && problems.has(place))) problems.set(place, text);
  }
  const { reportType, parameters, repeatOf, schedule, dryRun } = (request as Loose)?.eventDetail ?? {};
  if (repeatOf?.reportType !== undefined && repeatOf.reportType !== reportType)
    problems.set(
      'repeatOf.reportType',
      `${show(repeatOf.reportType)} is not the reportType of this request.`,
    );
  if (repeatOf && schedule)
    problems.set('repeatOf', 'A schedule needs parameters of its own: those of an earlier report expire.');
  if (dryRun === true && schedule) problems.set('dryRun', "A schedule can't be a dry run.");
  for (const [first, last] of [['dateFrom', 'dateTo'] as const, ['from', 'to'] as const]) {
    const { [first]: from, [last]: to } = parameters ?? {};
    if (typeof from === 'string' && typeof to === 'string' && from > to)
      problems.set(`parameters.${last}`, `${show(to)} is before ${first}, ${show(from)}.`);
  }
  const { period, from, to, dateFrom, dateTo } = parameters ?? {};
  const [days, names] = (dateFrom ?? dateTo) ? [true, 'dateFrom and dateTo'] : [from ?? to, 'from and to'];
  if (period !== undefined && days !== undefined)
    problems.set('parameters.period', `Give ${names}, or period, not both.`);
  if (problems.has('parametersKey')) except ??= /^parameters\b/;
  if (except) for (const place of problems.keys()) if (except.test(place)) problems.delete(place);
  return problems;
}

function listed(problems: Map<string, string>): string[] {
  const lines = [...problems].map(([place, text]) => `${place}: ${text}`);
  return lines.length > maxListed
    ? [...lines.slice(0, maxListed), `And ${lines.length - maxListed} more.`]
    : lines;
}

function validator(allErrors: boolean) {
  const ajv = new Ajv({ allErrors, useDefaults: true, verbose: true });
  ajv.addFormat('date', isDay);
  ajv.addFormat('time-zone', isTimeZone);
  ajv.addFormat('moment', (text: string) => isDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)));
  return ajv.compile<ReportRequest>(schema);
}

function placeOf({ instancePath, params }: ErrorObject): string {
  const path = instancePath.split('/').slice(1);
  const property = params.additionalProperty ?? params.missingProperty;
  if (property !== undefined) path.push(String(property).slice(0, 100));
  if (path.length > 1 && path[0] === 'eventDetail') path.shift();
  return path.join('.') || 'request';
}

function textOf(error: ErrorObject): string | undefined {
  const { keyword, params, schema } = error;
  // Problems go into events and mails, where no search term may stand.
  const shown = /\/parameters\/(terms|query)\b/.test(error.instancePath) ? 'The term' : show(error.data);
  const limit = params.limit?.toLocaleString('en');
  switch (keyword) {
    case 'additionalProperties':
      return 'Unknown parameter.';
    case 'required':
      return 'Missing.';
    case 'dependencies':
      return `Missing: ${params.property} needs it.`;
    case 'enum': {
      const values = schema as unknown[];
      return values.length > 1
        ? `${shown} is not one of ${values.join(', ')}.`
        : `Only ${values[0]} is possible here, not ${shown}.`;
    }
    case 'const':
      return error.parentSchema!.description ?? `${shown} must be ${show(schema)} for this report.`;
    case 'type': {
      const wanted = [params.type].flat() as (keyof typeof types)[];
      return `${shown} is not ${wanted.map((type) => types[type]).join(' or ')}.`;
    }
    case 'format':
      return `${shown} is not ${formats[params.format as keyof typeof formats]}.`;
    case 'pattern':
      return `${shown} does not have the required form.`;
    case 'minimum':
      return `${shown} is less than ${params.limit}.`;
    case 'maximum':
      return `${shown} is more than ${params.limit}.`;
    case 'minItems':
      return 'The list is empty.';
    case 'maxItems':
      return `The list has more than ${limit} entries.`;
    case 'uniqueItems':
      return 'The list has an entry twice.';
    case 'minLength':
      return 'The text is empty.';
    case 'maxLength':
      return `The text has more than ${limit} characters.`;
    case 'minProperties':
    case 'maxProperties':
      return `Give one of ${Object.keys(error.parentSchema!.properties).join(', ')}.`;
    case 'anyOf':
    case 'oneOf':
      return choiceOf(schema as { required?: string[] }[], params.passingSchemas);
    default:
      // `if` only says that one of the others was found.
      return undefined;
  }
}

/** The parameters of which one set is needed: `Give from and to, or period.` */
function choiceOf(branches: { required?: string[] }[], passing: unknown): string | undefined {
  if (!branches.every(({ required }) => required)) return undefined;
  const sets = branches.map(({ required }) => required!.join(' and ')).join(', or ');
  return `Give ${sets}${passing ? ', not both' : ''}.`;
}

/** A value as the caller sent it, cut short: it goes into events and mails. */
function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
