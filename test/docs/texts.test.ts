import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { textsPage } from '../../docs/write-texts.ts';

it('docs/texts.md is what `npm run texts` writes', () => {
  expect(readFileSync('docs/texts.md', 'utf8')).toBe(textsPage());
});

it('Texts for people have no signs of the machine', () => {
  const rows = textsPage().match(/^\| `.*\|$/gm)!;
  expect(rows.length).toBeGreaterThan(90);
  for (const row of rows)
    expect(row.split('|')[2], row).not.toMatch(/undefined|NaN|\$\{|States\.|null|\d{4}-\d\d-\d\d/);
});
