// Rows as a mail shows them: a small table, in HTML and in aligned text.
import type { Row } from '../database/rows.ts';
import { oneLine } from '../one-line.ts';
import type { Columns } from './columns.ts';
import type { Kind } from './rules.ts';

const maxRows = 200;
/** Bytes of the cells and of the lines of text. Escaped for HTML and as JSON, they must still fit a state's 256 KiB. */
const maxBytes = 30_000;
/** Letters of a cell in the lines of text, so that one long name does not make every line long. */
const widestCell = 50;

export type MailCell = { text: string; align: 'left' | 'right'; weight: 'normal' | 'bold' };
export type MailTable = {
  /** The header row. */
  columns: MailCell[];
  rows: { cells: MailCell[] }[];
  /** The same table as aligned text, line by line. */
  lines: string[];
};

/** Collects the rows of a report for a mail, until they are too many. */
export class MailRows {
  readonly #headers: string[];
  readonly #kinds: Kind[];
  readonly #hasTotal: boolean;
  #rows: string[][] | null = [];
  #bytes = 0;

  /** @param hasTotal whether the last row is the total of the others */
  constructor({ headers, kinds }: Pick<Columns, 'headers' | 'kinds'>, hasTotal: boolean) {
    this.#headers = headers.map(cellOf);
    this.#kinds = kinds;
    this.#hasTotal = hasTotal;
  }

  /** Whether it has not got too many rows yet. */
  get isOpen(): boolean {
    return this.#rows !== null;
  }

  add(row: Row): void {
    if (!this.#rows) return;
    const cells = row.map((cell, column) =>
      this.#kinds[column] === 'number' ? withCommas(cell ?? '') : cellOf(cell ?? ''),
    );
    this.#rows.push(cells);
    this.#bytes += Buffer.byteLength(cells.join(''));
    if (this.#rows.length > maxRows || this.#bytes > maxBytes) this.#rows = null;
  }

  /** The table, or null when it is too long for a mail. */
  get table(): MailTable | null {
    const rows = this.#rows;
    if (!rows) return null;
    const cellsOf = (texts: string[], weight: MailCell['weight']) =>
      texts.map((text, column) => ({ text, align: this.#align(column), weight }));
    const lines = this.#lines([this.#headers, ...rows]);
    if (this.#bytes + Buffer.byteLength(lines.join('\n')) > maxBytes) return null;
    return {
      columns: cellsOf(this.#headers, 'bold'),
      rows: rows.map((texts, index) => ({
        cells: cellsOf(texts, this.#hasTotal && index === rows.length - 1 ? 'bold' : 'normal'),
      })),
      lines,
    };
  }

  #align(column: number): MailCell['align'] {
    return ['number', 'place', 'duration'].includes(this.#kinds[column]!) ? 'right' : 'left';
  }

  #lines(rows: string[][]): string[] {
    const cut = rows.map((texts) => texts.map(lettersOf));
    const widths = this.#headers.map((_, column) => Math.max(...cut.map((cells) => cells[column]!.length)));
    return cut.map((cells) =>
      cells
        .map((letters, column) => {
          const text = letters.join('');
          const padding = ' '.repeat(widths[column]! - letters.length);
          return this.#align(column) === 'right' ? padding + text : text + padding;
        })
        .join('  ')
        .trimEnd(),
    );
  }
}

function cellOf(text: string): string {
  return oneLine(text, '; ');
}

/** Works on the database's own digits, however many: a number in JavaScript keeps only 15. */
function withCommas(number: string): string {
  return number.replace(/^-?\d+/, (digits) => digits.replaceAll(/\B(?=(\d{3})+$)/g, ','));
}

const segmenter = new Intl.Segmenter();

/** Splits a cell into letters as a person counts them, and cuts it to the width of a column in the lines of text. */
function lettersOf(text: string): string[] {
  const letters = Array.from(segmenter.segment(text), ({ segment }) => segment);
  return letters.length > widestCell ? [...letters.slice(0, widestCell - 1), '…'] : letters;
}
