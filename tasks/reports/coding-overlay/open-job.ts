// The job of an overlay, from what the states pass to its functions.
import type { Connection } from 'mysql2/promise';
import type { CodingOverlayParameters } from '../../../contract/types.ts';
import type { ReportContext } from '../../lib/context.ts';
import { connect, select } from '../../lib/database/connection.ts';
import { databaseError } from '../../lib/errors.ts';
import { storageClient } from '../../lib/files/upload.ts';
import { allParameters } from '../../lib/parameters.ts';
import { caseSchema, coreSchema, setting } from '../../lib/settings.ts';
import type { OverlayJob, OverlayParameters } from './job.ts';
import { openSession } from './session.ts';
import accessSql from './sql/access.sql';

export type OverlayEvent = { context: ReportContext; jobId: string };

/** Why there will be no overlay: a result, not an error, since no redrive can help it. */
export type Refusal = {
  error: 'AccessLevelTooLow' | 'InvalidRequest' | 'NothingToRestore' | 'OverlayRunning';
  cause: string;
};

/** Milliseconds for one request to S3. */
const requestTimeout = 60_000;

/**
 * Opens a connection to the writer for the work of one function, and closes it.
 * @throws what the work throws, or the error of ours for the driver's
 */
export async function withJob<Result>(
  { context, jobId }: OverlayEvent,
  work: (job: OverlayJob, connection: Connection) => Promise<Result>,
): Promise<Result> {
  const parameters = (await allParameters(context.report)) as CodingOverlayParameters;
  const { caseId } = context.case!;
  const { userId } = context.requester;
  const { keepsFieldsOnS3 } = await accessOf(userId, caseId);
  const exports = context.file.key.slice(0, -context.file.name.length);
  const storage = storageClient(requestTimeout);
  const connection = await connect(caseSchema(caseId), 'writer');
  try {
    await openSession(connection);
    const job: OverlayJob = {
      jobId,
      caseId,
      userId,
      keepsFieldsOnS3,
      parameters: parameters as OverlayParameters,
      bucket: setting('REPORTS_BUCKET'),
      folder: `${setting('ENV')}/tmp/coding_overlay-${jobId}/`,
      exports,
      overlays: exports.slice(0, -`${jobId}/`.length),
      storage,
      backupDays: Number(setting('BACKUP_DAYS')),
    };
    return await work(job, connection);
  } catch (error) {
    throw databaseError(error);
  } finally {
    connection.destroy();
    storage.destroy();
  }
}

/** Whether the requester may still change documents of the case by a file. Throws DatabaseUnavailable and the like. */
export async function mayOverlay({ context }: OverlayEvent): Promise<boolean> {
  const { accessLevel } = await accessOf(context.requester.userId, context.case!.caseId);
  return accessLevel === 'advanced';
}

async function accessOf(userId: number, caseId: number) {
  const core = await connect(coreSchema(), 'writer');
  try {
    type Access = { accessLevel: string | null; keepsFieldsOnS3: 0 | 1 };
    const [access] = await select<Access>(core, accessSql, { userId, caseId });
    return { accessLevel: access?.accessLevel ?? null, keepsFieldsOnS3: access?.keepsFieldsOnS3 === 1 };
  } finally {
    core.destroy();
  }
}
