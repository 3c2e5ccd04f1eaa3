// Runs a report's query on its case and writes the rows to a CSV file on S3.
import type { File } from '../../contract/types.ts';
import { connect, select } from '../lib/database.ts';
import { caseSchema, setting } from '../lib/settings.ts';
import type { ReportContext } from '../load-context/context.ts';
import { Cells, type CustomField } from './cells.ts';
import { queries } from './queries.ts';
import { abandon, openRows } from './rows.ts';
import { type Limits, transfer } from './transfer.ts';

export type ExportRowsEvent = {
  report: ReportContext['report'];
  caseId: number;
  file: ReportContext['file'];
  expiresInDays: number;
};

export type ExportedFile = File & {
  /** What the reader of the file should know, in plain words. */
  warnings: string[];
};

/** Kept back for clearing up and for answering. */
const margin = 20_000;

/**
 * Gives the file as it lies on S3; a report without rows is a file with headers only.
 * Throws what `connect`, `select` and `transfer` throw; then no file was written.
 */
export async function handler(
  event: ExportRowsEvent,
  lambda: { getRemainingTimeInMillis(): number },
): Promise<ExportedFile> {
  const time = Math.max(1, lambda.getRemainingTimeInMillis() - margin);
  return await exportRows(event, { time, stall: 120_000, request: 60_000, grace: 10_000 });
}

/** The handler with limits of one's own. */
export async function exportRows(event: ExportRowsEvent, limits: Limits): Promise<ExportedFile> {
  const { report, caseId, file, expiresInDays } = event;
  const { parameters, timeZone } = report;
  const query = queries[report.reportType]!;
  const target = { bucket: setting('REPORTS_BUCKET'), ...file, expiresInDays };
  const connection = await connect(caseSchema(caseId));
  try {
    const values = { ...parameters, timeZone };
    const listsFields = query.customFields && parameters.includeCustomFields !== false;
    const fieldList = listsFields ? await select<CustomField>(connection, query.customFields!, values) : [];
    const { fields, rows } = await openRows(connection, { sql: query.rows, values }, limits.time);
    const cells = new Cells(fields, timeZone, query.customFields ? fieldList : undefined);
    const { bytes, sha256 } = await transfer(rows, cells, target, limits);
    await connection.end();
    const { bucket, key, name, contentType } = target;
    const { headers: columns, warnings } = cells;
    return { bucket, key, name, contentType, rows: cells.rows, bytes, sha256, columns, warnings };
  } catch (error) {
    abandon(connection);
    throw error;
  }
}
