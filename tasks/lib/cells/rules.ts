// The rules of a cell: the server's text of one value becomes the text that a person finds in the file.
import { clockOf } from '../time-zone.ts';
import { textOfHtml } from './html.ts';

export type Format = 'csv' | 'xlsx';

/** `number`, `date` and `time` columns may hold values of which only a part is known, such as a date without its day. */
export type Kind = 'text' | 'number' | 'date' | 'time';

/** The choices that a report has in writing its cells. */
export type Style = {
  /** Columns of several values, which the query joins by U+001F, and the delimiter that joins them in the file. */
  lists?: { columns: string[]; delimiter: string };
  /** Columns of HTML, which becomes plain text. */
  html?: string[];
  /** Keeps texts of a CSV as they are stored, with their line breaks and control characters. */
  raw?: boolean;
  /** Whether an apostrophe keeps Excel from running texts of a CSV as formulas; true by default. */
  guarded?: boolean;
  /** `2026-11-23`, which is the default, or `11/23/2026`. */
  dateStyle?: 'iso' | 'us';
  /**
   * A CSV keeps texts that are too long for Excel in full (the default), cuts them, or cuts them and has them in full in
   * a sidecar. An XLSX can't keep them: there, `full` means `sidecar`.
   */
  longText?: 'full' | 'truncate' | 'sidecar';
};

/** Gives the text of a cell; null when the value says nothing, such as a date of zeros. */
export type Rule = (text: string) => string | null;

/** Characters that Excel shows of a cell. It takes an XLSX that has more for damaged. */
export const longestCell = 32_767;
/** Ends a text that was cut. */
const cutMark = ' [cut]';
/** Separates the values of one cell as they come from the database. */
export const unitSeparator = '\u001f';

/**
 * The rules of one file, by the kind of a column or by what its texts hold.
 * @param onAmbiguousValue called for each value of a list that contains the delimiter
 */
export function rulesOf(
  format: Format,
  timeZone: string,
  style: Style = {},
  onAmbiguousValue: () => void = () => {},
) {
  const { lists, raw, guarded: isGuarded = true, dateStyle = 'iso', longText = 'full' } = style;
  const clock = clockOf(timeZone);
  // The cells of an XLSX are marked as texts and dates, so that Excel neither runs nor misreads them.
  const isCsv = format === 'csv';
  const plain = raw && isCsv ? (text: string) => text.toWellFormed() : plainText;
  const day = isCsv && dateStyle === 'us' ? usDate : (text: string | null) => text;
  const guardInCsv = isGuarded ? guarded : unchanged;
  const delimiter = lists?.delimiter ?? '';
  // A person sees a value as ambiguous when it contains what is visible of the delimiter.
  const mark = delimiter.trim() || delimiter;

  return {
    number: unchanged as Rule,
    date: ((text) => day(knownDate(text))) as Rule,
    time: ((text) => day(knownTime(text, clock))) as Rule,
    text: plain,
    html: (text: string) => plain(textOfHtml(text)),
    list: (text: string) => {
      const values = text.split(unitSeparator);
      for (const value of values) if (value.includes(mark)) onAmbiguousValue();
      return values.map(plain).join(delimiter);
    },
    guard: isCsv ? guardInCsv : unchanged,
    /** For the sidecar, which is a CSV whatever the file is. */
    guardInCsv,
    longText: !isCsv && longText === 'full' ? ('sidecar' as const) : longText,
  };
}

export type Rules = ReturnType<typeof rulesOf>;

/** Cuts a text to the longest cell, the mark included; half a surrogate pair goes. */
export function cut(text: string): string {
  return text.slice(0, longestCell - cutMark.length).replace(/[\ud800-\udbff]$/, '') + cutMark;
}

function unchanged(text: string): string {
  return text;
}

/** `2026-02-00` becomes `2026-02`, and `0000-00-00` nothing. */
function knownDate(text: string): string | null {
  return text.startsWith('0000') ? null : text.replace(/(-00)+$/, '');
}

function knownTime(utc: string, clock: (moment: number) => string): string | null {
  const moment = Date.parse(`${utc.replace(' ', 'T')}Z`);
  return Number.isNaN(moment) ? null : clock(moment);
}

/** `2026-11-23 …` becomes `11/23/2026 …`; an unknown day or month is left out. */
function usDate(iso: string | null): string | null {
  if (iso === null) return null;
  const [days, time] = iso.split(' ');
  const [year, ...monthAndDay] = days!.split('-');
  return [[...monthAndDay, year].join('/'), ...(time ? [time] : [])].join(' ');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
/** Excel may take a text that begins so for a formula, full-width signs included. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: raw texts have them
const formulaStart = /^[=+\-@\t\n\r\u0000＝＋－＠]/;

/** Line breaks become LF; control characters go. */
function plainText(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(controlCharacters, '').toWellFormed();
}

/** Puts an apostrophe before a text that Excel would run as a formula. */
function guarded(text: string): string {
  return formulaStart.test(text) ? `'${text}` : text;
}
