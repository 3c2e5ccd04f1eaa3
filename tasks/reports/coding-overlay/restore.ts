// The check of a restore: the documents that an earlier overlay changed become rows that ask for their old values. It reads
// the backup's JSONL, which tells NULL from the empty text and keeps lists as lists, and passes by all rules of cells.

import type { Connection } from 'mysql2/promise';
import { TaskError } from '../../lib/errors.ts';
import { fieldsOf } from './columns.ts';
import { type Document, readDocuments } from './documents.ts';
import { type Field, isSame } from './fields.ts';
import { afterRestore, type Finding } from './findings.ts';
import {
  backupNames,
  type Check,
  type CheckCounts,
  type CheckedRow,
  fileNames,
  type OverlayJob,
  type Planned,
} from './job.ts';
import findAudits from './sql/find-audits.sql';
import { run } from './statements.ts';
import { exists, linesOf, OutputFile } from './storage.ts';
import { takeTurn } from './turn.ts';

const documentsAtATime = 500;

/** The earlier overlay cannot be restored. */
export class NothingToRestore extends TaskError {
  override name = 'NothingToRestore';
}

/**
 * Leaves for the plan what `checkLoadFile` leaves. Only documents with an audit row of the earlier overlay are restored.
 * Takes the turn first, unless it is a dry run: the earlier overlay may still be writing, and writes nothing from then on.
 * @throws NothingToRestore when there is no backup, or none any more
 * @throws LoadFileError OV-F11, OverlayRestored, StorageUnavailable, UploadFailed, or the driver's error
 */
export async function checkRestore(connection: Connection, job: OverlayJob): Promise<Check> {
  const { storage, bucket, folder, overlays, parameters } = job;
  const earlier = parameters.restore!;
  const key = `${overlays}${earlier}/${backupNames.machine}`;
  if (!(await exists(storage, bucket, key)))
    throw new NothingToRestore(
      `There is no backup of overlay ${earlier}: it is unknown in this case, wrote nothing, or is older than its backup is kept.`,
    );
  if (!parameters.dryRun) await takeTurn(connection, job);
  const target = (name: string, contentType: string) => ({ bucket, key: folder + name, contentType });
  const output = new OutputFile(storage, target(fileNames.checked, 'application/jsonl'));
  const known = new Map((await fieldsOf(connection)).map((field) => [field.name, field]));
  const used = new Map<string, Field>();
  const gone = new Set<string>();
  const counts: CheckCounts = {
    rowsRead: 0,
    rowsMatched: 0,
    notMatched: 0,
    errored: 0,
    skipped: 0,
    merged: 0,
    errors: 0,
    choicesCreated: 0,
    wouldUpdate: 0,
    wouldStay: 0,
  };
  const take = async (lines: Planned[]) => {
    const ids = lines.map(({ id }) => id);
    const names = [...new Set(lines.flatMap(({ changes }) => Object.keys(changes)))];
    for (const name of names) {
      const field = known.get(name);
      if (field) used.set(name, field);
      else gone.add(name);
    }
    const audited = await run<{ id: number }>(connection, findAudits, { jobId: earlier, ids, chunk: -1 });
    const written = new Set(audited.map(({ id }) => id));
    const documents = await readDocuments(connection, ids, [...used.values()]);
    for (const { row, id, changes } of lines) {
      if (!written.has(id)) continue;
      const checked: CheckedRow = {
        row,
        cells: [`${id}`],
        key: { field: 'nextpoint_id', value: `${id}` },
        id,
        outcome: null,
        findings: [],
        changes: {},
        expected: {},
        wouldUpdate: false,
      };
      const document = documents.get(id);
      let isTouched = false;
      for (const [name, [before, after]] of Object.entries(changes)) {
        if (!used.has(name)) continue;
        checked.changes[name] = { set: before };
        checked.expected![name] = after;
        const current = document?.values[name];
        checked.wouldUpdate ||= current !== undefined && !isSame(current, before);
        isTouched ||= current !== undefined && !isSame(current, after);
      }
      const obstacle = obstacleOf(document, Boolean(checked.wouldUpdate) && isTouched);
      counts.rowsRead++;
      if (document && !document.isTrashed) counts.rowsMatched++;
      if (obstacle) {
        checked.outcome = 'skipped';
        checked.findings.push({ ...obstacle, row });
      }
      counts[obstacle ? 'skipped' : checked.wouldUpdate ? 'wouldUpdate' : 'wouldStay']++;
      await output.write(`${JSON.stringify(checked)}\n`);
    }
  };
  try {
    let lines: Planned[] = [];
    for await (const planned of linesOf<Planned>(storage, bucket, key)) {
      if (lines.push(planned) < documentsAtATime) continue;
      await take(lines);
      lines = [];
    }
    if (lines.length > 0) await take(lines);
  } catch (error) {
    await output.drop();
    throw error;
  }
  await output.close();
  const duplicates = new OutputFile(storage, target(fileNames.duplicates, 'application/jsonl'));
  await duplicates.close();
  const findings: Finding[] = [...gone].map((name) => ({
    code: 'OV-W02',
    column: name,
    detail: 'The field was deleted since, so that its values cannot be put back.',
  }));
  const check: Check = {
    columns: [...used.values()].map(({ name, title }) => ({
      header: title,
      coerced: name,
      action: 'write',
      field: name,
      valuesFound: counts.rowsRead,
      sample: '',
    })),
    fields: [...used.values()],
    header: ['nextpoint_id'],
    fileError: null,
    findings,
    counts,
    stopped: parameters.dryRun ? 'dryRun' : null,
  };
  const summary = new OutputFile(storage, target(fileNames.check, 'application/json'));
  await summary.write(JSON.stringify(check));
  await summary.close();
  return check;
}

/** Why the document is left as it is, or nothing. */
function obstacleOf(document: Document | undefined, isTouched: boolean): Finding | undefined {
  if (!document) return { code: 'OV-R08', detail: 'It was deleted.' };
  if (document.isTrashed) return { code: 'OV-R07' };
  return isTouched ? { code: 'OV-R08', detail: afterRestore } : undefined;
}
