import type { RowDataPacket } from 'mysql2/promise';
import { afterEach, describe, expect } from 'vitest';
import type { PageCountParameters } from '../../../contract/types.ts';
import { caseIds, caseSchema, connectAsAdmin, numbersTo } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { format } from '../../../tasks/lib/database/format.ts';
import { pageCount } from '../../../tasks/reports/page-count/report.ts';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { database, storage, it as test } from '../../support/fixtures.ts';

afterEach(() => storage.reset());

async function run(parameters: PageCountParameters = {}, caseId: number = caseIds.pumps) {
  const event = exportEvent(caseId, parameters, 'UTC', 'page_count', { mode: 'mail_body' });
  const { file, table } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
  const rows = await rowsOf(storage, file.key);
  return { file, table, counts: rows.map((row) => Object.values(row)) };
}

describe('A page count', () => {
  test('has a row for each relevancy status, also one outside the list, and the total that plain SQL gives', async () => {
    const { file, counts } = await run();
    expect(file.columns).toEqual(['Relevancy Status', 'Documents', 'Pages', 'Documents Without Page Count']);
    expect(counts).toEqual([
      ['Responsive', '1', '2', '0'],
      ['Non-Responsive', '0', '0', '0'],
      ['Requires Follow-up', '0', '0', '0'],
      ['Not Reviewed', '5', '44', '3'],
      ['Not responsive', '1', '0', '1'],
      ['Total', '7', '46', '4'],
    ]);
    const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
    const [[plain]] = await admin.query<RowDataPacket[]>({
      sql: 'SELECT COUNT(*), SUM(page_count), SUM(page_count IS NULL) FROM exhibits WHERE trashed_at IS NULL',
      rowsAsArray: true,
    });
    await admin.end();
    expect(counts.at(-1)!.slice(1)).toEqual((plain as unknown as unknown[]).map(String));
    expect(file.warnings).toEqual([]);
  });

  test('shows the privilege statuses there are, however they are capitalized', async () => {
    expect((await run({ groupBy: 'privilege' })).counts).toEqual([
      ['Privileged', '2', '2', '1'],
      ['Not Privileged', '1', '0', '1'],
      ['Not Reviewed', '3', '44', '1'],
      ['Redacted', '1', '0', '1'],
      ['Total', '7', '46', '4'],
    ]);
  });

  test('counts by confidentiality code', async () => {
    expect((await run({ groupBy: 'confidentiality' })).counts).toEqual([
      ['No Code', '5', '44', '3'],
      ['AEO', '1', '2', '0'],
      ['Confidential', '1', '0', '1'],
      ['Total', '7', '46', '4'],
    ]);
  });

  test('counts a document once though it is in several of the chosen folders, and says so', async () => {
    const { file, counts } = await run({ scope: { folderIds: [1, 3] } });
    expect(counts.at(-1)).toEqual(['Total', '2', '0', '2']);
    expect(file.warnings).toEqual([
      'Folders: Hot, Meetings.',
      'Documents in several of the folders, counted once: 1.',
    ]);
  });

  test('names no more folders than a mail has room for, each on one line and not at length', async () => {
    const admin = await connectAsAdmin(database, caseSchema(caseIds.empty));
    await admin.query(`INSERT INTO folders (id, npcase_id, name)
      SELECT 999 + seq, ${caseIds.empty}, CONCAT('Hot\nFolders: ', 999 + seq, REPEAT('文', 230)) FROM ${numbersTo(300)}`);
    const folderIds = Array.from({ length: 300 }, (_, index) => 1000 + index);
    const { file } = await run({ scope: { folderIds } }, caseIds.empty);
    await admin.query('DELETE FROM folders');
    await admin.end();
    expect(file.warnings).toHaveLength(1);
    expect(file.warnings[0]).toMatch(/^Folders: Hot Folders: 1000文+…, Hot Folders: 1001.*… and 280 more\.$/);
    expect(file.warnings[0]!.length).toBeLessThan(2_100);
  });

  test.each([
    ['relevancy', ['1 of 2 folders was found: there is no folder with the ID 4711.', 'Folders: Hot.']],
    ['folder', ['1 of 2 folders was found: there is no folder with the ID 4711.']],
  ] as const)('by %s names the folders that there are not', async (groupBy, warnings) => {
    const { file } = await run({ groupBy, scope: { folderIds: [1, 4711] } });
    expect(file.warnings).toEqual(warnings);
    const { file: none } = await run({ groupBy, scope: { folderIds: [4711, 4712] } });
    expect(none.warnings).toEqual([
      '0 of 2 folders were found: there is no folder with the ID 4711 or 4712.',
    ]);
  });

  test('counts nothing as placed by what a deleted folder left behind', async () => {
    const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
    await admin.query(`INSERT INTO folder_exhibits (npcase_id, folder_id, exhibit_id)
      VALUES (${caseIds.pumps}, 4711, 1), (${caseIds.pumps}, 4711, 11)`);
    const all = await run({ groupBy: 'folder' });
    const chosen = await run({ scope: { folderIds: [4711] } });
    await admin.query('DELETE FROM folder_exhibits WHERE folder_id = 4711');
    await admin.end();
    expect(all.counts).toContainEqual(['No folder', '', '3', '43', '1']);
    expect(all.file.warnings).toHaveLength(1);
    expect(all.file.warnings[0]).toContain('several of the folders: 1.');
    expect(chosen.counts.at(-1)).toEqual(['Total', '0', '0', '0']);
  });

  test('takes whole families on request', async () => {
    const { counts } = await run({ scope: { folderIds: [1] }, includeFamilies: true });
    expect(counts.at(-1)).toEqual(['Total', '4', '2', '3']);
  });

  test('leaves out the trash', async () => {
    expect((await run({ scope: { folderIds: [2] } })).counts.at(-1)).toEqual(['Total', '1', '0', '1']);
  });

  test('by folder counts a document in each of its folders, but once in the total, and says so', async () => {
    const { file, counts } = await run({ groupBy: 'folder' });
    expect(counts).toEqual([
      ['<b>Key & "sealed"</b>', '2', '1', '0', '1'],
      ['Hot', '1', '2', '0', '2'],
      // Two of one name, and one that could be taken for the total.
      ['Meetings', '3', '1', '0', '1'],
      ['Meetings', '4', '1', '3', '0'],
      ['Total', '5', '0', '0', '0'],
      ['No folder', '', '3', '43', '1'],
      ['Total', '', '7', '46', '4'],
    ]);
    expect(file.warnings).toEqual([
      'Documents in several of the folders: 1. Each of their folders counts them, the total counts them once.',
    ]);
  });

  test('by folder shows the chosen folders only, with the families of what they hold', async () => {
    const { counts } = await run({
      groupBy: 'folder',
      scope: { folderIds: [1, 4] },
      includeFamilies: true,
    });
    expect(counts).toEqual([
      ['Hot', '1', '4', '2', '3'],
      ['Meetings', '4', '1', '3', '0'],
      ['Total', '', '5', '5', '3'],
    ]);
  });

  test('of an empty case is all zeros', async () => {
    const { counts } = await run({}, caseIds.empty);
    expect(counts).toHaveLength(5);
    expect(counts.flatMap(([, ...numbers]) => numbers)).toEqual(Array(15).fill('0'));
    expect((await run({ groupBy: 'folder' }, caseIds.empty)).counts).toHaveLength(2);
  });

  test('gives its rows for a mail too, with the total in bold', async () => {
    const { table } = await run();
    expect(table!.rows.map(({ cells }) => cells[0]!.weight)).toEqual([...Array(5).fill('normal'), 'bold']);
    expect(table!.lines).toEqual([
      'Relevancy Status    Documents  Pages  Documents Without Page Count',
      'Responsive                  1      2                             0',
      'Non-Responsive              0      0                             0',
      'Requires Follow-up          0      0                             0',
      'Not Reviewed                5     44                             3',
      'Not responsive              1      0                             1',
      'Total                       7     46                             4',
    ]);
  });

  test('gives no rows for a mail that does not show them', async () => {
    const event = exportEvent(caseIds.pumps, {}, 'UTC', 'page_count');
    const { table } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
    expect(table).toBeNull();
  });
});

test.each(['relevancy', 'folder'] as const)(
  'The statement by %s stays under 16 KB, with as many folders as a request may have',
  async (groupBy) => {
    const folderIds = Array.from({ length: 300 }, (_, index) => 2_147_483_647 - index);
    const parameters = { groupBy, scope: { folderIds }, includeFamilies: true };
    const { rows, values } = pageCount.query(parameters);
    const statement = format(rows, { ...parameters, ...values });
    expect(statement).toContain('2147483647, 2147483646');
    expect(Buffer.byteLength(statement)).toBeLessThan(16 * 1024);
  },
);
