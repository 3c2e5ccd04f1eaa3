// From a cell to what becomes of a document's value. Nothing here knows a database.

import { cut, guarded, longestCell } from '../../lib/cells/rules.ts';
import { joined, split, storedText } from '../../lib/cells/several-values.ts';
import { type Field, isList, type Value } from './fields.ts';
import type { Code } from './findings.ts';

/** The change that a cell asks for. */
export type Change = { set: Value } | { add: string[] } | { remove: string[] };

export type ValueOptions = {
  blankMeans: 'skip' | 'clear';
  clearToken: string;
  multiValueMode: 'replace' | 'append' | 'remove';
  multiValueDelimiter: string;
  dateOrder: 'MDY' | 'DMY';
  stripSpreadsheetGuard: boolean;
  createMissingChoices: boolean;
  longText: 'error' | 'truncate';
};

type Noted = { code: Code; detail?: string };
export type Reading = {
  /** Nothing when the document keeps its value. */
  change?: Change;
  findings: Noted[];
  /** Choices that do not exist yet. */
  newChoices?: string[];
};

/** The choices of a field, by `choiceKey`; the first of those that differ in case alone, but each by its exact name. */
export type Choices = { exact: Set<string>; byKey: Map<string, string> };

export function choicesOf(names: Iterable<string>, isStatus = false): Choices {
  const choices: Choices = { exact: new Set(), byKey: new Map() };
  for (const name of names) addChoice(choices, name, isStatus);
  return choices;
}

export function addChoice({ exact, byKey }: Choices, name: string, isStatus = false): void {
  exact.add(name);
  const key = isStatus ? statusKey(name) : choiceKey(name);
  if (!byKey.has(key)) byKey.set(key, name);
}

const choiceKey = (name: string) => name.trim().normalize('NFC').toLowerCase();
/** `Not responsive`, `nonresponsive` and `Non-Responsive` are one status. */
const statusKey = (name: string) =>
  choiceKey(name)
    .replaceAll(/[^\p{Letter}\p{Number}]/gu, '')
    .replace(/^not(?=responsive|privileged)/, 'non');

/**
 * The change that a cell asks for.
 * @param current the document's value now
 */
export function readCell(
  cell: string,
  field: Field,
  current: Value,
  choices: Choices | undefined,
  options: ValueOptions,
): Reading {
  if (isExported(cell, field, current, options.multiValueDelimiter)) return { findings: [] };
  const trimmed = cell.trim();
  const clear = { set: isList(field) ? [] : field.kind === 'boolean' ? '0' : null };
  if (trimmed === '')
    return options.blankMeans === 'clear' ? { change: clear, findings: [] } : { findings: [] };
  if (trimmed === options.clearToken) return { change: clear, findings: [] };
  const findings: Noted[] = [];
  let text = cell;
  if (options.stripSpreadsheetGuard && guard.test(text)) {
    text = text.slice(1);
    findings.push({ code: 'OV-W07' });
  }
  const reading = readers[field.kind](text, field, choices, options);
  findings.push(...reading.findings);
  const damage = field.kind === 'date' ? swappedDay(reading.change, current) : damageOf(text, current);
  if (damage) findings.push({ code: 'OV-W05', detail: damage });
  return { ...reading, findings };
}

/** The value that a change makes of the current one. */
export function changed(current: Value, change: Change): Value {
  if ('set' in change) return change.set;
  const values = Array.isArray(current) ? current : current === null ? [] : [current];
  if ('remove' in change) return values.filter((value) => !change.remove.includes(value));
  return [...values, ...change.add.filter((value) => !values.includes(value))];
}

type Reader = (text: string, field: Field, choices: Choices | undefined, options: ValueOptions) => Reading;

