// Writes the files of an overlay for people, and gives the turn back.

import type { File } from '../../contract/types.ts';
import { MailRows, type MailTable } from '../lib/cells/mail-table.ts';
import { task } from '../lib/errors.ts';
import { readMe, type Told } from '../lib/formats/read-me.ts';
import { propertiesOf } from '../lib/formats/xlsx.ts';
import { clockOf } from '../lib/time-zone.ts';
import { type Check, fileNames, type OverlayJob, type Plan } from '../reports/coding-overlay/job.ts';
import { type OverlayEvent, withJob } from '../reports/coding-overlay/open-job.ts';
import { codingOverlay } from '../reports/coding-overlay/report.ts';
import { type Counts, writeResults } from '../reports/coding-overlay/results.ts';
import { readJson } from '../reports/coding-overlay/storage.ts';
import { releaseTurn } from '../reports/coding-overlay/turn.ts';
import { meanings } from '../reports/meanings.ts';

export type WriteResultsResult = {
  file: File;
  /** The day on which the file is deleted, `YYYY-MM-DD (zone)`. */
  expires: string;
  /** The numbers, for a mail. */
  table: MailTable | null;
  /** A sentence on who cancelled it, and when; null when it ran to its end. */
  cancelled: string | null;
};

/**
 * Gives the results file with the numbers of the overlay and its other files.
 * @throws CountsDiffer, DatabaseUnavailable, DatabaseOverloaded, ConnectionLost, StorageUnavailable, UploadFailed
 */
export const handler = task((event: OverlayEvent): Promise<WriteResultsResult> => {
  return withJob(event, async (job, connection) => {
    const { context } = event;
    const { storage, bucket, folder } = job;
    const check = await readJson<Check>(storage, bucket, folder + fileNames.check);
    const plan = check.stopped ? null : await readJson<Plan>(storage, bucket, folder + fileNames.plan);
    const { expiresInDays } = context.delivery;
    // S3 counts from the upload, which is later.
    const expiry = Date.now() + expiresInDays * 24 * 60 * 60 * 1000;
    const readAt = Date.now();
    const expires = `${clockOf(context.report.timeZone)(expiry).slice(0, 10)} (${context.report.timeZone})`;
    const workbook = {
      properties: propertiesOf(context, readAt),
      readMe: (told: Told) =>
        readMe(context, told, {
          readAt,
          expires,
          totals: 0,
          meanings: { ...meanings, ...codingOverlay.meanings },
          databases: [],
        }),
    };
    const { counts, files, stopped, warnings } = await writeResults(job, check, plan, expiresInDays, {
      ...context.file,
      workbook: context.report.format === 'xlsx' ? workbook : undefined,
    });
    await releaseTurn(connection, job);
    const [results, ...others] = files;
    const { kind: _, ...file } = results!;
    return {
      file: {
        ...file,
        expiresAt: new Date(expiry).toISOString(),
        warnings,
        sidecar: null,
        overlay: {
          restores: job.parameters.restore ?? null,
          stopped,
          counts,
          files: others.map(({ kind, key, name, rows, bytes, sha256 }) => ({
            kind,
            key,
            name,
            rows,
            bytes,
            sha256,
          })),
        },
      } as File,
      expires,
      table: tableOf(counts, stopped === 'dryRun'),
      cancelled: stopped === 'cancelled' ? await cancelOf(job) : null,
    };
  });
});

async function cancelOf({ storage, bucket, folder }: OverlayJob): Promise<string> {
  const { by, at } = await readJson<{ by: string; at: string }>(storage, bucket, folder + fileNames.cancel);
  return `Cancelled by ${by} at ${at}.`;
}

const labels: Record<Exclude<keyof Counts, 'warnings'>, string> = {
  rowsRead: 'Rows read',
  rowsMatched: 'Rows matched',
  documentsUpdated: 'Documents updated',
  documentsUnchanged: 'Documents unchanged',
  wouldUpdate: 'Documents that would be updated',
  rowsNotMatched: 'Rows not matched',
  rowsWithErrors: 'Rows with errors',
  rowsSkipped: 'Rows skipped (in the trash, or changed meanwhile)',
  duplicatesMerged: 'Repeated rows merged',
  familyUpdated: 'Other members of families updated',
  familyWouldUpdate: 'Other members of families that would be updated',
  familySkipped: 'Other members of families skipped',
  notAttempted: 'Rows not attempted',
  cellsChanged: 'Cells changed',
  cellsCleared: 'Cells cleared',
  cellsSkipped: 'Cells skipped',
  choicesCreated: 'Choices created',
};

function tableOf(counts: Counts, isDryRun: boolean): MailTable | null {
  const main = isDryRun ? 'wouldUpdate' : 'documentsUpdated';
  const rows = new MailRows({ headers: ['Result', 'Number'], kinds: ['text', 'number'] }, false);
  // Zeros are left out, but for the number that everybody looks for.
  const shown = Object.entries(labels).filter(
    ([name]) => name === 'rowsRead' || name === main || counts[name as keyof typeof labels] > 0,
  );
  for (const [name, label] of shown) rows.add([label, `${counts[name as keyof typeof labels]}`]);
  return rows.table;
}
