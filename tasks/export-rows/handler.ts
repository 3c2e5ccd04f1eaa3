// Runs a report's query on its case and writes the rows to a file on S3.

import { Cells, type CustomField } from '../lib/cells/cells.ts';
import { MailRows, type MailTable } from '../lib/cells/mail-table.ts';
import type { ReportContext } from '../lib/context.ts';
import { connect, select } from '../lib/database/connection.ts';
import { abandon, openRows, setSession } from '../lib/database/rows.ts';
import { statementsOf } from '../lib/database/statements.ts';
import { type ReportFile, writeReport } from '../lib/files/report-file.ts';
import { besideOf } from '../lib/files/sidecar.ts';
import { type Limits, limitsOf, type TimeLeft } from '../lib/files/transfer.ts';
import { allParameters } from '../lib/parameters.ts';
import { caseSchema, coreSchema, setting } from '../lib/settings.ts';
import { boundsOf } from '../lib/time-zone.ts';
import { queries } from '../reports/report.ts';

export type ExportRowsEvent = { context: ReportContext };

export type ExportRowsResult = ReportFile & {
  /** The rows for a mail that shows them; null for other deliveries, and when there are too many rows for a mail. */
  table: MailTable | null;
};

/**
 * Gives the file as it lies on S3; a report without rows is a file with headers only.
 * Throws what `allParameters`, `connect`, `select` and `transfer` throw, and InvalidRequest for a custom field that the
 * case lacks; then no file was written.
 */
export async function handler(event: ExportRowsEvent, lambda: TimeLeft): Promise<ExportRowsResult> {
  return await exportRows(event, limitsOf(lambda));
}

/** The handler with limits of one's own. */
export async function exportRows({ context }: ExportRowsEvent, limits: Limits): Promise<ExportRowsResult> {
  const { report, file, delivery } = context;
  const { format, timeZone } = report;
  const parameters = await allParameters(report);
  const query = queries[report.reportType]!(parameters as never, timeZone);
  const target = { bucket: setting('REPORTS_BUCKET'), ...file, expiresInDays: delivery.expiresInDays };
  const deadline = Date.now() + limits.time;
  const connection = await connect(context.case ? caseSchema(context.case.caseId) : coreSchema());
  try {
    const { from, to } = parameters as { from?: string; to?: string };
    const { accountId } = context.account;
    const values = { ...parameters, ...query.values, ...boundsOf(timeZone, from, to), timeZone, accountId };
    const listsFields = query.customFields && parameters.includeCustomFields !== false;
    if (listsFields) await setSession(connection, limits.time);
    const fieldList = listsFields
      ? await select<CustomField>(connection, query.customFields!, values, limits.time)
      : [];
    const columns = query.columns?.(fieldList);
    const statements = statementsOf(connection, query, values);
    const { fields, rows } = await openRows(connection, statements, deadline - Date.now());
    const customFields = query.customFields ? fieldList : undefined;
    const style = { ...query, fullTextsName: besideOf(target).name };
    const cells = new Cells(fields, timeZone, customFields, format, style, columns);
    if (delivery.mode === 'mail_body')
      cells.mail = new MailRows(cells.headers, cells.kinds, query.hasTotal ?? false);
    const rest = { ...limits, time: deadline - Date.now() };
    const written = await writeReport(context, rows, cells, Date.now(), target, rest);
    await connection.end();
    return { ...written, table: cells.mail?.table ?? null };
  } catch (error) {
    abandon(connection);
    throw error;
  }
}
