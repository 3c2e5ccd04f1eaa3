// Takes the turn of the case, and makes the backup that an overlay is written from and restored by.
import { task } from '../lib/errors.ts';
import { LoadFileError } from '../reports/coding-overlay/findings.ts';
import { type Check, fileNames } from '../reports/coding-overlay/job.ts';
import { mayOverlay, type OverlayEvent, type Refusal, withJob } from '../reports/coding-overlay/open-job.ts';
import { planOverlay } from '../reports/coding-overlay/plan.ts';
import { readJson } from '../reports/coding-overlay/storage.ts';
import { releaseTurn } from '../reports/coding-overlay/turn.ts';

export type BackUpDocumentsResult = { refusal: Refusal | null; chunks: number };

/**
 * Gives the number of chunks that the backup has.
 * @throws OverlayRestored, BackupFailed, DatabaseUnavailable, DatabaseOverloaded, ConnectionLost, Deadlock, StorageUnavailable, UploadFailed
 */
export const handler = task((event: OverlayEvent): Promise<BackUpDocumentsResult> => {
  return withJob(event, async (job, connection) => {
    const check = await readJson<Check>(job.storage, job.bucket, job.folder + fileNames.check);
    try {
      const { chunks } = await planOverlay(connection, job, check);
      // The last moment before the first write. The check may be hours old.
      if (await mayOverlay(event)) return { refusal: null, chunks };
      await releaseTurn(connection, job);
      const cause = 'The requester lost Advanced access to the case before anything was written.';
      return { refusal: { error: 'AccessLevelTooLow', cause }, chunks: 0 };
    } catch (error) {
      if (!(error instanceof LoadFileError)) throw error;
      return { refusal: { error: 'OverlayRunning', cause: error.message }, chunks: 0 };
    }
  });
});
