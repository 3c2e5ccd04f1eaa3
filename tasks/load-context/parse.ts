// A request against the contract's schema: defaults filled in, problems in plain words.
import { Ajv, type ErrorObject } from 'ajv';
import schema from '../../contract/request.schema.json' with { type: 'json' };
import type { ReportRequest } from '../../contract/types.ts';
import { isTimeZone } from '../lib/time-zone.ts';
import { reports } from '../reports/index.ts';

/** As far as a request of any form can be looked into. */
type Loose = { eventDetail?: { reportType?: unknown; parameters?: Record<string, unknown> } };

const validateAll = validator(true);
const validateFirst = validator(false);

const formats = { date: 'a date', 'time-zone': 'a time zone', moment: 'a moment in UTC' };

/** Characters of a request; of a longer one only the first problem is told: a wrong list of a million ids has a million. */
const longest = 100_000;
/** Problems that are told one by one. */
const most = 20;

/**
 * All that is wrong with a request, one line a place (`parameters.dateFrom: …`); empty when it is good.
 * Fills defaults into the request.
 * @param parametersAre `on S3` leaves out what is wrong with parameters that were not read yet
 */
export function problemsOf(request: unknown, parametersAre: 'there' | 'on S3' = 'there'): string[] {
  const validate = (JSON.stringify(request)?.length ?? 0) > longest ? validateFirst : validateAll;
  // The first run adds `parameters: {}` and `delivery: {}`, but looked inside before they were there.
  validate(request);
  validate(request);
  const problems = new Map<string, string>();
  for (const error of validate.errors ?? []) {
    const place = placeOf(error);
    const words = wordsFor(error);
    // A text of the wrong form fails both its pattern and its format, which says it better; so does one type of several.
    const { keyword, schema } = error;
    const saysLess = keyword === 'pattern' || (keyword === 'type' && Array.isArray(schema));
    if (words && !(saysLess && problems.has(place))) problems.set(place, words);
  }
  const { reportType, parameters } = (request as Loose | null)?.eventDetail ?? {};
  if (typeof reportType === 'string' && !problems.has('reportType') && !Object.hasOwn(reports, reportType)) {
    problems.set('reportType', `${show(reportType)} is not available yet`);
  }
  for (const [first, last] of [['dateFrom', 'dateTo'] as const, ['from', 'to'] as const]) {
    const { [first]: from, [last]: to } = parameters ?? {};
    if (typeof from === 'string' && typeof to === 'string' && from > to)
      problems.set(`parameters.${last}`, `${show(to)} is before ${first}, ${show(from)}`);
  }
  if (parameters?.period !== undefined && (parameters.from ?? parameters.to) !== undefined)
    problems.set('parameters.period', 'stands in place of from and to, not beside them');
  if (parametersAre === 'on S3')
    for (const place of problems.keys()) if (/^parameters\b/.test(place)) problems.delete(place);
  const lines = [...problems].map(([place, words]) => `${place}: ${words}`);
  // All of them may not fit the cause of an execution.
  return lines.length > most ? [...lines.slice(0, most), `and ${lines.length - most} more`] : lines;
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

function wordsFor(error: ErrorObject): string | undefined {
  const { keyword, params, message, schema } = error;
  // Causes go into events and mails, where a search term must not stand.
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
      // Only says that one of the others was found.
      return undefined;
    default:
      return message;
  }
}

/** What the caller sent, cut short: it goes into events and mails. */
function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
