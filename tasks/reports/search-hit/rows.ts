// The rows of the search hit report: Athena's counts beside the terms as they were typed.
import { Types } from 'mysql2';
import type { SearchHitParameters } from '../../../contract/types.ts';
import type { Field } from '../../lib/cells/columns.ts';
import type { Row } from '../../lib/database/rows.ts';
import { SearchResultMissing } from '../../lib/errors.ts';
import { searchTexts } from '../../lib/texts.ts';
import { momentInWords } from '../../lib/words.ts';
import { warningsOf } from './term-warnings.ts';

/** The manifest of a search, which the backend writes last; see docs/search-backend.md. */
export type SearchManifest = {
  requestHash: string;
  snapshot: 'pit' | 'none';
  /** When the snapshot was taken or, without one, the search began; ISO 8601. */
  searchedAt: string;
  terms: { term: number; status: 'ok' | 'error'; message: string | null }[];
};

const text = (name: string): Field => ({ name });
const number = (name: string): Field => ({ name, columnType: Types.NEWDECIMAL });
const [termId, searchTerm] = [text('Term ID'), text('Search Term')];
const withHits = [number('Documents With Hits'), number('Documents With Hits Including Family')];

export const checkColumns = [termId, searchTerm, text('Status'), text('Message')];
export const countColumns = [
  termId,
  searchTerm,
  text('Status'),
  ...withHits,
  number('Unique Documents'),
  number('Unique Documents Including Family'),
  number('Percent Of Scope'),
  number('Family Members Outside Scope'),
  text('Message'),
];

/** The files beside the report: the queries of these names, and what their second column is called. */
export const breakdowns = {
  custodians: {
    suffix: 'by-custodian',
    columns: [termId, searchTerm, text('Custodian'), ...withHits],
    none: '(no custodian)',
  },
  months: {
    suffix: 'by-month',
    columns: [termId, searchTerm, text('Month'), ...withHits],
    none: '(no date)',
  },
};

/** Rows of terms.sql: of all terms together it says 0, of the scope -1. */
const [allTerms, scope] = [0, -1];
/** In terms.sql, after the term. */
type Counts = [
  documents: string,
  withFamily: string,
  uniqueDocuments: string,
  uniqueWithFamily: string,
  outsideScope: string,
];

/** The Status and Message of a term. */
export type Outcome = { status: 'OK' | 'Warning' | 'Error'; message: string | null };

/**
 * The outcome of each term, in order.
 * @throws SearchResultMissing when the search did not answer for each term
 */
export function outcomesOf({ terms }: SearchHitParameters, manifest: SearchManifest): Outcome[] {
  const first = new Map<string, number>();
  return terms.map(({ term }, index) => {
    const searched = manifest.terms[index];
    if (searched?.term !== index + 1)
      throw new SearchResultMissing(`The search does not answer for term ${index + 1} of ${terms.length}.`);
    const same = first.get(term.trim());
    if (same === undefined) first.set(term.trim(), index);
    const repeated =
      same !== undefined &&
      `The same as term ${terms[same]!.id}: neither finds a document that the other does not.`;
    const lines = [
      searched.status === 'error' && (searched.message ?? 'The search refused this term.'),
      repeated,
      ...warningsOf(term),
    ].filter((line) => line !== false);
    const status = searched.status === 'error' ? 'Error' : lines.length > 0 ? 'Warning' : 'OK';
    return { status, message: lines.join(' ') || null };
  });
}

/** The rows of a report that only checks its terms. */
export function checkRows({ terms }: SearchHitParameters, outcomes: Outcome[]): Row[] {
  return terms.map(({ id, term }, index) => [id, term, outcomes[index]!.status, outcomes[index]!.message]);
}

/**
 * The rows of the report: each term, all terms together without counting a document twice, and the scope.
 * @param counted rows of terms.sql
 */
export function countRows({ terms }: SearchHitParameters, outcomes: Outcome[], counted: string[][]): Row[] {
  const counts = new Map(counted.map(([term, ...row]) => [Number(term), row as Counts]));
  const inScope = counts.get(scope)?.[0];
  const [all, allWithFamily, , , allOutside] = counts.get(allTerms) ?? [];
  if (inScope === undefined || all === undefined)
    throw new SearchResultMissing('The counts lack their totals.');
  const rows = terms.map(({ id, term }, index): Row => {
    const { status, message } = outcomes[index]!;
    if (status === 'Error') return [id, term, status, ...Array<null>(6).fill(null), message];
    const [documents, withFamily, unique, uniqueWithFamily, outside] =
      counts.get(index + 1) ?? Array<string>(5).fill('0');
    const counted = [
      documents!,
      withFamily!,
      unique!,
      uniqueWithFamily!,
      percentOf(documents!, inScope),
      outside!,
    ];
    return [id, term, status, ...counted, message];
  });
  return [
    ...rows,
    [
      null,
      'All terms (de-duplicated)',
      null,
      all,
      allWithFamily!,
      null,
      null,
      percentOf(all, inScope),
      allOutside!,
      null,
    ],
    [null, 'Documents in scope', null, inScope, null, null, null, percentOf(inScope, inScope), null, null],
  ];
}

/** Notes for the reader about all terms together. */
export function notesOf(
  outcomes: Outcome[],
  { searchedAt, snapshot }: SearchManifest,
  timeZone: string,
  dryRun: boolean,
): string[] {
  const errors = outcomes.filter(({ status }) => status === 'Error').length;
  const warned = outcomes.filter(({ status }) => status === 'Warning').length;
  const moment = momentInWords(Date.parse(searchedAt), timeZone);
  const notes: [boolean, string][] = [
    [dryRun, searchTexts.onlyChecked()],
    [errors > 0, searchTexts.failedTerms(errors)],
    [warned > 0, searchTexts.doubtfulTerms(warned)],
    [!dryRun, searchTexts.whatCounts()],
    [!dryRun && snapshot === 'pit', searchTexts.oneSnapshot(moment)],
    [!dryRun && snapshot === 'none', searchTexts.noSnapshot(moment)],
  ];
  return notes.flatMap(([holds, text]) => (holds ? [text] : []));
}

/** Hundredths of a per cent, rounded half up; nothing for an empty scope. */
function percentOf(part: string, whole: string): string | null {
  return whole === '0' ? null : (Math.round((10_000 * Number(part)) / Number(whole)) / 100).toFixed(2);
}

/** The rows of a breakdown: each term beside each value that its documents have. */
export async function* breakdownRows(
  counted: AsyncIterable<string[]>,
  { terms }: SearchHitParameters,
  none: string,
): AsyncGenerator<Row> {
  for await (const [number, value, documents, withFamily] of counted) {
    const term = terms[Number(number) - 1];
    if (!term) throw new SearchResultMissing(`There are counts of a term ${number} that nobody asked for.`);
    yield [term.id, term.term, value || none, documents!, withFamily!];
  }
}
