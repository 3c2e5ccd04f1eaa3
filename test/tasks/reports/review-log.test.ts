import type { RowDataPacket } from 'mysql2/promise';
import { afterEach, describe, expect } from 'vitest';
import schema from '../../../contract/request.schema.json' with { type: 'json' };
import type { ReviewLogParameters } from '../../../contract/types.ts';
import { caseIds, caseSchema, connectAsAdmin } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { format } from '../../../tasks/lib/database/format.ts';
import documentSql from '../../../tasks/reports/review-log/documents.sql';
import historySql from '../../../tasks/reports/review-log/history.sql';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { database, storage, it as test } from '../../support/fixtures.ts';

afterEach(() => storage.reset());

/** The privilege statuses of the case. */
const statuses = ['Privileged', 'Not privileged', 'Redacted'];

async function run(
  parameters: Partial<ReviewLogParameters> = { logType: 'privilege', statuses },
  timeZone = 'UTC',
) {
  const event = exportEvent(caseIds.pumps, { logType: 'privilege', ...parameters }, timeZone, 'review_log');
  const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
  return { file, rows: await rowsOf(storage, file.key) };
}

const titles = async (parameters: Partial<ReviewLogParameters>) =>
  (await run(parameters)).rows.map((row) => row.Title);

/** What plain SQL says of the case, one column. */
async function ask(sql: string): Promise<unknown[]> {
  const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
  const [rows] = await admin.query<RowDataPacket[]>(sql);
  await admin.end();
  return rows.map((row) => Object.values(row)[0]);
}

describe('A log of documents', () => {
  test('tells all of a privileged document', async () => {
    const { rows } = await run();
    expect(rows.find((row) => row['Nextpoint ID'] === '11')).toEqual({
      'Log Number': '2',
      'Nextpoint ID': '11',
      'Bates Start': 'ACME000010',
      'Bates End': 'ACME000011',
      'Parent ID': '',
      'Family Role': 'Parent',
      'Document Date': '2024-05-03',
      'Document Type': 'Email',
      Author: 'Ada Counsel',
      Recipients: 'Zoë Engineer; Bob Boss',
      CC: 'Cy Copy',
      BCC: "'@hidden",
      Title: 'RE: seal failure',
      Custodians: 'Boss, Bob',
      'Privilege Status': 'Privileged',
      'Privilege Codes': 'Attorney-Client; Work Product',
      'Privilege Notes': 'Advice on seals',
      'Withheld Or Redacted': 'Withheld',
      'Redaction Reasons': '',
      Confidentiality: 'AEO',
      'Page Count': '2',
    });
  });

  test('has each document with a status once, and none in the trash', async () => {
    const { rows } = await run();
    const expected = await ask(
      'SELECT id FROM exhibits WHERE privilege_status IS NOT NULL AND trashed_at IS NULL ORDER BY id',
    );
    expect(rows.map((row) => Number(row['Nextpoint ID'])).sort()).toEqual(expected);
  });

  test('of relevancy says who judged last, and when', async () => {
    const { rows, file } = await run({ logType: 'relevancy' }, 'America/Chicago');
    expect(file.columns.slice(10)).toEqual([
      'Relevancy Status',
      'Issues',
      'Reviewer',
      'Reviewed At',
      'Time Zone',
    ]);
    expect(rows.find((row) => row['Nextpoint ID'] === '11')).toMatchObject({
      'Relevancy Status': 'Responsive',
      Issues: 'Notice',
      Reviewer: 'Priya Raman',
      'Reviewed At': '2026-02-02 04:00:00',
      'Time Zone': 'America/Chicago',
    });
  });

  test('of confidentiality says who set the code, also one who is gone', async () => {
    const { rows } = await run({ logType: 'confidentiality' });
    expect(rows.map((row) => [row.Confidentiality, row['Set By'], row['Set At']])).toEqual([
      ['Confidential', '', ''],
      ['AEO', 'Gone Girard', '2026-02-03 10:00:00'],
    ]);
  });

  test('is numbered from 1 in the order of the file', async () => {
    const { rows } = await run({ statuses, sort: 'nextpoint_id' });
    expect(rows.map((row) => row['Log Number'])).toEqual(['1', '2', '3', '4']);
  });

  test('of privilege has what is withheld, redacted or privileged, whatever its status', async () => {
    const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
    await admin.query(`
      UPDATE exhibits SET withheld = TRUE, privilege_status = NULL WHERE id = 1;
      UPDATE exhibits SET privilege_status = 'Joint defense?' WHERE id = 2;
      UPDATE exhibits SET privilege_status = ' NOT REVIEWED ' WHERE id = 12;
      INSERT INTO exhibit_values (npcase_id, exhibit_id, field, value) VALUES (1001, 14, 'redaction_reason', 'PII')`);
    const expected = await ask(`
      SELECT id FROM exhibits WHERE trashed_at IS NULL AND (withheld OR privilege_status IN ('Privileged', 'Redacted', 'Joint defense?')
        OR id IN (SELECT exhibit_id FROM exhibit_values WHERE field = 'redaction_reason')) ORDER BY id`);
    const { rows } = await run({ sort: 'nextpoint_id' });
    await admin.query(`
      UPDATE exhibits SET withheld = FALSE, privilege_status = NULL WHERE id IN (1, 2, 12);
      DELETE FROM exhibit_values WHERE exhibit_id = 14 AND field = 'redaction_reason'`);
    await admin.end();
    expect(rows.map((row) => Number(row['Nextpoint ID'])).sort((a, b) => a - b)).toEqual(expected);
    expect(expected).toEqual([1, 2, 11, 13, 14, 16]);
    expect(rows.find((row) => row['Nextpoint ID'] === '1')!['Withheld Or Redacted']).toBe('Withheld');
  });

  test('names the statuses and folders that there are none of', async () => {
    const { file } = await run({
      statuses: ['Privilegd', 'Redacted', 'privileged'],
      scope: { folderIds: [1, 99] },
    });
    expect(file.warnings.slice(0, 2)).toEqual([
      '1 of 2 folders was found: there is no folder with the ID 99.',
      "1 of 3 statuses was found: no document has the privilege status 'Privilegd' or 'privileged'.",
    ]);
    const history = await run({ logType: 'relevancy', layout: 'history', statuses: ['Hot'] });
    expect(history.file.warnings[0]).toBe("No change set the relevancy status 'Hot'.");
  });

  test('says that it is a snapshot, and that notes may themselves be privileged', async () => {
    const { file } = await run({ statuses }, 'Asia/Tokyo');
    expect(file.warnings).toEqual([
      expect.stringMatching(/as of \w+ \d+, \d{4}, \d+:\d\d [AP]M Japan Standard Time/),
      expect.stringContaining('Notes may themselves be privileged'),
    ]);
  });
});

