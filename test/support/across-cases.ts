// Asking for a report across cases task by task, as the state machine does.
import { calderAccountId, emails, userIds } from '../../local/database/seed.ts';
import { exportCase } from '../../tasks/export-case/handler.ts';
import type { ReportContext } from '../../tasks/lib/context.ts';
import type { CaseItem } from '../../tasks/lib/files/parts.ts';
import { listCases } from '../../tasks/list-cases/handler.ts';
import { parse } from '../../tasks/load-context/parse.ts';
import { type MergePartsEvent, mergeParts } from '../../tasks/merge-parts/handler.ts';
import { parseCsv } from './csv.ts';
import type { Storage } from './services.ts';

export const limits = { time: 60_000, stall: 10_000, request: 5_000, grace: 500 };
export const folder = 'development/tmp/user_activity-job-1/';
export const november = { from: '2026-11-01', to: '2026-11-30' };

/** What load-context would hand on, with the contract's defaults. */
export function contextOf(parameters: object = {}, timeZone = 'UTC', format: 'csv' | 'xlsx' = 'csv') {
  const requestedBy = { userId: userIds.calderAdministrator, email: emails.calderAdministrator };
  const request = {
    jobId: 'job-1',
    caseId: null,
    eventDetail: { reportType: 'user_activity', requestedBy, parameters: { ...november, ...parameters } },
  };
  const { eventDetail } = parse(request, '2026-11-23T11:04:05Z');
  const name = `user-activity_calder-finch-llp_20261123-110405.${format}`;
  return {
    report: {
      reportType: 'user_activity',
      title: 'User Activity',
      parameters: eventDetail.parameters,
      format,
      timeZone,
    },
    account: { accountId: calderAccountId, name: 'Calder Finch LLP' },
    case: null,
    subject: { label: 'Account', name: 'Calder Finch LLP' },
    scopeDescription: 'All there is',
    requester: { userId: requestedBy.userId, name: 'Ines Calder', email: requestedBy.email },
    requestedAt: '2026-11-23 11:04:05 (UTC)',
    file: {
      key: `development/accounts/${calderAccountId}/exports/user_activity-job-1/${name}`,
      name,
      contentType: 'text/csv; charset=utf-8',
    },
    delivery: { mode: 'attachment', recipients: [], expiresInDays: 7, sendWhenEmpty: true },
  } satisfies ReportContext;
}

export type Context = ReturnType<typeof contextOf>;

/** The cases of the list, in order. */
export async function itemsOf(storage: Storage): Promise<CaseItem[]> {
  const text = await storage.text(`${folder}cases.jsonl`);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** The parts as the Map Run leaves them behind, but of one case; gives what the merge is told. */
export async function makeParts(
  storage: Storage,
  context: Context,
  except?: number,
): Promise<MergePartsEvent> {
  const { query, count } = await listCases({ context, folder }, limits);
  for (const item of await itemsOf(storage))
    if (item.caseId !== except) await exportCase({ case: item, query, folder }, limits);
  return { context, folder, count };
}

/** Lists the cases, exports each, merges. */
export async function runReport(storage: Storage, context: Context) {
  return await mergeParts(await makeParts(storage, context), limits);
}

/** The rows of a CSV as objects by header. */
export async function objectsIn(storage: Storage, key: string): Promise<Record<string, string>[]> {
  const [headers, ...rows] = parseCsv((await storage.text(key)).replace('\uFEFF', ''));
  return rows.map((row) => Object.fromEntries(headers!.map((header, column) => [header, row[column]!])));
}
