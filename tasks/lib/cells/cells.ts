// From the server's text to the text that a person finds in a cell.
import { type FieldPacket, Types } from 'mysql2';
import type { ReportQuery } from '../../reports/report.ts';
import type { Row } from '../database/rows.ts';
import { customFieldId } from '../documents/document-fields.ts';
import type { FullText } from '../files/sidecar.ts';
import { clockOf } from '../time-zone.ts';
import { textOfHtml } from './html.ts';
import type { MailRows } from './mail-table.ts';

/** Excel cuts what is longer, and takes an XLSX with more for damaged. */
const longestCell = 32_767;
/** Excel shows no more rows of a sheet, the header not counted. */
const mostRows = 1_048_575;
/** Ends a text that was cut. */
const cutMark = ' [cut]';
/** Stands between the values of one cell as they come from the database. */
const unitSeparator = '\u001f';

export type CustomField = { id: number; title: string };
export type Column = { field: string; header: string };
/** How the cells of a report are written, beside its columns. */
export type Style = Pick<
  ReportQuery,
  'documentIds' | 'lists' | 'html' | 'raw' | 'guarded' | 'dateStyle' | 'longText' | 'notes'
> & {
  /** The file for the full texts of cells that are cut. */
  fullTextsName?: string;
};
/** What a column's texts say; one that is not known to the day, or not to be counted with, may be among them. */
export type Kind = 'text' | 'number' | 'date' | 'time';
export type Format = 'csv' | 'xlsx';

