// A chunk of an overlay, in one transaction on the writer: it can be run again at any time, and changes nothing then.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { TaskError } from '../../lib/errors.ts';
import { type Document, type NewValues, needsTags, readDocuments, writeDocuments } from './documents.ts';
import { type Field, isSame } from './fields.ts';
import { LoadFileError } from './findings.ts';
import { type Applied, backupNames, type Chunk, fileNames, type OverlayJob, type Planned } from './job.ts';
import caseUserSql from './sql/case-user.sql';
import findAudits from './sql/find-audits.sql';
import insertAudits from './sql/insert-audits.sql';
import insertConfidentialityLogs from './sql/insert-confidentiality-logs.sql';
import insertPrivilegeLogs from './sql/insert-privilege-logs.sql';
import insertRelevancyLogs from './sql/insert-relevancy-logs.sql';
import requestIndexing from './sql/request-indexing.sql';
import { run, runAll } from './statements.ts';
import { exists, linesOf, OutputFile } from './storage.ts';
import { hasTurn, takeTurn } from './turn.ts';

/** Another overlay has the turn of this one. It can go on when that one has ended. */
export class TurnLost extends TaskError {
  override name = 'TurnLost';
}

/** Lock waits and deadlocks. After a lock wait only the statement is rolled back, so the transaction always is. */
const conflicts = [1205, 1213];
/** Times that a chunk is tried before the error goes to the state machine, which tries again. */
const attempts = 6;

/**
 * Writes the documents of a chunk that are still as the backup has them, and leaves the outcome of each on S3.
 * Nothing is written any more once the overlay was cancelled.
 * @throws TurnLost, OverlayRestored, StorageUnavailable, UploadFailed, or the driver's error
 */
export async function applyChunk(
  connection: Connection,
  job: OverlayJob,
  fields: readonly Field[],
  chunk: Chunk,
): Promise<Applied[]> {
  const { storage, bucket, folder, exports } = job;
  const planned: Planned[] = [];
  const range = { offset: chunk.offset, length: chunk.length };
  for await (const line of linesOf<Planned>(storage, bucket, exports + backupNames.machine, range))
    planned.push(line);
  const isCancelled = await exists(storage, bucket, folder + fileNames.cancel);
  const applied = await outcomesOf(connection, job, fields, chunk.chunk, planned, isCancelled);
  const output = new OutputFile(storage, {
    bucket,
    key: folder + fileNames.results(chunk.chunk),
    contentType: 'application/jsonl',
  });
  await output.write(applied.map((outcome) => `${JSON.stringify(outcome)}\n`).join(''));
  await output.close();
  return applied;
}

async function outcomesOf(
  connection: Connection,
  job: OverlayJob,
  fields: readonly Field[],
  chunk: number,
  planned: Planned[],
  isCancelled: boolean,
): Promise<Applied[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeChunk(connection, job, fields, chunk, planned, isCancelled);
    } catch (error) {
      await connection.rollback().catch(() => undefined);
      if (!(error instanceof NotOurTurn) && !conflicts.includes((error as { errno?: number }).errno!))
        throw error;
      if (attempt === attempts) throw error instanceof NotOurTurn ? new TurnLost(error.message) : error;
      if (error instanceof NotOurTurn) await retake(connection, job);
      else await sleep(Math.random() * 50 * 2 ** attempt);
    }
  }
}

class NotOurTurn extends Error {}

async function retake(connection: Connection, job: OverlayJob): Promise<void> {
  try {
    await takeTurn(connection, job);
  } catch (error) {
    throw error instanceof LoadFileError ? new TurnLost(error.message) : error;
  }
}

async function writeChunk(
  connection: Connection,
  job: OverlayJob,
  fields: readonly Field[],
  chunk: number,
  planned: Planned[],
  isCancelled: boolean,
): Promise<Applied[]> {
  const { caseId, jobId, userId } = job;
  const after = planned.map(({ changes }) =>
    Object.fromEntries(Object.entries(changes).map(([name, [, value]]) => [name, value])),
  );
  const alone = await needsTags(connection, fields, after);
  const ids = planned.map(({ id }) => id).sort((one, other) => one - other);
  const [caseUser] = await run<{ id: number }>(connection, caseUserSql, { userId });

  await connection.beginTransaction();
  if (!(await hasTurn(connection, job, alone))) throw new NotOurTurn();
  const documents = await readDocuments(connection, ids, fields, true);
  const audited = await run<{ id: number }>(connection, findAudits, { jobId, ids, chunk });
  const done = new Set(audited.map(({ id }) => id));
  // A chunk is written as a whole: when one of its documents was, nothing of it is written again.
  const isDone = done.size > 0;
  const writes: (NewValues & { planned: Planned })[] = [];
  const applied = planned.map((line, index): Applied => {
    const { row, id, changes, isConflict } = line;
    const document = documents.get(id);
    if (done.has(id)) return { row, id, outcome: 'updated' };
    if (isCancelled && !isDone) return { row, id, outcome: 'notAttempted' };
    if (isConflict || !document || document.isTrashed) return { row, id, outcome: 'skipped' };
    const stands = (place: 0 | 1) =>
      Object.entries(changes).every(([name, values]) => isSame(document.values[name]!, values[place]));
    if (stands(1)) return { row, id, outcome: 'unchanged' };
    if (isDone || !stands(0)) return { row, id, outcome: 'skipped' };
    writes.push({ document, values: after[index]!, planned: line });
    return { row, id, outcome: 'updated' };
  });
  if (writes.length > 0) {
    await writeDocuments(connection, { caseId, caseUserId: caseUser?.id ?? null }, fields, writes);
    await writeLogs(connection, caseId, caseUser?.id ?? null, writes);
    await writeAudits(connection, job, chunk, writes);
    await runAll(
      connection,
      requestIndexing,
      'ids',
      writes.map(({ document }) => document.id),
    );
  }
  await connection.commit();
  return applied;
}

/** The trail of review statuses, which the review log reads. */
async function writeLogs(
  connection: Connection,
  caseId: number,
  caseUserId: number | null,
  writes: { document: Document; planned: Planned }[],
): Promise<void> {
  const logs = {
    relevancy_status: insertRelevancyLogs,
    privilege_status: insertPrivilegeLogs,
    confidentiality: insertConfidentialityLogs,
  };
  const now = timestamp();
  for (const [name, sql] of Object.entries(logs)) {
    const rows = writes.flatMap(({ document, planned }) => {
      const change = planned.changes[name];
      return change ? [[caseId, document.id, ...change, caseUserId, 'overlay', now]] : [];
    });
    await runAll(connection, sql, 'rows', rows);
  }
}

async function writeAudits(
  connection: Connection,
  { caseId, jobId, userId }: OverlayJob,
  chunk: number,
  writes: { planned: Planned }[],
): Promise<void> {
  const now = timestamp();
  const rows = writes.map(({ planned: { id, changes } }) => [
    caseId,
    'Exhibit',
    id,
    'update',
    userId,
    jobId,
    chunk,
    JSON.stringify(changes),
    now,
  ]);
  await runAll(connection, insertAudits, 'rows', rows);
}

function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replace('T', ' ');
}
