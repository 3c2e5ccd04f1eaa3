// Rows of one statement as a stream.
import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Connection as Driver, FieldPacket, TypeCastField } from 'mysql2';
import type { Connection, QueryValues } from 'mysql2/promise';
import { databaseError } from '../lib/errors.ts';

export type Row = (string | null)[];

/** Seconds that the server waits for a reader held up by S3 before it gives up on it. */
const patience = 900;
/** Bytes of a joined text; MySQL would cut it at 1,024 without a word. */
const longestJoin = 16 * 1024 * 1024;

/**
 * Runs a statement, and gives its columns and then its rows, every value as the server's own text.
 * The stream fails when the connection breaks, which mysql2 alone would not tell it. The connection serves no
 * other statement afterwards. Throws what `databaseError` says.
 * @param timeLimit milliseconds after which the server ends the statement, or is given up if it does not answer
 */
export async function openRows(
  connection: Connection,
  statement: { sql: string; values: QueryValues },
  timeLimit: number,
): Promise<{ fields: FieldPacket[]; rows: Readable }> {
  try {
    await connection.query(sessionStatement(timeLimit));
    const driver = driverOf(connection);
    const query = driver.query({
      ...statement,
      rowsAsArray: true,
      typeCast: textOf,
    });
    const rows = query.stream({ highWaterMark: 256 });
    // Whoever reads the rows learns of an error, but one that comes before they do, or when they have given up
    // already, would end the process.
    for (const emitter of [query, rows]) emitter.on('error', () => {});
    driver.once('error', (error) => rows.destroy(error));
    driver.once('end', () => rows.destroy(Object.assign(new Error(), { code: 'PROTOCOL_CONNECTION_LOST' })));
    const [fields] = await once(rows, 'fields', { signal: AbortSignal.timeout(Math.max(1, timeLimit)) });
    return { fields, rows };
  } catch (error) {
    throw databaseError(error);
  }
}

/** Stops a connection at once: the server notices at the next row that it cannot send. */
export function abandon(connection: Connection): void {
  // The driver's own destroy() would first read the rest of the result.
  driverOf(connection).stream.destroy();
}

/** What lies under the promises: the only one that streams. The types leave both out. */
function driverOf(connection: Connection): Driver & { stream: Socket } {
  return (connection as unknown as { connection: Driver & { stream: Socket } }).connection;
}

/**
 * The server's own text. What may be no text is looked at, which takes a while: a BIT becomes its number, a BLOB that is
 * not UTF-8 hexadecimal. A query that reads BINARY or VARBINARY makes text of it itself.
 */
function textOf(field: TypeCastField): string | null {
  const isBit = field.type === 'BIT';
  if (!isBit && !field.type.endsWith('BLOB')) return field.string('utf8');
  const bytes = field.buffer();
  if (bytes === null) return null;
  if (isBit) return BigInt(`0x${bytes.toString('hex')}`).toString();
  return isUtf8(bytes) ? bytes.toString('utf8') : `0x${bytes.toString('hex')}`;
}

/** MySQL and MariaDB skip each other's comments. */
function sessionStatement(timeLimit: number): string {
  const milliseconds = Math.max(1, Math.floor(timeLimit));
  return `SET time_zone = '+00:00', net_write_timeout = ${patience}, group_concat_max_len = ${longestJoin}
    /*M!100100 , max_statement_time = ${milliseconds / 1000} */
    /*!50708 , max_execution_time = ${milliseconds} */`;
}