/** Turns rows into cells, and counts them. */
export class Cells {
  /** The header row. */
  readonly headers: string[];
  /** As many as there are headers. */
  readonly kinds: Kind[];
  readonly dateStyle: 'iso' | 'us';
  rows = 0;
  /** The columns of what `takeFullTexts` gives. */
  readonly fullTextHeaders: string[];
  /** Told of every row, when rows go into a mail. */
  mail: MailRows | undefined;
  #longCells = 0;
  #ambiguousValues = 0;
  #fullTexts: FullText[] = [];
  readonly #cuts: boolean;
  readonly #keepsFullTexts: boolean;
  /** Where the id of the document stands in a row, or -1. */
  readonly #key: number;
  readonly #format: Format;
  readonly #style: Style;
  /** Where a column's text is found: its place in the row, or the custom field it shows; and what becomes of it. */
  readonly #columns: {
    position: number;
    customField?: number;
    write(text: string): string | null;
    /** Whether an apostrophe keeps Excel from running its texts; the rows of a mail have none. */
    isGuarded: boolean;
  }[];
  readonly #customFields: boolean;
  /** Where a row has warnings, a line each; -1 when the query has no such column. */
  readonly #warningsColumn: number;
  readonly #notes: string[];

  /**
   * @param customFields when given, the last column holds their values, and becomes one column each
   * @param columns when given, which columns there are, by the names of fields
   */
  constructor(
    fields: FieldPacket[],
    timeZone: string,
    customFields?: CustomField[],
    format: Format = 'csv',
    style: Style = {},
    columns?: Column[],
  ) {
    const clock = clockOf(timeZone);
    const all = customFields ? fields.slice(0, -1) : fields;
    const chosen: (Column & { position?: number })[] = columns ?? [
      ...all
        .map(({ name }, position) => ({ field: name, header: name, position }))
        .filter(({ field }) => field !== 'Warnings'),
      ...(customFields ?? []).map(({ id, title }) => ({ field: `custom_field:${id}`, header: title })),
    ];
    this.#style = style;
    this.#format = format;
    const { longText = 'full' } = style;
    this.#cuts = format === 'xlsx' || longText !== 'full';
    this.#keepsFullTexts = this.#cuts && longText !== 'truncate';
    this.#key = all.findIndex(({ name }) => /^nextpoint[ _]id$/i.test(name));
    this.fullTextHeaders = ['Row', ...(this.#key < 0 ? [] : ['Nextpoint ID']), 'Column', 'Text'];
    this.#customFields = customFields !== undefined;
    this.dateStyle = style.dateStyle ?? 'iso';
    // The cells of an XLSX say themselves that they are texts and dates.
    const clean = style.raw && format === 'csv' ? (text: string) => text.toWellFormed() : plainText;
    const guards = format === 'csv' && style.guarded !== false;
    const day = format === 'csv' && style.dateStyle === 'us' ? usDate : (text: string | null) => text;
    const { lists, html } = style;
    const textOf = (field: string, isList: boolean) => {
      if (isList && lists) return (text: string) => this.#join(text, clean, lists.delimiter);
      return html?.includes(field) ? (text: string) => clean(textOfHtml(text)) : clean;
    };
    const described = chosen.map(({ field, ...named }) => {
      const customField = customFieldId(field);
      const position = named.position ?? all.findIndex(({ name }) => name === field);
      const kind = customField === undefined ? kindOf(all[position]!.columnType) : 'text';
      const isList = customField !== undefined || lists?.columns.includes(field) === true;
      const write = {
        time: (text: string) => day(knownTime(text, clock)),
        date: (text: string) => day(knownDate(text)),
        number: (text: string) => text,
        text: textOf(field, isList),
      }[kind];
      // An id is a name made of digits.
      const shown: Kind = /(\b|_)ids?$/i.test(field) ? 'text' : kind;
      return { position, customField, write, isGuarded: guards && kind === 'text', kind: shown };
    });
    this.#columns = described;
    this.kinds = described.map(({ kind }) => kind);
    this.headers = withoutRepeats(
      chosen.map(({ header }) => (guards ? guarded(clean(header)) : clean(header))),
    );
    this.#warningsColumn = all.findIndex(({ name }) => name === 'Warnings');
    this.#notes = [...(style.notes ?? [])];
  }

  /** The cells of one row; null is an unknown value, which is not the same as an empty text. */
  format(row: Row): Row {
    this.rows++;
    const values = this.#customFields ? valuesOf(row.at(-1) ?? '[]') : undefined;
    const cells = this.#columns.map(({ position, customField, write }) => {
      const text = (customField === undefined ? row[position] : values?.get(customField)) ?? null;
      return text === null ? null : write(text);
    });
    const warnings = row[this.#warningsColumn];
    if (warnings) this.#notes.push(...warnings.split('\n'));
    this.mail?.add(cells);
    for (const [column, cell] of cells.entries()) {
      if (!cell) continue;
      const text = this.#columns[column]!.isGuarded ? guarded(cell) : cell;
      cells[column] = text;
      if (text.length <= longestCell) continue;
      this.#longCells++;
      if (this.#keepsFullTexts) this.#fullTexts.push(this.#fullText(row, column, text));
      if (this.#cuts) cells[column] = cut(text);
    }
    return cells;
  }

  /** Adds to the warnings what only the end of the rows tells. */
  note(warnings: string[]): void {
    this.#notes.push(...warnings);
  }

  /** What was cut since they were last asked for. */
  takeFullTexts(): FullText[] {
    return this.#fullTexts.splice(0);
  }

  #fullText(row: Row, column: number, text: string): FullText {
    // They go to a CSV, also those of an XLSX.
    const guard = this.#format === 'xlsx' && this.#style.guarded !== false ? guarded : (text: string) => text;
    const key = this.#key < 0 ? [] : [row[this.#key]!];
    return [`${this.rows + 1}`, ...key, guard(this.headers[column]!), guard(text)];
  }

  #join(text: string, clean: (text: string) => string, delimiter: string): string {
    const sign = delimiter.trim() || delimiter;
    const values = text.split(unitSeparator);
    for (const value of values) if (value.includes(sign)) this.#ambiguousValues++;
    return values.map(clean).join(delimiter);
  }

  /** What the reader of the file should know, in plain words. */
  get warnings(): string[] {
    const count = this.#longCells;
    const cells = count === 1 ? '1 cell is' : `${inWords(count)} cells are`;
    const { fullTextsName } = this.#style;
    const theirs = count === 1 ? 'its full text is' : 'their full texts are';
    const where = this.#keepsFullTexts && fullTextsName ? `; ${theirs} in ${fullTextsName}` : '';
    const long = {
      whole: `${cells} longer than 32,767 characters, which is all that Excel shows of a cell.`,
      cut: `${cells} cut at 32,767 characters, which is all that Excel takes, and marked "[cut]"${where}.`,
    };
    const many = {
      csv: 'There are more than 1,048,575 rows, which is all that Excel shows of a file.',
      xlsx: 'There are more than 1,048,575 rows, which is all that Excel takes on a sheet; the others are on further sheets.',
    };
    const { documentIds, lists } = this.#style;
    const chosen = documentIds?.length ?? 0;
    const missing = documentIds ? chosen - this.rows : 0;
    const ambiguous = this.#ambiguousValues;
    const warnings: [boolean, string][] = [
      [
        missing > 0,
        `${inWords(missing)} of ${inWords(chosen)} chosen documents ${missing === 1 ? 'was' : 'were'} deleted meanwhile.`,
      ],
      [
        ambiguous > 0,
        `${inWords(ambiguous)} ${ambiguous === 1 ? 'value holds' : 'values hold'} the sign that stands between values, ${JSON.stringify(lists?.delimiter.trim() || lists?.delimiter)}.`,
      ],
      [count > 0, long[this.#cuts ? 'cut' : 'whole']],
      [this.rows > mostRows, many[this.#format]],
    ];
    return [...this.#notes, ...warnings.flatMap(([holds, words]) => (holds ? [words] : []))];
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

/** `2026-11-23 …` becomes `11/23/2026 …`; a day or a month that is not known is left out. */
function usDate(iso: string | null): string | null {
  if (iso === null) return null;
  const [days, time] = iso.split(' ');
  const [year, ...monthAndDay] = days!.split('-');
  return [[...monthAndDay, year].join('/'), ...(time ? [time] : [])].join(' ');
}

function knownTime(utc: string, clock: (moment: number) => string): string | null {
  const moment = Date.parse(`${utc.replace(' ', 'T')}Z`);
  return Number.isNaN(moment) ? null : clock(moment);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
/** What Excel may take for a formula, full-width signs included. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: raw texts have them
const formulaStart = /^[=+\-@\t\n\r\u0000＝＋－＠]/;

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

/** Texts by the id of their custom field, several values of one joined by U+001F, from a JSON list of pairs. */
function valuesOf(pairs: string): Map<number, string> {
  const values = new Map<number, string>();
  for (const [id, value] of JSON.parse(pairs) as [number, string | number | null][]) {
    if (value === null) continue;
    const before = values.get(id);
    values.set(id, before === undefined ? String(value) : `${before}${unitSeparator}${value}`);
  }
  return values;
}

function inWords(count: number): string {
  return count.toLocaleString('en');
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
