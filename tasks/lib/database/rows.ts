// Rows of one statement, or of several that give the same columns, as a stream.
import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { FieldPacket, TypeCastField } from 'mysql2';
import type { Connection, QueryValues } from 'mysql2/promise';
import { databaseError } from '../errors.ts';
import { driverOf, select } from './connection.ts';
import { takePackets } from './packets.ts';
import { heed, warningsOf } from './warnings.ts';

export type Row = (string | null)[];
export type Statement = { sql: string; values: QueryValues };

/** Seconds that the server waits for a reader held up by S3 before it gives up on it. */
const patience = 900;

/** The columns of a statement, and its rows as a stream. */
type Opened = { fields: FieldPacket[]; rows: Readable };

/**
 * Runs a statement, or several one after the other, and gives the columns of the first and then the rows of all, every value as the
 * server's own text. The stream fails when the connection breaks, which mysql2 alone would not tell it, and as `heed` says. The
 * connection serves no other statement afterwards. Throws what `databaseError` says.
 * @param timeLimit milliseconds after which the server ends the statement, or is given up if it does not answer
 * @param warnings of the report, for those of the server; complete when the rows have ended
 */
export function openRows(
  connection: Connection,
  statements: Statement | Statement[],
  timeLimit: number,
  warnings?: string[],
): Promise<Opened> {
  return open(connection, statements, timeLimit, warnings, false);
}

/** The same with rows as the server's bytes, many at a time; see packet.ts. */
export function openPackets(
  connection: Connection,
  statements: Statement | Statement[],
  timeLimit: number,
  warnings?: string[],
): Promise<Opened> {
  return open(connection, statements, timeLimit, warnings, true);
}

async function open(
  connection: Connection,
  statements: Statement | Statement[],
  timeLimit: number,
  warnings: string[] | undefined,
  arePackets: boolean,
): Promise<Opened> {
  await setSession(connection, timeLimit);
  try {
    const rows = new Rows(connection, [statements].flat(), warnings, arePackets);
    const [fields] = await once(rows, 'fields', { signal: AbortSignal.timeout(Math.max(1, timeLimit)) });
    return { fields, rows };
  } catch (error) {
    throw databaseError(error);
  }
}

class Rows extends Readable {
  readonly #connection: Connection;
  readonly #driver: ReturnType<typeof driverOf>;
  readonly #statements: Statement[];
  readonly #warnings: string[] | undefined;
  readonly #arePackets: boolean;

  constructor(
    connection: Connection,
    statements: Statement[],
    warnings: string[] | undefined,
    arePackets: boolean,
  ) {
    // Packets come by chunks of the socket, of 64 KB.
    super({ objectMode: true, highWaterMark: arePackets ? 16 : 256 });
    this.#connection = connection;
    this.#driver = driverOf(connection);
    this.#statements = statements;
    this.#warnings = warnings;
    this.#arePackets = arePackets;
    this.#driver.once('error', (error) => this.destroy(error));
    this.#driver.once('end', () =>
      this.destroy(Object.assign(new Error(), { code: 'PROTOCOL_CONNECTION_LOST' })),
    );
    // Whoever reads the rows learns of an error, but one that comes before they do, or when they have given up already, would
    // end the process.
    this.on('error', () => {});
    this.#run(0);
  }

  override _read(): void {
    this.#driver.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#driver.resume();
    done(error);
  }

  #run(index: number): void {
    const query = this.#driver.query({ ...this.#statements[index]!, rowsAsArray: true, typeCast: textOf });
    const count = warningsOf(query);
    query.on('fields', (fields) => this.emit('fields', fields));
    const mayTakeMore = (chunk: unknown) => this.destroyed || this.push(chunk);
    if (this.#arePackets)
      // The driver would copy each packet that still comes; as many as a chunk of the socket has are taken.
      takePackets(query, (rows) => {
        if (!mayTakeMore(rows)) this.#driver.stream.pause();
      });
    else
      query.on('result', (row) => {
        if (!mayTakeMore(row)) this.#driver.pause();
      });
    query.on('error', (error) => this.destroy(error));
    query.on('end', () => {
      this.#ended(index, count()).catch((error) => this.destroy(error));
    });
  }

  async #ended(index: number, count: number): Promise<void> {
    if (this.destroyed) return;
    if (count > 0) await heed(this.#connection, count, this.#warnings);
    if (index + 1 < this.#statements.length) this.#run(index + 1);
    else this.push(null);
  }
}

/** Stops a connection at once: the server notices at the next row that it cannot send. */
export function abandon(connection: Connection): void {
  // The driver's own destroy() would first read the rest of the result.
  driverOf(connection).stream.destroy();
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
