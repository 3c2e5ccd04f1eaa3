// The warnings of a report: counted while its rows pass, worded when the last one has.
import { oneLine } from '../one-line.ts';
import { warningTexts as warning } from '../texts.ts';
import type { Format, Rules, Style } from './rules.ts';

/** Rows that Excel takes on a sheet, the header not counted. */
const rowsOfSheet = 1_048_575;

export type WarningsOf = {
  format: Format;
  lists?: Style['lists'];
  longText: Rules['longText'];
  /** The name of the file with the texts that were cut. */
  sidecarName?: string;
  /** The number of documents that the request names, if it names any. */
  chosenDocuments?: number;
  /** Warnings of the report's own, asked for after the last row. */
  notes?: () => string[];
};

export class Warnings {
  longCells = 0;
  readonly #report: WarningsOf;
  readonly #ofRows = new Set<string>();
  readonly #ambiguousCells = new Map<string, number>();

  constructor(report: WarningsOf) {
    this.#report = report;
  }

  /** @param lines warnings that came with a row, one per line; each is told once */
  add(lines: string): void {
    for (const line of lines.split('\n')) this.#ofRows.add(line);
  }

  /** A cell of this column has a value that contains the delimiter. */
  addAmbiguous(column: string): void {
    this.#ambiguousCells.set(column, (this.#ambiguousCells.get(column) ?? 0) + 1);
  }

  /** All warnings in plain English, for the mail and the Read Me. */
  texts(rows: number): string[] {
    const { notes } = this.#report;
    return [
      ...(notes?.() ?? []),
      ...this.#ofRows,
      ...this.#deletedDocuments(rows),
      ...this.#ambiguous(),
      ...this.#long(),
      ...this.#manyRows(rows),
    ].map((text) => oneLine(text));
  }

  #deletedDocuments(rows: number): string[] {
    const chosen = this.#report.chosenDocuments ?? 0;
    return chosen > rows ? [warning.deletedDocuments(chosen - rows, chosen)] : [];
  }

  #ambiguous(): string[] {
    const delimiter = this.#report.lists?.delimiter ?? '';
    const mark = delimiter.trim() || JSON.stringify(delimiter).slice(1, -1);
    return [...this.#ambiguousCells].map(([column, cells]) => warning.ambiguousCells(column, cells, mark));
  }

  #long(): string[] {
    const count = this.longCells;
    if (count === 0) return [];
    const { longText, sidecarName } = this.#report;
    if (longText === 'full') return [warning.longCells(count)];
    return longText === 'sidecar' && sidecarName
      ? [warning.cutCellsWithFile(count, sidecarName)]
      : [warning.cutCells(count)];
  }

  #manyRows(rows: number): string[] {
    if (rows <= rowsOfSheet) return [];
    return [this.#report.format === 'csv' ? warning.manyRowsCsv() : warning.manyRowsXlsx()];
  }
}
