// From the server's text to the text that a person finds in a cell.
import { type FieldPacket, Types } from 'mysql2';
import { clockOf } from '../lib/time-zone.ts';
import type { Row } from './rows.ts';

/** Excel cuts what is longer. */
const longestCell = 32_767;
/** Excel shows no more rows, the header not counted. */
const mostRows = 1_048_575;

export type CustomField = { id: number; title: string };

/** Turns rows into cells, and counts them. */
export class Cells {
  /** The header row. */
  readonly headers: string[];
  rows = 0;
  #longCells = 0;
  readonly #formats: ((text: string) => string | null)[];
  readonly #customFields: CustomField[] | undefined;

  /**
   * @param customFields when given, the last column holds JSON with their values by id, and becomes one column each
   */
  constructor(fields: FieldPacket[], timeZone: string, customFields?: CustomField[]) {
    const clock = clockOf(timeZone);
    const columns = customFields ? fields.slice(0, -1) : fields;
    this.#formats = columns.map((field) => formatFor(field, clock));
    this.#customFields = customFields;
    const titles = [...columns, ...(customFields ?? []).map(({ title }) => ({ name: title }))];
    this.headers = withoutRepeats(titles.map(({ name }) => plainText(name)));
  }

  /** The cells of one row; null is an unknown value, which is not the same as an empty text. */
  format(row: Row): Row {
    this.rows++;
    const cells = this.#formats.map((format, column) => {
      const text = row[column] ?? null;
      return text === null ? null : format(text);
    });
    if (this.#customFields) {
      const values = JSON.parse(row.at(-1) ?? '{}');
      for (const { id } of this.#customFields) {
        const value = values[id] ?? null;
        cells.push(value === null ? null : plainText(String(value)));
      }
    }
    for (const cell of cells) if (cell && cell.length > longestCell) this.#longCells++;
    return cells;
  }

  /** What the reader of the file should know, in plain words. */
  get warnings(): string[] {
    const count = this.#longCells;
    const cells = count === 1 ? '1 cell is' : `${count} cells are`;
    const long = `${cells} longer than 32,767 characters, which is all that Excel shows of a cell.`;
    const many = 'There are more than 1,048,575 rows, which is all that Excel shows of a file.';
    return [...(count > 0 ? [long] : []), ...(this.rows > mostRows ? [many] : [])];
  }
}

function formatFor({ columnType }: FieldPacket, clock: (moment: number) => string) {
  switch (columnType) {
    case Types.DATE:
      return knownDate;
    case Types.DATETIME:
    case Types.TIMESTAMP:
      return (text: string) => knownTime(text, clock);
    case Types.TINY:
    case Types.SHORT:
    case Types.INT24:
    case Types.LONG:
    case Types.LONGLONG:
    case Types.DECIMAL:
    case Types.NEWDECIMAL:
    case Types.FLOAT:
    case Types.DOUBLE:
    case Types.YEAR:
      return (text: string) => text;
    default:
      return plainText;
  }
}

/** `2026-02-00` becomes `2026-02`, and `0000-00-00` nothing. */
function knownDate(text: string): string | null {
  return text.startsWith('0000') ? null : text.replace(/(-00)+$/, '');
}

function knownTime(utc: string, clock: (moment: number) => string): string | null {
  const moment = Date.parse(`${utc.replace(' ', 'T')}Z`);
  return Number.isNaN(moment) ? null : clock(moment);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
/** What Excel may take for a formula, full-width signs included. */
const formulaStart = /^[=+\-@\t\n＝＋－＠]/;

/** Line breaks become LF, control characters go, and an apostrophe keeps Excel from running a text as a formula. */
function plainText(text: string): string {
  const clean = text.replaceAll(/\r\n?/g, '\n').replaceAll(controlCharacters, '').toWellFormed();
  return formulaStart.test(clean) ? `'${clean}` : clean;
}

/** The second column of one title gets ` (2)`. */
function withoutRepeats(titles: string[]): string[] {
  const taken = new Set<string>();
  return titles.map((title) => {
    let header = title;
    for (let number = 2; taken.has(header); number++) header = `${title} (${number})`;
    taken.add(header);
    return header;
  });
}
