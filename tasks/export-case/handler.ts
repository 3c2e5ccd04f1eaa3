// Exports one case's part of user activity, and records the outcome of the case.
import type { S3Client } from '@aws-sdk/client-s3';
import { connect } from '../lib/database/connection.ts';
import { abandon } from '../lib/database/rows.ts';
import { QueryFailed, task } from '../lib/errors.ts';
import { type CaseItem, Counter, keys, type Outcome, partOf } from '../lib/files/parts.ts';
import { type Limits, limitsOf, type TimeLeft, transfer } from '../lib/files/transfer.ts';
import { storageClient, store } from '../lib/files/upload.ts';
import { caseSchema, setting } from '../lib/settings.ts';
import { issueTexts } from '../lib/texts.ts';
import { caseRows, missingColumns, readAccesses } from '../reports/user-activity/case-rows.ts';
import type { ActivityQuery } from '../reports/user-activity/query.ts';
import { fieldsOf } from '../reports/user-activity/rows.ts';

export type ExportCaseEvent = {
  case: CaseItem;
  query: ActivityQuery;
  /** The folder of the parts: `{env}/tmp/{reportType}-{jobId}/`. */
  folder: string;
};

/** Small, because the results of thousands of children are collected. */
export type ExportCaseResult = { index: number; status: Outcome['status'] };

/** The server's error numbers for a column and for a table that it does not have. */
const unknownNames = [1054, 1146];

/**
 * Writes the rows of a case to its part, then the outcome: a part without one was never finished. A case that is archived,
 * missing, or has an outdated schema is an outcome; anything else throws, as the export of a report does.
 */
export const handler = task(async (event: ExportCaseEvent, lambda: TimeLeft): Promise<ExportCaseResult> => {
  return await exportCase(event, limitsOf(lambda));
});

/** The handler with limits of one's own. */
export async function exportCase(event: ExportCaseEvent, limits: Limits): Promise<ExportCaseResult> {
  const { index } = event.case;
  using storage = storageClient(limits.request);
  const outcome = await exportPart(storage, event, limits);
  await store(storage, JSON.stringify(outcome), {
    bucket: setting('REPORTS_BUCKET'),
    key: keys.outcome(event.folder, index),
    contentType: 'application/json',
  });
  return { index, status: outcome.status };
}

async function exportPart(storage: S3Client, event: ExportCaseEvent, limits: Limits): Promise<Outcome> {
  const { case: item, query, folder } = event;
  const deadline = Date.now() + limits.time;
  if (item.status !== 'active')
    return unavailable(item, issueTexts.notActive(item.status), issueTexts.restore());
  const schema = caseSchema(item.caseId);
  // One connection at a time, because reserved concurrency is what limits the number of connections.
  const accesses = await readAccesses(item, query, deadline - Date.now());
  const connection = await connect(schema).catch((error: Error) => {
    if (error.name === 'CaseUnavailable') return null;
    throw error;
  });
  if (!connection) return unavailable(item, issueTexts.missing(), issueTexts.askToRestore());
  try {
    const target = {
      bucket: setting('REPORTS_BUCKET'),
      key: keys.part(folder, item.index),
      contentType: 'application/x-ndjson',
    };
    const counter = new Counter();
    const warnings: string[] = [];
    const rows = await caseRows(connection, item, query, accesses, deadline - Date.now(), warnings);
    const write = partOf(fieldsOf(query));
    const rest = { ...limits, time: deadline - Date.now() };
    const { bytes } = await transfer(storage, { rows, cells: counter, write }, target, rest);
    await connection.end();
    return {
      caseId: item.caseId,
      status: 'ok',
      rows: counter.rows,
      bytes,
      ...(warnings.length > 0 && { warnings }),
    };
  } catch (error) {
    abandon(connection);
    const isMissing = error instanceof QueryFailed && unknownNames.includes(error.number!);
    const missing = isMissing ? await missingColumns(schema, query) : [];
    if (missing.length === 0) throw error;
    return unavailable(item, issueTexts.outdated(), issueTexts.askToUpdate(), { lacks: missing });
  }
}

/** @param detail for support; it stands in the list of outcomes alone */
function unavailable(
  { caseId }: CaseItem,
  problem: string,
  whatToDo: string,
  detail?: { lacks: string[] },
): Outcome {
  return { caseId, status: 'unavailable', problem, whatToDo, ...detail };
}
