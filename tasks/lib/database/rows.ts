// Rows of one statement, or of several that give the same columns, as a stream.
import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Connection as Driver, FieldPacket, TypeCastField } from 'mysql2';
import type { Connection, QueryValues } from 'mysql2/promise';
import { databaseError } from '../errors.ts';
import { select } from './connection.ts';

export type Row = (string | null)[];
export type Statement = { sql: string; values: QueryValues };

/** Seconds that the server waits for a reader held up by S3 before it gives up on it. */
const patience = 900;

/**
 * Runs a statement, or several one after the other, and gives the columns of the first and then the rows of all, every value as the
 * server's own text. The stream fails when the connection breaks, which mysql2 alone would not tell it. The connection serves no
 * other statement afterwards. Throws what `databaseError` says.
 * @param timeLimit milliseconds after which the server ends the statement, or is given up if it does not answer
 */
export async function openRows(
  connection: Connection,
  statements: Statement | Statement[],
  timeLimit: number,
): Promise<{ fields: FieldPacket[]; rows: Readable }> {
  await setSession(connection, timeLimit);
  try {
    const driver = driverOf(connection);
    let current: Readable | undefined;
    driver.once('error', (error) => current?.destroy(error));
    driver.once('end', () =>
      current?.destroy(Object.assign(new Error(), { code: 'PROTOCOL_CONNECTION_LOST' })),
    );
    const run = (statement: Statement) => {
      const query = driver.query({
        ...statement,
        rowsAsArray: true,
        typeCast: textOf,
      });
      current = query.stream({ highWaterMark: 256 });
      // Whoever reads the rows learns of an error, but one that comes before they do, or when they have given up
      // already, would end the process.
      for (const emitter of [query, current]) emitter.on('error', () => {});
      return current;
    };
    const [first, ...others] = [statements].flat();
    const rows = run(first!);
    const [fields] = await once(rows, 'fields', { signal: AbortSignal.timeout(Math.max(1, timeLimit)) });
    if (others.length > 0) return { fields, rows: Readable.from(oneAfterTheOther(rows, others, run)) };
    return { fields, rows };
  } catch (error) {
    throw databaseError(error);
  }
}

async function* oneAfterTheOther(
  rows: Readable,
  others: Statement[],
  run: (statement: Statement) => Readable,
) {
  yield* rows;
  for (const statement of others) yield* run(statement);
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

/**
 * Has the server end each statement after a time, in milliseconds; for queries before `openRows`, which does so itself.
 * Throws as it does.
 */
export async function setSession(connection: Connection, timeLimit: number): Promise<void> {
  const milliseconds = Math.max(1, Math.floor(timeLimit));
  // MySQL and MariaDB skip each other's comments.
  const sql = `SET net_write_timeout = ${patience}
    /*M!100100 , max_statement_time = ${milliseconds / 1000} */
    /*!50708 , max_execution_time = ${milliseconds} */`;
  await select(connection, sql, {}, milliseconds);
}
