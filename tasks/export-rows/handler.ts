// Runs a report's query on its case or account and writes the rows to a file on S3.
import type { CustomField } from '../lib/cells/columns.ts';
import type { MailTable } from '../lib/cells/mail-table.ts';
import type { ReportContext } from '../lib/context.ts';
import { connect, select } from '../lib/database/connection.ts';
import { abandon, openPackets, openRows, setSession } from '../lib/database/rows.ts';
import { statementsOf } from '../lib/database/statements.ts';
import { task } from '../lib/errors.ts';
import { type ReportFile, writeReport } from '../lib/files/report-file.ts';
import { type Limits, limitsOf, type TimeLeft } from '../lib/files/transfer.ts';
import { storageClient } from '../lib/files/upload.ts';
import { allParameters } from '../lib/parameters.ts';
import { caseSchema, coreSchema } from '../lib/settings.ts';
import { boundsOf } from '../lib/time-zone.ts';
import { type Found, unknownNames } from '../reports/asked.ts';
import { meaningsOf, reportOf } from '../reports/index.ts';

export type ExportRowsEvent = { context: ReportContext };

export type ExportRowsResult = ReportFile & {
  /** The rows for a mail that shows them; null for other deliveries, and when there are too many rows for a mail. */
  table: MailTable | null;
};

/**
 * Gives the file as it lies on S3; a report without rows is a file with headers only.
 * Throws what `allParameters`, `connect`, `select`, `openRows` and `transfer` throw, and InvalidRequest for a custom field that the
 * case lacks; then no file was written.
 */
export const handler = task(async (event: ExportRowsEvent, lambda: TimeLeft): Promise<ExportRowsResult> => {
  return await exportRows(event, limitsOf(lambda));
});

/** The handler with limits of one's own. */
export async function exportRows({ context }: ExportRowsEvent, limits: Limits): Promise<ExportRowsResult> {
  const { report, account, case: database } = context;
  const { timeZone } = report;
  const parameters = await allParameters(report);
  const query = reportOf(report.reportType).query!(parameters as never, timeZone);
  const deadline = Date.now() + limits.time;
  using storage = storageClient(limits.request);
  const warnings: string[] = [];
  const connection = await connect(database ? caseSchema(database.caseId) : coreSchema());
  try {
    const { from, to } = parameters as { from?: string; to?: string };
    const { accountId } = account;
    const values = { ...parameters, ...query.values, ...boundsOf(timeZone, from, to), timeZone, accountId };
    const listsFields = query.customFields && parameters.includeCustomFields !== false;
    if (listsFields || query.asked) await setSession(connection, limits.time);
    const unknown = query.asked
      ? unknownNames(
          query.asked.names,
          await select<Found>(connection, query.asked.found, values, limits.time, warnings),
        )
      : [];
    const fieldList = listsFields
      ? await select<CustomField>(connection, query.customFields!, values, limits.time, warnings)
      : [];
    const columns = query.columns?.(fieldList);
    const statements = statementsOf(query, values);
    const arePackets = report.format === 'csv';
    const open = arePackets ? openPackets : openRows;
    const { fields, rows } = await open(connection, statements, deadline - Date.now(), warnings);
    const exported = {
      fields,
      rows,
      arePackets,
      readAt: Date.now(),
      style: query,
      customFields: query.customFields ? fieldList : undefined,
      columns,
      chosenDocuments: query.documentIds?.length,
      notes: () => [...unknown, ...(query.notes ?? []), ...warnings],
      totals: query.totals,
      meanings: meaningsOf(report.reportType),
    };
    const rest = { ...limits, time: deadline - Date.now() };
    const written = await writeReport(storage, context, exported, rest);
    await connection.end();
    return written;
  } catch (error) {
    abandon(connection);
    throw error;
  }
}
