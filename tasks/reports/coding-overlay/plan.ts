// The plan of an overlay, which is its backup as well: each document with its values before and after. The file is
// written, closed, read back and compared with the database before anything else is written.
import { createHash } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { joined } from '../../lib/cells/several-values.ts';
import { TaskError } from '../../lib/errors.ts';
import type { Duplicate } from './check.ts';
import { type Document, readDocuments } from './documents.ts';
import { type Field, isSame, type Value } from './fields.ts';
import {
  backupNames,
  type Check,
  type CheckedRow,
  type Chunk,
  fileNames,
  type OverlayJob,
  type Plan,
  type Planned,
} from './job.ts';
import { RowsFile } from './rows-file.ts';
import hasAudits from './sql/has-audits.sql';
import { run } from './statements.ts';
import { bytesOf, linesOf, OutputFile } from './storage.ts';
import { takeTurn } from './turn.ts';
import { changed } from './values.ts';

/** Documents and bytes of a chunk: what one transaction writes. */
const chunkSize = { documents: 500, bytes: 512 * 1024 };

/** Fewer documents may all have been changed by somebody within the seconds that the backup takes. */
const fewDocuments = 20;

/** The backup on S3 is not what was written. */
export class BackupFailed extends TaskError {
  override name = 'BackupFailed';
}

/**
 * Takes the turn, and writes and verifies the backup: `backup.jsonl`, `backup.csv`, `chunks.jsonl`, `plan.json`.
 * @throws LoadFileError OV-F11, OverlayRestored, BackupFailed, FileMissing, StorageUnavailable, UploadFailed, or the driver's error
 */
export async function planOverlay(connection: Connection, job: OverlayJob, check: Check): Promise<Plan> {
  const { storage, bucket, folder, exports } = job;
  const { jobId } = job;
  const [written] = await run(connection, hasAudits, { jobId });
  if (written) throw new BackupFailed(`Overlay ${jobId} has written already, and its backup must stay.`);
  const fencingNumber = await takeTurn(connection, job);
  const target = (key: string, contentType: string) => ({ bucket, key, contentType });
  const machine = new OutputFile(storage, {
    ...target(exports + backupNames.machine, 'application/jsonl'),
    name: backupNames.machine,
    expiresInDays: job.backupDays,
  });
  const forPeople = new OutputFile(storage, {
    ...target(exports + backupNames.people, 'text/csv; charset=utf-8'),
    name: backupNames.people,
    expiresInDays: job.backupDays,
  });
  const people = new RowsFile(forPeople, ['nextpoint_id', ...check.fields.map(systemName)], true);
  const chunks = new OutputFile(storage, target(folder + fileNames.chunks, 'application/jsonl'));
  const files = [machine, people, chunks];
  try {
    const names = check.fields.map(({ name }) => name);
    let chunk: Chunk = { chunk: 0, offset: 0, length: 0, documents: 0 };
    const cut = async () => {
      if (chunk.documents === 0) return;
      await chunks.write(`${JSON.stringify(chunk)}\n`);
      chunk = { chunk: chunk.chunk + 1, offset: machine.bytes, length: 0, documents: 0 };
    };
    let documents = 0;
    for await (const rows of candidates(job)) {
      const found = await readDocuments(
        connection,
        rows.map(({ id }) => id!),
        check.fields,
      );
      for (const row of rows) {
        const document = found.get(row.id!);
        if (document)
          await people.write([`${document.id}`, ...names.map((name) => shown(document.values[name]!))]);
        const planned = planRow(row, document);
        if (!planned) continue;
        const text = `${JSON.stringify(planned)}\n`;
        await machine.write(text);
        documents++;
        chunk.documents++;
        chunk.length = machine.bytes - chunk.offset;
        if (chunk.documents >= chunkSize.documents || chunk.length >= chunkSize.bytes) await cut();
      }
    }
    await cut();
    const { bytes, sha256 } = await machine.close();
    const peoplesFile = await people.close();
    await chunks.close();
    const plan: Plan = { documents, chunks: chunk.chunk, bytes, sha256, fencingNumber, people: peoplesFile };
    await verify(connection, job, check.fields, plan);
    const summary = new OutputFile(storage, target(folder + fileNames.plan, 'application/json'));
    await summary.write(JSON.stringify(plan));
    await summary.close();
    return plan;
  } catch (error) {
    for (const file of files) await file.drop();
    throw error;
  }
}

