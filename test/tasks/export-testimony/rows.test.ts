import { describe, expect } from 'vitest';
import { caseIds } from '../../../local/database/seed.ts';
import { rowsOf } from '../../support/exports.ts';
import { it, storage } from '../../support/fixtures.ts';
import { exportTestimony } from '../../support/testimony.ts';

it.afterEach(() => storage.reset());

const nunez = { volumeIds: [4] };

async function search(query: string, more: object = {}, choices = {}) {
  const result = await exportTestimony(caseIds.pumps, { query, ...more }, choices);
  return { ...result, rows: await rowsOf(storage, result.file.key) };
}

it('has a row for each hit, with its place, its words and the lines around it', async () => {
  const { rows } = await search('"seal failure"', { ...nunez, contextLines: 1 });
  expect(rows).toEqual([
    {
      'Term ID': '1',
      'Search Term': '"seal failure"',
      Deponent: expect.stringContaining(','),
      'Transcript Type': 'Deposition',
      'Transcript Date': '',
      Volume: '1',
      'Start Page': '1',
      'Start Line': '3',
      'End Page': '1',
      'End Line': '4',
      Citation: '1:03-1:04',
      'Hit Text': 'seal failure',
      Testimony: [
        '1:02      A.  José Núñez.',
        '1:03      Q.  When did you first hear of the seal',
        '1:04          failure at the Odessa (Одеса) plant?',
        '1:05      A.  In May 2019. Dr. Παπαδόπουλος called me.',
      ].join('\n'),
    },
    expect.objectContaining({ Citation: '1:07-2:01', 'Hit Text': 'seal failure' }),
  ]);
});

it('numbers pages as the transcript does', async () => {
  const { rows } = await search('sealed', { volumeIds: [2], maxHits: 1 });
  expect(rows[0]).toMatchObject({ 'Start Page': '213', Citation: '213:02-213:02' });
});

it('gives the words of a proximity hit with what is left out between them', async () => {
  const { rows } = await search('"failure mention"~5', nunez);
  expect(rows.map((row) => row['Hit Text'])).toEqual(['mention … failure']);
});

it('finds text in any script, in any order of terms, sorted by place', async () => {
  const terms = [
    { id: 'z', term: 'Одеса' },
    { id: 'a', term: 'παπαδόπουλος' },
    { id: 'm', term: '密 OR 封' },
  ];
  const { file } = await exportTestimony(caseIds.pumps, { terms, ...nunez });
  const rows = await rowsOf(storage, file.key);
  expect(rows.map((row) => [row['Term ID'], row['Hit Text']])).toEqual([
    ['z', 'Одеса'],
    ['a', 'Παπαδόπουλος'],
    ['m', '密'],
    ['m', '封'],
  ]);
});

describe('covers the transcripts that were asked for', () => {
  it.each<[string, object, string[]]>([
    [
      'depositions',
      { scope: 'deponents' },
      ['Müller, Jürgen K, M.D. 1', 'Müller, Jürgen K, M.D. 2A', "O'Neill, Siobhán 1"],
    ],
    ['court proceedings', { scope: 'proceedings' }, ['Trial day 1 1']],
    ['deponents', { deponentIds: [2] }, ["O'Neill, Siobhán 1"]],
    [
      'dates',
      { dateFrom: '2025-09-04', dateTo: '2025-11-18' },
      ['Müller, Jürgen K, M.D. 2A', "O'Neill, Siobhán 1"],
    ],
  ])('%s', async (_, parameters, transcripts) => {
    const { rows } = await search('sealed', parameters);
    expect([...new Set(rows.map((row) => `${row.Deponent} ${row.Volume}`))]).toEqual(transcripts);
  });
});

it('is sorted by deponent, or by date', async () => {
  const order = async (sort: string) => {
    const { rows } = await search('sealed', { sort });
    return [...new Set(rows.map((row) => row['Transcript Date']))];
  };
  expect(await order('date')).toEqual((await order('deponent')).toSorted());
});

it('counts all hits, shows the first, and says so', async () => {
  const { file, rows, found, truncated } = await search('sealed', { maxHits: 3, sort: 'date' });
  expect(rows).toHaveLength(3);
  expect(found.hits).toBe(125);
  expect(truncated).toBe(true);
  expect(file.warnings).toContain(
    'The search found 125 hits, and the report shows the first 3. The counts include all of them.',
  );
});

it('shows exhibits and designations beside the lines', async () => {
  const { rows } = await search('handwriting', {
    ...nunez,
    includeExhibits: true,
    includeDesignations: true,
  });
  expect(rows[0]).toMatchObject({ Exhibits: 'Service log', Designations: '' });
  const { rows: others } = await search('"Question 7"', {
    volumeIds: [1],
    includeDesignations: true,
    contextLines: 0,
  });
  expect(others[0]).toMatchObject({ Citation: '45:13-45:13', Designations: 'Plaintiff designations' });
});

it('lets a wrong term fail by itself, and warns without quoting it', async () => {
  const terms = [
    { id: '1', term: '(secret' },
    { id: '2', term: 'seal w/5 secret' },
    { id: '3', term: 'handwriting' },
  ];
  const { file } = await exportTestimony(caseIds.pumps, { terms });
  expect(file.rows).toBe(1);
  expect(file.warnings).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^2 terms could not be searched/),
      expect.stringMatching(/^The testimony was searched on /),
    ]),
  );
  expect(file.warnings.join()).not.toContain('secret');
});

it('names deponents and transcripts that the case lacks, and tells of transcripts without text', async () => {
  const { file } = await search('sealed', { deponentIds: [1, 98], volumeIds: [1, 99] });
  expect(file.warnings.slice(0, 2)).toEqual([
    '1 of 2 deponents was found: there is no deponent with the ID 98.',
    '1 of 2 transcripts was found: there is no transcript with the ID 99.',
  ]);
  const { file: all } = await search('sealed');
  expect(all.warnings).toContain('5 transcripts have no text and could not be searched.');
});

it('leaves out hits in lines that have gone since they were indexed', async () => {
  const stale = [
    { volume: 1, page: 2, line: 1, content: 'sealed' },
    { volume: 1, page: 45, line: 2, content: '    A.  Yes, "sealed".' },
    { volume: 1, page: 45, line: 60, content: 'sealed' },
    { volume: 6, page: 1, line: 1, content: 'sealed' },
    { volume: 9, page: 5, line: 2, content: '    A.  Yes, "sealed".' },
    { volume: 777, page: 5, line: 2, content: 'sealed' },
  ];
  const { file, rows } = await search('sealed', {}, { testimony: stale });
  expect(rows.map((row) => row.Citation)).toEqual(['45:02-45:02', '5:02-5:02']);
  expect(file.warnings).toContain(
    '3 hits are not shown, because the testimony has changed since it was indexed.',
  );
});

it('has headers and no rows when nothing is found', async () => {
  const { file } = await search('nothing');
  expect(file.rows).toBe(0);
  expect(file.columns).toHaveLength(13);
});

it.each([
  ['of other terms', { requestHash: 'another' }, /belongs to other terms/],
  ['with files that are not there', { hitKeys: ['nothing.csv'] }, /There is no file nothing\.csv/],
  ['with an answer for another number of terms', { terms: [] }, /does not answer for term 1 of 1/],
])('writes no file from a search %s', async (_, manifest, message) => {
  await expect(search('sealed', {}, { manifest })).rejects.toMatchObject({
    name: 'SearchResultMissing',
    message: expect.stringMatching(message),
  });
  expect((await storage.files()).filter((key) => key.includes('/exports/'))).toEqual([]);
});
