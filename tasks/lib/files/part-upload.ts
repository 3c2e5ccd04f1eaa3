// A file on S3 from a fixed pool of buffers: each is filled, sent as a part, and filled again. lib-storage would copy every
// byte twice more and hold more of them.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { TooLarge } from '../errors.ts';
import type { UploadTarget } from './upload.ts';

const megabyte = 1024 * 1024;
const mostParts = 10_000;
/** Of the parts on their way, so that larger ones are fewer at a time. */
const poolSize = 32 * megabyte;

/** Bytes of a part by its number: up to 20 GB all are small, and 10,000 of them make a terabyte. */
export function partSize(number: number): number {
  return 8 * megabyte * 2 ** Math.max(0, Math.ceil((number - 2500) / 1250));
}

/** A file that takes bytes as they come. */
export interface ByteSink {
  /** Takes bytes, which are good until it returns. */
  write(bytes: Buffer): void;
  /** Whether no more should be written before `drained` resolves; what is, is kept. */
  readonly isFull: boolean;
  drained(): Promise<void>;
}

export type Written = { bytes: number; sha256: string };

export class PartUpload implements ByteSink {
  /** Rejected with the error of S3 as soon as a request fails. */
  readonly failure: Promise<never>;
  readonly #client: S3Client;
  readonly #target: UploadTarget;
  readonly #sizeOf: typeof partSize;
  readonly #hash = createHash('sha256');
  readonly #stop = new AbortController();
  readonly #requests = new Set<Promise<unknown>>();
  readonly #parts: CompletedPart[] = [];
  readonly #free: Buffer[] = [];
  #buffers = 0;
  #current: Buffer | undefined;
  #filled = 0;
  #bytes = 0;
  /** What came when no buffer was free. */
  #rest: Buffer[] = [];
  #upload: Promise<string> | undefined;
  #partsSent = 0;
  #onDrained = () => {};
  #drained: Promise<void> | undefined;
  #fail!: (error: unknown) => void;

  /** @param sizeOf bytes of a part by its number from 1 on */
  constructor(client: S3Client, target: UploadTarget, sizeOf = partSize) {
    this.#client = client;
    this.#target = target;
    this.#sizeOf = sizeOf;
    this.failure = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // Whoever waits for it learns of the error; it must not end the process before.
    this.failure.catch(() => {});
  }

  /** Throws TooLarge when S3 takes no more parts. */
  write(bytes: Buffer): void {
    const taken = this.#rest.length > 0 ? 0 : this.#fill(bytes);
    if (taken < bytes.length) this.#rest.push(Buffer.from(bytes.subarray(taken)));
  }

  get isFull(): boolean {
    return this.#rest.length > 0 || (!this.#current && !this.#mayTake());
  }

  drained(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    this.#drained ??= new Promise((resolve) => {
      this.#onDrained = resolve;
    });
    return this.#drained;
  }

  /** Ends the file, and gives its facts once it is on S3. Throws what S3 answers; then `abort` is to be called. */
  async finish(): Promise<Written> {
    while (this.isFull) await this.#orFail(this.drained());
    const last = (this.#current ?? Buffer.alloc(0)).subarray(0, this.#filled);
    if (this.#partsSent === 0) {
      this.#count(last);
      await this.#orFail(this.#send(new PutObjectCommand({ ...this.#object(), ...bodyOf(last) })));
    } else {
      if (last.length > 0) this.#sendPart();
      await this.#orFail(Promise.all(this.#requests));
      const { bucket: Bucket, key: Key } = this.#target;
      const Parts = this.#parts.sort((one, other) => one.PartNumber! - other.PartNumber!);
      const UploadId = await this.#upload!;
      await this.#send(
        new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
      );
    }
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** Leaves nothing on S3, as far as S3 allows. */
  async abort(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#requests);
    const UploadId = await this.#upload?.catch(() => undefined);
    const { bucket: Bucket, key: Key } = this.#target;
    if (UploadId)
      await this.#client
        .send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
        .catch(() => undefined);
  }

  /** Takes as many bytes as there is room for, and says how many. */
  #fill(bytes: Buffer): number {
    let taken = 0;
    while (taken < bytes.length && (this.#current || this.#mayTake())) {
      this.#current ??= this.#takeBuffer();
      const size = this.#sizeOf(this.#partsSent + 1);
      const count = bytes.copy(this.#current, this.#filled, taken, taken + size - this.#filled);
      taken += count;
      this.#filled += count;
      if (this.#filled === size) this.#sendPart();
    }
    return taken;
  }

  /** How many buffers there may be. */
  get #most(): number {
    return Math.max(2, Math.floor(poolSize / this.#sizeOf(this.#partsSent + 1)));
  }

  #mayTake(): boolean {
    return this.#free.length > 0 || this.#buffers < this.#most;
  }

  #takeBuffer(): Buffer {
    const size = this.#sizeOf(this.#partsSent + 1);
    const buffer = this.#free.pop();
    if (buffer && buffer.length >= size) return buffer;
    if (!buffer) this.#buffers++;
    return Buffer.allocUnsafeSlow(size);
  }

  #count(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }

  #sendPart(): void {
    const buffer = this.#current!;
    const bytes = buffer.subarray(0, this.#filled);
    const PartNumber = ++this.#partsSent;
    if (PartNumber > mostParts) throw new TooLarge('The file is larger than S3 takes in parts.');
    this.#current = undefined;
    this.#filled = 0;
    this.#count(bytes);
    this.#upload ??= this.#create();
    const { bucket: Bucket, key: Key } = this.#target;
    const sent = this.#upload
      .then((UploadId) => {
        const body = bodyOf(bytes);
        const part = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, ...body });
        return this.#send(part).then(({ ETag }) => {
          this.#parts.push({ PartNumber, ETag, ChecksumCRC32: body.ChecksumCRC32 });
          this.#release(buffer);
        });
      })
      .finally(() => this.#requests.delete(sent));
    this.#requests.add(sent);
    sent.catch((error) => this.#fail(error));
  }

  #release(buffer: Buffer): void {
    if (this.#buffers > this.#most) this.#buffers--;
    else this.#free.push(buffer);
    for (let [bytes] = this.#rest; bytes; [bytes] = this.#rest) {
      const taken = this.#fill(bytes);
      if (taken === bytes.length) this.#rest.shift();
      else this.#rest[0] = bytes.subarray(taken);
      if (taken < bytes.length) return;
    }
    if (this.isFull) return;
    this.#drained = undefined;
    this.#onDrained();
  }

  async #create(): Promise<string> {
    const begun = await this.#client.send(
      new CreateMultipartUploadCommand({ ...this.#object(), ChecksumAlgorithm: 'CRC32' }),
    );
    return begun.UploadId!;
  }

  #object() {
    const { bucket, key, contentType, name, expiresInDays } = this.#target;
    return {
      Bucket: bucket,
      Key: key,
      ContentType: contentType,
      ContentDisposition: name && `attachment; filename="${name}"`,
      Tagging: expiresInDays ? `expires-in-days=${expiresInDays}` : undefined,
    };
  }

  readonly #send: S3Client['send'] = ((command: never) =>
    this.#client.send(command, { abortSignal: this.#stop.signal })) as never;

  #orFail<Result>(promise: Promise<Result>): Promise<Result> {
    return Promise.race([promise, this.failure]);
  }
}

/** The body of a request, with the checksum that S3 compares; the SDK's own takes longer. */
function bodyOf(Body: Buffer) {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(Body));
  return { Body, ContentLength: Body.length, ChecksumCRC32: checksum.toString('base64') };
}
