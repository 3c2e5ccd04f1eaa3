import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { describe, expect } from 'vitest';
import { caseIds } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-hits/handler.ts';
import { exportEvent } from '../../support/exports.ts';
import { itWithStorage as it } from '../../support/fixtures.ts';
import type { Storage } from '../../support/services.ts';

let storage: Storage;
it.beforeAll(({ storage: shared }) => {
  storage = shared;
});
it.afterEach(() => storage.reset());

const lambda = { getRemainingTimeInMillis: () => 60_000 };
const parametersKey = `development/cases/${caseIds.pumps}/requests/search.json`;
const parameters = {
  terms: [
    { id: 'A', term: '-seal OR +seal' },
    { id: 'B', term: 'seal' },
  ],
};
const parametersSha256 = createHash('sha256').update(JSON.stringify(parameters)).digest('hex');
const manifest = {
  requestHash: parametersSha256,
  snapshot: 'pit',
  searchedAt: '2026-11-23T17:04:09Z',
  terms: [
    { term: 1, status: 'ok', message: null },
    { term: 2, status: 'ok', message: null },
  ],
};
// As Athena writes them: every cell in quotes, a NULL as nothing at all.
const counts = '"term","documents"\n"-1","3",,,,\n"0","2","3",,,"1"\n"2","2","3","2","3","1"\n';

async function run(more: { manifest?: object; counts?: string; custodians?: string; dryRun?: boolean } = {}) {
  await storage.put(parametersKey, JSON.stringify(parameters));
  await storage.put('manifest.json', JSON.stringify({ ...manifest, ...more.manifest }));
  await storage.put('counts.csv', more.counts ?? counts);
  if (more.custodians) await storage.put('custodians.csv', more.custodians);
  const { context } = exportEvent(caseIds.pumps);
  const report = {
    ...context.report,
    reportType: 'search_hit' as const,
    timeZone: 'America/Chicago',
    parameters: {},
    parametersKey,
    parametersSha256,
  };
  const results = {
    ...(!more.dryRun && { terms: 'counts.csv' }),
    ...(more.custodians && { custodians: 'custodians.csv' }),
  };
  const { file } = await handler(
    { context: { ...context, report }, manifestKey: 'manifest.json', results },
    lambda,
  );
  const rows: string[][] = parse(await storage.text(file.key), { bom: true });
  return { file, rows: rows.slice(1) };
}

it('puts the counts beside the terms, 0 where nothing was found, and guards what Excel would run', async () => {
  const { rows } = await run();
  expect(rows.map((row) => row.slice(0, 9))).toEqual([
    ['A', "'-seal OR +seal", 'OK', '0', '0', '0', '0', '0.00', '0'],
    ['B', 'seal', 'OK', '2', '3', '2', '3', '66.67', '1'],
    ['', 'All terms (de-duplicated)', '', '2', '3', '', '', '66.67', '1'],
    ['', 'Documents in scope', '', '3', '', '', '', '100.00', ''],
  ]);
});

it('has no percentage of an empty scope', async () => {
  const { rows } = await run({ counts: '"term"\n"-1","0",,,,\n"0","0","0",,,"0"\n' });
  expect(rows.map((row) => row[7])).toEqual(['', '', '', '']);
});

it.each([
  ['pit', 'All terms were searched in one snapshot, taken on November 23, 2026, 11:04 AM Central.'],
  [
    'none',
    'The search of November 23, 2026, 11:04 AM Central had no snapshot, so documents that changed while it ran may count for some terms only.',
  ],
])('says whether the search had a snapshot, and of when: %s', async (snapshot, note) => {
  const { file } = await run({ manifest: { snapshot } });
  expect(file.warnings).toContain(note);
});

it('names what has no custodian', async () => {
  const { file } = await run({
    custodians: '"term","custodian"\n"2","","1","1"\n"2","Ada, ""A""","1","2"\n',
  });
  const rows = parse(await storage.text(file.breakdowns!.custodians!.key), { bom: true });
  expect(rows.slice(1)).toEqual([
    ['B', 'seal', '(no custodian)', '1', '1'],
    ['B', 'seal', 'Ada, "A"', '1', '2'],
  ]);
  expect(file.breakdowns!.custodians).toMatchObject({
    rows: 2,
    name: expect.stringMatching(/-by-custodian\.csv$/),
  });
});

describe('writes no file', () => {
  it.each<[string, Parameters<typeof run>[0], string]>([
    ['of a search for other terms', { manifest: { requestHash: 'another' } }, 'belongs to other terms'],
    [
      'when a term was not answered',
      { manifest: { terms: manifest.terms.slice(1) } },
      'does not answer for term 1 of 2',
    ],
    ['from counts without totals', { counts: '"term"\n"2","2","3","2","3","1"\n' }, 'lack their totals'],
    ['of a term that nobody asked for', { custodians: '"term"\n"7","","1","1"\n' }, 'counts of a term 7'],
  ])('%s', async (_, more, message) => {
    await expect(run(more)).rejects.toMatchObject({
      name: 'SearchResultMissing',
      message: expect.stringContaining(message),
    });
    expect(
      (await storage.files()).filter((key) => key.includes('/exports/') && !key.includes('-by-')),
    ).toEqual([]);
  });

  it('when its counts are not there', async () => {
    await storage.put(parametersKey, JSON.stringify(parameters));
    await storage.put('manifest.json', JSON.stringify(manifest));
    const { context } = exportEvent(caseIds.pumps);
    const report = { ...context.report, parameters: {}, parametersKey, parametersSha256 };
    const event = {
      context: { ...context, report },
      manifestKey: 'manifest.json',
      results: { terms: 'nothing.csv' },
    };
    await expect(handler(event, lambda)).rejects.toMatchObject({
      name: 'SearchResultMissing',
      message: 'There is no file nothing.csv.',
    });
  });
});
