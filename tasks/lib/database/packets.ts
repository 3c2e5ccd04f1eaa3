// Rows as packets, straight from the driver: the one file that uses private parts of how mysql2 reads rows. Its version is
// pinned, and the test of this file fails when they move.
import type { Query } from 'mysql2';
import { headerSize } from './packet.ts';

/** Takes whole rows, headers included; see packet.ts. The bytes stay as they are. */
export type RowReceiver = (rows: Buffer) => void;

/** A packet of mysql2, which is used for the next one again; its buffer is not. */
type Packet = { buffer: Buffer; offset: number; end: number; isEOF(): boolean };
type PrivateQuery = { row?: (packet: Packet, connection: unknown) => unknown };

/** Packets that lie one behind the other in a chunk of the socket go to the receiver as one piece. */
class Pieces {
  readonly #receive: RowReceiver;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  constructor(receive: RowReceiver) {
    this.#receive = receive;
  }

  add({ buffer, offset, end }: Packet): void {
    const start = offset - headerSize;
    if (buffer !== this.#buffer || start !== this.#end) {
      this.flush();
      this.#buffer = buffer;
      this.#start = start;
    }
    // Over the packet's own header, which mysql2 leaves empty when a packet came in pieces.
    buffer.writeUInt32LE(end - offset, start);
    this.#end = end;
  }

  flush(): void {
    if (this.#end > this.#start) this.#receive(this.#buffer.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}

/**
 * Has a query give its rows as the server's bytes, many at a time, instead of as `result` events. All have come before its
 * `end`. Throws TypeError when mysql2 reads rows in another way.
 */
export function takePackets(query: Query, receive: RowReceiver): void {
  const command = query as unknown as PrivateQuery;
  const { row: atEnd } = command;
  if (typeof atEnd !== 'function') throw new TypeError('This version of mysql2 reads rows in another way.');
  const pieces = new Pieces(receive);
  command.row = function row(packet, connection) {
    if (!packet.isEOF()) {
      pieces.add(packet);
      return row;
    }
    pieces.flush();
    return atEnd.call(command, packet, connection);
  };
}