describe('A log of changes', () => {
  test('tells all of a change', async () => {
    const { rows } = await run({ layout: 'history' }, 'America/Chicago');
    expect(rows.find((row) => row['New Value'] === 'Not privileged')).toEqual({
      'Changed At': '2026-03-08 00:00:00',
      'Time Zone': 'America/Chicago',
      'Log Type': 'Privilege',
      'Nextpoint ID': '14',
      'Bates Start': 'ACME000001',
      'Bates End': 'ACME000009',
      Title: 'Board minutes',
      'Previous Value': 'Privileged',
      'New Value': 'Not privileged',
      Notes: 'Third party\npresent',
      'User Name': 'Priya Raman',
      'User Email': 'priya.raman@harlowpike.example',
      'Change Source': 'Single',
      'In Trash': 'No',
    });
  });

  test.each(['privilege', 'relevancy', 'confidentiality'] as const)(
    'of %s has every change',
    async (logType) => {
      const { rows } = await run({ logType, layout: 'history', sort: 'date' });
      const expected = await ask(`SELECT exhibit_id FROM ${logType}_logs ORDER BY created_at`);
      expect(rows.map((row) => Number(row['Nextpoint ID']))).toEqual(expected);
    },
  );

  test('marks documents in the trash, and keeps changes of documents that are gone', async () => {
    const { rows } = await run({ layout: 'history' });
    const marks = Object.fromEntries(rows.map((row) => [row['Nextpoint ID'], row['In Trash']]));
    expect(marks).toEqual({ 11: 'No', 13: 'No', 14: 'No', 15: 'Yes', 99: '' });
  });

  test('names users who are gone as last known', async () => {
    const { rows } = await run({ layout: 'history' });
    expect(rows.find((row) => row['Nextpoint ID'] === '11')).toMatchObject({
      'User Name': 'Gone Girard',
      'User Email': 'gone.girard@harlowpike.example',
    });
  });
});

