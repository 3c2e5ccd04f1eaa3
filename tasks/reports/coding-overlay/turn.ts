// The turn of overlays: one writes to a case at a time. It is a row of the case's own database, because the lock
// functions of MySQL pin a connection of RDS Proxy, and end with it.
import type { Connection } from 'mysql2/promise';
import { TaskError } from '../../lib/errors.ts';
import { LoadFileError } from './findings.ts';
import type { OverlayJob } from './job.ts';
import markRestored from './sql/mark-restored.sql';
import openTurn from './sql/open-turn.sql';
import readRestored from './sql/read-restored.sql';
import readTurn from './sql/read-turn.sql';
import releaseTurnSql from './sql/release-turn.sql';
import takeTurnSql from './sql/take-turn.sql';
import { run } from './statements.ts';

/** A restore took this overlay back, so that nothing of it is written any more. */
export class OverlayRestored extends TaskError {
  override name = 'OverlayRestored';
}

type Turn = { jobId: string | null; loadFile: string | null; fencingNumber: number; isOld: 0 | 1 | null };

/**
 * Takes the turn, or keeps it, and gives its fencing number. The turn of an overlay passes to its restore.
 * A turn is free again 14 days after it was taken: so long can its job be redriven.
 * @throws LoadFileError OV-F11 with the name of the overlay whose turn it is
 * @throws OverlayRestored
 */
export async function takeTurn(connection: Connection, job: OverlayJob): Promise<number> {
  const { caseId, jobId } = job;
  const { loadFile: key, restore: restores } = job.parameters;
  /** The name by which another overlay is told of this one. */
  const loadFile = key?.split('/').at(-1) ?? `the restore of ${restores}`;
  await run(connection, openTurn, { caseId });
  await connection.beginTransaction();
  try {
    const [turn] = await run<Turn>(connection, readTurn.replace('{lock}', 'FOR UPDATE'), { caseId });
    const owner = turn!.jobId;
    let { fencingNumber } = turn!;
    if (owner !== jobId) {
      const [restored] = await run<{ restoredBy: string }>(connection, readRestored, { jobId });
      if (restored) throw new OverlayRestored(`Overlay ${jobId} was taken back by ${restored.restoredBy}.`);
      if (owner !== null && owner !== restores && turn!.isOld !== 1) refuse(turn!);
      await run(connection, takeTurnSql, { caseId, jobId, loadFile });
      if (restores) await run(connection, markRestored, { caseId, jobId, restores });
      fencingNumber++;
    }
    await connection.commit();
    return fencingNumber;
  } catch (error) {
    await connection.rollback();
    throw error;
  }
}

/**
 * Whether it is this job's turn, within a transaction: it stays so until its end.
 * @param alone keeps other chunks of the job out until the transaction ends
 */
export async function hasTurn(
  connection: Connection,
  { caseId, jobId }: Pick<OverlayJob, 'caseId' | 'jobId'>,
  alone: boolean,
): Promise<boolean> {
  // MariaDB knows no FOR SHARE.
  const lock = alone ? 'FOR UPDATE' : 'LOCK IN SHARE MODE';
  const [turn] = await run<Turn>(connection, readTurn.replace('{lock}', lock), { caseId });
  return turn?.jobId === jobId;
}

/** Gives the turn back, if it is this job's. */
export async function releaseTurn(
  connection: Connection,
  { caseId, jobId }: Pick<OverlayJob, 'caseId' | 'jobId'>,
) {
  await run(connection, releaseTurnSql, { caseId, jobId });
}

function refuse({ loadFile, jobId }: Turn): never {
  throw new LoadFileError({ code: 'OV-F11', detail: `It is ${loadFile} (job ${jobId}).` });
}
