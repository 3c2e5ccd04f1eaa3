// A case of many documents in families, of which everything is known without searching.
import type { SearchDocument } from '../../local/search/backend.ts';

/** A term, and the rule that says of a document's words whether it is found. */
export interface KnownTerm {
  term: string;
  finds(words: Set<string>): boolean;
}

/** The folder that is searched; family members lie outside it too. */
export const scopeFolder = 1;

/** Documents from 1 on, the same at every run. */
export function searchCase(count: number): { documents: SearchDocument[]; words: Set<string>[] } {
  const next = random(13);
  const words: Set<string>[] = [];
  let family = 0;
  let left = 0;
  const documents = Array.from({ length: count }, (_, index): SearchDocument => {
    const id = index + 1;
    if (left-- === 0) {
      family = id;
      left = next(4);
    }
    // Low numbers are common, high ones rare.
    const own = Array.from({ length: 12 }, () => `w${Math.floor((next(1000) * next(1000)) / 1500)}`);
    words.push(new Set(own));
    return {
      id,
      family,
      fields: { body: own.join(' ') },
      custodians: Array.from({ length: next(3) }, () => `Custodian ${next(20)}`),
      date: next(10) ? `${2019 + next(5)}-${String(1 + next(12)).padStart(2, '0')}-15` : null,
      folders: next(10) < 8 ? [scopeFolder] : [2],
    };
  });
  return { documents, words };
}

/** Terms of every kind, also some that nothing is found for; the same at every run. */
export function knownTerms(count: number): KnownTerm[] {
  const next = random(99);
  const word = () => `w${next(700)}`;
  return Array.from({ length: count }, (_, index): KnownTerm => {
    const [a, b] = [word(), word()];
    switch (index % 5) {
      case 0:
        return { term: a, finds: (words) => words.has(a) };
      case 1:
        return { term: `${a} AND ${b}`, finds: (words) => words.has(a) && words.has(b) };
      case 2:
        return { term: `${a} OR ${b}`, finds: (words) => words.has(a) || words.has(b) };
      case 3:
        return { term: `${a} NOT ${b}`, finds: (words) => words.has(a) && !words.has(b) };
      default:
        return { term: `${a}*`, finds: (words) => [...words].some((one) => one.startsWith(a)) };
    }
  });
}

/** One row of counts. */
export interface Counts {
  documents: number;
  withFamily: number;
  uniqueDocuments: number;
  uniqueWithFamily: number;
  outsideScope: number;
}

/**
 * Counts in plain code, from the sets of documents alone.
 * @param hits which documents each term finds, by index
 */
export function count(documents: SearchDocument[], hits: number[][]) {
  const inside = (document: SearchDocument) => document.folders.includes(scopeFolder);
  const members = new Map<number, SearchDocument[]>();
  for (const document of documents) {
    const family = members.get(document.family) ?? [];
    family.push(document);
    members.set(document.family, family);
  }
  const direct = hits.map((found) => new Set(found.map((index) => documents[index]!)));
  const expanded = direct.map((found) => new Set([...found].flatMap(({ family }) => members.get(family)!)));
  const times = (sets: Set<SearchDocument>[]) => {
    const totals = new Map<SearchDocument, number>();
    for (const set of sets) for (const one of set) totals.set(one, (totals.get(one) ?? 0) + 1);
    return totals;
  };
  const [foundTimes, expandedTimes] = [times(direct), times(expanded)];
  const terms = hits.map((_, term): Counts => {
    const family = [...expanded[term]!];
    return {
      documents: direct[term]!.size,
      withFamily: family.filter(inside).length,
      uniqueDocuments: [...direct[term]!].filter((one) => foundTimes.get(one) === 1).length,
      uniqueWithFamily: family.filter((one) => inside(one) && expandedTimes.get(one) === 1).length,
      outsideScope: family.filter((one) => !inside(one)).length,
    };
  });
  /** Documents found and those with them, of each term by a property of the document. */
  const by = (groups: (document: SearchDocument) => string[]) =>
    hits.map((_, term) => {
      const rows = new Map<string, { documents: number; withFamily: number }>();
      for (const one of [...expanded[term]!].filter(inside))
        for (const group of new Set(groups(one))) {
          const row = rows.get(group) ?? { documents: 0, withFamily: 0 };
          row.withFamily++;
          if (direct[term]!.has(one)) row.documents++;
          rows.set(group, row);
        }
      return rows;
    });
  return {
    terms,
    total: {
      documents: foundTimes.size,
      withFamily: [...expandedTimes.keys()].filter(inside).length,
      outsideScope: [...expandedTimes.keys()].filter((one) => !inside(one)).length,
    },
    scope: documents.filter(inside).length,
    custodians: by(({ custodians }) => (custodians.length ? custodians : [''])),
    months: by(({ date }) => [date?.slice(0, 7) ?? '']),
  };
}

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
