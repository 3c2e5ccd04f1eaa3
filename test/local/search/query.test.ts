import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Asked, compare, type Text } from '../../../local/search/compare.ts';
import { parse, SyntaxProblem, Unsupported } from '../../../local/search/query.ts';
import { SearchIndex } from '../../../local/search/search-index.ts';

const texts = [
  'the seal failure report of the pump',
  'failure of the seal',
  'seal and pump failure',
  "O'Neil said: e-mail to J. Smith re $1,000.00",
  'email re e mail',
  'Müller, AT&T',
  'pre-trial 12/31/2024 ABC-0001',
  'seal seal',
  'seal one two three four failure',
];
const index = new SearchIndex();
for (const body of texts) index.add({ body, author: 'Ada Counsel' });

/** The numbers of the documents found, from 1 on. */
function found(query: string): number[] {
  const hits = index.search(parse(query, 'body'));
  return texts.map((_, place) => place + 1).filter((number) => hits[number - 1]);
}

// Every answer is Lucene 8.7's.
describe('finds what Lucene finds', () => {
  test.for<[string, number[]]>([
    ['seal and failure', [1, 2, 3, 8, 9]],
    ['seal AND failure', [1, 2, 3, 9]],
    ['seal OR failure AND pump', [1, 3]],
    ['seal NOT pump', [2, 8, 9]],
    ['-seal', [4, 5, 6, 7]],
    ['pump (-seal)', [1, 3]],
    ['"failure of"', [2]],
    ['"failure seal"~2', [1, 2]],
    ['"seal failure"~1', [1]],
    ['"seal failure"~4', [1, 2, 3, 9]],
    ['"seal seal"~3', [8]],
    ['“seal failure”', [1, 2, 3, 8, 9]],
    ['"seal fail*"', []],
    ['fail*', [1, 2, 3, 9]],
    ['f?ilure', [1, 2, 3, 9]],
    ['*ure', [1, 2, 3, 9]],
    ['e-mail', [4, 5]],
    ['e-mail*', []],
    ['müller', [6]],
    ['AT&T', [6]],
    ['seal & pump', [1, 2, 3, 8, 9]],
    ['author:ada AND pump', [1, 3]],
    ['re: pump', []],
    ['seal^2', [1, 2, 3, 8, 9]],
    ['%', []],
    ['*:*', [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ])('%s', ([query, expected]) => expect(found(query)).toEqual(expected));
});

describe('refuses what Lucene refuses', () => {
  test.for([
    '(seal',
    'seal AND',
    '"seal',
    'AND seal',
    'seal/failure',
    'a:b:c',
    'seal w/5 pump',
    '--pump',
    '',
    '()',
  ])('%s', (query) => expect(() => parse(query, 'body')).toThrow(SyntaxProblem));

  test('a group of more words than Elasticsearch takes', () => {
    const words = (count: number) => Array.from({ length: count }, (_, number) => `w${number}`).join(' ');
    expect(() => parse(words(1024), 'body')).not.toThrow();
    expect(() => parse(words(1025), 'body')).toThrow('more than 1024 words');
  });
});

describe('refuses by name what it does not do', () => {
  test.for([
    ['12/31/2024', 'Regular expressions are not supported: /31/'],
    ['seal~', 'Fuzzy words are not supported: seal~'],
    ['{a TO c}', 'Ranges are not supported'],
  ] as const)('%s', ([query, message]) => {
    expect(() => parse(query, 'body')).toThrow(Unsupported);
    expect(() => parse(query, 'body')).toThrow(message);
  });
});

// Answers of a real Lucene, where this machine has them: every one that is in scope is ours too.
const oracle = process.env.SEARCH_ORACLE;
test.skipIf(!oracle)('answers every query of the oracle as Lucene does', () => {
  const read = (file: string) => JSON.parse(readFileSync(`${oracle}/${file}`, 'utf8'));
  const { equal, different } = compare(read('documents.json') as Text[], read('queries.json') as Asked[]);
  expect(different).toEqual([]);
  expect(equal).toBeGreaterThan(300);
});
