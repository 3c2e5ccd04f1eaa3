// The search in testimony. A query is matched against each page; its words and phrases there are the hits. A phrase may run
// over to the next line or page.
import type { DepositionSearchPdfParameters } from '../../contract/types.ts';
import { locate } from './analyzer.ts';
import type { Clause, Query } from './query.ts';

/** A line of a transcript, by the page of its file. */
export interface TestimonyLine {
  volume: number;
  page: number;
  line: number;
  content: string;
}

/** The transcripts to be searched. */
export type TestimonyFilter = Pick<
  DepositionSearchPdfParameters,
  'scope' | 'deponentIds' | 'volumeIds' | 'dateFrom' | 'dateTo'
>;

/** A word in its line. */
export interface Mark extends Omit<TestimonyLine, 'content'> {
  /** UTF-16 units. */
  start: number;
  length: number;
}

/** Positions of the words of one hit. */
type Occurrence = number[];
interface Found {
  pages: Set<number>;
  occurrences: Occurrence[];
}

/** Positions between two transcripts, so that no phrase reaches from one to the next. */
const gap = 100_000;

export class TestimonyIndex {
  readonly #words = new Map<string, number[]>();
  /** By position: the word's place, and the number of its page. */
  readonly #marks = new Map<number, Mark & { onPage: number }>();
  #pages = 0;

  /** @param lines in order of volume, page and line */
  constructor(lines: TestimonyLine[]) {
    let position = 0;
    let last: TestimonyLine | undefined;
    for (const row of lines) {
      const { volume, page, line, content } = row;
      if (last?.volume !== volume) position += gap;
      if (last?.volume !== volume || last.page !== page) this.#pages++;
      last = row;
      for (const { word, start, length } of locate(content)) {
        this.#marks.set(position, { volume, page, line, start, length, onPage: this.#pages });
        const positions = this.#words.get(word);
        if (positions) positions.push(position);
        else this.#words.set(word, [position]);
        position++;
      }
    }
  }

  /** The words of each hit. */
  search(query: Query): Mark[][] {
    const { occurrences } = this.#find(query);
    const inOrder = occurrences.toSorted((a, b) => a[0]! - b[0]! || a.at(-1)! - b.at(-1)!);
    // Two clauses of a query may find the same word.
    const once = new Map(inOrder.map((occurrence) => [occurrence.join(), occurrence]));
    return [...once.values()].map((occurrence) =>
      occurrence.map((position) => {
        const { onPage: _, ...mark } = this.#marks.get(position)!;
        return mark;
      }),
    );
  }

  #find(query: Query): Found {
    switch (query.kind) {
      case 'all':
        return {
          pages: new Set(Array.from({ length: this.#pages }, (_, page) => page + 1)),
          occurrences: [],
        };
      case 'boolean':
        return this.#all(query.clauses);
      case 'term':
        return this.#found(this.#positions(query.field, query.word).map((position) => [position]));
      case 'pattern': {
        const words =
          query.field === 'body' ? [...this.#words].filter(([word]) => query.pattern.test(word)) : [];
        return this.#found(words.flatMap(([, positions]) => positions.map((position) => [position])));
      }
      case 'phrase':
        return this.#found([
          ...windows(
            query.words.map((word) => this.#positions(query.field, word)),
            query.slop,
          ),
        ]);
    }
  }

  #positions(field: string, word: string): number[] {
    return (field === 'body' && this.#words.get(word)) || [];
  }

  #found(occurrences: Occurrence[]): Found {
    return { pages: new Set(occurrences.flatMap((found) => this.#pagesOf(found))), occurrences };
  }

  #pagesOf(occurrence: Occurrence): number[] {
    return occurrence.map((position) => this.#marks.get(position)!.onPage);
  }

  #all(clauses: Clause[]): Found {
    const of = (wanted: Clause['occurs']) =>
      clauses.filter(({ occurs }) => occurs === wanted).map(({ query }) => this.#find(query));
    const [musts, shoulds, nevers] = [of('must'), of('should'), of('never')];
    // Clauses that should match decide only when no clause must.
    let pages = musts.length
      ? musts.map((found) => found.pages).reduce((all, some) => all.intersection(some))
      : shoulds.reduce((all, some) => all.union(some.pages), new Set<number>());
    for (const never of nevers) pages = pages.difference(never.pages);
    const occurrences = [...musts, ...shoulds]
      .flatMap((found) => found.occurrences)
      .filter((occurrence) => this.#pagesOf(occurrence).some((page) => pages.has(page)));
    return { pages, occurrences };
  }
}

/** Places where the words stand within a distance of the phrase. */
function* windows(words: number[][], slop: number): Generator<Occurrence> {
  const at = words.map(() => 0);
  for (;;) {
    const positions = words.map((own, index) => own[at[index]!]);
    if (!positions.every((position) => position !== undefined)) return;
    // Equal for all words where the phrase stands as it is written.
    const shifted = positions.map((position, index) => position - index);
    const least = Math.min(...shifted);
    const isNear = Math.max(...shifted) - least <= slop;
    if (isNear && new Set(positions).size === positions.length) yield positions.toSorted((a, b) => a - b);
    at[shifted.indexOf(least)]!++;
  }
}
