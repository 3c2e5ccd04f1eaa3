// The first step: a request of any form becomes one of the contract's form, with defaults, or is refused.
import { Ajv, type ErrorObject } from 'ajv';
import schema from '../../contract/request.schema.json' with { type: 'json' };
import type { DeliveryMode, EventDetail, ReportRequest } from '../../contract/types.ts';
import { isTimeZone } from '../lib/time-zone.ts';
import { isAvailable } from '../reports/index.ts';
import { Refusal, refuseIfAny } from './refusal.ts';
import { scheduleProblems } from './schedule.ts';

/** A request with the contract's defaults. */
export type ParsedRequest = ReportRequest & { eventDetail: ParsedDetail };
export type ParsedDetail = EventDetail &
  Required<Pick<EventDetail, 'parameters' | 'format' | 'timeZone'>> & {
    delivery: { mode: DeliveryMode; recipients?: string[]; expiresInDays: number };
  };

/** A request of which nothing is known yet. */
type Loose = {
  eventDetail?: { parametersKey?: unknown; reportType?: unknown; parameters?: Record<string, unknown> };
} | null;

/** Bytes of a request. A state of 256 KiB holds it up to three times, beside names and addresses. */
const maxBytes = 64 * 1024;
/** Characters of a request with its stored parameters. Of a longer one only the first problem is told, not a million of them. */
const maxCharacters = 100_000;
/** Problems that are told one by one. All of them may not fit the cause of an execution. */
const maxListed = 20;

const formats = { date: 'a date', 'time-zone': 'a time zone', moment: 'a moment in UTC' };
const validateAll = validator(true);
const validateFirst = validator(false);

/**
 * Gives a new request with defaults. One with a `parametersKey` is to be completed by `withParameters`.
 * Throws a Refusal as InvalidRequest, with one line per problem (`parameters.dateFrom: …`).
 * @param startedAt when the report's execution started, ISO 8601
 */
export function parse(given: unknown, startedAt: string): ParsedRequest {
  const bytes = Buffer.byteLength(JSON.stringify(given) ?? '');
  if (bytes > maxBytes)
    throw new Refusal(
      'InvalidRequest',
      `request: ${bytes} bytes, more than ${maxBytes}: put its parameters on S3 and name them in parametersKey`,
    );
  const { parametersKey, parameters } = (given as Loose)?.eventDetail ?? {};
  if (parametersKey && Object.keys(parameters ?? {}).length > 0)
    throw new Refusal('InvalidRequest', 'parametersKey: give parameters or parametersKey, not both');
  const request = structuredClone(given);
  // Parameters on S3 are checked once they have been read.
  refuseIfAny('InvalidRequest', listed(problemsOf(request, parametersKey ? /^parameters\b/ : undefined)));
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
    const place = placeOf(error);
    const text = textOf(error);
    // A text of the wrong form fails both its pattern and its format, which says it better; so does one type of several.
    const { keyword, schema } = error;
    const saysLess = keyword === 'pattern' || (keyword === 'type' && Array.isArray(schema));
    if (text && !(saysLess && problems.has(place))) problems.set(place, text);
  }
  const { reportType, parameters } = (request as Loose)?.eventDetail ?? {};
  if (typeof reportType === 'string' && !problems.has('reportType') && !isAvailable(reportType))
    problems.set('reportType', `${show(reportType)} is not available yet`);
  for (const [first, last] of [['dateFrom', 'dateTo'] as const, ['from', 'to'] as const]) {
    const { [first]: from, [last]: to } = parameters ?? {};
    if (typeof from === 'string' && typeof to === 'string' && from > to)
      problems.set(`parameters.${last}`, `${show(to)} is before ${first}, ${show(from)}`);
  }
  const { period, from, to, dateFrom, dateTo } = parameters ?? {};
  const [days, names] = (dateFrom ?? dateTo) ? [true, 'dateFrom and dateTo'] : [from ?? to, 'from and to'];
  if (period !== undefined && days !== undefined)
    problems.set('parameters.period', `give either a period or ${names}, not both`);
  if (except) for (const place of problems.keys()) if (except.test(place)) problems.delete(place);
  return problems;
}

function listed(problems: Map<string, string>): string[] {
  const lines = [...problems].map(([place, text]) => `${place}: ${text}`);
  return lines.length > maxListed
    ? [...lines.slice(0, maxListed), `and ${lines.length - maxListed} more`]
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
  const { keyword, params, message, schema } = error;
  // Problems go into events and mails, where no search term may stand.
  const data = error.instancePath.includes('/parameters/terms') ? '(a term)' : error.data;
  switch (keyword) {
    case 'additionalProperties':
      return 'unknown parameter';
    case 'required':
      return 'missing';
    case 'enum':
      return `${show(data)} is not one of ${(schema as string[]).join(', ')}`;
    case 'type':
      return `${show(data)} is not ${params.type === 'null' ? 'available yet' : `of type ${[params.type].flat().join(' or ')}`}`;
    case 'const':
      return `${show(data)} must be ${show(schema)} for this report`;
    case 'format':
      return `${show(data)} is not ${formats[params.format as keyof typeof formats]}`;
    case 'pattern':
      return `${show(data)} is not allowed`;
    case 'if':
    case 'anyOf':
      // These only say that one of the others was found.
      return undefined;
    default:
      return message;
  }
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
