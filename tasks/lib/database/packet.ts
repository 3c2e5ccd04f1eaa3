// Rows as a MySQL server sends them in the text protocol: each field as its length and its bytes. Before each row stands a
// header, the length of its bytes as 4 bytes; it takes the place of the packet's own, which has 3 bytes for it.
import { isUtf8 } from 'node:buffer';
import { Types } from 'mysql2';

export const headerSize = 4;

/** The texts of a row, each read when asked for: a position from the end is negative, as for an array. */
export type LazyRow = { at(position: number): string | null | undefined };

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

/** The bytes of each row, without headers. */
export function* rowsIn(rows: Buffer): Generator<Buffer> {
  for (let start = 0; start < rows.length; ) {
    const end = start + headerSize + rows.readUInt32LE(start);
    yield rows.subarray(start + headerSize, end);
    start = end;
  }
}

/** The texts of a row, from its bytes without the header. */
export function rowOf(row: Buffer, columnTypes: (number | undefined)[]): (string | null)[] {
  let at = 0;
  return columnTypes.map((type) => {
    let length = row[at++]!;
    if (length === nothing) return null;
    if (length > nothing) {
      const size = { 252: 2, 253: 3 }[length] ?? 8;
      length = size < 8 ? row.readUIntLE(at, size) : Number(row.readBigUInt64LE(at));
      at += size;
    }
    at += length;
    return textOf(row.subarray(at - length, at), type);
  });
}
