// The syntax of Lucene's classic query parser, which query_string of Elasticsearch has too.
import { analyze, normalize } from './analyzer.ts';

/** A query as it is evaluated. */
export type Query =
  | { kind: 'all' }
  | { kind: 'term'; field: string; word: string }
  | { kind: 'phrase'; field: string; words: string[]; slop: number }
  | { kind: 'pattern'; field: string; pattern: RegExp }
  | { kind: 'boolean'; clauses: Clause[] };

export interface Clause {
  occurs: 'must' | 'should' | 'never';
  query: Query;
}

/** A query that Lucene refuses too. */
export class SyntaxProblem extends Error {}
/** A query that Lucene takes and this stand-in does not. */
export class Unsupported extends Error {}

/** Elasticsearch's own limit of clauses in one group. */
const mostClauses = 1024;

const start = String.raw`(?:[^ \t\n\r\u3000+\-!():^[\]"{}~*?\\/]|\\[^])`;
const inner = `(?:${start}|[-+])`;
/** In Lucene's order: of the longest matches, the first counts. */
const kinds = Object.entries({
  and: 'AND|&&',
  or: String.raw`OR|\|\|`,
  not: 'NOT|!',
  plus: String.raw`\+`,
  minus: '-',
  lone: String.raw`[-+!][ \t\n\r\u3000]`,
  open: String.raw`\(`,
  close: String.raw`\)`,
  colon: ':',
  star: String.raw`\*`,
  boost: String.raw`\^\d+(?:\.\d+)?`,
  quoted: String.raw`"(?:[^"\\]|\\[^])*"`,
  word: `${start}${inner}*`,
  slop: `~${inner}*`,
  prefix: String.raw`${start}${inner}*\*`,
  wildcard: `(?:${start}|[*?])(?:${inner}|[*?])*`,
  regexp: String.raw`/(?:\\/|[^/])*/`,
  range: '[[{]',
}).map(([kind, pattern]) => ({ kind, pattern: new RegExp(pattern, 'y') }));
/** A word before one of these is not part of a row. */
const afterRow = ['colon', 'star', 'slop', 'boost', 'and', 'or'];
const blank = /[ \t\n\r\u3000]*/y;

interface Token {
  kind: string;
  text: string;
  /** From 1 on. */
  character: number;
}

/**
 * Reads a query.
 * @param text as a user typed it
 * @param field searched by words that name none
 * @throws SyntaxProblem where Lucene does, Unsupported for regular expressions, fuzzy words and ranges
 */
