// The sidecar of a file: a CSV beside it with the full texts of cells that were cut.
import { PassThrough, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FullText } from '../cells/cells.ts';
import { UploadFailed } from '../errors.ts';
import { csv } from '../formats/csv.ts';
import { Measure } from './digest.ts';
import { type UploadTarget, upload } from './upload.ts';

export type SidecarFile = { key: string; name: string; bytes: number; sha256: string; cells: number };

type NamedTarget = UploadTarget & { name: string };

/** The target of a file's sidecar, which lies beside it and lives as long. */
export function sidecarOf(target: UploadTarget): NamedTarget {
  const key = `${target.key.replace(/\.\w+$/, '')}-full-texts.csv`;
  const name = key.slice(key.lastIndexOf('/') + 1);
  return { ...target, key, name, contentType: 'text/csv; charset=utf-8' };
}

/** Writes a sidecar, which exists only when there is a text for it. */
export class Sidecar {
  readonly #storage: S3Client;
  readonly #target: NamedTarget;
  readonly #measure = new Measure();
  #waiting: FullText[] = [];
  #lines: Transform | undefined;
  #uploaded = Promise.resolve();
  #cells = 0;

  /** @param target of the file that the sidecar belongs to */
  constructor(storage: S3Client, target: UploadTarget) {
    this.#storage = storage;
    this.#target = sidecarOf(target);
  }

  /** Takes a text for the next `flush`. */
  add(text: FullText): void {
    this.#waiting.push(text);
  }

  /** Writes the texts that were added; undefined when there are none. Resolves when there is room for more. Throws UploadFailed. */
  flush(): Promise<void> | undefined {
    return this.#waiting.length > 0 ? this.#write(this.#waiting.splice(0)) : undefined;
  }

  /** Ends the file and gives its facts once it is on S3; null when there was no text. Throws UploadFailed. */
  async finish(): Promise<SidecarFile | null> {
    if (!this.#lines) return null;
    this.#lines.end();
    await this.#uploaded;
    const { key, name } = this.#target;
    return { key, name, ...this.#measure.result(), cells: this.#cells };
  }

  /** Deletes the file, unless S3 fails. */
  async undo(): Promise<void> {
    if (!this.#lines) return;
    this.#lines.destroy(new Error('The file that these texts belong to failed.'));
    const { bucket: Bucket, key: Key } = this.#target;
    await this.#uploaded
      .then(() => this.#storage.send(new DeleteObjectCommand({ Bucket, Key })))
      .catch(() => undefined);
  }

  async #write(texts: FullText[]): Promise<void> {
    const hasDocuments = texts[0]!.documentId !== undefined;
    this.#lines ??= this.#open(['Row', ...(hasDocuments ? ['Nextpoint ID'] : []), 'Column', 'Text']);
    const lines = this.#lines;
    for (const { row, documentId, column, text } of texts) {
      this.#cells++;
      const line = [`${row}`, ...(hasDocuments ? [documentId!] : []), column, text];
      await new Promise<void>((resolve, reject) => {
        // The upload knows why a line is not taken.
        lines.write(line, (error) => (error ? this.#uploaded.then(() => reject(error), reject) : resolve()));
      });
    }
  }

  #open(headers: string[]): Transform {
    const lines = csv(headers);
    const body = new PassThrough();
    // A failure here fails the upload, which reports it.
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
