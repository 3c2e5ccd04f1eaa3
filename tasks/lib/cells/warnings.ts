// The warnings of a report: counted while its rows pass, worded when the last one has.
import { oneLine } from '../one-line.ts';
import type { Format, Rules, Style } from './rules.ts';

/** Rows that Excel takes on a sheet, the header not counted. */
const rowsOfSheet = 1_048_575;

export type WarningsOf = {
  format: Format;
  lists?: Style['lists'];
  longText: Rules['longText'];
  /** The name of the file with the texts that were cut. */
  sidecarName?: string;
  /** How many documents the request names, when it names any. */
  chosenDocuments?: number;
  /** Warnings of the report's own, asked for after the last row. */
  notes?: () => string[];
};

export class Warnings {
  longCells = 0;
  ambiguousValues = 0;
  readonly #report: WarningsOf;
  readonly #ofRows = new Set<string>();

  constructor(report: WarningsOf) {
    this.#report = report;
  }

  /** @param lines warnings that came with a row, one per line; each is told once */
  add(lines: string): void {
    for (const line of lines.split('\n')) this.#ofRows.add(line);
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
    const deleted = chosen - rows;
    if (deleted <= 0) return [];
    const were = deleted === 1 ? 'was' : 'were';
    return [`${number(deleted)} of ${number(chosen)} chosen documents ${were} deleted meanwhile.`];
  }

  #ambiguous(): string[] {
    const count = this.ambiguousValues;
    if (count === 0) return [];
    const delimiter = this.#report.lists?.delimiter ?? '';
    const values = count === 1 ? '1 value holds' : `${number(count)} values hold`;
    return [
      `${values} the sign that stands between values, ${JSON.stringify(delimiter.trim() || delimiter)}.`,
    ];
  }

  #long(): string[] {
    const count = this.longCells;
    if (count === 0) return [];
    const { longText, sidecarName } = this.#report;
    const cells = count === 1 ? '1 cell is' : `${number(count)} cells are`;
    if (longText === 'full')
      return [`${cells} longer than 32,767 characters, which is all that Excel shows of a cell.`];
    const texts = count === 1 ? 'its full text is' : 'their full texts are';
    const where = longText === 'sidecar' && sidecarName ? `; ${texts} in ${sidecarName}` : '';
    return [`${cells} cut at 32,767 characters, which is all that Excel takes, and marked "[cut]"${where}.`];
  }

  #manyRows(rows: number): string[] {
    if (rows <= rowsOfSheet) return [];
    const excel = {
      csv: 'shows of a file.',
      xlsx: 'takes on a sheet; the others are on further sheets.',
    };
    return [`There are more than 1,048,575 rows, which is all that Excel ${excel[this.#report.format]}`];
  }
}

function number(count: number): string {
  return count.toLocaleString('en');
}
