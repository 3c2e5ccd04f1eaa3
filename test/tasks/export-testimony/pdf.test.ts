import { describe, expect } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin } from '../../../local/database/seed.ts';
import { rowsOf } from '../../support/exports.ts';
import { database, it, storage } from '../../support/fixtures.ts';
import { readPdf } from '../../support/pdf.ts';
import { exportTestimony } from '../../support/testimony.ts';

it.afterEach(() => storage.reset());

const terms = [
  { id: 'A', term: '"seal failure"' },
  { id: 'B', term: 'sealed' },
  { id: 'C', term: '(bad' },
];

async function search(parameters: object, choices: Parameters<typeof exportTestimony>[2] = {}) {
  const { file, truncated } = await exportTestimony(
    caseIds.pumps,
    { ...parameters },
    { format: 'pdf', ...choices },
  );
  return { file, truncated, pdf: await readPdf(await storage.bytes(file.key)) };
}

describe('A deposition search', () => {
  it.for(['hits', 'passages'])('has the hits of the CSV in the same order, as %s', async (layout) => {
    const { pdf, file } = await search({ terms, layout });
    const { file: csv } = await exportTestimony(caseIds.pumps, { terms });
    const rows = await rowsOf(storage, csv.key);
    expect(file.rows).toBe(rows.length);
    const citations = rows.map((row) => {
      const [from, to] = row.Citation!.split('-');
      return `${from === to ? from : `${from}-${to}`} (term ${row['Term ID']})`;
    });
    expect(pdf.text.match(/\d+:\d\d(-\d+:\d\d)? \(term \w+\)/g)).toEqual(citations);
  });

  it('has every line of testimony that the CSV has', async () => {
    const choice = { query: '"seal failure"', contextLines: 2 };
    const { pdf } = await search(choice);
    const { file } = await exportTestimony(caseIds.pumps, choice);
    const lines = (await rowsOf(storage, file.key)).flatMap((row) => row.Testimony!.split('\n'));
    for (const line of lines)
      expect(pdf.text).toContain(
        line
          .replace(/^\d+:0*(\d+)/, '$1')
          .replace(/\s+/g, ' ')
          .slice(2),
      );
  });

  it('begins with a cover that says what was searched for, and how much was found', async () => {
    const { pdf } = await search({ terms, maxHits: 20_000 });
    for (const words of [
      'Deposition Search Müller v. Acme Pumps, Inc. <Trial>',
      'Requested by Ada King <a@b.example>',
      'Requested at 2026-11-23 11:04:05 (UTC)',
      '10 transcripts in scope, 5 with hits',
      'A "seal failure" 2 hits in 1 transcript',
      'B sealed 125 hits in 4 transcripts',
      'C (bad not searched',
      'Müller, Jürgen K, M.D. 2A 2025-09-04 25',
    ])
      expect(pdf.texts[0]!.replace(/\s+/g, ' ')).toContain(words);
  });

  it('has a header and a footer on each page', async () => {
    const { pdf } = await search({ terms });
    for (const [index, text] of pdf.texts.entries()) {
      expect(text).toContain('Confidential. Attorney work product.');
      expect(text.replace(/\s+/g, ' ')).toMatch(new RegExp(`Page ${index + 1} of ?${pdf.texts.length}\\b`));
    }
    expect(pdf.texts[1]!.startsWith('Müller, Jürgen K, M.D.')).toBe(true);
  });

  it('has a bookmark for each deponent and volume', async () => {
    const { pdf } = await search({ query: 'sealed', scope: 'deponents' });
    expect(pdf.outline).toEqual([
      { title: 'Summary', items: [] },
      { title: 'Müller, Jürgen K, M.D.', items: ['Volume 1, 2025-09-03', 'Volume 2A, 2025-09-04'] },
      { title: "O'Neill, Siobhán", items: ['Volume 1, 2025-11-18'] },
    ]);
  });

  it('links the counts to the hits', async () => {
    const { pdf } = await search({ terms });
    expect(pdf.links).toHaveLength(7);
    expect(pdf.destinations).toEqual(expect.arrayContaining(pdf.links));
  });

  it('is tagged, in its language, and has a title', async () => {
    const { pdf } = await search({ query: '"seal failure"' });
    expect(pdf.isTagged).toBe(true);
    expect(pdf.info).toMatchObject({
      Title: 'Deposition Search: Müller v. Acme Pumps, Inc. <Trial>',
      Author: 'Ada King',
      Language: 'en-US',
    });
    const roles = JSON.stringify(pdf.structures).match(/"role":"\w+"/g)!;
    expect(new Set(roles.map((role) => role.slice(8, -1)))).toEqual(
      new Set([
        'Root',
        'Document',
        'Sect',
        'H1',
        'H2',
        'H3',
        'P',
        'L',
        'LI',
        'LBody',
        'Link',
        'Table',
        'TR',
        'TH',
        'TD',
      ]),
    );
  });

  it.for([
    ['letter', [612, 792]],
    ['a4', [595, 842]],
  ] as const)('is on paper of the size %s', async ([paper, size]) => {
    const { pdf } = await search({ query: 'sealed', paper });
    expect(pdf.size).toEqual(size);
  });

  it('shows exhibits and designations in the margin', async () => {
    const { pdf } = await search({
      query: 'handwriting OR sealed',
      includeExhibits: true,
      includeDesignations: true,
    });
    expect(pdf.text).toContain('Exhibit: Service log');
    expect(pdf.text).toContain('Designation: Plaintiff');
  });

  it('says on top and at the end that hits were cut', async () => {
    const { pdf, truncated } = await search({ terms, maxHits: 5 });
    expect(truncated).toBe(true);
    const note = /The search found 127 hits, and the report shows the first 5\./;
    expect(pdf.texts[0]!.replace(/\s+/g, ' ')).toMatch(note);
    expect(pdf.texts.at(-1)!.replace(/\s+/g, ' ')).toMatch(note);
  });

  it('says that nothing was found', async () => {
    const { pdf, file } = await search({ query: 'nothing' });
    expect(file.rows).toBe(0);
    expect(pdf.texts).toHaveLength(1);
    expect(pdf.text).toContain('The search found nothing.');
  });

  it('is the same file when it is written again', async () => {
    const manifest = { searchedAt: '2026-11-23T17:04:09Z' };
    const first = await search({ terms }, { manifest });
    const again = await search({ terms }, { manifest });
    expect(again.file.sha256).toBe(first.file.sha256);
  });
});

