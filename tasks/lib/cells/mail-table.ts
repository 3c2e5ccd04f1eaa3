// Rows as a mail shows them: a small table, in HTML and in aligned text.

import type { Row } from '../database/rows.ts';
import type { Kind } from './cells.ts';

const mostRows = 200;
/** Bytes of the cells and of the lines of text. As HTML, escaped, and in JSON it must still fit a state's 256 KiB. */
const mostBytes = 30_000;
/** Letters of a cell in the lines of text, which a long name would make longer than a window. */
const widestCell = 50;

export type MailCell = { text: string; align: 'left' | 'right'; weight: 'normal' | 'bold' };
export type MailTable = {
  /** Headers. */
  columns: MailCell[];
  rows: { cells: MailCell[] }[];
  /** The same as aligned text, line by line. */
  lines: string[];
};

/** Gathers rows for a mail, as long as they fit one. */
export class MailRows {
  readonly #headers: string[];
  readonly #kinds: Kind[];
  readonly #hasTotal: boolean;
  #rows: string[][] | null = [];
  #bytes = 0;

  /** @param hasTotal whether the last row is the total of the others */
  constructor(headers: string[], kinds: Kind[], hasTotal: boolean) {
    this.#headers = headers.map(oneLine);
    this.#kinds = kinds;
    this.#hasTotal = hasTotal;
  }

  add(row: Row): void {
    if (!this.#rows) return;
    const cells = row.map((cell, column) =>
      this.#kinds[column] === 'number' ? withCommas(cell ?? '') : oneLine(cell ?? ''),
    );
    this.#rows.push(cells);
    this.#bytes += Buffer.byteLength(cells.join(''));
    if (this.#rows.length > mostRows || this.#bytes > mostBytes) this.#rows = null;
  }

  /** The table, or null when it is too long for a mail. */
  get table(): MailTable | null {
    const rows = this.#rows;
    if (!rows) return null;
    const cellsOf = (texts: string[], weight: MailCell['weight']) =>
      texts.map((text, column) => ({ text, align: this.#align(column), weight }));
    const lines = this.#lines([this.#headers, ...rows]);
    if (this.#bytes + Buffer.byteLength(lines.join('\n')) > mostBytes) return null;
    return {
      columns: cellsOf(this.#headers, 'bold'),
      rows: rows.map((texts, index) => ({
        cells: cellsOf(texts, this.#hasTotal && index === rows.length - 1 ? 'bold' : 'normal'),
      })),
      lines,
    };
  }

  #align(column: number): MailCell['align'] {
    return this.#kinds[column] === 'number' ? 'right' : 'left';
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

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, '; ').replaceAll('\t', ' ');
}

/** The digits are the database's own, as many as there are: a number of JavaScript has no more than 15. */
function withCommas(number: string): string {
  return number.replace(/^-?\d+/, (digits) => digits.replaceAll(/\B(?=(\d{3})+$)/g, ','));
}

const segmenter = new Intl.Segmenter();

/** The letters of a cell as a person counts them, as many as a line of text has room for. */
function lettersOf(text: string): string[] {
  const letters = Array.from(segmenter.segment(text), ({ segment }) => segment);
  return letters.length > widestCell ? [...letters.slice(0, widestCell - 1), '…'] : letters;
}
