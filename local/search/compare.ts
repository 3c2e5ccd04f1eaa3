import { parse, Unsupported } from './query.ts';
import { SearchIndex } from './search-index.ts';

/** A document of the oracle. */
export interface Text {
  id: number;
  body: string;
  author: string;
}

/** A query of the oracle with what Lucene answers: the documents found, or an error. */
export interface Asked {
  query: string;
  ids?: number[];
  error?: unknown;
  onlyNegatives?: boolean;
}

/**
 * Asks the stand-in each query.
 * @returns how many of its answers are Lucene's, and a line for each that is not; refusing what is out of scope counts as equal
 */
export function compare(documents: Text[], queries: Asked[]): { equal: number; different: string[] } {
  const index = new SearchIndex();
  for (const { id: _, ...fields } of documents) index.add(fields);
  const different: string[] = [];
  for (const { query, ids, error } of queries) {
    const expected = error ? 'an error' : ids!.toSorted((a, b) => a - b).join();
    const got = answer(query);
    if (got !== undefined && got !== expected) different.push(difference(query, got, expected));
  }
  return { equal: queries.length - different.length, different };

  function answer(query: string): string | undefined {
    try {
      const hits = index.search(parse(query, 'body'));
      return documents
        .filter((_, place) => hits[place])
        .map(({ id }) => id)
        .sort((a, b) => a - b)
        .join();
    } catch (error) {
      return error instanceof Unsupported ? undefined : 'an error';
    }
  }
}

function difference(query: string, got: string, expected: string): string {
  const short = (ids: string) =>
    ids.length > 60 ? `${ids.split(',').length} documents` : ids || 'no document';
  return `${JSON.stringify(query)}: ${short(got)}, Lucene ${short(expected)}`;
}
