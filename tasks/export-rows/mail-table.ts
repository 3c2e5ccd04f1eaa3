// Rows as a mail shows them: a small table, in HTML and in aligned text.
import type { Kind } from './cells.ts';
import type { Row } from './rows.ts';

const mostRows = 200;
/** Bytes of the aligned text. As HTML, escaped and in JSON, twelve times as much must fit a state's 256 KiB. */
const mostBytes = 20_000;

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
  #widths: number[];

  /** @param hasTotal whether the last row is the total of the others */
  constructor(headers: string[], kinds: Kind[], hasTotal: boolean) {
    this.#headers = headers.map(oneLine);
    this.#kinds = kinds;
    this.#hasTotal = hasTotal;
    this.#widths = this.#headers.map(width);
  }

  add(row: Row): void {
    if (!this.#rows) return;
    const cells = row.map((cell, column) =>
      this.#kinds[column] === 'number' ? withCommas(cell ?? '') : oneLine(cell ?? ''),
    );
    this.#rows.push(cells);
    this.#widths = this.#widths.map((widest, column) => Math.max(widest, width(cells[column]!)));
    const lineWidth = this.#widths.reduce((sum, widest) => sum + widest + 2, 0);
    if (this.#rows.length > mostRows || this.#rows.length * lineWidth > mostBytes) this.#rows = null;
  }

  /** The table, or null when it is too long for a mail. */
  get table(): MailTable | null {
    const rows = this.#rows;
    if (!rows) return null;
    const cellsOf = (texts: string[], weight: MailCell['weight']) =>
      texts.map((text, column) => ({ text, align: this.#align(column), weight }));
    const lines = [this.#headers, ...rows].map((texts) => this.#line(texts));
    if (Buffer.byteLength(lines.join('\n')) > mostBytes) return null;
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

  #line(texts: string[]): string {
    return texts
      .map((text, column) => {
        const padding = ' '.repeat(this.#widths[column]! - width(text));
        return this.#align(column) === 'right' ? padding + text : text + padding;
      })
      .join('  ')
      .trimEnd();
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, '; ').replaceAll('\t', ' ');
}

/** The digits are the database's own, as many as there are: a number of JavaScript has no more than 15. */
function withCommas(number: string): string {
  return number.replace(/^-?\d+/, (digits) => digits.replaceAll(/\B(?=(\d{3})+$)/g, ','));
}

/** In letters as a person counts them. */
function width(text: string): number {
  return [...segmenter.segment(text)].length;
}

const segmenter = new Intl.Segmenter();
