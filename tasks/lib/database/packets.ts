// Rows as packets, straight from the driver: the one file that uses private parts of mysql2, whose version is pinned. Its test
// fails when they move.
import type { Socket } from 'node:net';
import type { Connection as Driver, FieldPacket, Query } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { headerSize } from './packet.ts';
import type { Statement } from './rows.ts';

/** What takes rows; see RowWriter. Bytes are good until the function returns. */
export interface PacketReceiver {
  /** Packets of whole rows, headers included. */
  rows(bytes: Buffer, start: number, end: number): void;
  /** One row, without a header: it may be larger than a header can tell. */
  row(bytes: Buffer, start: number, end: number): void;
}

/** A packet of mysql2, which is used for the next one again. */
type Packet = { buffer: Buffer; offset: number; end: number; isEOF(): boolean };
type PrivateQuery = Query & { row?: (packet: Packet, connection: unknown) => unknown };
export type PrivateDriver = Driver & { stream: Socket };

const largestInHeader = 0xffffff;

/** The driver below the promises: the only one that streams. The types leave it out. */
export function driverOf(connection: Connection): PrivateDriver {
  return (connection as unknown as { connection: PrivateDriver }).connection;
}

/** Packets that lie one behind the other in a chunk of the socket go to the receiver as one piece. */
class Pieces {
  readonly #receiver: PacketReceiver;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  constructor(receiver: PacketReceiver) {
    this.#receiver = receiver;
  }

  add({ buffer, offset, end }: Packet): void {
    const length = end - offset;
    if (length >= largestInHeader) {
      this.flush();
      this.#receiver.row(buffer, offset, end);
      return;
    }
    const start = offset - headerSize;
    if (buffer !== this.#buffer || start !== this.#end) {
      this.flush();
      this.#buffer = buffer;
      this.#start = start;
    }
    // The header of a packet that came in two chunks has not been filled in.
    buffer[start] = length;
    buffer[start + 1] = length >> 8;
    buffer[start + 2] = length >> 16;
    this.#end = end;
  }

  flush(): void {
    if (this.#end > this.#start) this.#receiver.rows(this.#buffer, this.#start, this.#end);
    this.#start = this.#end;
  }
}

/**
 * Runs a statement and hands its rows to a receiver until the server's end of the rows. `onFields` is told of the columns before, and
 * gives the receiver. What the receiver throws, the promise is rejected with; the connection is of no use then.
 */
export function readPackets(
  connection: Connection,
  statement: Statement,
  onFields: (fields: FieldPacket[]) => PacketReceiver,
): Promise<void> {
  const driver = driverOf(connection);
  return new Promise((resolve, reject) => {
    let pieces: Pieces | undefined;
    const query: PrivateQuery = driver.query(statement);
    const end = query.row;
    if (typeof end !== 'function') throw new TypeError('This version of mysql2 reads rows in another way.');
    const fail = (error: unknown) => {
      stop();
      reject(error);
    };
    const lost = () => fail(Object.assign(new Error('Lost.'), { code: 'PROTOCOL_CONNECTION_LOST' }));
    const stop = () => {
      driver.off('error', fail).off('end', lost);
    };
    query.on('fields', (fields) => {
      try {
        pieces = new Pieces(onFields(fields as unknown as FieldPacket[]));
      } catch (error) {
        fail(error);
      }
    });
    let isComplete = false;
    query.row = function row(packet) {
      try {
        if (!packet.isEOF()) {
          pieces?.add(packet);
          return row;
        }
        pieces?.flush();
        isComplete = true;
      } catch (error) {
        pieces = undefined;
        fail(error);
        return row;
      }
      return end.call(query, packet, driver);
    };
    query.on('error', fail);
    // The driver says `end` after an error, too.
    query.on('end', () => {
      stop();
      if (isComplete) resolve();
      else reject(new Error('The rows ended before their end.'));
    });
    // The driver's own streams would never hear of a connection that breaks.
    driver.on('error', fail).on('end', lost);
  });
}

/** Has the server wait, as soon as the network's buffers are full. A few rows still come. */
export function hold(connection: Connection, isHeld: boolean): void {
  const { stream } = driverOf(connection);
  if (isHeld) stream.pause();
  else stream.resume();
}

/** Stops a connection at once: the server notices at the next row that it cannot send. */
export function abandon(connection: Connection): void {
  // The driver's own destroy() would first read the rest of the result.
  driverOf(connection).stream.destroy();
}
