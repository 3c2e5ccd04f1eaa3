// A row as a MySQL server sends it in the text protocol: each field as its length and its bytes.
import { isUtf8 } from 'node:buffer';
import { Types } from 'mysql2';
import type { Row } from './rows.ts';

/** Bytes before a packet: its length, and its number in the answer. */
export const headerSize = 4;

const blobs: number[] = [Types.TINY_BLOB, Types.MEDIUM_BLOB, Types.LONG_BLOB, Types.BLOB];
const nothing = 0xfb;

/**
 * The text of a field by the type of its column. What may be no text is looked at: a BIT becomes its number, a BLOB that is
 * not UTF-8 hexadecimal. A query that reads BINARY or VARBINARY makes text of it itself.
 */
export function textOf(bytes: Buffer, columnType: number | undefined): string {
  if (columnType === Types.BIT) return BigInt(`0x${bytes.toString('hex')}`).toString();
  const isText = !blobs.includes(columnType!) || isUtf8(bytes);
  return isText ? bytes.toString('utf8') : `0x${bytes.toString('hex')}`;
}

/** The texts of a row, from its bytes without the header. */
export function rowOf(packet: Buffer, columnTypes: (number | undefined)[]): Row {
  let at = 0;
  return columnTypes.map((type) => {
    let length = packet[at++]!;
    if (length === nothing) return null;
    if (length > nothing) {
      const size = { 252: 2, 253: 3 }[length] ?? 8;
      length = size < 8 ? packet.readUIntLE(at, size) : Number(packet.readBigUInt64LE(at));
      at += size;
    }
    at += length;
    return textOf(packet.subarray(at - length, at), type);
  });
}

/** The packet of a row, with its header; for rows that come from elsewhere. Throws RangeError for one of 16 MB and more. */
export function packetOf(row: Row): Buffer {
  const fields = row.map((text) => {
    if (text === null) return Buffer.of(nothing);
    const bytes = Buffer.from(text);
    return Buffer.concat([lengthOf(bytes.length), bytes]);
  });
  const header = Buffer.alloc(headerSize);
  header.writeUIntLE(
    fields.reduce((sum, { length }) => sum + length, 0),
    0,
    3,
  );
  return Buffer.concat([header, ...fields]);
}

function lengthOf(length: number): Buffer {
  const [mark, size] = length < nothing ? [] : length < 0x10000 ? [0xfc, 2] : [0xfd, 3];
  if (!mark) return Buffer.of(length);
  const bytes = Buffer.of(mark, ...new Uint8Array(size!));
  bytes.writeUIntLE(length, 1, size!);
  return bytes;
}
