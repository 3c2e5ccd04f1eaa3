import { beforeEach, describe, expect } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin, emails } from '../../../local/database/seed.ts';
import { exportCase } from '../../../tasks/export-case/handler.ts';
import { listCases } from '../../../tasks/list-cases/handler.ts';
import { contextOf, folder, itemsOf, limits, objectsIn, runReport } from '../../support/across-cases.ts';
import { database, it, storage } from '../../support/fixtures.ts';

beforeEach(() => storage.reset());

/** The rows of a report, with the columns that matter. */
async function rowsOf(parameters: object, columns: string[], timeZone?: string): Promise<string[][]> {
  const { file } = await runReport(storage, contextOf(parameters, timeZone));
  const rows = await objectsIn(storage, file.key);
  return rows.map((row) => columns.map((column) => row[column]!));
}

describe('the summary', () => {
  const northgate = { databaseIds: [caseIds.northgate] };

  it('has a row for each user of each database, and one for the logins of each user', async () => {
    expect(await rowsOf({}, ['Database Name', 'User Name', 'Access Level'])).toEqual([
      ['(account)', "'=Ida Stern", ''],
      ['(account)', 'Bo Finch', ''],
      ['(account)', 'Ines Calder', 'Dashboard Administrator'],
      ['(account)', 'Maya Ortiz', ''],
      ["'=Harbor", 'Bo Finch', 'Removed'],
      ["'=Harbor", 'Ines Calder', 'Dashboard Administrator'],
      ["'=Harbor", 'Maya Ortiz', 'Standard'],
      ['Northgate v. Ulster, Inc.', "'=Ida Stern", 'View Only'],
      ['Northgate v. Ulster, Inc.', 'Bo Finch', 'Advanced'],
      ['Northgate v. Ulster, Inc.', 'Former Temp', 'Removed'],
      ['Northgate v. Ulster, Inc.', 'José Núñez', 'Basic'],
      ['Northgate v. Ulster, Inc.', 'Maya Ortiz', 'Reviewer'],
      ['Northgate v. Ulster, Inc.', 'User 98', 'Removed'],
      ['Quiet', "'=Ida Stern", 'Standard'],
      ['Quiet', 'Olga Brandt', 'Removed'],
    ]);
  });

  it('counts what each user did, documents once each', async () => {
    const columns = [
      'User Name',
      'Logins',
      'Database Accesses',
      'Document Views',
      'Unique Documents Viewed',
      'Documents Reviewed',
      'Searches',
      'Exports and Downloads',
    ];
    expect(await rowsOf(northgate, columns)).toEqual([
      ["'=Ida Stern", '0', '', '', '', '', '', ''],
      ['Bo Finch', '4', '', '', '', '', '', ''],
      ['Ines Calder', '1', '', '', '', '', '', ''],
      ['Maya Ortiz', '1', '', '', '', '', '', ''],
      ["'=Ida Stern", '', '0', '0', '0', '0', '0', '0'],
      ['Bo Finch', '', '1', '3', '2', '0', '1', '2'],
      ['Former Temp', '', '1', '1', '1', '0', '0', '0'],
      ['José Núñez', '', '1', '1', '1', '0', '0', '0'],
      ['Maya Ortiz', '', '1', '1', '1', '1', '0', '0'],
      ['User 98', '', '0', '0', '0', '0', '1', '0'],
    ]);
  });

  it('counts no transcript among the documents', async () => {
    const asked = { databaseIds: [caseIds.harbor], userEmails: [emails.calderReviewer] };
    const rows = await rowsOf(asked, ['Database ID', 'Document Views', 'Unique Documents Viewed']);
    expect(rows).toContainEqual(['2002', '2', '1']);
  });

  it('gives the hours of timers that were stopped, as far as they lie in the period', async () => {
    const rows = await rowsOf(northgate, ['Database ID', 'User Name', 'Tracked Hours']);
    expect(rows.filter(([id, , hours]) => id && hours !== '0.00')).toEqual([
      ['2001', "'=Ida Stern", '0.25'],
      ['2001', 'Maya Ortiz', '3.50'],
    ]);
  });

  it('counts an hour once in which several timers of a user ran', async () => {
    const admin = await connectAsAdmin(database, caseSchema(caseIds.northgate));
    const columns = '(id, npcase_id, user_id, started_at, stopped_at)';
    await admin.query(`INSERT INTO review_timers ${columns} VALUES
      (901, 1, 98, '2026-11-10 10:00:00', '2026-11-10 12:00:00'),
      (902, 1, 98, '2026-11-10 10:00:00', '2026-11-10 11:00:00'), -- begins with another
      (903, 1, 98, '2026-11-10 10:30:00', '2026-11-10 11:30:00'), -- lies within another
      (904, 1, 98, '2026-11-10 11:30:00', '2026-11-10 12:30:00'), -- goes on after others
      (905, 1, 98, '2026-11-10 12:30:00', '2026-11-10 12:45:00'), -- begins when another ends
      (906, 1, 98, '2026-10-20 00:00:00', '2026-11-01 01:00:00'), -- began before the period
      (907, 1, 98, '2026-10-30 00:00:00', '2026-11-01 00:30:00'),
      (908, 1, 99, '2026-11-10 10:00:00', '2026-11-10 11:00:00')`);
    const rows = await rowsOf(northgate, ['Database ID', 'User Name', 'Tracked Hours']);
    await admin.query('DELETE FROM review_timers WHERE id > 900');
    await admin.end();
    expect(rows).toContainEqual(['2001', 'User 98', '3.75']);
    expect(rows.filter(([, name]) => name === 'Maya Ortiz')).toContainEqual(['2001', 'Maya Ortiz', '3.50']);
  });

  it('tells the first and the last activity in the zone of the report', async () => {
    const columns = ['Database ID', 'User Name', 'First Activity', 'Last Activity', 'Time Zone'];
    const rows = await rowsOf(northgate, columns, 'America/Chicago');
    expect(rows).toContainEqual([
      '',
      'Bo Finch',
      '2026-11-01 00:00:00',
      '2026-11-02 00:00:00',
      'America/Chicago',
    ]);
    expect(rows).toContainEqual([
      ...['2001', 'Bo Finch', '2026-11-02 00:00:05', '2026-11-02 00:06:00', 'America/Chicago'],
    ]);
    expect(rows).toContainEqual(['2001', "'=Ida Stern", '', '', 'America/Chicago']);
  });

  it('takes whole days of that zone, also one of 25 hours', async () => {
    const day = { ...northgate, from: '2026-11-01', to: '2026-11-01' };
    const logins = await rowsOf(day, ['User Name', 'Logins'], 'America/Chicago');
    expect(logins).toContainEqual(['Bo Finch', '3']);
  });

  it('keeps the rows of a user who was removed since', async () => {
    const october = { ...northgate, from: '2026-10-01', to: '2026-10-31', includeZeroActivity: false };
    const columns = ['Database Name', 'User Name', 'Access Level', 'Logins', 'Document Views'];
    expect(await rowsOf(october, columns)).toEqual([
      ['(account)', 'Rex Amsel', 'Removed', '1', ''],
      ['Northgate v. Ulster, Inc.', 'Rex Amsel', 'Removed', '', '1'],
    ]);
  });

  it('leaves idle users out when asked to', async () => {
    const rows = await rowsOf({ includeZeroActivity: false }, ['User Name', 'Database Name']);
    expect(rows.filter(([name]) => name === "'=Ida Stern")).toEqual([
      ["'=Ida Stern", 'Northgate v. Ulster, Inc.'],
    ]);
  });

  it('knows only the users that were asked for', async () => {
    const userEmails = [emails.calderReviewer.toUpperCase(), emails.attorney];
    expect(await rowsOf({ userEmails }, ['Database ID', 'User Name'])).toEqual([
      ['', 'Maya Ortiz'],
      ['2002', 'Maya Ortiz'],
      ['2001', 'José Núñez'],
      ['2001', 'Maya Ortiz'],
    ]);
  });

  it('leaves blank what was not asked for, and takes it for no activity', async () => {
    const asked = { ...northgate, actions: ['search', 'export'], includeZeroActivity: false };
    const columns = ['User Name', 'Database Accesses', 'Document Views', 'Searches', 'Exports and Downloads'];
    expect(await rowsOf(asked, columns)).toEqual([
      // Timers are no action, and always told.
      ["'=Ida Stern", '', '', '0', '0'],
      ['Bo Finch', '', '', '1', '1'],
      ['Maya Ortiz', '', '', '0', '0'],
      ['User 98', '', '', '1', '0'],
    ]);
  });
});

