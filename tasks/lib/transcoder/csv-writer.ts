// From the server's packets to the bytes of a CSV: rows stay bytes. Cells that are copied, quoted or guarded, days, and times in
// the zone are written in WebAssembly, many rows at a time; a cell that holds anything unusual, or is made by a rule,
// comes from the rules of lib/cells, which stay the one definition. A row too large for that takes the plain way, through
// texts, and so do all rows as long as somebody wants to see each.
import type { Cells } from '../cells/cells.ts';
import { headerSize, rowOf, rowsIn } from '../database/packet.ts';
import { csvCell, csvHeader, csvRow } from '../formats/csv.ts';
import { type Plan, Transcoder } from './transcoder.ts';

export class CsvWriter {
  /** The first line. */
  readonly start: Buffer;
  readonly #cells: Cells;
  readonly #columnTypes: Plan['columnTypes'];
  readonly #transcoder: Transcoder | undefined;
  /** Rows before the run of the transcoder. */
  #before = 0;

  constructor(cells: Cells, plan: Plan) {
    this.start = Buffer.from(csvHeader(cells.columns.headers));
    this.#cells = cells;
    this.#columnTypes = plan.columnTypes;
    if (Transcoder.takes(plan))
      this.#transcoder = new Transcoder(plan, (column, row, index) => {
        cells.rows = this.#before + index + 1;
        return csvCell(cells.cell(column, row));
      });
  }

  get rows(): number {
    return this.#cells.rows;
  }

  /** The lines of whole rows, headers included. */
  format(rows: Buffer): Buffer {
    const transcoder = this.#transcoder;
    if (!transcoder || this.#cells.seesRows || rows.length > transcoder.input.length) {
      let text = '';
      for (const row of rowsIn(rows)) text += this.#plain(row);
      return Buffer.from(text);
    }
    const lines: Buffer[] = [];
    rows.copy(transcoder.input);
    for (let from = 0; from < rows.length; ) {
      this.#before = this.#cells.rows;
      const { consumed, rows: count, output } = transcoder.run(from, rows.length);
      if (count > 0) {
        this.#cells.rows = this.#before + count;
        lines.push(Buffer.from(output));
        from += consumed;
      } else {
        const end = from + headerSize + rows.readUInt32LE(from);
        lines.push(Buffer.from(this.#plain(rows.subarray(from + headerSize, end))));
        from = end;
      }
    }
    return lines.length === 1 ? lines[0]! : Buffer.concat(lines);
  }

  #plain(row: Buffer): string {
    return csvRow(this.#cells.format(rowOf(row, this.#columnTypes)));
  }
}