describe('The parameter', () => {
  test('scope takes the documents of the folders named', async () => {
    expect(await titles({ statuses, scope: { folderIds: [1] } })).toEqual(['Board minutes', 'Memo']);
    expect(await titles({ scope: { folderIds: [2] }, layout: 'history' })).toEqual(['Draft']);
  });

  test('statuses takes documents that have one of them, or changes that set it', async () => {
    expect(await titles({ statuses: ['Redacted', 'Not privileged'] })).toEqual(['Board minutes', 'Memo']);
    const { rows } = await run({ layout: 'history', statuses: ['Redacted'] });
    expect(rows.map((row) => row['New Value'])).toEqual(['Redacted']);
  });

  test('from and to take whole days of the zone, also one of 23 hours', async () => {
    const days = { from: '2026-03-08', to: '2026-03-08' };
    const { rows } = await run({ layout: 'history', sort: 'date', ...days }, 'America/Chicago');
    expect(rows.map((row) => row['Changed At'])).toEqual(['2026-03-08 00:00:00', '2026-03-08 23:59:59']);
  });

  test('from and to take documents by their last change', async () => {
    expect(await titles({ statuses, to: '2026-03-08' })).toEqual(['Board minutes']);
    expect(await titles({ statuses, from: '2026-03-09' })).toEqual(['RE: seal failure', 'Memo']);
  });

  test('columns chooses columns, their order and their headers', async () => {
    const columns = [
      { field: 'Bates Start', header: 'Beginning Bates' },
      { field: 'Nextpoint ID', header: '=Control No.' },
      { field: 'Issues', header: 'Beginning Bates' },
    ];
    const { file, rows } = await run({ columns, statuses: ['Not privileged'] });
    expect(file.columns).toEqual(['Beginning Bates', "'=Control No.", 'Beginning Bates (2)']);
    expect(rows.map((row) => Object.values(row))).toEqual([['ACME000001', '14', '']]);
  });

  test('columns takes every field of the contract', async () => {
    const { DocumentField, HistoryField } = schema.$defs;
    for (const [layout, fields] of [
      ['document', DocumentField.enum],
      ['history', HistoryField.enum],
    ] as const) {
      const columns = fields.map((field) => ({ field, header: field }));
      expect((await run({ layout, columns })).file.columns).toEqual(fields);
    }
  });

  test('includeFamilies adds the other members of a family, in order, and says what each is', async () => {
    const { rows } = await run({ includeFamilies: true, statuses: ['Redacted'] });
    expect(rows.map((row) => [row.Title, row['Family Role'], row['Parent ID']])).toEqual([
      ['RE: seal failure', 'Parent', ''],
      ["'=notes.xlsx", 'Attachment', '11'],
      ['Memo', 'Attachment', '11'],
    ]);
  });

  test('multiValue writes several values one a line', async () => {
    const { rows } = await run({ statuses, multiValue: 'lines' });
    expect(rows.find((row) => row['Nextpoint ID'] === '11')!.Recipients).toBe('Zoë Engineer\nBob Boss');
  });

  test('multiValue counts values that hold the sign between them, of the columns that there are', async () => {
    const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
    await admin.query(`INSERT INTO exhibit_values (npcase_id, exhibit_id, field, position, value) VALUES
      (1001, 16, 'custodian', 1, 'Smith; Jones LLP'), (1001, 16, 'custodian', 2, 'Records')`);
    const { rows, file } = await run();
    expect(rows.at(-1)!.Custodians).toBe('Smith; Jones LLP; Records');
    expect(file.warnings.slice(2)).toEqual([
      "In the column Custodians, 1 cell contains ';' inside a value, so its values cannot be told apart.",
    ]);
    expect((await run({ statuses, multiValue: 'lines' })).file.warnings).toHaveLength(2);
    expect((await run({ logType: 'relevancy' })).file.warnings).toHaveLength(2);
    await admin.query("DELETE FROM exhibit_values WHERE exhibit_id = 16 AND field = 'custodian'");
    await admin.end();
  });

  test.each([
    ['bates', ['Board minutes', 'RE: seal failure', 'Memo', 'Undated letter']],
    ['date', ['RE: seal failure', 'Memo', 'Board minutes', 'Undated letter']],
    ['nextpoint_id', ['RE: seal failure', 'Memo', 'Board minutes', 'Undated letter']],
  ] as const)('sort by %s keeps families together, by their parent', async (sort, expected) => {
    expect(await titles({ statuses, sort })).toEqual(expected);
  });
});

test.each([
  ['documents', documentSql],
  ['changes', historySql],
])('The statement for %s stays under 16 KB, with lists as long as a request may have', async (_, sql) => {
  const { parameters } = exportEvent(
    1,
    {
      logType: 'confidentiality',
      scope: { folderIds: Array.from({ length: 300 }, (_, index) => 2_147_483_647 - index) },
      statuses: Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(50, '😀')),
    },
    'UTC',
    'review_log',
  ).context.report;
  const { folderIds } = parameters.scope as { folderIds: number[] };
  const values = { ...parameters, folderIds, timeZone: 'America/Argentina/ComodRivadavia' };
  const statement = format(sql, values);
  expect(statement).toContain('2147483647, 2147483646');
  expect(Buffer.byteLength(statement)).toBeLessThan(16 * 1024);
});