const readers: Record<Field['kind'], Reader> = {
  text: (text, field, _, options) => {
    const formed = text.toWellFormed();
    const problem = tooLong(formed, field);
    if (!problem) return { change: setting(field, formed), findings: [] };
    if (options.longText === 'error') return fault('OV-C03', problem);
    return {
      change: setting(field, shortened(formed, field)),
      findings: [{ code: 'OV-W09', detail: problem }],
    };
  },
  date: (text, field, _, { dateOrder }) => {
    const trimmed = text.trim();
    if (/^(0{4}[-/.]?0{2}[-/.]?0{2}|0{1,2}[-/.]0{1,2}[-/.]0{4})(\s+0{1,2}:00(:00)?)?$/.test(trimmed))
      return { findings: [{ code: 'OV-W04' }] };
    if (/^\d{5}$/.test(trimmed)) return fault('OV-C01', 'It looks like an Excel date number.');
    const day = dayOf(trimmed, dateOrder);
    return day ? { change: setting(field, day), findings: [] } : fault('OV-C01');
  },
  number: (text, field) => {
    const trimmed = text.trim();
    if (/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(trimmed)) return { change: setting(field, trimmed), findings: [] };
    return fault('OV-C04', /\d[Ee][+-]?\d|,/.test(trimmed) ? 'Excel may have rewritten it.' : undefined);
  },
  boolean: (text, field) => {
    const word = text.trim().toLowerCase();
    if (!['yes', 'no', 'y', 'n', 'true', 'false', 't', 'f', '1', '0'].includes(word))
      return fault('OV-C04', 'Use yes or no, true or false, 1 or 0.');
    const isTrue = 'yt1'.includes(word[0]!);
    const [yes, no] = field.store === 'column' ? ['1', '0'] : ['Yes', 'No'];
    return { change: setting(field, isTrue ? yes! : no!), findings: [] };
  },
  choice: (text, field, choices, options) => {
    const { found, unknown } = chosen([text.trim()], field, choices);
    return ofChoices(unknown, field, choices, options, () => setting(field, found[0]!));
  },
  choices: (text, field, choices, options) => {
    const { found, unknown } = chosen(split(text, options.multiValueDelimiter), field, choices);
    // Nothing is created to be removed.
    const missing = options.multiValueMode === 'remove' ? [] : unknown;
    return ofChoices(missing, field, choices, options, () => listChange(found, options));
  },
  texts: (text, field, _, options) => {
    const values = split(text, options.multiValueDelimiter);
    const problem = values.map((value) => tooLong(value, field)).find(Boolean);
    return problem ? fault('OV-C03', problem) : { change: listChange(values, options), findings: [] };
  },
};

const fault = (code: Code, detail?: string): Reading => ({ findings: [{ code, detail }] });
const setting = (field: Field, text: string): Change => ({ set: isList(field) ? [text] : text });

function listChange(values: string[], { multiValueMode }: ValueOptions): Change {
  if (multiValueMode === 'append') return { add: values };
  return multiValueMode === 'remove' ? { remove: values } : { set: values };
}

function chosen(names: string[], field: Field, choices: Choices | undefined) {
  const keyOf = field.store === 'column' ? statusKey : choiceKey;
  const unknown: string[] = [];
  const found = names.map((name) => {
    const known = choices?.exact.has(name) ? name : choices?.byKey.get(keyOf(name));
    if (known === undefined) unknown.push(name);
    return known ?? name;
  });
  return { found: [...new Set(found)], unknown };
}

/** Choices listed in a message. */
const mostListed = 10;

function ofChoices(
  unknown: string[],
  field: Field,
  choices: Choices | undefined,
  options: ValueOptions,
  change: () => Change,
): Reading {
  if (unknown.length === 0) return { change: change(), findings: [] };
  const problem = unknown.map((name) => tooLong(name, field)).find(Boolean);
  if (problem) return fault('OV-C03', problem);
  if (options.createMissingChoices) return { change: change(), findings: [], newChoices: unknown };
  const allowed = [...(choices?.exact ?? [])];
  const more = allowed.length > mostListed ? `, and ${allowed.length - mostListed} more` : '';
  const list = allowed.slice(0, mostListed).join(', ') + more;
  return fault('OV-C02', allowed.length === 0 ? 'There are no values yet.' : `Allowed: ${list}.`);
}

function tooLong(text: string, { longest, isInBytes }: Field): string | undefined {
  const length = isInBytes ? Buffer.byteLength(text) : [...text].length;
  return length > longest ? `${length} > ${longest} ${isInBytes ? 'bytes' : 'characters'}.` : undefined;
}

function shortened(text: string, { longest, isInBytes }: Field): string {
  if (!isInBytes) return [...text].slice(0, longest).join('');
  // A character that the cut halves goes.
  return Buffer.from(text)
    .subarray(0, longest)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const fullMonths =
  /^(january|february|march|april|may|june|july|august|september|october|november|december|sept)$/;
const time =
  /[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?:\s*([ap])\.?m\.?)?(?:\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}|[A-Z]{3,4}))?$/i;

/** `YYYY-MM-DD`, or nothing when it is no day. A time that follows is checked and left out. */
function dayOf(text: string, order: 'MDY' | 'DMY'): string | undefined {
  const clock = time.exec(text);
  if (clock) {
    const [, hour, minute, second = '0', half] = clock;
    const hours = Number(hour);
    if (half ? hours < 1 || hours > 12 : hours > 23) return undefined;
    if (Number(minute) > 59 || Number(second) > 60) return undefined;
  }
  const date = (clock ? text.slice(0, clock.index) : text).trim();
  const number = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/.exec(date) ?? /^(\d{4})()(\d{2})(\d{2})$/.exec(date);
  if (number) return day(number[1]!, Number(number[3]), Number(number[4]));
  const local = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/.exec(date);
  if (local) {
    const one = Number(local[1]);
    const two = Number(local[3]);
    return order === 'MDY' ? day(local[4]!, one, two) : day(local[4]!, two, one);
  }
  const named =
    /^(?<day>\d{1,2})[-\s](?<month>[a-z]{3,9})[-,\s]\s*(?<year>\d{4})$/i.exec(date) ??
    /^(?<month>[a-z]{3,9})\.?\s+(?<day>\d{1,2}),?\s+(?<year>\d{4})$/i.exec(date);
  if (!named) return undefined;
  const word = named.groups!.month!.toLowerCase();
  if (word.length > 3 && !fullMonths.test(word)) return undefined;
  return day(named.groups!.year!, months.indexOf(word.slice(0, 3)) + 1, Number(named.groups!.day));
}

