import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const rows = readFileSync('docs/edges.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!edge case)/.test(line))
  .map((line) => line.split(' | '))
  .map(([edge, , test]) => [edge!.slice(2), ...test!.replace(' |', '').split('`: ')] as const);

it.each(rows)('%s is held by a test', (_, file, title) => {
  const text = readFileSync(`test/${file!.slice(1)}.test.ts`, 'utf8');
  expect(text).toContain(`('${title}', `);
});

it('has a row for each edge case that was asked for', () => {
  expect(rows.length).toBeGreaterThan(15);
});
