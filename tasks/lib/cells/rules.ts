// The rules of a cell: the server's text of one value becomes the text that a person finds in the file.
import { AnswerIncomplete } from '../errors.ts';
import { clockOf } from '../time-zone.ts';
import { textOfHtml } from './html.ts';
import { joined, storedText } from './several-values.ts';

export type Format = 'csv' | 'xlsx';

/**
 * A `place` is a number that counts nothing, such as a page; a `duration` is `26:15:00`. Columns of dates and times may hold
 * values of which only a part is known, such as a date without its day.
 */
export type Kind = 'text' | 'number' | 'place' | 'date' | 'time' | 'duration';

/** The choices that a report has in writing its cells. */
export type Style = {
  /** Columns of several values, which the query gives as a JSON list, and the delimiter that joins them in the file. */
  lists?: { columns: string[]; delimiter: string };
  /** Columns of HTML, which becomes plain text. */
  html?: string[];
  /** Columns of durations, which the query gives as hours, minutes and seconds: `26:15:00`. */
  durations?: string[];
  /** Columns of times of which only the day matters. */
  days?: string[];
  /** Columns of the query that the file leaves out. */
  omitted?: string[];
  /** Keeps texts of a CSV as they are stored, with their line breaks and control characters, and lists so that they can be read again. */
  raw?: boolean;
  /** Whether apostrophes keep Excel from running texts of a CSV as formulas; true by default. */
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
export type Rule = (text: string, column: string) => string | null;

/** Characters that Excel shows of a cell. It takes an XLSX that has more for damaged. */
export const longestCell = 32_767;
/** Ends a text that was cut. */
const cutMark = ' [cut]';

/**
 * The rules of one file, by the kind of a column or by what its texts hold.
 * @param onAmbiguousCell called with the column for each list of which a value contains the delimiter
 */
export function rulesOf(
  format: Format,
  timeZone: string,
  style: Style = {},
  onAmbiguousCell: (column: string) => void = () => {},
) {
  const { lists, raw, guarded: isGuarded = true, dateStyle = 'iso', longText = 'full' } = style;
  const clock = clockOf(timeZone);
  // The cells of an XLSX are marked as texts and dates, so that Excel neither runs nor misreads them.
  const isCsv = format === 'csv';
  const plain = raw && isCsv ? storedText : plainText;
  const day = dateStyle === 'us' ? usDate : (text: string | null) => text;
  const guardInCsv = isGuarded ? guarded : unchanged;
  const delimiter = lists?.delimiter ?? '';
  // A person sees a value as ambiguous when it contains what is visible of the delimiter.
  const mark = delimiter.trim() || delimiter;

  return {
    number: unchanged as Rule,
    date: ((text) => day(knownDate(text))) as Rule,
    time: ((text) => day(knownTime(text, clock))) as Rule,
    day: ((text) => day(knownTime(text, clock)?.slice(0, 'YYYY-MM-DD'.length) ?? null)) as Rule,
    text: plain,
    html: (text: string) => plain(textOfHtml(text)),
    list: (text: string, column: string) => {
      const values = parsed<string[]>(text, 'a list');
      if (raw) return joined(values.map(plain), delimiter);
      if (mark && values.some((value) => value.includes(mark))) onAmbiguousCell(column);
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

/** A list from the server. Throws AnswerIncomplete when it is no JSON; the parser's own message would quote a value. */
export function parsed<List>(json: string, ofWhat: string): List {
  try {
    return JSON.parse(json);
  } catch {
    throw new AnswerIncomplete(`The values of ${ofWhat} came cut: their list is not JSON.`);
  }
}

function unchanged(text: string): string {
  return text;
}

/** `2026-02-00` becomes `2026-02`, and `0000-00-00` nothing. */
function knownDate(text: string): string | null {
  return text.startsWith('0000') ? null : text.replace(/(-00)+$/, '');
}

/** In the zone; a time on an unknown day is no moment, so that only what is known of the day is left. */
function knownTime(utc: string, clock: (moment: number) => string): string | null {
  const moment = Date.parse(`${utc.replace(' ', 'T')}Z`);
  // To Date, February 30 is in March.
  const exists = new Date(moment).getUTCDate() === Number(utc.slice(8, 10));
  return exists ? clock(moment) : knownDate(utc.slice(0, 10));
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
const formulaSign = '[=+\\-@\\0＝＋－＠]';
/**
 * Where a formula may start: at the start of a text, and of each piece that a program makes of it which splits at semicolons or
 * tabs, or takes a line break within a cell for the end of a row. Such a program may leave out quotes before a piece.
 */
const formulaStart = new RegExp(
  `^\\p{Zs}*(?=${formulaSign})|[;\\t\\n\\v\\f\\r\\u0085\\u2028\\u2029]\\p{Zs}*(?=(?:"["\\p{Zs}]*)?${formulaSign})`,
  'gu',
);

/** Line breaks become LF; control characters go. */
function plainText(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(controlCharacters, '').toWellFormed();
}

/** Puts an apostrophe before whatever a program may run as a formula; Excel does so after a tab or a line break, too. */
export function guarded(text: string): string {
  const safe = text.replaceAll(formulaStart, "$&'");
  return /^[\t\n\r]/.test(safe) ? `'${safe}` : safe;
}
