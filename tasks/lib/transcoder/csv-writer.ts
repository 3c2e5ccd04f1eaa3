// From the server's packets to the bytes of a CSV: rows stay bytes. Cells that are copied, quoted or guarded, days, and times in
// the zone are written in WebAssembly, many rows at a time; a cell that holds anything unusual, or is made by a rule,
// comes from the rules of lib/cells, which stay the one definition. A row too large for that takes the plain way, through
// texts, and so do all rows as long as somebody wants to see each.
import type { Cells } from '../cells/cells.ts';
import { headerSize, rowOf, rowsIn } from '../database/packet.ts';
import { csvCell, csvHeader, csvRow } from '../formats/csv.ts';
import { type Plan, Transcoder } from './transcoder.ts';

export class CsvWriter {
  readonly #cells: Cells;
  readonly #columnTypes: Plan['columnTypes'];
  readonly #write: (bytes: Buffer) => void;
  readonly #transcoder: Transcoder | undefined;
  /** Rows before the run of the transcoder. */
  #before = 0;

  /** @param write takes bytes of the file, which are good until it returns; the header at once */
  constructor(cells: Cells, plan: Plan, write: (bytes: Buffer) => void) {
    this.#cells = cells;
    this.#columnTypes = plan.columnTypes;
    this.#write = write;
    if (Transcoder.takes(plan))
      this.#transcoder = new Transcoder(plan, (column, row, index) => {
        cells.rows = this.#before + index + 1;
        return csvCell(cells.cell(column, row));
      });
    write(Buffer.from(csvHeader(cells.columns.headers)));
  }

  /** Writes whole rows, headers included. */
  write(rows: Buffer): void {
    const transcoder = this.#transcoder;
    if (!transcoder || this.#cells.seesRows || rows.length > transcoder.input.length) {
      for (const row of rowsIn(rows)) this.#plain(row);
      return;
    }
    rows.copy(transcoder.input);
    for (let from = 0; from < rows.length; ) {
      this.#before = this.#cells.rows;
      const { consumed, rows: count, output } = transcoder.run(from, rows.length);
      if (count > 0) {
        this.#cells.rows = this.#before + count;
        this.#write(output);
        from += consumed;
      } else {
        const end = from + headerSize + rows.readUInt32LE(from);
        this.#plain(rows.subarray(from + headerSize, end));
        from = end;
      }
    }
  }

  #plain(row: Buffer): void {
    this.#write(Buffer.from(csvRow(this.#cells.format(rowOf(row, this.#columnTypes)))));
  }
}
