import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect } from 'vitest';
import { calderAccountId, caseIds, connectAsAdmin, emails } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { contextOf, runReport } from '../../support/across-cases.ts';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { database, storage, it as test } from '../../support/fixtures.ts';

/** The rows of a report on an account. */
async function rows(parameters: object = {}, accountId = 1) {
  const event = exportEvent(null, parameters, 'America/Chicago', 'custom');
  event.context.account.accountId = accountId;
  const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
  return rowsOf(storage, file.key);
}

const names = (list: Record<string, string>[]) => list.map((row) => row['Database Name']);

describe('The list of databases', () => {
  test('has those of the account, archived ones too, by project and name', async () => {
    expect(names(await rows())).toEqual([
      'In re Quiet Harbor',
      'Lost Matter',
      'Multi-District Pump Litigation',
      'Newer Matter',
      'Old Matter',
      '東京訴訟',
      'Müller v. Acme Pumps, Inc. (Trial)',
    ]);
    expect(names(await rows({}, 2))).toEqual(['Brandt v. Stone']);
  });

  test('tells of each what it is, how large, and who works in it', async () => {
    const row = (await rows()).at(-1)!;
    expect(row).toEqual({
      'Project Name': 'Müller v. Acme',
      'Client Number': 'C-0042',
      'Matter Number': 'M-7',
      'Database ID': String(caseIds.pumps),
      'Database Name': 'Müller v. Acme Pumps, Inc. (Trial)',
      'Database Type': 'Litigation',
      Status: 'Active',
      'Created On': '2026-01-05',
      'Archived On': '',
      'Active Data (GB)': '1.61',
      Documents: '8',
      Pages: '46',
      'User Count': expect.stringMatching(/^[5-9]$/),
      'User Emails': expect.stringMatching(/jose\.nunez@\S+; .*priya\.raman@\S+; .*wei\.zhang@/),
      'Last Accessed At': '2026-11-20 08:02:40',
      'Time Zone': 'America/Chicago',
    });
  });

  test('counts and names guests of other firms, but no removed users', async () => {
    const [row] = await rows({ databaseIds: [caseIds.pumps] });
    const listed = row!['User Emails']!.split('; ');
    expect(listed).not.toContain(emails.removed);
    expect(listed).toContain(emails.otherAccount);
    expect(row!['User Count']).toBe(String(listed.length));
  });

  test('says on which day a database was archived, in the zone of the report', async () => {
    const [row] = await rows({ databaseIds: [caseIds.archived] });
    expect(row).toMatchObject({ 'Created On': '2026-01-05', 'Archived On': '2026-02-28' });
  });

  test('leaves sizes empty that nobody has counted yet, rather than zero', async () => {
    const row = (await rows({ databaseIds: [caseIds.empty] }))[0]!;
    expect([row.Documents, row.Pages, row['Active Data (GB)']]).toEqual(['', '', '']);
  });

  test('holds chosen databases of the account alone', async () => {
    expect(names(await rows({ databaseIds: [caseIds.empty, caseIds.otherAccount] }))).toEqual([
      'In re Quiet Harbor',
    ]);
  });

  test('leaves archived databases out on demand', async () => {
    expect(names(await rows({ includeArchived: false }))).not.toContain('Old Matter');
  });
});

describe('The list of users by database', () => {
  test('has a row for each user of each database, by name, without removed ones', async () => {
    const users = (await rows({ layout: 'database_user', databaseIds: [caseIds.pumps] })).map((row) => [
      row['User Name'],
      row['Access Level'],
      row['License Type'],
      row['Last Accessed At'],
    ]);
    const names = users.map(([name]) => name);
    expect(users).toEqual(
      expect.arrayContaining([
        ['José Núñez', 'Advanced', 'Standard', ''],
        ['Priya Raman', 'Standard', 'Standard', '2026-11-20 08:02:40'],
        ['Wei Zhang', 'Reviewer', 'Standard', ''],
      ]),
    );
    expect(names.indexOf('Priya Raman')).toBeLessThan(names.indexOf('Wei Zhang'));
    expect(names).not.toContain('Gone Girard');
  });

  test('names guests of other firms with their firm, and what they may do', async () => {
    const users = await rows({ layout: 'database_user', databaseIds: [caseIds.pumps] });
    expect(users.find((row) => row['User Name'] === 'Olga Brandt')).toMatchObject({
      'Access Level': 'View Only',
      'Guest Of': 'Brandt Legal',
    });
    expect(new Set(users.map((row) => row['Guest Of']))).toEqual(new Set(['', 'Brandt Legal']));
  });

  test('has as many users as plain SQL, as the list of databases, and as user activity', async () => {
    const admin = await connectAsAdmin(database, 'nextpoint');
    const [plain] = await admin.query<RowDataPacket[]>(`
      SELECT npcase_id AS id, COUNT(*) AS people FROM npcase_users
      JOIN users ON users.id = user_id AND removed_at IS NULL
      JOIN npcases ON npcases.id = npcase_id AND npcases.account_id = ${calderAccountId}
      WHERE status = 'active' GROUP BY npcase_id ORDER BY npcase_id`);
    await admin.end();
    const expected = Object.fromEntries(plain.map(({ id, people }) => [id, people]));
    const options = { includeArchived: false };
    const users = await rows({ ...options, layout: 'database_user' }, calderAccountId);
    expect(countById(users)).toEqual(expected);
    const databases = await rows(options, calderAccountId);
    const counts = databases.map((row) => [row['Database ID'], Number(row['User Count'])]);
    expect(Object.fromEntries(counts.filter(([, people]) => people))).toEqual(expected);
    const { file } = await runReport(storage, contextOf());
    // An administrator needs no access of their own.
    const activity = (await rowsOf(storage, file.key)).filter(
      (row) => row['Database ID'] && row['Access Level'] !== 'Removed',
    );
    const keyOf = (row: Record<string, string>) => `${row['Database ID']} ${row['User Email']}`;
    const listed = new Set(users.map(keyOf));
    const read = new Set(activity.map((row) => row['Database ID']));
    const extra = activity.filter((row) => !listed.has(keyOf(row)));
    expect(extra.filter((row) => row['Access Level'] !== 'Dashboard Administrator')).toEqual([]);
    expect(new Set(activity.map(keyOf))).toEqual(
      new Set([...users.filter((row) => read.has(row['Database ID'])), ...extra].map(keyOf)),
    );
  });
});

function countById(list: Record<string, string>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { 'Database ID': id } of list) counts[id!] = (counts[id!] ?? 0) + 1;
  return counts;
}
