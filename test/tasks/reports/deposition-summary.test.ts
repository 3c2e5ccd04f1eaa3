import type { RowDataPacket } from 'mysql2/promise';
import { afterEach, describe, expect } from 'vitest';
import type { DepositionSummaryParameters } from '../../../contract/types.ts';
import { caseIds, caseSchema, connectAsAdmin, numbersTo } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { format } from '../../../tasks/lib/database/format.ts';
import detailSql from '../../../tasks/reports/deposition-summary/clips.sql';
import countsSql from '../../../tasks/reports/deposition-summary/counts.sql';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { database, storage, it as test } from '../../support/fixtures.ts';

afterEach(() => storage.reset());

async function run(parameters?: DepositionSummaryParameters, timeZone?: string, caseId = caseIds.pumps) {
  const event = exportEvent(caseId, parameters, timeZone, 'deposition_summary');
  const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
  return { file, rows: await rowsOf(storage, file.key) };
}

async function citations(parameters?: DepositionSummaryParameters) {
  return (await run(parameters)).rows.map((row) => `${row.Label || '-'} ${row.Citation}`);
}

async function change(sql: string) {
  const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
  await admin.query(sql);
  await admin.end();
}

/** What plain SQL says of the case. */
async function ask(sql: string) {
  const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
  const [rows] = await admin.query<RowDataPacket[]>(sql);
  await admin.end();
  return rows;
}

const all = [
  'Notice 45:04-46:21',
  'Plaintiff designations 45:12-46:03',
  'Plaintiff designations 60:04-61:21',
  'Relevance 61:04-62:21',
  '- 214:04-214:04',
  'Notice 10:04-11:21',
];

describe('A row of the layout detail', () => {
  test('tells all of a clip', async () => {
    const { rows } = await run({}, 'America/Chicago');
    expect(rows.find((row) => row.Citation === '45:12-46:03')).toEqual({
      Deponent: 'Müller, Jürgen K, M.D.',
      'Transcript Type': 'Deposition',
      'Transcript Date': '2025-09-03',
      Volume: '1',
      'Clip Type': 'Designation',
      Label: 'Plaintiff designations',
      'Parent Issue': '',
      'Objection Reason': '',
      Objections: '',
      'Start Page': '45',
      'Start Line': '12',
      'End Page': '46',
      'End Line': '3',
      Citation: '45:12-46:03',
      Testimony: expect.stringContaining('A.  Yes, "sealed".\n    Q.  Question 13, Doctor?\n'),
      Notes: '\'-only from "sealed" on\nsee exhibit 2',
      // 14 lines on page 45 and 3 on page 46, of 2.5 seconds each.
      Runtime: '00:00:43',
      'Created By': 'Priya Raman',
      // Half an hour before and after the clocks went back.
      'Created At': '2025-11-02 01:30:00',
      'Updated At': '2025-11-02 01:30:00',
      'Time Zone': 'America/Chicago',
    });
  });

  test('holds the words of its passage and no other, line by line', async () => {
    const { rows } = await run();
    const spoken = await ask(
      `SELECT content FROM deposition_lines WHERE deposition_volume_id = 1
       AND page * 100 + line BETWEEN 4512 AND 4603 ORDER BY page, line`,
    );
    const row = rows.find(({ Citation }) => Citation === '45:12-46:03')!;
    expect(row.Testimony).toBe(spoken.map(({ content }) => content).join('\n'));
  });

  test('stands for each clip of a deposition, by deponent, date, volume, page and line', async () => {
    expect(await citations()).toEqual(all);
    const [{ clips }] = (await ask(
      `SELECT COUNT(*) AS clips FROM deposition_clips JOIN deposition_volumes AS volumes ON volumes.id = deposition_volume_id
       WHERE deposition_id IS NOT NULL`,
    )) as [RowDataPacket];
    expect(clips).toBe(all.length);
  });

  test('cites the page that the setting Start Page gives, also of a clip without a label', async () => {
    const { rows } = await run();
    // The second page of a file that begins at 213.
    expect(rows.find((row) => row.Volume === '2A')).toMatchObject({
      Label: '',
      'Clip Type': '',
      'Start Page': '214',
      Citation: '214:04-214:04',
    });
  });

  test('names the issue over an issue, the reason of an objection, and users who are gone', async () => {
    const { rows } = await run();
    expect(rows.find((row) => row['Clip Type'] === 'Issue')!['Parent Issue']).toBe("'=Liability");
    expect(rows.find((row) => row['Clip Type'] === 'Objection')).toMatchObject({
      'Objection Reason': 'Leading',
      'Created By': 'Gone Girard',
    });
  });

  test('leaves the runtime blank when the passage is not synced, in whole or in part', async () => {
    const { rows } = await run();
    const runtimes = Object.fromEntries(rows.map((row) => [row.Citation, row.Runtime]));
    expect(runtimes).toMatchObject({ '60:04-61:21': '', '214:04-214:04': '', '10:04-11:21': '' });
  });

  test('keeps long testimony whole', async () => {
    const admin = await connectAsAdmin(database, caseSchema(caseIds.otherAccount));
    await admin.query(`
      INSERT INTO deposition_volumes (id, npcase_id, deposition_id, created_at) VALUES (1, 1005, 1, '2026-01-01');
      INSERT INTO deposition_clips VALUES (1, 1005, 1, NULL, 1, 1, 400, 25, NULL, NULL, NULL, '2026-01-01', NULL);
      INSERT INTO deposition_lines (npcase_id, deposition_volume_id, page, line, content)
      SELECT 1005, 1, CEIL(seq / 25), 1 + (seq - 1) % 25, REPEAT('é', 200) FROM ${numbersTo(10_000)};`);
    await admin.end();
    const { rows, file } = await run({}, 'UTC', caseIds.otherAccount);
    expect(rows[0]!.Testimony).toHaveLength(10_000 * 201 - 1);
    expect(file.warnings).toHaveLength(1);
  });
});

