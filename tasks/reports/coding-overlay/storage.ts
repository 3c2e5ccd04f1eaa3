// Files on S3 as an overlay reads and writes them: line by line, in constant memory.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { StorageUnavailable, UploadFailed } from '../../lib/errors.ts';
import { type UploadTarget, upload } from '../../lib/files/upload.ts';

/** A file does not exist. */
export class FileMissing extends Error {
  override name = 'FileMissing';
}

/**
 * The bytes of a file, or of a part of it.
 * @throws FileMissing, StorageUnavailable
 */
export async function* bytesOf(
  client: S3Client,
  Bucket: string,
  Key: string,
  range?: { offset: number; length: number },
): AsyncGenerator<Buffer> {
  const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
    yield* Body as Readable;
  } catch (error) {
    const { name } = error as Error;
    // A role that may not list the whole bucket is denied a missing file; a lost permission must not pass for one.
    const isMissing =
      name === 'NoSuchKey' || (name === 'AccessDenied' && !(await exists(client, Bucket, Key)));
    if (isMissing) throw new FileMissing(`There is no file ${Key}.`);
    throw new StorageUnavailable(`S3 did not give the file ${Key} (${name}).`);
  }
}

/** The lines of a JSONL file, parsed. Throws as `bytesOf` does. */
export async function* linesOf<Line>(
  client: S3Client,
  bucket: string,
  key: string,
  range?: { offset: number; length: number },
): AsyncGenerator<Line> {
  let rest: Buffer[] = [];
  for await (const chunk of bytesOf(client, bucket, key, range)) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      rest.push(chunk.subarray(start, end));
      yield JSON.parse(Buffer.concat(rest).toString('utf8'));
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
}

/** A small JSON file. Throws as `bytesOf` does. */
export async function readJson<Content>(client: S3Client, bucket: string, key: string): Promise<Content> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytesOf(client, bucket, key)) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/**
 * Whether a file is in the list of files.
 * @throws StorageUnavailable
 */
export async function exists(client: S3Client, Bucket: string, key: string): Promise<boolean> {
  try {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: key }));
    return Contents.some(({ Key }) => Key === key);
  } catch (error) {
    throw new StorageUnavailable(`S3 did not list ${key} (${(error as Error).name}).`);
  }
}

/** A file that is written piece by piece. It is on S3 once it is closed, and not at all when it is dropped. */
export class OutputFile {
  bytes = 0;
  readonly #body = new PassThrough({ highWaterMark: 1024 * 1024 });
  readonly #hash = createHash('sha256');
  readonly #uploaded: Promise<void>;
  #failure: Error | undefined;

  constructor(client: S3Client, target: UploadTarget) {
    this.#uploaded = upload(client, this.#body, target).catch((error) => {
      this.#failure = new UploadFailed(`S3 did not take the file (${error.name}).`);
      this.#body.destroy();
      throw this.#failure;
    });
    this.#uploaded.catch(() => undefined);
    this.#body.on('error', () => undefined);
  }

  /** Throws UploadFailed. */
  async write(text: string | Buffer): Promise<void> {
    if (this.#failure) throw this.#failure;
    const piece = Buffer.from(text as string);
    this.bytes += piece.length;
    this.#hash.update(piece);
    if (!this.#body.write(piece)) await Promise.race([once(this.#body, 'drain'), once(this.#body, 'close')]);
  }

  /** Throws UploadFailed. */
  async close(): Promise<{ bytes: number; sha256: string }> {
    this.#body.end();
    await this.#uploaded;
    return { bytes: this.bytes, sha256: this.#hash.digest('hex') };
  }

  async drop(): Promise<void> {
    this.#body.destroy(new Error('dropped'));
    await this.#uploaded.catch(() => undefined);
  }
}
