// The full texts of cells that were cut, in a CSV beside the file.
import { PassThrough, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { UploadFailed } from '../errors.ts';
import { csv } from '../formats/csv.ts';
import { Measure } from './digest.ts';
import { type UploadTarget, upload } from './upload.ts';

/** Row (the header is the first), Nextpoint ID where there are such, column, text. */
export type FullText = (string | null)[];
export type FullTextsFile = { key: string; name: string; bytes: number; sha256: string; cells: number };

type NamedTarget = UploadTarget & { name: string };

/** Where the full texts of a file lie: beside it, and as long. */
export function besideOf(target: UploadTarget): NamedTarget {
  const key = `${target.key.replace(/\.\w+$/, '')}-full-texts.csv`;
  const name = key.slice(key.lastIndexOf('/') + 1);
  return { ...target, key, name, contentType: 'text/csv; charset=utf-8' };
}

/** A file that is there only when there is something to write. */
export class FullTexts {
  readonly #storage: S3Client;
  readonly #target: NamedTarget;
  readonly #headers: string[];
  readonly #measure = new Measure();
  #lines: Transform | undefined;
  #uploaded = Promise.resolve();
  #cells = 0;

  constructor(storage: S3Client, target: NamedTarget, headers: string[]) {
    this.#storage = storage;
    this.#target = target;
    this.#headers = headers;
  }

  /** Resolves when there is room for more. Throws UploadFailed. */
  async write(texts: FullText[]): Promise<void> {
    this.#lines ??= this.#open();
    const lines = this.#lines;
    for (const text of texts) {
      this.#cells++;
      await new Promise<void>((resolve, reject) => {
        // Why a line is not taken, the upload knows.
        lines.write(text, (error) => (error ? this.#uploaded.then(() => reject(error), reject) : resolve()));
      });
    }
  }

  /** Ends the file, and tells what it is once it is on S3; null when nothing was written. Throws UploadFailed. */
  async finish(): Promise<FullTextsFile | null> {
    if (!this.#lines) return null;
    this.#lines.end();
    await this.#uploaded;
    const { key, name } = this.#target;
    return { key, name, ...this.#measure.result(), cells: this.#cells };
  }

  /** Leaves nothing on S3, as far as S3 allows. */
  async undo(): Promise<void> {
    if (!this.#lines) return;
    this.#lines.destroy(new Error('The file that these texts belong to failed.'));
    const { bucket: Bucket, key: Key } = this.#target;
    await this.#uploaded
      .then(() => this.#storage.send(new DeleteObjectCommand({ Bucket, Key })))
      .catch(() => undefined);
  }

  #open(): Transform {
    const lines = csv(this.#headers);
    const body = new PassThrough();
    // What fails here fails the upload, which says so.
    pipeline(lines, this.#measure, body).catch(() => undefined);
    this.#uploaded = upload(this.#storage, body, this.#target).catch((error) => {
      const failed = new UploadFailed(`S3 did not take the full texts (${error.name}).`);
      lines.destroy(failed);
      throw failed;
    });
    this.#uploaded.catch(() => undefined);
    return lines;
  }
}
