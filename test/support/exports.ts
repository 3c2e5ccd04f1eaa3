// Asking for an export, as the state machine does.
import type { ReportType } from '../../contract/types.ts';
import type { ExportRowsEvent } from '../../tasks/export-rows/handler.ts';
import { problemsOf } from '../../tasks/load-context/parse.ts';
import { parseCsv } from './csv.ts';
import type { Storage } from './services.ts';

/** Parameters as load-context hands them on, with the contract's defaults; on the whole account without a case. */
export function exportEvent(
  caseId: number | null,
  parameters: object = {},
  timeZone = 'UTC',
  reportType: ReportType = 'transcript_metadata',
): ExportRowsEvent {
  const requestedBy = { userId: 1, email: 'a@b.example' };
  const eventDetail = { reportType, requestedBy, parameters: { ...parameters } };
  const problems = problemsOf({ jobId: 'job-1', caseId, eventDetail });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const owner = caseId === null ? 'accounts/1' : `cases/${caseId}`;
  const name = `${reportType.replaceAll('_', '-')}_${owner.replace('s/', '-')}_20261123-110405.csv`;
  const caseName = 'Müller v. Acme Pumps, Inc. <Trial>';
  return {
    report: { reportType, title: 'A report', parameters: eventDetail.parameters, format: 'csv', timeZone },
    account: { accountId: 1, name: 'Harlow, Pike & Associés LLP' },
    case: caseId === null ? null : { caseId, name: caseName },
    place: { label: 'Database', name: caseName },
    requester: { userId: 1, name: 'Ada King', email: 'a@b.example' },
    words: { contents: 'All there is', requestedAt: '2026-11-23 11:04:05 (UTC)' },
    file: {
      key: `development/${owner}/exports/${reportType}-job-1/${name}`,
      name,
      contentType: 'text/csv; charset=utf-8',
    },
    expiresInDays: 7,
  };
}

/** The file's rows as objects by header. */
export async function rowsOf(storage: Storage, key: string): Promise<Record<string, string>[]> {
  const [headers, ...rows] = parseCsv((await storage.text(key)).replace('\uFEFF', ''));
  return rows.map((row) => Object.fromEntries(headers!.map((header, column) => [header, row[column]!])));
}