describe('the detail', () => {
  it('has a row for each event, in order of time within each database', async () => {
    const columns = [
      'Occurred At',
      'User Name',
      'Database ID',
      'Action',
      'Object Type',
      'Nextpoint ID',
      'Details',
    ];
    const detail = {
      layout: 'detail',
      databaseIds: [caseIds.northgate],
      userEmails: [emails.calderReviewer],
    };
    expect(await rowsOf(detail, columns)).toEqual([
      ['2026-11-03 14:00:00', 'Maya Ortiz', '', 'Login', '', '', ''],
      ['2026-11-03 14:00:30', 'Maya Ortiz', '2001', 'Database Access', '', '', ''],
      ['2026-11-03 14:00:30', 'Maya Ortiz', '2001', 'Document View', 'Document', '11', ''],
      ['2026-11-03 14:02:00', 'Maya Ortiz', '2001', 'Document Review', 'Document', '11', 'Responsive'],
      ['2026-11-03 14:03:00', 'Maya Ortiz', '2001', 'Document Review', 'Document', '11', 'Not responsive'],
    ]);
  });

  it('guards texts against being taken for formulas', async () => {
    const detail = { layout: 'detail', actions: ['search'], userEmails: [emails.calderAttorney] };
    expect(await rowsOf(detail, ['Details'])).toEqual([[`'=cmd|"seal failure"\nAND 5/3`]]);
  });

  it('names users as the core schema knows them, or as the case last did', async () => {
    const detail = { layout: 'detail', actions: ['document_view'], databaseIds: [caseIds.northgate] };
    const rows = await rowsOf(detail, ['User Name', 'User Email', 'Nextpoint ID']);
    expect(rows).toContainEqual(['José Núñez', emails.attorney, '13']);
    expect(rows).toContainEqual(['Former Temp', 'temp@calderfinch.example', '15']);
  });

  it('has the accesses of a user whom the core schema does not know any more', async () => {
    const detail = { layout: 'detail', actions: ['database_access'], databaseIds: [caseIds.northgate] };
    const rows = await rowsOf(detail, ['Occurred At', 'User Name', 'User Email']);
    expect(rows.at(-1)).toEqual(['2026-11-05 09:59:00', 'Former Temp', 'temp@calderfinch.example']);
  });

  it('knows a user by one name after the access was taken away, too', async () => {
    const detail = { layout: 'detail', userEmails: [emails.calderAttorney] };
    const rows = await rowsOf(detail, ['User Name', 'User Email']);
    expect(new Set(rows.map(String))).toEqual(new Set([`Bo Finch,${emails.calderAttorney}`]));
  });
});

