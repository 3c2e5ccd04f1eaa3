import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// Both pages have tables whose last column names the file and the title of a test.
describe.each([
  ['edges', 15],
  ['security', 30],
])('docs/%s.md', (page, fewest) => {
  const rows = readFileSync(`docs/${page}.md`, 'utf8')
    .split('\n')
    .filter((line) => /^\| (?!edge case|threat)/.test(line))
    .map((line) => line.split(' | '))
    .map(([subject, , test]) => [subject!.slice(2), ...test!.replace(' |', '').split('`: ')] as const);

  it.each(rows)('%s is held by a test', (_, file, ...title) => {
    const text = readFileSync(`test/${file!.slice(1)}.test.ts`, 'utf8');
    expect(text.replaceAll(/\(\s+/g, '(')).toMatch(
      new RegExp(`\\('${RegExp.escape(title.join('`: '))}',\\s`),
    );
  });

  it('has a row for each case that was asked for', () => {
    expect(rows.length).toBeGreaterThan(fewest);
  });
});
