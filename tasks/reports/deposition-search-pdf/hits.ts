// The hits of a search: all are counted, and the first of them, in the order of the report, are kept.
import { SearchResultMissing } from '../../lib/errors.ts';
import type { Transcript } from './transcripts.ts';

/** Words in a line; the page is that of the file. */
export type Mark = { page: number; line: number; start: number; length: number };

export type Hit = {
  /** From 1 on. */
  term: number;
  transcript: Transcript;
  /** In order; a phrase may run over several lines. */
  marks: [Mark, ...Mark[]];
};

/** Hits by transcript, in the order of the report, of each term. */
export type Counts = {
  total: number;
  /** By term, from 1 on, and then by the place of the transcript. */
  byTerm: Map<number, Map<number, number>>;
  /** By the place of the transcript. */
  byTranscript: Map<number, number>;
};

/**
 * Counts all hits and keeps those that come first, in constant memory.
 * @param rows of the backend's files: term, hit, volume_id, page, line, start, length; the rows of one hit in sequence
 * @param terms how many there are
 * @throws SearchResultMissing for a row that no search of these terms can give
 */
export async function collectHits(
  rows: AsyncIterable<string[]>,
  transcripts: Transcript[],
  terms: number,
  maxHits: number,
): Promise<{ hits: Hit[]; counts: Counts }> {
  const byId = new Map(transcripts.map((transcript) => [transcript.id, transcript]));
  const counts: Counts = { total: 0, byTerm: new Map(), byTranscript: new Map() };
  let kept: Hit[] = [];
  const keep = (hit: Hit) => {
    hit.marks.sort((a, b) => a.page - b.page || a.line - b.line || a.start - b.start);
    const { place } = hit.transcript;
    const ofTerm = counts.byTerm.get(hit.term) ?? new Map<number, number>();
    counts.byTerm.set(hit.term, ofTerm.set(place, (ofTerm.get(place) ?? 0) + 1));
    counts.byTranscript.set(place, (counts.byTranscript.get(place) ?? 0) + 1);
    counts.total++;
    kept.push(hit);
    if (kept.length >= 2 * maxHits + 1000) kept = kept.sort(inOrder).slice(0, maxHits);
  };

  let hit: Hit | undefined;
  let number: string | undefined;
  for await (const [term, id, ...cells] of rows) {
    const [volume, page, line, start, length] = cells.map(Number) as [number, number, number, number, number];
    const isWhole = cells.length === 5 && cells.every((cell) => /^\d+$/.test(cell));
    if (!isWhole || !(Number(term) >= 1 && Number(term) <= terms))
      throw new SearchResultMissing('The search gave a hit that it cannot have found.');
    // The backend may have searched more than was asked for.
    const transcript = byId.get(volume);
    if (!transcript) continue;
    const mark: Mark = { page, line, start, length };
    if (hit && number === id && hit.term === Number(term) && hit.transcript === transcript)
      hit.marks.push(mark);
    else {
      if (hit) keep(hit);
      hit = { term: Number(term), transcript, marks: [mark] };
      number = id;
    }
  }
  if (hit) keep(hit);
  return { hits: kept.sort(inOrder).slice(0, maxHits), counts };
}

function inOrder(a: Hit, b: Hit): number {
  const [first, second] = [a.marks[0], b.marks[0]];
  return (
    a.transcript.place - b.transcript.place ||
    first.page - second.page ||
    first.line - second.line ||
    first.start - second.start ||
    a.term - b.term
  );
}