test('The layout counts sums up the clips of each deponent and label', async () => {
  const { rows } = await run({ layout: 'counts', includeProceedings: true });
  const columns = ['Deponent', 'Label', 'Clip Type', 'Clips', 'Lines', 'Pages', 'Runtime'];
  expect(rows.map((row) => columns.map((column) => row[column]))).toEqual([
    ['Müller, Jürgen K, M.D.', 'Notice', 'Issue', '1', '43', '2', '00:01:48'],
    ['Müller, Jürgen K, M.D.', 'Plaintiff designations', 'Designation', '2', '60', '4', ''],
    ['Müller, Jürgen K, M.D.', 'Relevance', 'Objection', '1', '22', '2', '00:00:55'],
    ['Müller, Jürgen K, M.D.', '', '', '1', '1', '1', ''],
    ["O'Neill, Siobhán", 'Notice', 'Issue', '1', '43', '2', ''],
    ['Trial day 1', 'Plaintiff designations', 'Designation', '1', '43', '2', ''],
    ['Total', '', '', '7', '212', '13', ''],
  ]);
  const [plain] = await ask(
    'SELECT COUNT(*) AS clips, SUM(end_page - start_page + 1) AS pages FROM deposition_clips',
  );
  expect([rows.at(-1)!.Clips, rows.at(-1)!.Pages].map(Number)).toEqual([plain!.clips, Number(plain!.pages)]);
});

test('The layout counts of an empty selection has no total', async () => {
  expect((await run({ layout: 'counts', labels: ['Nope'] })).rows).toEqual([]);
});

test('A clip names the objections to its testimony, and none to the lines beside it', async () => {
  await change(`INSERT INTO deposition_clips
    (id, npcase_id, deposition_volume_id, label_id, start_page, start_line, end_page, end_line, objection_reason, created_at)
    SELECT 900 + seq, 1001, 1, (SELECT id FROM labels WHERE label_type = 'objection' LIMIT 1), 45, from_line, 45, to_line, reason, '2026-01-05'
    FROM (SELECT 1 AS seq, 12 AS from_line, 12 AS to_line, 'Form' AS reason UNION ALL SELECT 2, 1, 11, 'Hearsay'
      UNION ALL SELECT 3, 10, 13, NULL) AS objections`);
  const { rows } = await run({ clipTypes: ['designation', 'objection'] });
  await change('DELETE FROM deposition_clips WHERE id > 900');
  expect(rows.find((row) => row.Citation === '45:12-46:03')!.Objections).toBe(
    'Relevance (45:10-45:13)\nRelevance: Form (45:12-45:12)',
  );
  expect(rows.filter((row) => row['Clip Type'] === 'Objection').map((row) => row.Objections)).toEqual([
    '',
    '',
    '',
    '',
  ]);
});

