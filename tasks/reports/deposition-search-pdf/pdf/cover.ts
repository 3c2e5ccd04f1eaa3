// The first pages: what was searched for, where and when, and how much was found.
import { count, testimonyTexts as texts } from '../../../lib/texts.ts';
import { momentInWords } from '../../../lib/words.ts';
import type { Transcript } from '../transcripts.ts';
import type { DocumentFacts } from './facts.ts';
import type { Element, Font, Pages, Row } from './pages.ts';

const body: Font = { name: 'serif', size: 10 };
const bold: Font = { name: 'serifBold', size: 10 };
const heading: Font = { name: 'serifBold', size: 13 };

/** Where a link to the first hit of a term leads. */
export const termDestination = (term: number) => `term-${term}`;
/** Where a link to a transcript leads. */
export const transcriptDestination = ({ place }: Transcript) => `transcript-${place}`;

export function writeCover(pages: Pages, facts: DocumentFacts): void {
  const { context, transcripts, counts, shown, notes, searchedAt } = facts;
  const { report, subject, requester } = context;
  const { timeZone } = report;
  const cover = pages.element('Sect');
  pages.begin(report.title, subject.name);
  pages.bookmark('Summary');
  pages.text('H1', report.title, { name: 'serifBold', size: 22 }, cover);
  pages.space(2);
  pages.text('P', subject.name, { name: 'serif', size: 14 }, cover);
  pages.space(14);
  const found = transcripts.filter(({ place }) => counts.byTranscript.has(place)).length;
  const lines: [string, string][] = [
    ['Contents', context.scopeDescription],
    ['Requested by', `${requester.name} <${requester.email}>`],
    ['Requested at', context.requestedAt],
    ['Searched at', momentInWords(searchedAt, timeZone)],
    [
      'Transcripts',
      `${count(transcripts.length, 'transcript')} in scope, ${found.toLocaleString('en')} with hits`,
    ],
    [
      'Hits',
      counts.total > shown
        ? `${shown.toLocaleString('en')} shown of ${counts.total.toLocaleString('en')}`
        : counts.total.toLocaleString('en'),
    ],
  ];
  for (const [label, value] of lines) writeFact(pages, cover, label, value);
  if (counts.total === 0) {
    pages.space(8);
    pages.text('P', texts.nothingFound(), bold, cover);
  }
  const warnings = notes();
  if (warnings.length > 0) {
    pages.space(10);
    pages.text('H2', 'Please note', heading, cover);
    pages.space(2);
    for (const warning of warnings) pages.text('P', warning, body, cover);
  }
  writeTerms(pages, cover, facts);
  if (counts.total > 0) writeTranscripts(pages, cover, facts);
  cover.end();
}

function writeFact(pages: Pages, parent: Element, label: string, value: string): void {
  const at = 96;
  const rows = pages
    .wrap(value, body, pages.width - at)
    .map(
      (text, index): Row => [
        ...(index === 0 ? [{ at: 0, pieces: [{ text: label, font: bold }] }] : []),
        { at, pieces: [{ text, font: body }] },
      ],
    );
  pages.rows('P', rows, 15, parent);
}

/** Terms may be long, so they are no table. */
function writeTerms(pages: Pages, parent: Element, { terms, outcomes, counts }: DocumentFacts): void {
  pages.need(60);
  pages.space(16);
  pages.text('H2', 'Hits by term', heading, parent);
  pages.space(4);
  const list = pages.element('L', parent);
  for (const [index, { id, term }] of terms.entries()) {
    const found = counts.byTerm.get(index + 1);
    const hits = [...(found?.values() ?? [])].reduce((sum, some) => sum + some, 0);
    const { status, message } = outcomes[index]!;
    const item = pages.element('LI', list);
    const goTo = found && termDestination(index + 1);
    const sum = found ? `${count(hits, 'hit')} in ${count(found.size, 'transcript')}` : 'no hits';
    pages.need(32);
    pages.text('LBody', `${id}   ${term}`, { name: 'mono', size: 9.5 }, item);
    pages.text('LBody', status === 'Error' ? 'not searched' : sum, body, item, { at: 18, goTo });
    if (message) pages.text('LBody', message, { name: 'serif', size: 9 }, item, { at: 18 });
    pages.space(4);
    item.end();
  }
  list.end();
}

function writeTranscripts(pages: Pages, parent: Element, { transcripts, counts }: DocumentFacts): void {
  const columns = [0, pages.width - 230, pages.width - 150, pages.width - 50];
  const widths = columns.map((at, index) => (columns[index + 1] ?? pages.width) - at - 8);
  pages.need(80);
  pages.space(12);
  pages.text('H2', 'Hits by deponent and volume', heading, parent);
  pages.space(4);
  const table = pages.element('Table', parent);
  const write = (type: 'TH' | 'TD', cells: string[], font: Font, goTo?: string) => {
    const wrapped = cells.map((cell, index) => pages.wrap(cell, font, widths[index]!));
    const height = Math.max(...wrapped.map(({ length }) => length));
    const row = pages.element('TR', table);
    const lines = Array.from(
      { length: height },
      (_, line): Row =>
        wrapped.flatMap((texts, index) =>
          texts[line] ? [{ at: columns[index]!, pieces: [{ text: texts[line], font }] }] : [],
        ),
    );
    pages.rows(type, lines, 14, row, goTo);
    row.end();
  };
  write('TH', ['Deponent', 'Volume', 'Date', 'Hits'], bold);
  pages.rule();
  pages.space(3);
  for (const transcript of transcripts) {
    const hits = counts.byTranscript.get(transcript.place);
    if (!hits) continue;
    const { deponent, volume, date } = transcript;
    const cells = [deponent, volume ?? '', dateOf(date), hits.toLocaleString('en')];
    write('TD', cells, body, transcriptDestination(transcript));
  }
  table.end();
}

/** The known parts of a date; nothing when there is none. */
export function dateOf(date: string | null): string {
  return (date ?? '').replace(/(-00)+$/, '').replace(/^0000.*/, '');
}
