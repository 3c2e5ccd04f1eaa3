// A ZIP archive as a stream: sizes follow each entry, so nothing has to be kept or known before. Written by hand because
// Node has the two hard parts, deflate and CRC-32, and the rest is a few numbers in a row.
import { pipeline } from 'node:stream';
import { constants, crc32, createDeflateRaw } from 'node:zlib';

/** The content may take up to 4 GiB; the archive may be larger. */
export type Entry = { name: string; content: Iterable<Buffer> | AsyncIterable<Buffer> };

/** Whatever does not fit into four bytes is written as this, and in full where ZIP64 has a place for it. */
const fourBytes = 0xffff_ffff;

export async function* zip(entries: AsyncIterable<Entry>): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const { name, content } of entries) {
    const start = offset;
    const size = { crc: 0, packed: 0, full: 0 };
    const header = Buffer.concat([long(0x04034b50), description(name, size), short(0), Buffer.from(name)]);
    yield header;
    // The usual level takes twice as long, for three quarters of the size.
    const deflate = createDeflateRaw({ level: constants.Z_BEST_SPEED, chunkSize: 256 * 1024 });
    // An error of the content comes out below.
    pipeline(measured(content, size), deflate, () => {});
    for await (const chunk of deflate) {
      size.packed += chunk.length;
      yield chunk;
    }
    const sizes = Buffer.concat([long(0x08074b50), long(size.crc), long(size.packed), long(size.full)]);
    yield sizes;
    offset += header.length + size.packed + sizes.length;
    directory.push(directoryEntry(name, size, start));
  }
  yield Buffer.concat([...directory, endOf(directory, offset)]);
}

type Size = { crc: number; packed: number; full: number };

async function* measured(content: Entry['content'], size: Size) {
  for await (const chunk of content) {
    size.crc = crc32(chunk, size.crc);
    size.full += chunk.length;
    yield chunk;
  }
}

/** The fields that the entry's own header and the directory share. */
function description(name: string, { crc, packed, full }: Size, version = 20): Buffer {
  const [sizesFollow, deflated, midnight, firstOf1980] = [8, 8, 0, 0x21];
  const kind = [version, sizesFollow, deflated, midnight, firstOf1980].map(short);
  return Buffer.concat([...kind, long(crc), long(packed), long(full), short(name.length)]);
}

function directoryEntry(name: string, size: Size, start: number): Buffer {
  const far = start >= fourBytes ? Buffer.concat([short(1), short(8), huge(start)]) : Buffer.alloc(0);
  return Buffer.concat([
    long(0x02014b50),
    short(45),
    description(name, size, far.length > 0 ? 45 : 20),
    short(far.length),
    // No comment, on the first disk, without attributes.
    Buffer.alloc(10),
    long(Math.min(start, fourBytes)),
    Buffer.from(name),
    far,
  ]);
}

function endOf(directory: Buffer[], start: number): Buffer {
  const count = directory.length;
  const length = directory.reduce((sum, entry) => sum + entry.length, 0);
  const twice = (pack: (value: number) => Buffer) => [pack(count), pack(count)];
  const far = Buffer.concat([
    Buffer.concat([long(0x06064b50), huge(44), short(45), short(45), long(0), long(0)]),
    Buffer.concat([...twice(huge), huge(length), huge(start)]),
    Buffer.concat([long(0x07064b50), long(0), huge(start + length), long(1)]),
  ]);
  return Buffer.concat([
    ...(start >= fourBytes ? [far] : []),
    Buffer.concat([long(0x06054b50), short(0), short(0), ...twice(short)]),
    Buffer.concat([long(length), long(Math.min(start, fourBytes)), short(0)]),
  ]);
}

const short = (value: number) => packed(2, (buffer) => buffer.writeUInt16LE(value));
const long = (value: number) => packed(4, (buffer) => buffer.writeUInt32LE(value));
const huge = (value: number) => packed(8, (buffer) => buffer.writeBigUInt64LE(BigInt(value)));

function packed(bytes: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(bytes);
  write(buffer);
  return buffer;
}
