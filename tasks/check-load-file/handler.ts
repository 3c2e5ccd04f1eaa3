// Checks a load file against the case, or the backup of the overlay that is to be taken back. Changes no document.
import { task } from '../lib/errors.ts';
import { setting } from '../lib/settings.ts';
import { changedSince, checkLoadFile } from '../reports/coding-overlay/check.ts';
import { LoadFileError } from '../reports/coding-overlay/findings.ts';
import type { Check } from '../reports/coding-overlay/job.ts';
import { mayOverlay, type OverlayEvent, type Refusal, withJob } from '../reports/coding-overlay/open-job.ts';
import { checkRestore, NothingToRestore } from '../reports/coding-overlay/restore.ts';

export type CheckLoadFileResult = { refusal: Refusal | null; stopped: Check['stopped'] };

/**
 * Leaves the check in the job's folder; says why nothing is to be written, or nothing.
 * @throws OverlayRestored, DatabaseUnavailable, DatabaseOverloaded, ConnectionLost, CaseUnavailable, StorageUnavailable, UploadFailed
 */
export const handler = task((event: OverlayEvent): Promise<CheckLoadFileResult> => {
  return withJob(event, async (job, connection) => {
    const refused = (error: Refusal['error'], cause: string) => ({
      refusal: { error, cause },
      stopped: null,
    });
    const { loadFile } = job.parameters;
    const folder = `${setting('ENV')}/cases/${job.caseId}/requests/`;
    if (loadFile && !loadFile.startsWith(folder))
      return refused('InvalidRequest', `parameters.loadFile: ${loadFile} is not under ${folder}.`);
    if (!(await mayOverlay(event)))
      return refused('AccessLevelTooLow', 'Only users with Advanced access may overlay documents.');
    try {
      const check = await (loadFile ? checkLoadFile(connection, job) : checkRestore(connection, job));
      const problem = job.parameters.checkedBy && (await changedSince(job, check));
      if (problem) return refused('InvalidRequest', `parameters.checkedBy: ${problem}`);
      return { refusal: null, stopped: check.stopped };
    } catch (error) {
      if (error instanceof NothingToRestore) return refused('NothingToRestore', error.message);
      if (error instanceof LoadFileError) return refused('OverlayRunning', error.message);
      throw error;
    }
  });
});
