import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { recorded } from '../../ops/verify-aws.ts';

const page = readFileSync('docs/verified-on-aws.md', 'utf8');

it('docs/verified-on-aws.md has the claims of docs/operations.md, in their order', () => {
  expect(page).toBe(recorded(page, []));
});

it('What holds has a date, and what has a date an answer', () => {
  for (const [row, , answer, date] of page.matchAll(/^\| ([^-].*) \| (.*) \| (\d{4}-\d\d-\d\d)? \|$/gm))
    expect([row, !/^(not tried yet|to be checked by hand)$/.test(answer!)]).toEqual([row, Boolean(date)]);
});
