import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { machineOf } from '../../cdk/machines.ts';

const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
);
const folders = readdirSync('.', { withFileTypes: true }).filter(
  (entry) => entry.isDirectory() && entry.name !== 'node_modules',
);

it.each(pages)('the links of %s lead to files that exist', (page) => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
    ([, path]) => path!,
  );
  expect(links.filter((path) => !existsSync(join(dirname(page), path)))).toEqual([]);
});

// Edge cases and threats name tests, which edges.test.ts checks.
it.each(pages.filter((page) => !/edges|security/.test(page)))(
  '%s names files and folders that exist',
  (page) => {
    // Paths from the root, without placeholders.
    const paths = [...readFileSync(page, 'utf8').matchAll(/`(\w+\/[\w./-]*)`/g)].map(([, path]) => path!);
    const ours = paths.filter((path) => folders.some(({ name }) => path.startsWith(`${name}/`)));
    expect(ours.filter((path) => !existsSync(path))).toEqual([]);
  },
);

it.each(Object.keys(machineOf))('docs/rails.md lists %s and describes its parameters', (reportType) => {
  const page = readFileSync('docs/rails.md', 'utf8');
  expect(page).toMatch(new RegExp(`^\\| \`eventDetail.reportType\` \\|.*\`${reportType}\``, 'm'));
  expect(page).toMatch(new RegExp(`^### ${reportType}$`, 'm'));
});

it.each(pages)('%s holds no leftovers of a merge', (page) => {
  expect(readFileSync(page, 'utf8')).not.toMatch(/^(<{7}|={7}|>{7})( |$)/m);
});