/** The rows that are to be written, some at a time; of rows of one document the first, when they are the same. */
async function* candidates(job: OverlayJob): AsyncGenerator<CheckedRow[]> {
  const { storage, bucket, folder } = job;
  const isDuplicate = await duplicatesOf(job);
  let rows: CheckedRow[] = [];
  for await (const row of linesOf<CheckedRow>(storage, bucket, folder + fileNames.checked)) {
    const duplicate = await isDuplicate(row);
    if (row.outcome !== null || duplicate) continue;
    rows.push(row);
    if (rows.length < chunkSize.documents) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

/** A function that says whether a row is a duplicate, for rows in the order of `checked.jsonl`. */
export async function duplicatesOf(
  job: OverlayJob,
): Promise<(row: CheckedRow) => Promise<Duplicate | undefined>> {
  const lines = linesOf<Duplicate>(job.storage, job.bucket, job.folder + fileNames.duplicates);
  let next = (await lines.next()).value as Duplicate | undefined;
  return async ({ row, id }) => {
    if (next?.row !== row || next.id !== id) return undefined;
    const found = next;
    next = (await lines.next()).value as Duplicate | undefined;
    return found;
  };
}

/** Nothing when the document stays as it is. */
function planRow(row: CheckedRow, document: Document | undefined): Planned | undefined {
  const planned: Planned = { row: row.row, id: row.id!, changes: {} };
  if (!document || document.isTrashed) return { ...planned, isConflict: true };
  for (const [name, change] of Object.entries(row.changes)) {
    const before = document.values[name]!;
    const after = changed(before, change);
    if (!isSame(before, after)) planned.changes[name] = [before, after];
  }
  if (Object.keys(planned.changes).length === 0) return undefined;
  const isTouched = Object.entries(row.expected ?? {}).some(
    ([name, value]) => !isSame(document.values[name]!, value),
  );
  return isTouched ? { row: row.row, id: row.id!, changes: {}, isConflict: true } : planned;
}

/**
 * Reads the backup back. A document that somebody changed meanwhile is found again when its chunk is written, and
 * skipped; when no document is as the backup has it, the backup is wrong.
 */
async function verify(connection: Connection, job: OverlayJob, fields: Field[], plan: Plan): Promise<void> {
  const { storage, bucket, exports } = job;
  const key = exports + backupNames.machine;
  const hash = createHash('sha256');
  if (plan.documents > 0) for await (const chunk of bytesOf(storage, bucket, key)) hash.update(chunk);
  if (plan.documents > 0 && hash.digest('hex') !== plan.sha256)
    throw new BackupFailed('The backup on S3 is not what was written.');
  let documents = 0;
  let compared = 0;
  let same = 0;
  const compare = async (lines: Planned[]) => {
    const found = await readDocuments(
      connection,
      lines.map(({ id }) => id),
      fields,
    );
    for (const { id, changes, isConflict } of lines) {
      documents++;
      const document = found.get(id);
      if (isConflict || !document) continue;
      compared++;
      if (Object.entries(changes).every(([name, [before]]) => isSame(document.values[name]!, before))) same++;
    }
  };
  let lines: Planned[] = [];
  for await (const planned of linesOf<Planned>(storage, bucket, key)) {
    if (lines.push(planned) < chunkSize.documents) continue;
    await compare(lines);
    lines = [];
  }
  await compare(lines);
  if (documents !== plan.documents)
    throw new BackupFailed(`The backup has ${documents} of ${plan.documents} documents.`);
  if (compared >= fewDocuments && same === 0)
    throw new BackupFailed('The backup differs from the database in every document.');
}

/** The header of a field in the backup for people. */
function systemName({ name, title }: Field): string {
  return name.startsWith('custom_field:') ? title : name;
}

function shown(value: Value): string {
  return Array.isArray(value) ? joined(value, '; ') : (value ?? '');
}
