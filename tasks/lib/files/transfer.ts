// Streams rows to a file on S3, in constant memory: in the end there is the whole file or none. The same holds for its
// sidecar.
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { ConnectionLost, databaseError, QueryTooLong, UploadFailed } from '../errors.ts';
import { Measure } from './digest.ts';
import type { Sidecar, SidecarFile } from './sidecar.ts';
import { type UploadTarget, upload } from './upload.ts';

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
const usualMargin = 20_000;

/** The limits of a task that has this much time left. */
export function limitsOf(lambda: TimeLeft, { margin = usualMargin, stall = 120_000 } = {}): Limits {
  const time = Math.max(1, lambda.getRemainingTimeInMillis() - margin);
  return { time, stall, request: 60_000, grace: 10_000 };
}

/** Makes cells of a row, or bytes of the file of many rows, or whatever the writer takes, and counts the rows. */
export type Formatter = {
  readonly rows: number;
  /** Stands before all rows. */
  readonly start?: Buffer;
  format(rows: never): unknown;
};

/** Turns rows of cells, or other parts, into the bytes of a file. */
export type Writer = Transform | ((rows: AsyncIterable<never>) => AsyncIterable<Buffer>);

export type Transfer = {
  rows: Readable;
  cells: Formatter;
  /** Left out when `cells` gives bytes. */
  write?: Writer;
  /** Told of texts that `cells` cuts. */
  sidecar?: Sidecar | null;
};

/**
 * Writes the file and its sidecar. Gives size and SHA-256 of the first, and the facts of the second. Throws ConnectionLost,
 * UploadFailed, QueryTooLong when the time is over, TooLarge, or what `databaseError` makes of the statement's error.
 */
export async function transfer(
  storage: S3Client,
  { rows, cells, write, sidecar }: Transfer,
  target: UploadTarget,
  limits: Limits,
): Promise<{ bytes: number; sha256: string; sidecar: SidecarFile | null }> {
  let sidecarFile: SidecarFile | null = null;
  const format = new Transform({
    objectMode: true,
    transform(row, _, done) {
      const line = cells.format(row as never);
      const written = sidecar?.flush();
      if (written) written.then(() => done(null, line), done);
      else done(null, line);
    },
    async flush(done) {
      try {
        sidecarFile = (await sidecar?.finish()) ?? null;
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  if (cells.start) format.push(cells.start);
  const measure = new Measure();
  const body = new PassThrough();
  const watch = watchOver(rows, cells, limits);

  const outcome = Promise.allSettled([
    write
      ? pipeline(rows, format, write as Transform, measure, body, { signal: watch.signal })
      : pipeline(rows, format, measure, body, { signal: watch.signal }),
    upload(storage, body, target),
  ]).then(async (results) => {
    if (results.some(({ status }) => status === 'rejected')) await sidecar?.undo();
    return results;
  });
  // A part that hangs must not keep the task from ending in time with an error of its own.
  const givenUp = watch.failure.then(() => sleep(limits.grace, undefined, { ref: false }));
  const [piped, uploaded] = (await Promise.race([outcome, givenUp])) ?? [];
  watch.stop();

  if (watch.signal.aborted) throw watch.signal.reason;
  // When S3 failed first, the rows were only cut off.
  const cutOff = ['ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'];
  if (piped?.status === 'rejected' && !cutOff.includes(piped.reason.code)) throw databaseError(piped.reason);
  if (uploaded?.status === 'rejected')
    throw new UploadFailed(`S3 did not take the file (${uploaded.reason.name}).`);
  return { ...measure.result(), sidecar: sidecarFile };
}

/** Aborts when the time is over or nothing moves any more, with the error to throw as the reason. */
function watchOver(rows: Readable, cells: Formatter, limits: Limits) {
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
