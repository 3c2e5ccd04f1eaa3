import { analyze } from './analyzer.ts';
import type { Clause, Query } from './query.ts';

/** A byte for each document, by its place in the index: 1 is a hit. */
export type Hits = Uint8Array;

/** The places of a word: its documents, and its positions in each. */
interface Postings {
  documents: number[];
  /** The positions in all documents, one document after the other, and where those of each document start. */
  positions: number[];
  starts: number[];
}

/** An inverted index over the fields of documents. */
export class SearchIndex {
  readonly #fields = new Map<string, Map<string, Postings>>();
  #size = 0;

  /** Adds a document behind those that are there. */
  add(document: Record<string, string>): void {
    const place = this.#size++;
    for (const [field, text] of Object.entries(document)) {
      const words = existing(this.#fields, field, () => new Map<string, Postings>());
      for (const [position, word] of analyze(text).entries()) {
        const postings = existing(words, word, () => ({ documents: [], positions: [], starts: [] }));
        if (postings.documents.at(-1) !== place) {
          postings.documents.push(place);
          postings.starts.push(postings.positions.length);
        }
        postings.positions.push(position);
      }
    }
  }

  /** The documents that a query finds. One of negatives alone finds all others, as Elasticsearch has it. */
  search(query: Query): Hits {
    if (
      query.kind !== 'boolean' ||
      !query.clauses.length ||
      query.clauses.some(({ occurs }) => occurs !== 'never')
    )
      return this.#find(query);
    return this.#all([{ occurs: 'must', query: { kind: 'all' } }, ...query.clauses]);
  }

  #find(query: Query): Hits {
    switch (query.kind) {
      case 'all':
        return new Uint8Array(this.#size).fill(1);
      case 'boolean':
        return this.#all(query.clauses);
      case 'term':
        return this.#mark(this.#words(query.field).get(query.word)?.documents ?? []);
      case 'pattern': {
        const hits = new Uint8Array(this.#size);
        for (const [word, { documents }] of this.#words(query.field))
          if (query.pattern.test(word)) for (const place of documents) hits[place] = 1;
        return hits;
      }
      case 'phrase':
        return this.#mark(this.#phrase(query.field, query.words, query.slop));
    }
  }

  #words(field: string): Map<string, Postings> {
    return this.#fields.get(field) ?? new Map();
  }

  #mark(documents: Iterable<number>): Hits {
    const hits = new Uint8Array(this.#size);
    for (const place of documents) hits[place] = 1;
    return hits;
  }

  #all(clauses: Clause[]): Hits {
    const of = (wanted: Clause['occurs']) =>
      clauses.filter(({ occurs }) => occurs === wanted).map(({ query }) => this.#find(query));
    const [musts, shoulds, nevers] = [of('must'), of('should'), of('never')];
    const hits = new Uint8Array(this.#size).fill(musts.length ? 1 : 0);
    // Clauses that should match decide only when no clause must.
    if (!musts.length) for (const should of shoulds) combine(hits, should, (hit, found) => hit | found);
    for (const must of musts) combine(hits, must, (hit, found) => hit & found);
    for (const never of nevers) combine(hits, never, (hit, found) => hit & (1 - found));
    return hits;
  }

  #phrase(field: string, words: string[], slop: number): number[] {
    const postings = words.map((word) => this.#words(field).get(word));
    if (!postings.every((one) => one !== undefined)) return [];
    const [rarest, ...others] = [...new Set(postings)].sort(
      (a, b) => a.documents.length - b.documents.length,
    );
    const rows = new Map(
      others.map((one) => [one, new Map(one.documents.map((place, row) => [place, row]))]),
    );
    return rarest!.documents.filter((place, row) => {
      const positions = postings.map((one) =>
        positionsIn(one, one === rarest ? row : rows.get(one)!.get(place)),
      );
      if (positions.some((own) => !own.length)) return false;
      return slop === 0 ? stands(positions) : standsNear(words, positions, slop);
    });
  }
}

function existing<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

function combine(hits: Hits, others: Hits, merge: (hit: number, other: number) => number): void {
  for (let place = 0; place < hits.length; place++) hits[place] = merge(hits[place]!, others[place]!);
}

function positionsIn({ positions, starts }: Postings, row: number | undefined): number[] {
  return row === undefined ? [] : positions.slice(starts[row], starts[row + 1]);
}

/** Whether the words stand side by side in this order. */
function stands([first, ...others]: number[][]): boolean {
  return first!.some((position) =>
    others.every((positions, index) => positions.includes(position + index + 1)),
  );
}

/** One word of a phrase on its way through its positions. */
interface Walker {
  offset: number;
  positions: number[];
  at: number;
  /** Less its offset: equal for all words where the phrase stands as it is written. */
  position: number;
  /** Those of the same word, itself too. */
  group: Walker[];
}

/**
 * Whether the words stand within a distance of the phrase: Lucene's own walk, which decides also how often a word that
 * the phrase repeats has to occur.
 */
function standsNear(words: string[], positions: number[][], slop: number): boolean {
  const walkers = positions.map(
    (own, offset): Walker => ({ offset, positions: own, at: -1, position: 0, group: [] }),
  );
  for (const [index, walker] of walkers.entries())
    walker.group = walkers.filter((_, other) => words[other] === words[index]);
  let end = Number.NEGATIVE_INFINITY;
  const step = (walker: Walker): boolean => {
    if (++walker.at >= walker.positions.length) return false;
    walker.position = walker.positions[walker.at]! - walker.offset;
    return true;
  };
  const advance = (walker: Walker): boolean => {
    if (!step(walker)) return false;
    end = Math.max(end, walker.position);
    return true;
  };
  const less = (a: Walker, b: Walker) => a.position - b.position || a.offset - b.offset;
  const collision = (walker: Walker) =>
    walker.group.find(
      (other) => other !== walker && other.position + other.offset === walker.position + walker.offset,
    );
  /** No two of the same word may take the same place. */
  const resolve = (moved: Walker): boolean => {
    for (let walker = moved, other = collision(walker); other; other = collision(walker)) {
      walker = less(walker, other) <= 0 ? walker : other;
      if (!advance(walker)) return false;
    }
    return true;
  };
  for (const walker of walkers)
    for (let times = walker.group.indexOf(walker); times >= 0; times--) if (!step(walker)) return false;
  end = Math.max(...walkers.map(({ position }) => position));

  const queue = [...walkers];
  const pop = () => {
    queue.sort(less);
    return queue.shift()!;
  };
  const top = () => Math.min(...queue.map(({ position }) => position));
  let walker = pop();
  let length = end - walker.position;
  let next = top();
  while (advance(walker)) {
    if (!resolve(walker)) break;
    if (walker.position > next) {
      queue.push(walker);
      if (length <= slop) return true;
      walker = pop();
      next = top();
      length = end - walker.position;
    } else {
      length = Math.min(length, end - walker.position);
    }
  }
  return length <= slop;
}
