// Rows to a file on S3, as they come: constant memory, and either the whole file or none. The full texts of cells that are
// cut go to a second file, if there are any, and it is the same with both.
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cells } from '../cells/cells.ts';
import type { Row } from '../database/rows.ts';
import { ConnectionLost, databaseError, QueryTooLong, UploadFailed } from '../errors.ts';
import { Measure } from './digest.ts';
import { besideOf, FullTexts, type FullTextsFile } from './sidecar.ts';
import { storageClient, type UploadTarget, upload } from './upload.ts';

/** In milliseconds. */
export type Limits = {
  /** For the whole transfer. */
  time: number;
  /** Without any row moving, once the first one has come. */
  stall: number;
  /** For one request to S3. */
  request: number;
  /** For clearing up on S3 after a failure. */
  grace: number;
};

/** The time that Lambda leaves an invocation. */
export type TimeLeft = { getRemainingTimeInMillis(): number };

/** Milliseconds that a task keeps back for clearing up and for answering. */
const margin = 20_000;

/** The limits of a task that has this much time left. */
export function limitsOf(lambda: TimeLeft): Limits {
  const time = Math.max(1, lambda.getRemainingTimeInMillis() - margin);
  return { time, stall: 120_000, request: 60_000, grace: 10_000 };
}

/** Makes of each row what is written, and counts them; those that cut cells keep the full texts. */
export type Counting = Pick<Cells, 'rows' | 'format'> &
  Partial<Pick<Cells, 'fullTextHeaders' | 'takeFullTexts'>>;

/** Turns formatted rows into the bytes of a file. */
export type Writer = Transform | ((rows: AsyncIterable<Row>) => AsyncIterable<Buffer>);

/**
 * Writes the files and gives size and SHA-256 of the first, and the facts of the second. Throws ConnectionLost, UploadFailed, QueryTooLong when the time is
 * over, TooLarge, or what `databaseError` says of the statement.
 */
export async function transfer(
  rows: Readable,
  cells: Counting,
  write: Writer,
  target: UploadTarget,
  limits: Limits,
): Promise<{ bytes: number; sha256: string; sidecar: FullTextsFile | null }> {
  const storage = storageClient(limits.request);
  const fullTexts = new FullTexts(storage, besideOf(target), cells.fullTextHeaders ?? []);
  let sidecar: FullTextsFile | null = null;
  const format = new Transform({
    objectMode: true,
    transform(row: Row, _, done) {
      const line = cells.format(row);
      const texts = cells.takeFullTexts?.() ?? [];
      if (texts.length === 0) done(null, line);
      else fullTexts.write(texts).then(() => done(null, line), done);
    },
    flush(done) {
      const finished = fullTexts.finish().then((file) => {
        sidecar = file;
      });
      finished.then(() => done(), done);
    },
  });
  const measure = new Measure();
  const body = new PassThrough();
  const watch = watchOver(rows, cells, limits);

  const outcome = Promise.allSettled([
    pipeline(rows, format, write, measure, body, { signal: watch.signal }),
    upload(storage, body, target),
  ]).then(async (results) => {
    if (results.some(({ status }) => status === 'rejected')) await fullTexts.undo();
    return results;
  });
  // A part that hangs must not keep a task from ending in time with an error of its own.
  const givenUp = watch.failure.then(() => sleep(limits.grace, undefined, { ref: false }));
  const [piped, uploaded] = (await Promise.race([outcome, givenUp])) ?? [];
  watch.stop();
  storage.destroy();

  if (watch.signal.aborted) throw watch.signal.reason;
  // When S3 fails first, the rows are only cut off.
  const cutOff = ['ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'];
  if (piped?.status === 'rejected' && !cutOff.includes(piped.reason.code)) throw databaseError(piped.reason);
  if (uploaded?.status === 'rejected')
    throw new UploadFailed(`S3 did not take the file (${uploaded.reason.name}).`);
  return { ...measure.result(), sidecar };
}

/** Raises the signal, with the error to throw as its reason, when the time is over or nothing moves any more. */
function watchOver(rows: Readable, cells: Counting, limits: Limits) {
  const controller = new AbortController();
  const { signal } = controller;
  const failure = new Promise((resolve) => signal.addEventListener('abort', resolve));
  const deadline = setTimeout(
    () => controller.abort(new QueryTooLong('The task ran out of time.')),
    limits.time,
  );
  let before = 0;
  const stall = setInterval(() => {
    // Before the first row the database computes; after the last one S3's own time limit holds.
    const stalled = cells.rows > 0 && cells.rows === before && !rows.readableEnded;
    before = cells.rows;
    // Rows that wait here are held up by S3; otherwise the database sends none.
    if (stalled && rows.readableLength > 0) controller.abort(new UploadFailed('S3 took no more data.'));
    else if (stalled) controller.abort(new ConnectionLost('The database sent no more rows.'));
  }, limits.stall);
  const stop = () => {
    clearTimeout(deadline);
    clearInterval(stall);
  };
  return { signal, failure, stop };
}
