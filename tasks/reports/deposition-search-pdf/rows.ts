// The hits as rows of a CSV or a workbook.
import { Types } from 'mysql2';
import type { SearchTerm } from '../../../contract/types.ts';
import type { Field } from '../../lib/cells/columns.ts';
import type { Row } from '../../lib/database/rows.ts';
import type { Hit } from './hits.ts';
import type { Line, Passage } from './testimony.ts';

const number = (name: string): Field => ({ name, columnType: Types.LONG });

/** The columns that the request wants. */
export function columnsOf({
  includeExhibits,
  includeDesignations,
}: {
  includeExhibits?: boolean;
  includeDesignations?: boolean;
}): Field[] {
  return [
    { name: 'Term ID' },
    { name: 'Search Term' },
    { name: 'Deponent' },
    { name: 'Transcript Type' },
    { name: 'Transcript Date', columnType: Types.DATE },
    { name: 'Volume' },
    number('Start Page'),
    number('Start Line'),
    number('End Page'),
    number('End Line'),
    { name: 'Citation' },
    { name: 'Hit Text' },
    { name: 'Testimony' },
    ...(includeExhibits ? [{ name: 'Exhibits' }] : []),
    ...(includeDesignations ? [{ name: 'Designations' }] : []),
  ];
}

/** The row of a hit, in the order of `columnsOf`. */
export function rowOf(
  { transcript, hits: [hit], lines }: Passage,
  terms: SearchTerm[],
  columns: Field[],
): Row {
  const { deponent, type, date, volume, pagesBefore } = transcript;
  const term = terms[hit!.term - 1]!;
  const [from, to] = [hit!.marks[0], hit!.marks.at(-1)!];
  const start = placeOf(from, pagesBefore);
  const end = placeOf(to, pagesBefore);
  const names = (kind: 'exhibits' | 'designations') =>
    [...new Set(lines.flatMap((line) => line[kind]))].join('; ') || null;
  const row = [
    term.id,
    term.term,
    deponent,
    type,
    date,
    volume,
    String(from.page + pagesBefore),
    String(from.line),
    String(to.page + pagesBefore),
    String(to.line),
    // Always a range: Excel would take page and line alone for a time.
    `${start}-${end}`,
    wordsOf(hit!, lines),
    lines.map((line) => `${placeOf(line, pagesBefore)}  ${line.text}`).join('\n'),
  ];
  const more = { Exhibits: names('exhibits'), Designations: names('designations') };
  return [...row, ...columns.slice(row.length).map(({ name }) => more[name as keyof typeof more])];
}

/** `45:07`; of a scan without numbered lines, the page alone. */
export function placeOf({ page, line }: { page: number; line: number }, pagesBefore: number): string {
  return line ? `${page + pagesBefore}:${String(line).padStart(2, '0')}` : String(page + pagesBefore);
}

/** The citation of a hit as lawyers write it. */
export function citationOf({ marks, transcript: { pagesBefore } }: Hit): string {
  const [start, end] = [placeOf(marks[0], pagesBefore), placeOf(marks.at(-1)!, pagesBefore)];
  return start === end ? start : `${start}-${end}`;
}

/** The words of a hit: a phrase as it stands, and words apart with an ellipsis between them. */
export function wordsOf({ marks }: Hit, lines: Line[]): string {
  let words = '';
  let before: { line: Line; end: number } | undefined;
  for (const { page, line: number, start, length } of marks) {
    const line = lines.find((one) => one.page === page && one.line === number);
    if (!line) continue;
    const between = before && textBetween(before.line, before.end, line, start, lines);
    if (between !== undefined) words += /[\p{L}\p{N}]/u.test(between) ? ' … ' : between;
    words += line.text.slice(start, start + length);
    before = { line, end: start + length };
  }
  return words;
}

function textBetween(from: Line, end: number, to: Line, start: number, lines: Line[]): string {
  if (from === to) return from.text.slice(end, start);
  const between = lines.filter(({ number }) => number > from.number && number < to.number);
  return [
    from.text.slice(end).trim(),
    ...between.map(({ text }) => text.trim()),
    to.text.slice(0, start).trim(),
  ]
    .join(' ')
    .replace(/\s+/g, ' ');
}
