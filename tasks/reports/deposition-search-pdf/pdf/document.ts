// A deposition search as a document: a cover with counts, then the testimony around the hits by transcript.
import { count, testimonyTexts as texts } from '../../../lib/texts.ts';
import { joined, type Passage } from '../testimony.ts';
import { writeCover } from './cover.ts';
import type { DocumentFacts } from './facts.ts';
import { Pages } from './pages.ts';
import { PassageWriter } from './passages.ts';

/** The bytes of the document. @param passages each with one hit, in order */
export async function* documentOf(
  passages: AsyncIterable<Passage>,
  facts: DocumentFacts,
): AsyncGenerator<Buffer> {
  const { context, parameters, terms } = facts;
  const { report, subject, requester } = context;
  const pages = new Pages({
    paper: parameters.paper!,
    title: `${report.title}: ${subject.name}`,
    subject: context.scopeDescription,
    author: requester.name,
    createdAt: facts.searchedAt,
    footer: texts.confidential(),
  });
  writeCover(pages, facts);
  const writer = new PassageWriter(pages, terms, parameters);
  for await (const passage of parameters.layout === 'hits' ? passages : joined(passages)) {
    writer.write(passage);
    yield* pages.full();
  }
  writer.end();
  writeEnd(pages, facts);
  yield* pages.end();
}

function writeEnd(pages: Pages, { shown, notes }: DocumentFacts): void {
  const scripts = [...pages.printable.replaced].sort().join(', ');
  const lines = [...notes(), ...(scripts ? [texts.unprintable(scripts)] : [])];
  const end = pages.element('Sect');
  pages.need(60);
  pages.space(14);
  pages.rule();
  pages.space(8);
  pages.text(
    'P',
    shown > 0 ? `End of report: ${count(shown, 'hit')}.` : texts.nothingFound(),
    { name: 'serifBold', size: 10 },
    end,
  );
  pages.space(4);
  for (const line of lines) pages.text('P', line, { name: 'serif', size: 9 }, end);
  end.end();
}