describe('Unusual text', () => {
  const testimony = [
    '\tQ.  <script>alert(1)</script> (paren\\theses) %PDF & {braces}',
    `    A.  ${'longword'.repeat(25)} target`,
    'line\nbreak\r\nand\u0000control\u0007 target 😀👩‍👩‍👧 end',
    'Ελληνικά, Кириллица, Žluťoučký kůň, e\u0301 combined, target',
    'שלום עולם مرحبا 日本語 ไทย 한국어 target',
    '',
    'No target here, \ud800 a lone half.'.toWellFormed(),
  ];

  it.beforeAll(async () => {
    const connection = await connectAsAdmin(database, caseSchema(caseIds.pumps));
    await connection.query("UPDATE deposition_volumes SET title = ?, volume = '<b>\\n1' WHERE id = 10", [
      `<b>${'W'.repeat(200)}</b>\n😀 "Trial"`,
    ]);
    for (const [index, content] of testimony.entries())
      await connection.query('INSERT INTO deposition_lines SET ?', {
        npcase_id: caseIds.pumps,
        deposition_volume_id: 10,
        page: 1,
        line: index + 1,
        content,
      });
    await connection.end();
  });

  it('is printed as it is, or a note stands for it', async () => {
    const { pdf, file } = await search({ query: 'target', volumeIds: [10], contextLines: 5 });
    expect(file.rows).toBe(5);
    for (const words of [
      '<script>alert(1)</script> (paren\\theses) %PDF & {braces}',
      'line break andcontrol target [emoji] end',
      'Ελληνικά, Кириллица, Žluťoučký kůň, é combined, target',
      '[Hebrew text] [Hebrew text] [Arabic text] [Chinese text] [Thai text] [Korean text] target',
      '[emoji] "Trial"',
    ])
      expect(pdf.text).toContain(words);
    expect(pdf.text.replaceAll(' ', '')).toContain('longword'.repeat(25));
    expect(pdf.texts.at(-1)!.replace(/\s+/g, ' ')).toContain(
      'a note in brackets stands in its place: Arabic, Chinese, Hebrew, Korean, Thai, emoji.',
    );
  });
});
