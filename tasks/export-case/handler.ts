// One case's part of a report across cases, and what became of the case.
import { connect, select } from '../lib/database/connection.ts';
import { abandon } from '../lib/database/rows.ts';
import { QueryFailed } from '../lib/errors.ts';
import { type CaseItem, Counter, keys, type Outcome, partOf } from '../lib/files/parts.ts';
import { type Limits, limitsOf, type TimeLeft, transfer } from '../lib/files/transfer.ts';
import { storageClient, store } from '../lib/files/upload.ts';
import { caseSchema, setting } from '../lib/settings.ts';
import { activityRows, readVisitors } from '../reports/user-activity/case-rows.ts';
import missingSql from '../reports/user-activity/missing-columns.sql';
import { type ActivityQuery, fieldsOf, valuesOf } from '../reports/user-activity/report.ts';

export type ExportCaseEvent = {
  case: CaseItem;
  query: ActivityQuery;
  /** Where the parts are: `{env}/tmp/{reportType}-{jobId}/`. */
  folder: string;
};

/** What the server answers to the name of a column or a table that it does not have. */
const unknownNames = [1054, 1146];

/** Small, because the results of thousands of children are collected. */
export type ExportCaseResult = { index: number; status: Outcome['status'] };

/**
 * Writes the rows of a case to its part, then the outcome: a part without one was never finished. That a case is
 * archived, missing or of another structure is an outcome; anything else throws, as the export of a report does.
 */
export async function handler(event: ExportCaseEvent, lambda: TimeLeft): Promise<ExportCaseResult> {
  return await exportCase(event, limitsOf(lambda));
}

/** The handler with limits of one's own. */
export async function exportCase(event: ExportCaseEvent, limits: Limits): Promise<ExportCaseResult> {
  const { index } = event.case;
  const outcome = await outcomeOf(event, limits);
  const storage = storageClient(limits.request);
  try {
    await store(storage, JSON.stringify(outcome), {
      bucket: setting('REPORTS_BUCKET'),
      key: keys.outcome(event.folder, index),
      contentType: 'application/json',
    });
  } finally {
    storage.destroy();
  }
  return { index, status: outcome.status };
}

async function outcomeOf(event: ExportCaseEvent, limits: Limits): Promise<Outcome> {
  const { case: item, query, folder } = event;
  const deadline = Date.now() + limits.time;
  if (item.status !== 'active')
    return unavailable(item, `The database is ${item.status}.`, 'Restore it, then ask for the report again.');
  const schema = caseSchema(item.caseId);
  // One connection at a time: reserved concurrency is the number of connections.
  const visitors = await readVisitors(item, query, deadline - Date.now());
  const connection = await connect(schema).catch((error: Error) => {
    if (error.name === 'CaseUnavailable') return null;
    throw error;
  });
  if (!connection) return unavailable(item, 'The database is missing.', 'Ask support to restore it.');
  try {
    const target = {
      bucket: setting('REPORTS_BUCKET'),
      key: keys.part(folder, item.index),
      contentType: 'application/x-ndjson',
    };
    const counter = new Counter();
    const rows = await activityRows(connection, item, query, visitors, deadline - Date.now());
    const write = partOf(fieldsOf(query));
    const time = deadline - Date.now();
    const { bytes } = await transfer(rows, counter, write, target, { ...limits, time });
    await connection.end();
    return { caseId: item.caseId, status: 'ok', rows: counter.rows, bytes };
  } catch (error) {
    abandon(connection);
    const isMissing = error instanceof QueryFailed && unknownNames.includes(error.number!);
    const missing = isMissing ? await missingColumns(schema, query) : [];
    if (missing.length === 0) throw error;
    return unavailable(
      item,
      `The database has an older structure: it lacks ${missing.join(', ')}.`,
      'Ask support to update it.',
    );
  }
}

function unavailable({ caseId }: CaseItem, problem: string, whatToDo: string): Outcome {
  return { caseId, status: 'unavailable', problem, whatToDo };
}

/** Which of the columns that the layout reads a case lacks: it has drifted. None says that our query is wrong. */
async function missingColumns(schema: string, query: ActivityQuery): Promise<string[]> {
  await using connection = await connect(schema);
  const rows = await select<{ missing: string }>(connection, missingSql, valuesOf(query));
  return rows.map(({ missing }) => missing);
}
