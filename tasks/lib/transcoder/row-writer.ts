// From the server's packets to the bytes of a file: rows stay bytes. Cells that are copied, quoted or guarded, days, and times in
// the zone are written in WebAssembly, many rows at a time; a cell that holds anything unusual, or is made by a rule,
// comes from the rules of lib/cells, which stay the one definition. A row too large for that takes the plain way, through
// texts, and so do all rows as long as somebody wants to see each.
import { headerSize, rowOf } from '../database/packet.ts';
import type { Row } from '../database/rows.ts';
import { type LazyRow, type Plan, Transcoder } from './transcoder.ts';

export interface RowCells {
  /** How many rows there were. */
  rows: number;
  /** Whether `format` must see each row. */
  readonly seesRows: boolean;
  /** All cells of the next row, which is counted. */
  format(row: Row): Row;
  /** One cell of a row that is counted already. */
  cell(column: number, row: LazyRow): string | null;
}

/** The shape of a file. */
export interface Shape {
  /** A cell as it is written; nothing for one that the file leaves out. */
  cell(column: number, text: string | null, row: number): string;
  row(cells: Row, row: number): string;
}

export interface RowSink {
  /** The number of the next row, where the shape wants one. */
  readonly nextRow: number;
  /** How many rows may come in one piece. */
  readonly most: number;
  /** Takes whole rows. The bytes are good until it returns. */
  write(bytes: Buffer, rows: number): void;
}

export class RowWriter {
  readonly #plan: Plan;
  readonly #cells: RowCells;
  readonly #shape: Shape;
  readonly #sink: RowSink;
  readonly #transcoder: Transcoder | undefined;
  /** Bytes that wait in the input of the transcoder. */
  #waiting = 0;
  /** Rows before the run of the transcoder. */
  #before = 0;

  constructor(plan: Plan, cells: RowCells, shape: Shape, sink: RowSink) {
    this.#plan = plan;
    this.#cells = cells;
    this.#shape = shape;
    this.#sink = sink;
    if (!Transcoder.takes(plan)) return;
    this.#transcoder = new Transcoder(plan, (column, row, index) => {
      cells.rows = this.#before + index + 1;
      return shape.cell(column, cells.cell(column, row), sink.nextRow + index);
    });
  }

  /** Takes packets of whole rows, headers included. */
  rows(bytes: Buffer, start: number, end: number): void {
    const input = this.#transcoder?.input;
    if (input && !this.#cells.seesRows && end - start <= input.length) {
      if (end - start > input.length - this.#waiting) this.flush();
      this.#waiting += bytes.copy(input, this.#waiting, start, end);
      return;
    }
    while (start < end) {
      const next = start + headerSize + bytes.readUIntLE(start, 3);
      this.row(bytes, start + headerSize, next);
      start = next;
    }
  }

  /** Takes one row, without a header. */
  row(bytes: Buffer, start: number, end: number): void {
    const input = this.#transcoder?.input;
    const length = end - start;
    if (!input || this.#cells.seesRows || length > input.length - headerSize) {
      this.flush();
      this.#plain(bytes.subarray(start, end));
      return;
    }
    if (length > input.length - headerSize - this.#waiting) this.flush();
    input.writeUIntLE(length, this.#waiting, 3);
    bytes.copy(input, this.#waiting + headerSize, start, end);
    this.#waiting += headerSize + length;
  }

  /** Writes what is waiting. */
  flush(): void {
    const transcoder = this.#transcoder;
    if (!transcoder) return;
    const end = this.#waiting;
    this.#waiting = 0;
    for (let from = 0; from < end; ) {
      this.#before = this.#cells.rows;
      const { consumed, rows, output } = transcoder.run(from, end, this.#sink.nextRow, this.#sink.most);
      this.#cells.rows = this.#before + rows;
      if (rows > 0) {
        this.#sink.write(output, rows);
        from += consumed;
      } else {
        const start = from + headerSize;
        from = start + transcoder.input.readUIntLE(from, 3);
        this.#plain(transcoder.input.subarray(start, from));
      }
    }
  }

  #plain(packet: Buffer): void {
    const cells = this.#cells.format(rowOf(packet, this.#plan.columnTypes));
    this.#sink.write(Buffer.from(this.#shape.row(cells, this.#sink.nextRow)), 1);
  }
}