describe('The parameter', () => {
  test('from and to take the clips that were created or changed on these days of the zone', async () => {
    const days = { from: '2025-11-02', to: '2025-11-02' };
    const { rows } = await run(days, 'America/Chicago');
    const expected = await ask(`SELECT id FROM deposition_clips
      WHERE COALESCE(updated_at, created_at) >= '2025-11-02 05:00' AND COALESCE(updated_at, created_at) < '2025-11-03 06:00'`);
    expect(rows.map((row) => row.Citation)).toEqual(['45:12-46:03']);
    expect(expected).toHaveLength(1);
    const counts = await run({ ...days, layout: 'counts' }, 'America/Chicago');
    expect(counts.rows.map((row) => row.Clips)).toEqual(['1', '1']);
  });

  test('sort by label puts the clips of a label together', async () => {
    const labels = (await citations({ sort: 'label' })).map((text) => text.split(' ')[0]);
    expect(labels).toEqual(['Notice', 'Notice', 'Plaintiff', 'Plaintiff', 'Relevance', '-']);
    const { rows } = await run({ layout: 'counts', sort: 'label' });
    expect(rows.map((row) => row.Label)).toEqual([
      'Notice',
      'Notice',
      'Plaintiff designations',
      'Relevance',
      '',
      '',
    ]);
    expect(rows.at(-1)!.Deponent).toBe('Total');
  });

  test('deponentIds takes the clips of these deponents', async () => {
    expect(await citations({ deponentIds: [2, 4] })).toEqual(['Notice 10:04-11:21']);
  });

  test('labels and deponentIds name what there is not', async () => {
    const { file } = await run({ labels: ['Nope', 'Notice', "Counsel's"], deponentIds: [4711] });
    expect(file.warnings).toEqual([
      'There is no deponent with the ID 4711.',
      "1 of 3 labels was found: no label is called 'Nope' or 'Counsel's'.",
    ]);
    expect((await run({ labels: ['Nope'] })).file.warnings).toEqual(["No label is called 'Nope'."]);
  });

  test('labels takes the clips under labels of these names', async () => {
    expect(await citations({ labels: ['Relevance', 'Notice', 'no such label'] })).toEqual([
      all[0],
      all[3],
      all[5],
    ]);
  });

  test('clipTypes takes the clips of these types', async () => {
    expect(await citations({ clipTypes: ['designation'] })).toEqual([all[1], all[2]]);
  });

  test('includeText leaves the testimony blank when it is false', async () => {
    const { rows } = await run({ includeText: false });
    expect(rows.map((row) => row.Testimony)).toEqual(all.map(() => ''));
  });

  test('maxTextChars cuts testimony that is longer, and says so', async () => {
    const [first] = (await run({ maxTextChars: 22 })).rows;
    expect(first!.Testimony).toBe('    A.  Yes, "sealed". [cut]');
    const { rows } = await run({ maxTextChars: 28 });
    expect(rows.find((row) => row.Volume === '2A')!.Testimony).toBe('    Q.  Question 15, Doctor?');
  });

  test('includeProceedings adds those, by their titles, at the end', async () => {
    const { rows } = await run({ includeProceedings: true });
    expect(rows).toHaveLength(all.length + 1);
    expect(rows.at(-1)).toMatchObject({ Deponent: 'Trial day 1', 'Transcript Type': 'Proceeding' });
  });
});

test.each([
  ['detail', detailSql],
  ['counts', countsSql],
])('The statement of %s stays under 16 KB, with lists as long as a request may have', async (_, sql) => {
  const { parameters } = exportEvent(
    1,
    {
      deponentIds: Array.from({ length: 300 }, (_, index) => 2_147_483_647 - index),
      labels: Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(100, '訴')),
    },
    'UTC',
    'deposition_summary',
  ).context.report;
  const statement = format(sql, {
    ...parameters,
    timeZone: 'America/Argentina/ComodRivadavia',
  });
  expect(statement).toContain('2147483647, 2147483646');
  expect(Buffer.byteLength(statement)).toBeLessThan(16 * 1024);
});
