// Text to records, for CSV (RFC 4180) and Concordance DAT. A reader of our own: a general one knows neither a qualifier
// that stands within a cell, nor which faults spoil a row and which make the rest of the file uncertain.
import { LoadFileError } from '../findings.ts';

export type Delimiters = {
  column: string;
  quote: string;
  /** Stands for a line break within a cell; DAT only. */
  newline?: string;
};

export const csvDelimiters: Delimiters = { column: ',', quote: '"' };
/** Of Concordance: characters 20, 254 and 174. */
export const datDelimiters: Delimiters = { column: '\x14', quote: 'þ', newline: '®' };

export type Record = {
  /** The first is 1; empty records are not counted. */
  row: number;
  cells: string[];
  /** Why the cells may not be what was meant. */
  problem?: string;
  /** Columns (from 0) in which the newline character was replaced. */
  newlines?: number[];
};

/** Characters; what is longer is no load file. */
const longestRecord = 4_000_000;

export class Records {
  /** Of complete records so far. */
  count = 0;
  readonly #delimiters: Delimiters;
  readonly #isDat: boolean;
  #text = '';
  #ended = false;
  /** A CR ended the last record, and a LF may still belong to it. */
  #skipsLineFeed = false;
  /** The next place of each sign, so that it is looked up once for all cells before it. */
  readonly #places = new Map<string, number>();

  constructor(delimiters: Delimiters) {
    this.#delimiters = delimiters;
    this.#isDat = delimiters.newline !== undefined;
  }

  /**
   * The records that end in this text.
   * @throws LoadFileError OV-F06 for a quote that makes the rest of the file uncertain, OV-F09 for a record without end
   */
  push(text: string): Record[] {
    this.#text += text;
    return this.#read();
  }

  /** The last record, when no line end follows it. Throws as `push` does. */
  end(): Record[] {
    this.#ended = true;
    return this.#read();
  }

  #read(): Record[] {
    const records: Record[] = [];
    this.#places.clear();
    let position = 0;
    while (position < this.#text.length) {
      if (this.#skipsLineFeed) {
        this.#skipsLineFeed = false;
        if (this.#text[position] === '\n') {
          position++;
          continue;
        }
      }
      const found = this.#record(position);
      if (!found) break;
      position = found.end;
      if (found.record.cells.every((cell) => cell.trim() === '')) continue;
      this.count++;
      records.push(found.record);
    }
    this.#text = this.#text.slice(position);
    if (this.#text.length > longestRecord) {
      const row = this.count + 1;
      if (this.#isOpen()) this.#unclosed(row);
      throw new LoadFileError({
        code: 'OV-F09',
        row,
        detail: `Row ${row} is longer than 4 million characters.`,
      });
    }
    return records;
  }

  /** The record that starts here, or nothing when its end has not come yet. */
  #record(start: number): { record: Record; end: number } | undefined {
    const text = this.#text;
    const { column, quote } = this.#delimiters;
    const record: Record = { row: this.count + 1, cells: [] };
    for (let position = start; ; ) {
      let end: number;
      if (text[position] === quote) {
        const closing = this.#closing(position + 1);
        if (closing === undefined) {
          if (this.#ended) this.#unclosed(record.row);
          return undefined;
        }
        record.cells.push(
          this.#cell(text.slice(position + 1, closing).replaceAll(quote + quote, quote), record),
        );
        end = closing + 1;
      } else {
        end = Math.min(...[column, '\n', '\r'].map((sign) => this.#next(sign, position)));
        if (end === text.length && !this.#ended) return undefined;
        const cell = text.slice(position, end);
        if (!this.#isDat && cell.includes(quote))
          record.problem ??= `A quote stands within cell ${record.cells.length + 1}.`;
        record.cells.push(this.#cell(cell, record));
      }
      if (text[end] === column) {
        position = end + 1;
        continue;
      }
      this.#skipsLineFeed = text[end] === '\r';
      return { record, end: end + 1 };
    }
  }

  /** The place of the quote that closes the cell; nothing when it has not come yet. */
  #closing(from: number): number | undefined {
    const text = this.#text;
    const { column, quote } = this.#delimiters;
    for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at)) {
      const next = text[at + 1];
      if (next === undefined) return this.#ended ? at : undefined;
      if (next === column || next === '\n' || next === '\r') return at;
      if (this.#isDat) at += 1;
      else if (next === quote) at += 2;
      else {
        const row = this.count + 1;
        throw new LoadFileError({
          code: 'OV-F06',
          row,
          detail: `In row ${row}, text follows a closing quote.`,
        });
      }
    }
    return undefined;
  }

  #cell(cell: string, record: Record): string {
    const { newline } = this.#delimiters;
    if (!newline || !cell.includes(newline)) return cell;
    record.newlines = [...(record.newlines ?? []), record.cells.length];
    return cell.replaceAll(newline, '\n');
  }

  /** The next place of the sign, or the end of the text. */
  #next(sign: string, position: number): number {
    let place = this.#places.get(sign) ?? -1;
    if (place < position) {
      place = this.#text.indexOf(sign, position);
      if (place < 0) place = this.#text.length;
      this.#places.set(sign, place);
    }
    return place;
  }

  /** Whether the record that is too long has an open quote. */
  #isOpen(): boolean {
    this.#ended = true;
    try {
      this.#record(0);
      return false;
    } catch {
      return true;
    }
  }

  #unclosed(row: number): never {
    throw new LoadFileError({ code: 'OV-F06', row, detail: `The quote opens in row ${row}.` });
  }
}

/** The separators that a CSV may have, the likeliest first. */
const separators = [',', '\t', ';', '|'];

/**
 * The delimiters of a file, by its content.
 * @param start text of the file that holds its first record, or as much of it as there is
 * @param isHeader whether a cell of the first record is the name of a key, by which one of several separators is chosen
 */
export function delimitersOf(start: string, isHeader: (cell: string) => boolean): Delimiters {
  const text = start.trimStart();
  const line = /^[^\r\n]*/.exec(text)![0];
  if (line.includes(datDelimiters.column))
    return line.startsWith('"') ? { ...datDelimiters, quote: '"' } : datDelimiters;
  // A DAT may have another separator between its qualifiers.
  const qualified = /^þ[^þ]*þ([^\wþ])þ/u.exec(line);
  if (qualified) return { ...datDelimiters, column: qualified[1]! };
  if (/^þ.*þ$/u.test(line)) return datDelimiters;
  const outside = text.replaceAll(/"(?:[^"]|"")*"/g, (quoted) => quoted.replaceAll(/[^"]/g, '_'));
  const first = /^[^\r\n]*/.exec(outside)![0];
  const found = separators.filter((column) => first.includes(column));
  const named = found.find((column) =>
    splitAt(text, first, column).some((cell) => isHeader(cell.replace(/^"(.*)"$/s, '$1'))),
  );
  return { ...csvDelimiters, column: named ?? found[0] ?? ',' };
}

function splitAt(text: string, mask: string, column: string): string[] {
  let from = 0;
  return mask.split(column).map((part) => {
    const cell = text.slice(from, from + part.length);
    from += part.length + column.length;
    return cell;
  });
}
