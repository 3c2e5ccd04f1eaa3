import { describe, expect } from 'vitest';
import { caseIds, emails } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { storage, it as test } from '../../support/fixtures.ts';

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
      'Created On': '2026-01-05 03:00:00',
      'Archived On': '',
      'Active Data (GB)': '1.50',
      Documents: '8',
      Pages: '46',
      'User Count': expect.stringMatching(/^[5-9]$/),
      'User Emails': expect.stringMatching(/jose\.nunez@\S+; .*priya\.raman@\S+; .*wei\.zhang@/),
      'Last Accessed At': '2026-11-20 08:02:40',
      'Time Zone': 'America/Chicago',
    });
  });

  test('neither counts nor names removed users and those of other accounts', async () => {
    const [row] = await rows({ databaseIds: [caseIds.pumps] });
    const listed = row!['User Emails']!.split('; ');
    expect(listed).not.toContain(emails.removed);
    expect(listed).not.toContain(emails.otherAccount);
    expect(row!['User Count']).toBe(String(listed.length));
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
  test('has a row for each user of each database, by name, without removed ones and those of other accounts', async () => {
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
    expect(names).not.toContain('Olga Brandt');
  });
});