describe('the export of one case', () => {
  async function outcomeOf(caseId: number, parameters: object = {}) {
    const { query } = await listCases(
      { context: contextOf({ databaseIds: [caseId], ...parameters }), folder },
      limits,
    );
    const [item] = await itemsOf(storage);
    await exportCase({ case: item!, query, folder }, limits);
    return JSON.parse(await storage.text(`${folder}outcomes/000000.json`));
  }

  it('writes the rows first, and what became of the case after them', async () => {
    expect(await outcomeOf(caseIds.harbor)).toMatchObject({ status: 'ok', rows: 3 });
    const writes = storage.requests
      .filter(({ operation }) => operation === 'PutObject')
      .map(({ key }) => key);
    expect(writes.slice(-2)).toEqual([`${folder}parts/000000.jsonl`, `${folder}outcomes/000000.json`]);
  });

  it.each([
    ['is archived', caseIds.calderArchived, 'The database is archived.'],
    ['is missing', caseIds.calderMissing, 'The database could not be found.'],
    [
      'has drifted',
      caseIds.drifted,
      'The database has not been updated yet, and lacks data that the report needs.',
    ],
  ])('takes it for a result that a case %s', async (_, caseId, problem) => {
    expect(await outcomeOf(caseId)).toMatchObject({ status: 'unavailable', problem });
    expect((await storage.files()).filter((key) => key.includes('/parts/0'))).toEqual([]);
  });

  it.each(['summary', 'detail'])('knows every column that the %s reads', async (layout) => {
    const admin = await connectAsAdmin(database, caseSchema(caseIds.harbor));
    const lacking: string[] = [];
    for (const table of ['activities', 'review_timers', 'case_users']) {
      const [columns] = await admin.query('SHOW COLUMNS FROM ??', [table]);
      for (const { Field: column } of columns as { Field: string }[]) {
        await admin.query('ALTER TABLE ?? RENAME COLUMN ?? TO elsewhere', [table, column]);
        // A query that needs a column of which the probe knows nothing throws.
        const outcome = await outcomeOf(caseIds.harbor, { layout });
        if (outcome.status !== 'ok') lacking.push(...outcome.lacks);
        await admin.query('ALTER TABLE ?? RENAME COLUMN elsewhere TO ??', [table, column]);
      }
    }
    await admin.end();
    expect(lacking.length).toBeGreaterThan(6);
    expect(new Set(lacking).size).toBe(lacking.length);
  });

  it.each([
    ['current', caseIds.harbor],
    ['outdated', caseIds.drifted],
  ])('fails when a case with a %s schema refuses the query: that is a fault of ours', async (_, caseId) => {
    const { query } = await listCases({ context: contextOf({ databaseIds: [caseId] }), folder }, limits);
    const [item] = await itemsOf(storage);
    // No SQL, as a broken query would be.
    const broken = { ...query, actions: [] };
    await expect(exportCase({ case: item!, query: broken, folder }, limits)).rejects.toMatchObject({
      name: 'QueryFailed',
    });
    expect(await storage.files()).not.toContain(`${folder}outcomes/000000.json`);
  });

  it('tells of values that the server changed while it read a case', async () => {
    const admin = await connectAsAdmin(database, caseSchema(caseIds.harbor));
    await admin.query('RENAME TABLE case_users TO stored_users');
    await admin.query(
      'CREATE VIEW case_users AS SELECT user_id, CAST(name AS CHAR(2)) AS name, email FROM stored_users',
    );
    const { file } = await runReport(storage, contextOf({ databaseIds: [caseIds.harbor] }));
    await admin.query('DROP VIEW case_users');
    await admin.query('RENAME TABLE stored_users TO case_users');
    await admin.end();
    expect(file.warnings).toEqual([
      expect.stringMatching(
        /^The database changed \d+ values? while reading (it|them) \(Truncated incorrect CHAR\(2\) value \(1292\)\), .* This affects =Harbor \(2002\)\.$/,
      ),
    ]);
  });

  it('fails when the core schema is missing, which no case can be blamed for', async () => {
    const { query } = await listCases(
      { context: contextOf({ databaseIds: [caseIds.harbor] }), folder },
      limits,
    );
    const [item] = await itemsOf(storage);
    process.env.RDS_CORE_DBNAME = 'elsewhere';
    try {
      await expect(exportCase({ case: item!, query, folder }, limits)).rejects.toThrow();
    } finally {
      delete process.env.RDS_CORE_DBNAME;
    }
  });
});
