import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PartUpload, partSize } from '../../../../tasks/lib/files/part-upload.ts';
import { storageClient } from '../../../../tasks/lib/files/upload.ts';
import { Random } from '../../../support/random.ts';
import { type Storage, startStorage } from '../../../support/services.ts';

let storage: Storage;
beforeAll(async () => {
  storage = await startStorage();
});
afterAll(() => storage.stop());
afterEach(() => storage.reset());

const megabyte = 1024 * 1024;
const target = () => ({
  bucket: storage.bucket,
  key: 'file.csv',
  contentType: 'text/csv',
  name: 'file.csv',
  expiresInDays: 7,
});
const upload = (sizeOf?: (part: number) => number) => new PartUpload(storageClient(10_000), target(), sizeOf);

/** Bytes that differ from place to place, in pieces of random lengths. */
function* pieces(length: number, seed = 1) {
  const random = new Random(seed);
  const all = Buffer.alloc(length);
  for (let at = 0; at < length; at += 4) all.writeUInt32LE(at, Math.min(at, length - 4));
  for (let at = 0; at < length; ) {
    const end = Math.min(length, at + random.below(3 * megabyte));
    yield all.subarray(at, end);
    at = end;
  }
}

async function writeAll(file: PartUpload, length: number) {
  for (const piece of pieces(length)) {
    file.write(piece);
    if (file.isFull) await file.drained();
  }
  return file.finish();
}

describe('A file', () => {
  test.each([
    ['of nothing', 0, ['PutObject']],
    ['smaller than a part', 5 * megabyte, ['PutObject']],
    [
      'of one part to the byte',
      8 * megabyte,
      ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'],
    ],
  ])('%s takes as few requests as it can', async (_, length, operations) => {
    expect(await writeAll(upload(), length)).toMatchObject({ bytes: length });
    expect(storage.operations()).toEqual(operations);
    expect((await storage.bytes('file.csv')).length).toBe(length);
  });

  test('of many parts is on S3 as it was written, and has its size and SHA-256', async () => {
    const length = 50 * megabyte + 12_345;
    const written = await writeAll(upload(), length);
    const expected = Buffer.concat([...pieces(length)]);
    expect(Buffer.compare(await storage.bytes('file.csv'), expected)).toBe(0);
    expect(written).toEqual({ bytes: length, sha256: createHash('sha256').update(expected).digest('hex') });
    expect(storage.operations().filter((operation) => operation === 'UploadPart')).toHaveLength(7);
  });

  test('has a CRC32 with each part, which S3 compares', async () => {
    const bytes = Buffer.alloc(8 * megabyte, 'x');
    const file = upload();
    file.write(bytes);
    await file.finish();
    const part = storage.requests.find(({ operation }) => operation === 'UploadPart')!;
    expect(Buffer.from(part.headers['x-amz-checksum-crc32'] as string, 'base64').readUInt32BE()).toBe(
      crc32(bytes),
    );
  });

  test('carries its type, its name and its expiry', async () => {
    await writeAll(upload(), 10 * megabyte);
    expect(storage.requests[0]!.headers).toMatchObject({
      'x-amz-tagging': 'expires-in-days=7',
      'content-type': 'text/csv',
      'content-disposition': 'attachment; filename="file.csv"',
    });
  });

  test('whose parts grow is whole', async () => {
    const length = 45 * megabyte + 7;
    await writeAll(
      upload((part) => (part < 3 ? 5 : 11) * megabyte),
      length,
    );
    expect(Buffer.compare(await storage.bytes('file.csv'), Buffer.concat([...pieces(length)]))).toBe(0);
  });
});

test('10,000 parts make more than a terabyte, and the first 20 GB are in small ones', () => {
  const sizes = Array.from({ length: 10_000 }, (_, index) => partSize(index + 1));
  expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(2 ** 40);
  expect(new Set(sizes.slice(0, 2500))).toEqual(new Set([8 * megabyte]));
});

test('The memory for parts is bounded: the file is full until S3 has taken one', async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  storage.interfere = async ({ operation }) => {
    if (operation === 'UploadPart') await held;
    return false;
  };
  const file = upload();
  const part = Buffer.alloc(8 * megabyte);
  let parts = 0;
  for (; !file.isFull; parts++) file.write(part);
  expect(parts).toBe(4);
  // What comes all the same, as from a packet that was under way, is kept.
  file.write(Buffer.from('more'));
  letGo();
  await file.drained();
  expect(file.isFull).toBe(false);
  expect(await file.finish()).toMatchObject({ bytes: 4 * part.length + 4 });
});

describe('A failure', () => {
  test('of S3 is known at once, and nothing is left after abort', async () => {
    storage.interfere = ({ operation }, response) => {
      if (operation !== 'UploadPart') return false;
      response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
      return true;
    };
    const file = upload();
    file.write(Buffer.alloc(9 * megabyte));
    await expect(file.failure).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(file.finish()).rejects.toMatchObject({ name: 'AccessDenied' });
    await file.abort();
    expect(storage.operations().at(-1)).toBe('AbortMultipartUpload');
    expect(await storage.files()).toEqual([]);
  });

  test('of the rows before the first part sends nothing to S3', async () => {
    const file = upload();
    file.write(Buffer.alloc(megabyte));
    await file.abort();
    expect(storage.operations()).toEqual([]);
  });

  test('leaves parts that are under way behind: abort does not wait for an answer', async () => {
    storage.interfere = ({ operation }) => operation === 'UploadPart';
    const file = upload();
    file.write(Buffer.alloc(9 * megabyte));
    while (!storage.operations().includes('UploadPart')) await new Promise(setImmediate);
    await file.abort();
    expect(storage.operations().at(-1)).toBe('AbortMultipartUpload');
  });
});
