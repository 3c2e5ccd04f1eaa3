// The size and the hashes of a file, taken while its bytes pass.
import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { TooLarge } from '../errors.ts';
import { largestFile } from './upload.ts';

/** Passes bytes on, as many as S3 takes of a file; after that TooLarge. */
export class Measure extends Transform {
  #bytes = 0;
  readonly #hash = createHash('sha256');

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    const tooLarge = this.#bytes > largestFile;
    done(tooLarge ? new TooLarge('The file is larger than S3 takes in parts.') : null, chunk);
  }

  /** To be asked for once, after the last byte. */
  result(): { bytes: number; sha256: string } {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}
