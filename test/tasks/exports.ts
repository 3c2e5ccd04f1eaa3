// Asking for an export, as the state machine does.
import type { TranscriptMetadataParameters } from '../../contract/types.ts';
import type { ExportRowsEvent } from '../../tasks/export-rows/handler.ts';
import { parseCsv } from './csv.ts';
import type { Storage } from './services.ts';

/** Parameters as load-context hands them on, with defaults. */
export function exportEvent(
  caseId: number,
  parameters: TranscriptMetadataParameters = {},
  timeZone = 'UTC',
): ExportRowsEvent {
  const defaults = { scope: 'both', includeCustomFields: true, onlyMissing: false, sort: 'name' };
  const name = `transcript-metadata_case-${caseId}_20261123-110405.csv`;
  return {
    report: {
      reportType: 'transcript_metadata',
      title: 'Transcript Metadata',
      parameters: { ...defaults, ...parameters },
      format: 'csv',
      timeZone,
    },
    caseId,
    file: {
      key: `development/cases/${caseId}/exports/transcript_metadata-job-1/${name}`,
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
