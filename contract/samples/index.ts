// The sample messages, as the demo, the documentation and the tests use them. Users and cases are those of the seeded database.
import { readdirSync, readFileSync } from 'node:fs';
import type { EventDetail, ReportType } from '../types.ts';

/** A message as Rails publishes it. */
export interface Message {
  source: 'rails';
  eventType: 'REPORT_REQUESTED' | 'REPORT_CANCEL_REQUESTED' | 'REPORT_SCHEDULE_DELETED';
  jobId: string;
  caseId: number | null;
  batchId: null;
  status: 'SUCCESS';
  timestamp: string;
  eventDetail: EventDetail;
}

/** Requests by file name: the first part names the report type. */
export const requests: Record<string, Message> = readFolder('requests');

/** Events by file name. `npm run samples` records them from a run of the local stack. */
export const events: Record<string, Record<string, unknown>> = readFolder('events');

/** Parameters that travel on S3, by file name: the last part of the `parametersKey` that leads to them. */
export const storedParameters: Record<string, object> = readFolder('parameters');

/** Every file that Rails has put on S3 when it publishes the sample requests, by key. */
export const files: Record<string, string | Buffer> = {
  ...Object.fromEntries(
    Object.values(requests).flatMap(({ eventDetail: { parametersKey: key } }) =>
      key ? [[key, JSON.stringify(storedParameters[key.split('/').at(-1)!.replace('.json', '')])]] : [],
    ),
  ),
  'development/cases/1001/requests/coding-overlay.csv': readFileSync(
    new URL('load-files/coding-overlay.csv', import.meta.url),
  ),
};

export const cancel: Message = read('cancel');
export const scheduleDeletion: Message = read('schedule-deletion');

/** The request that shows a report type at its simplest. */
export function requestOf(reportType: ReportType): Message {
  const request = requests[reportType.replaceAll('_', '-')];
  if (!request) throw new Error(`contract/samples/requests has no sample of ${reportType}.`);
  return request;
}

function readFolder(folder: string) {
  const names = readdirSync(new URL(folder, import.meta.url)).map((file) => file.replace('.json', ''));
  return Object.fromEntries(names.map((name) => [name, read(`${folder}/${name}`)]));
}

function read(name: string) {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'));
}
