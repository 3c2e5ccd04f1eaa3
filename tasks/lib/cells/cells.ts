// Rows of the database become rows of a file, and those who listen are told on the way.
import type { LazyRow } from '../database/packet.ts';
import type { Row } from '../database/rows.ts';
import type { Columns } from './columns.ts';
import { cut, longestCell, type Rules } from './rules.ts';
import type { Warnings } from './warnings.ts';

/** A text that was cut, as its file needs it. */
export type FullText = {
  /** The row of the file; the header is the first. */
  row: number;
  /** The Nextpoint ID of the row's document; undefined in a report that has none. */
  documentId: string | null | undefined;
  column: string;
  text: string;
};

export type Listeners = {
  /** Gets every row before apostrophes and cuts, as long as it is open. */
  mail?: { readonly isOpen: boolean; add(texts: Row): void } | null;
  /** Gets every text that is cut. */
  sidecar?: { add(text: FullText): void } | null;
};

/** Makes the cells of each row, and counts the rows. Millions of rows pass here. */
export class Cells {
  rows = 0;
  /** The last two: a report may end with as many totals. */
  lastRows: Row[] = [];
  readonly columns: Columns;
  readonly #rules: Rules;
  readonly #warnings: Warnings;
  readonly #listeners: Listeners;

  constructor(columns: Columns, rules: Rules, warnings: Warnings, listeners: Listeners = {}) {
    this.columns = columns;
    this.#rules = rules;
    this.#warnings = warnings;
    this.#listeners = listeners;
  }

  /** The cells of one row; null is an unknown value, not an empty text. */
  format(row: Row): Row {
    this.rows++;
    const { columns } = this;
    const cells = columns.textsOf(row);
    const warnings = columns.warningsOf(row);
    if (warnings) this.#warnings.add(warnings);
    this.#listeners.mail?.add(cells);
    this.lastRows = [this.lastRows.at(-1) ?? [], cells];
    for (const [column, text] of cells.entries()) cells[column] = this.#finished(row, column, text);
    return cells;
  }

  /** Whether somebody wants every row: then each has to pass `format`. */
  get seesRows(): boolean {
    return this.#listeners.mail?.isOpen === true;
  }

  /** One cell of a row that `rows` counts already, for whoever writes the others without the rules. */
  cell(column: number, row: LazyRow): string | null {
    return this.#finished(row, column, this.columns.textOf(column, row));
  }

  /** Warnings for the reader of the file, in plain English; complete after the last row. */
  get warnings(): string[] {
    return this.#warnings.texts(this.rows);
  }

  #finished(row: LazyRow, column: number, cell: string | null): string | null {
    if (!cell) return cell;
    const text = this.columns.areTexts[column] ? this.#rules.guard(cell) : cell;
    return text.length > longestCell ? this.#long(row, column, text) : text;
  }

  #long(row: LazyRow, column: number, text: string): string {
    this.#warnings.longCells++;
    const { longText, guardInCsv } = this.#rules;
    if (longText === 'full') return text;
    this.#listeners.sidecar?.add({
      row: this.rows + 1,
      documentId: this.columns.documentIdOf(row),
      column: guardInCsv(this.columns.headers[column]!),
      text: guardInCsv(text),
    });
    return cut(text);
  }
}
