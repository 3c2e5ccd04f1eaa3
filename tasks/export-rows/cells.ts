// From the server's text to the text that a person finds in a cell.
import { type FieldPacket, Types } from 'mysql2';
import { clockOf } from '../lib/time-zone.ts';
import type { MailRows } from './mail-table.ts';
import type { ReportQuery } from './queries.ts';
import type { Row } from './rows.ts';

/** Excel cuts what is longer, and takes an XLSX with more for damaged. */
const longestCell = 32_767;
/** Excel shows no more rows of a sheet, the header not counted. */
const mostRows = 1_048_575;
/** Ends a text that was cut. */
const cutMark = ' [cut]';

export type CustomField = { id: number; title: string };
/** What a column's texts say; one that is not known to the day, or not to be counted with, may be among them. */
export type Kind = 'text' | 'number' | 'date' | 'time';
export type Format = 'csv' | 'xlsx';

/** Turns rows into cells, and counts them. */
export class Cells {
  /** The header row. */
  readonly headers: string[];
  /** As many as there are headers. */
  readonly kinds: Kind[];
  rows = 0;
  /** Told of every row, when rows go into a mail. */
  mail: MailRows | undefined;
  #longCells = 0;
  readonly #format: Format;
  readonly #formats: ((text: string) => string | null)[];
  /** Where the columns of the file stand in a row. */
  readonly #positions: number[];
  /** Where a row has warnings, a line each; -1 when the query has no such column. */
  readonly #warnings: number;
  readonly #notes: string[];
  readonly #customFields: CustomField[] | undefined;
  /** Columns whose cells a CSV must guard. The cells of an XLSX say themselves that they are texts. */
  readonly #guarded: boolean[];

  /**
   * @param customFields when given, the last column holds JSON with their values by id, and becomes one column each
   */
  constructor(
    fields: FieldPacket[],
    timeZone: string,
    customFields?: CustomField[],
    format: Format = 'csv',
    query: Pick<ReportQuery, 'columns' | 'notes'> = {},
  ) {
    const clock = clockOf(timeZone);
    const all = customFields ? fields.slice(0, -1) : fields;
    const chosen = query.columns ?? all.map(({ name }) => ({ field: name, header: name }));
    this.#positions = query.columns
      ? chosen.map(({ field }) => all.findIndex(({ name }) => name === field))
      : [...all.keys()];
    const columns = this.#positions.map((position) => all[position]!);
    this.#notes = [...(query.notes ?? [])];
    this.#warnings = query.columns ? all.findIndex(({ name }) => name === 'Warnings') : -1;
    const added = customFields ?? [];
    this.#format = format;
    this.#formats = columns.map(({ columnType }) => {
      const kind = kindOf(columnType);
      if (kind === 'time') return (text: string) => knownTime(text, clock);
      return kind === 'date' ? knownDate : kind === 'number' ? (text: string) => text : plainText;
    });
    this.#guarded = [...columns, ...added].map(
      (column) => format === 'csv' && (!('columnType' in column) || kindOf(column.columnType) === 'text'),
    );
    this.#customFields = customFields;
    this.kinds = [
      // An id is a name made of digits.
      ...chosen.map(({ field }, column) =>
        /\bids?$/i.test(field) ? 'text' : kindOf(columns[column]!.columnType),
      ),
      ...added.map(() => 'text' as const),
    ];
    const titles = [...chosen.map(({ header }) => header), ...added.map(({ title }) => title)];
    const text = format === 'csv' ? (title: string) => guarded(plainText(title)) : plainText;
    this.headers = withoutRepeats(titles.map(text));
  }

  /** The cells of one row; null is an unknown value, which is not the same as an empty text. */
  format(row: Row): Row {
    this.rows++;
    const cells = this.#formats.map((format, column) => {
      const text = row[this.#positions[column]!] ?? null;
      return text === null ? null : format(text);
    });
    if (this.#customFields) {
      const values = JSON.parse(row.at(-1) ?? '{}');
      for (const { id } of this.#customFields) {
        const value = values[id] ?? null;
        cells.push(value === null ? null : plainText(String(value)));
      }
    }
    const warnings = row[this.#warnings];
    if (warnings) this.#notes.push(...warnings.split('\n'));
    this.mail?.add(cells);
    for (const [column, cell] of cells.entries()) {
      if (!cell) continue;
      if (this.#guarded[column]) cells[column] = guarded(cell);
      if (cell.length <= longestCell) continue;
      this.#longCells++;
      if (this.#format === 'xlsx') cells[column] = cut(cell);
    }
    return cells;
  }

  /** What the reader of the file should know, in plain words. */
  get warnings(): string[] {
    const count = this.#longCells;
    const cells = count === 1 ? '1 cell is' : `${count} cells are`;
    const long = {
      csv: `${cells} longer than 32,767 characters, which is all that Excel shows of a cell.`,
      xlsx: `${cells} cut at 32,767 characters, which is all that Excel takes, and marked "[cut]"; a CSV has the full text.`,
    };
    const many = {
      csv: 'There are more than 1,048,575 rows, which is all that Excel shows of a file.',
      xlsx: 'There are more than 1,048,575 rows, which is all that Excel takes on a sheet; the others are on further sheets.',
    };
    const [isLong, isMany] = [count > 0, this.rows > mostRows];
    return [...this.#notes, ...(isLong ? [long[this.#format]] : []), ...(isMany ? [many[this.#format]] : [])];
  }
}

function kindOf(columnType: FieldPacket['columnType']): Kind {
  switch (columnType) {
    case Types.DATE:
      return 'date';
    case Types.DATETIME:
    case Types.TIMESTAMP:
      return 'time';
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
    case Types.BIT:
      return 'number';
    default:
      return 'text';
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

/** Line breaks become LF, and control characters go. */
function plainText(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(controlCharacters, '').toWellFormed();
}

/** An apostrophe keeps Excel from running a text as a formula. */
function guarded(text: string): string {
  return formulaStart.test(text) ? `'${text}` : text;
}

/** The mark included, a text is as long as it may be; half a surrogate pair goes. */
function cut(text: string): string {
  return text.slice(0, longestCell - cutMark.length).replace(/[\ud800-\udbff]$/, '') + cutMark;
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
