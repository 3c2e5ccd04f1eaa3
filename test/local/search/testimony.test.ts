import { describe, expect, it } from 'vitest';
import { parse } from '../../../local/search/query.ts';
import { TestimonyIndex } from '../../../local/search/testimony.ts';

const index = new TestimonyIndex([
  { volume: 1, page: 1, line: 1, content: 'Q. Did the seal fail?' },
  { volume: 1, page: 1, line: 2, content: 'A. The seal of the pump. A seal' },
  { volume: 1, page: 2, line: 1, content: 'failure, I mean.' },
  { volume: 2, page: 1, line: 1, content: 'failure of the pump' },
]);

/** Each hit as the places of its words: volume/page:line+start. */
const hits = (query: string) =>
  index
    .search(parse(query, 'body'))
    .map((marks) =>
      marks.map(({ volume, page, line, start }) => `${volume}/${page}:${line}+${start}`).join(' '),
    );

it('finds every place of a word, with its offset in the line', () => {
  expect(hits('SEAL')).toEqual(['1/1:1+11', '1/1:2+7', '1/1:2+27']);
});

it('finds a phrase over lines and pages, but not over transcripts', () => {
  expect(hits('"seal failure"')).toEqual(['1/1:2+27 1/2:1+0']);
  expect(hits('"mean failure"')).toEqual([]);
});

it('marks each word of a proximity query', () => {
  expect(hits('"seal pump"~2')).toEqual(['1/1:2+7 1/1:2+19']);
});

describe('matches operators against a page', () => {
  it.each([
    ['fail AND pump', ['1/1:1+16', '1/1:2+19']],
    ['failure AND seal', []],
    ['pump NOT seal', ['2/1:1+15']],
    ['fail OR mean', ['1/1:1+16', '1/2:1+11']],
    ['fail*', ['1/1:1+16', '1/2:1+0', '2/1:1+0']],
    ['-pump', []],
    ['title:seal', []],
  ])('%s', (query, found) => expect(hits(query)).toEqual(found));
});

it('gives a place once, though two clauses find it', () => {
  expect(hits('mean OR me*')).toEqual(['1/2:1+11']);
});
