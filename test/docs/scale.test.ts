import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { costTable, searchCostTable } from '../../bench/cost.ts';
import { config } from '../../cdk/config.ts';

const page = readFileSync('docs/scale.md', 'utf8');

it('has the costs that the formula gives for the machines as they are', () => {
  expect(page).toContain(costTable().join('\n'));
  expect(page).toContain(searchCostTable().join('\n'));
});

it('has the connections as they are dealt out', () => {
  const { concurrency, readerConnections } = config('production', 'us-east-1');
  const row = (name: string) => Number(new RegExp(`^\\| ${name} \\| (\\d+)`, 'm').exec(page)?.[1]);
  expect({
    loadContext: row('`load-context`'),
    exportRows: row('`export-rows`'),
    exportCase: row('`export-case`'),
    exportTestimony: row('`export-testimony`'),
    listCases: row('`list-cases`'),
    mailReport: row('`mail-report`'),
  }).toEqual(concurrency);
  expect(row('in all')).toBe(readerConnections);
});