function day(year: string, month: number, date: number): string | undefined {
  // The first year that a DATE column holds for sure.
  if (Number(year) < 1000 || month < 1 || month > 12 || date < 1) return undefined;
  if (date > new Date(Date.UTC(Number(year), month, 0)).getUTCDate()) return undefined;
  return `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a guard stands before them
const guard = /^'[=+\-@\t\n\r\u0000＝＋－＠]/;

/** LibreOffice breaks the lines of longer texts when it reads a CSV. */
const longestLine = 16_000;
const breaksIn = (text: string) => oneBreak(text).split('\n').length;
const withoutBreaks = (text: string) => text.replaceAll(/[\r\n]/g, '');

/**
 * Whether the cell is what our own system export writes for the value, guarded or cut as the export may have been asked
 * to; line breaks are compared as one kind, because spreadsheets rewrite them.
 */
export function isExported(cell: string, field: Field, value: Value, delimiter: string): boolean {
  const text = oneBreak(cell);
  return exportedTexts(field, value, delimiter)
    .flatMap((exported) => [exported, oneBreak(exported)])
    .flatMap((exported) => [exported, guarded(exported), `'${exported}`])
    .some(
      (whole) =>
        text === oneBreak(whole) ||
        (whole.length > longestCell && text === oneBreak(cut(whole))) ||
        (whole.length > longestLine && withoutBreaks(text) === withoutBreaks(whole)),
    );
}

function exportedTexts(field: Field, value: Value, delimiter: string): string[] {
  if (Array.isArray(value)) {
    const sign = delimiter.trim() || delimiter;
    const texts = value.map(storedText);
    // A person escapes nothing.
    return [delimiter, sign, `${sign} `].flatMap((between) => [joined(texts, between), texts.join(between)]);
  }
  if (value === null) return [''];
  if (field.kind === 'boolean') return [value === '0' ? 'No' : 'Yes', value];
  if (field.kind !== 'date') return [storedText(value)];
  const known = value.startsWith('0000') ? '' : value.replace(/(-00)+$/, '');
  const [year, ...rest] = known.split('-');
  return [known, [...rest, year].join('/')];
}

export const oneBreak = (text: string) => text.replaceAll(/\r\n?/g, '\n');

/** The trace that a spreadsheet leaves in a value, or nothing. */
export function damageOf(text: string, current: Value): string | undefined {
  const trimmed = text.trim();
  if (/^[+-]?\d(\.\d+)?E[+-]?\d+$/i.test(trimmed)) return 'A number with an exponent.';
  if (/^#{3,}$/.test(trimmed)) return 'A column that was too narrow.';
  if (/^#(REF|NAME|VALUE|DIV\/0|N\/A|NUM|NULL)[!?]?$/.test(trimmed)) return 'An error of a formula.';
  if (
    /^\d{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$/i.test(trimmed) ||
    /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d{2}$/i.test(trimmed)
  )
    return 'A day and a month, as Excel makes of 1-1.';
  if (/^\d+:\d{2}(:\d{2})?( [AP]M)?$/i.test(trimmed)) return 'A time, as Excel makes of page and line.';
  if (/^\d{16,}$/.test(trimmed)) return 'Excel keeps no more than 15 digits.';
  for (const before of Array.isArray(current) ? current : [current ?? '']) {
    if (before === '' || before === trimmed) continue;
    if (isNumber(before) && isNumber(trimmed) && Number(before) === Number(trimmed))
      return `It was ${before.slice(0, 50)} before.`;
    if (/^[=+\-@]/.test(before) && isNumber(trimmed) && !isNumber(before)) return 'The result of a formula.';
    if (likeDate.test(before) && likeDate.test(trimmed)) return `It was ${before} before.`;
    if (before !== text && Buffer.from(before).toString('latin1') === text)
      return 'UTF-8 that was read as another encoding.';
    if (before.length > longestLine && breaksIn(text) > breaksIn(before))
      return 'A long text with more line breaks than before.';
    if (text.length >= longestCell && before.startsWith(text)) return 'A text that was cut.';
  }
  return undefined;
}

/** A new day that is the old one with day and month the other way round. */
function swappedDay(change: Change | undefined, current: Value): string | undefined {
  const [before] = [current].flat();
  const [after] = change && 'set' in change ? [change.set].flat() : [];
  const [year, month, date] = after?.split('-') ?? [];
  return month !== date && before === `${year}-${date}-${month}` ? `It was ${before} before.` : undefined;
}

const isNumber = (text: string) => /^[+-]?\d+(\.\d+)?$/.test(text);
const likeDate = /^\d{1,4}[-/.:]\d{1,4}([-/.:]\d{1,4})?$/;
