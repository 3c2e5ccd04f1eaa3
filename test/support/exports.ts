// Asking for an export, as the state machine does.
import type { DeliveryMode, ReportType } from '../../contract/types.ts';
import type { ExportRowsEvent } from '../../tasks/export-rows/handler.ts';
import type { Format } from '../../tasks/lib/cells/rules.ts';
import type { ReportContext } from '../../tasks/lib/context.ts';
import { parse } from '../../tasks/load-context/parse.ts';
import { parseCsv } from './csv.ts';
import type { Storage } from './services.ts';

/**
 * The event of an export, with the contract's default parameters, as load-context hands it on.
 * @param caseId null for a report on the whole account
 */
export function exportEvent(
  caseId: number | null,
  parameters: object = {},
  timeZone = 'UTC',
  reportType: ReportType = 'transcript_metadata',
  { format = 'csv', mode = 'link' }: { format?: Format; mode?: DeliveryMode } = {},
): ExportRowsEvent {
  const requestedBy = { userId: 1, email: 'a@b.example' };
  const request = { jobId: 'job-1', caseId, eventDetail: { reportType, requestedBy, parameters } };
  const { eventDetail } = parse(request, '2026-11-23T11:04:05Z');
  const owner = caseId === null ? 'accounts/1' : `cases/${caseId}`;
  const name = `${reportType.replaceAll('_', '-')}_${owner.replace('s/', '-')}_20261123-110405.csv`;
  const caseName = 'Müller v. Acme Pumps, Inc. <Trial>';
  const context: ReportContext = {
    report: { reportType, title: 'A report', parameters: eventDetail.parameters, format, timeZone },
    account: { accountId: 1, name: 'Harlow, Pike & Associés LLP' },
    case: caseId === null ? null : { caseId, name: caseName },
    subject: { label: 'Database', name: caseName },
    scopeDescription: 'All there is',
    requester: { userId: 1, name: 'Ada King', email: 'a@b.example' },
    requestedAt: '2026-11-23 11:04:05 (UTC)',
    delivery: { mode, recipients: [], expiresInDays: 7, sendWhenEmpty: true },
    file: {
      key: `development/${owner}/exports/${reportType}-job-1/${name}`,
      name,
      contentType: 'text/csv; charset=utf-8',
    },
  };
  return { context };
}

/** The file's rows as objects by header. */
export async function rowsOf(storage: Storage, key: string): Promise<Record<string, string>[]> {
  const [headers, ...rows] = parseCsv((await storage.text(key)).replace('\uFEFF', ''));
  return rows.map((row) => Object.fromEntries(headers!.map((header, column) => [header, row[column]!])));
}