export function parse(text: string, field: string): Query {
  const tokens = tokenize(text);
  let next = 0;
  const is = (kind: string, ahead = 0) => tokens[next + ahead]!.kind === kind;
  const take = (...wanted: string[]) => (wanted.includes(tokens[next]!.kind) ? tokens[next++]! : undefined);
  const unexpected = () => {
    const { kind, text: found, character } = tokens[next]!;
    return new SyntaxProblem(
      kind === 'end'
        ? 'The term ends where a word or a closing sign is expected.'
        : `"${found.trim()}" is not expected at character ${character}.`,
    );
  };

  function readGroup(within: string): Query | undefined {
    const clauses: Clause[] = [];
    let single: Query | undefined;
    for (let first = true; first || !(is('end') || is('close')); first = false) {
      const row = readRow();
      if (row) {
        for (const word of row)
          clauses.push({ occurs: 'should', query: { kind: 'term', field: within, word } });
        continue;
      }
      const joined = first ? undefined : take('and', 'or');
      const sign = take('plus', 'minus', 'not');
      const query = readClause(within);
      const last = clauses.at(-1);
      if (joined?.kind === 'and' && last?.occurs === 'should') last.occurs = 'must';
      if (!query) continue;
      const never = sign?.kind === 'minus' || sign?.kind === 'not';
      const must = sign?.kind === 'plus' || joined?.kind === 'and';
      clauses.push({ query, occurs: never ? 'never' : must ? 'must' : 'should' });
      if (first && !sign) single = query;
    }
    if (single && clauses.length === 1) return single;
    return clauses.length ? group(clauses) : undefined;
  }

  /** Plain words in a row are read as one text: each word that comes of it is a clause of its own. */
  function readRow(): string[] | undefined {
    const texts: string[] = [];
    const goesOn = () => is('word', 1) && !afterRow.includes(tokens[next + 2]!.kind);
    if (!is('word') || !goesOn()) return undefined;
    while (goesOn()) texts.push(take('word')!.text);
    texts.push(take('word')!.text);
    return analyze(unescaped(texts.join(' ')));
  }

  function readClause(outer: string): Query | undefined {
    let within = outer;
    if ((is('word') || is('star')) && is('colon', 1)) {
      within = unescaped(take('word', 'star')!.text);
      take('colon');
    }
    if (take('open')) {
      const query = readGroup(within);
      if (!take('close')) throw unexpected();
      take('boost');
      return query;
    }
    return readTerm(within);
  }

  function readTerm(within: string): Query | undefined {
    const token = take('quoted', 'word', 'lone', 'star', 'prefix', 'wildcard', 'regexp');
    if (!token) throw unexpected();
    const { kind, text: found } = token;
    const boosted = take('boost');
    const slop = take('slop')?.text.slice(1);
    if (!boosted) take('boost');
    if (kind === 'regexp') throw new Unsupported(`Regular expressions are not supported: ${found}.`);
    if (kind === 'quoted') {
      const words = analyze(unescaped(found.slice(1, -1)));
      const distance = slopOf(slop ?? '');
      if (distance < 0) throw new SyntaxProblem('A distance cannot be below 0.');
      if (words.length > 1) return { kind: 'phrase', field: within, words, slop: distance };
      return words.length ? { kind: 'term', field: within, word: words[0]! } : undefined;
    }
    if (kind === 'prefix') {
      const stem = normalize(unescaped(found.slice(0, -1)));
      return { kind: 'pattern', field: within, pattern: new RegExp(`^${RegExp.escape(stem)}`, 's') };
    }
    if (kind === 'star' || kind === 'wildcard')
      return within === '*' && found === '*'
        ? { kind: 'all' }
        : { kind: 'pattern', field: within, pattern: wildcard(found) };
    if (slop !== undefined) throw new Unsupported(`Fuzzy words are not supported: ${found}~.`);
    const words = analyze(unescaped(kind === 'lone' ? found[0]! : found));
    const terms = words.map((word): Query => ({ kind: 'term', field: within, word }));
    return terms.length > 1 ? group(terms.map((query) => ({ occurs: 'should', query }))) : terms[0];
  }

  const query = readGroup(field) ?? { kind: 'boolean', clauses: [] };
  if (!is('end')) throw unexpected();
  return query;
}

function group(clauses: Clause[]): Query {
  if (clauses.length > mostClauses)
    throw new SyntaxProblem(`The term has more than ${mostClauses} words in one group.`);
  return { kind: 'boolean', clauses };
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = skip(text, 0);
  while (at < text.length) {
    let found: Token | undefined;
    for (const { kind, pattern } of kinds) {
      pattern.lastIndex = at;
      const match = pattern.exec(text)?.[0];
      if (match && match.length > (found?.text.length ?? 0)) found = { kind, text: match, character: at + 1 };
    }
    if (!found)
      throw new SyntaxProblem(
        text[at] === '"'
          ? 'A quotation mark is not closed.'
          : `"${text[at]}" at character ${at + 1} is not closed, or does not belong there.`,
      );
    if (found.kind === 'range') throw new Unsupported('Ranges are not supported.');
    tokens.push(found);
    at = skip(text, at + found.text.length);
  }
  // As many as the parser looks ahead.
  return [...tokens, ...Array<Token>(3).fill({ kind: 'end', text: '', character: at + 1 })];
}

function skip(text: string, at: number): number {
  blank.lastIndex = at;
  blank.test(text);
  return blank.lastIndex;
}

function unescaped(text: string): string {
  return text.replace(/\\(?:u(.{0,4})|(.))/gs, (_, code: string | undefined, character: string) => {
    if (code === undefined) return character;
    if (!/^[0-9a-f]{4}$/i.test(code)) throw new SyntaxProblem('\\u needs four hexadecimal digits.');
    return String.fromCharCode(Number.parseInt(code, 16));
  });
}

/** The distance of a phrase: a number as Java reads it, cut to a whole one; 0 for anything else. */
function slopOf(text: string): number {
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?[fd]?$/i.test(text) ? Math.trunc(Number.parseFloat(text)) : 0;
}

/** `*` is any characters, `?` one; letters are lowered, unless they are escaped. */
function wildcard(text: string): RegExp {
  const parts = text.replace(/\\(.)|([*?])|[^\\*?]+/gs, (part, escaped?: string, sign?: string) => {
    if (sign) return sign === '*' ? '.*' : '.';
    return RegExp.escape(escaped ?? normalize(part));
  });
  return new RegExp(`^${parts}$`, 'su');
}
