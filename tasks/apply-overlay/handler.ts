// Writes chunks of an overlay, each in a transaction of its own.
import { task } from '../lib/errors.ts';
import { applyChunk } from '../reports/coding-overlay/apply.ts';
import { type Check, type Chunk, fileNames } from '../reports/coding-overlay/job.ts';
import { type OverlayEvent, withJob } from '../reports/coding-overlay/open-job.ts';
import { readJson } from '../reports/coding-overlay/storage.ts';

export type ApplyOverlayEvent = OverlayEvent & { chunks: Chunk[] };

/**
 * Gives how many chunks were written; safe to repeat.
 * @throws TurnLost, OverlayRestored, DatabaseUnavailable, DatabaseOverloaded, ConnectionLost, Deadlock, StorageUnavailable, UploadFailed
 */
export const handler = task((event: ApplyOverlayEvent): Promise<{ chunks: number }> => {
  return withJob(event, async (job, connection) => {
    const { fields } = await readJson<Check>(job.storage, job.bucket, job.folder + fileNames.check);
    for (const chunk of event.chunks) await applyChunk(connection, job, fields, chunk);
    return { chunks: event.chunks.length };
  });
});
