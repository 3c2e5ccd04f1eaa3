import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { RowDataPacket } from 'mysql2/promise';
import { afterEach, describe, expect } from 'vitest';
import schema from '../../../contract/request.schema.json' with { type: 'json' };
import type { GridDataExportParameters, GridField } from '../../../contract/types.ts';
import { caseIds, caseSchema, connectAsAdmin } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { format } from '../../../tasks/lib/database/format.ts';
import { statementsOf } from '../../../tasks/lib/database/statements.ts';
import { documentFields } from '../../../tasks/lib/documents/document-fields.ts';
import { gridDataExport } from '../../../tasks/reports/grid-data-export/report.ts';
import { parseCsv } from '../../support/csv.ts';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { database, storage, it as test } from '../../support/fixtures.ts';
import { readXlsx, rowsOfSheet } from '../../support/xlsx.ts';

afterEach(() => storage.reset());

type Asked = { more?: Partial<GridDataExportParameters>; timeZone?: string; format?: 'csv' | 'xlsx' };

/** The export of these fields, of the documents named or else of all. */
async function run(fields: string[], documentIds?: number[], { more, timeZone, format = 'csv' }: Asked = {}) {
  const parameters = {
    columns: fields.map((field) => ({ field })),
    selection: documentIds ? { documentIds } : { all: true },
    ...more,
  };
  const event = exportEvent(caseIds.pumps, parameters, timeZone, 'grid_data_export', { format });
  const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
  return { file, rows: format === 'csv' ? await rowsOf(storage, file.key) : [] };
}

/** One column of the export, without the key. */
async function column(field: string, documentIds: number[], more: Partial<GridDataExportParameters> = {}) {
  const { rows } = await run([field], documentIds, { more: { includeKey: false, ...more } });
  return rows.map((row) => Object.values(row)[0]);
}

/** What plain SQL says of the case. */
async function ask(sql: string): Promise<RowDataPacket[]> {
  const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
  const [rows] = await admin.query<RowDataPacket[]>(sql);
  await admin.end();
  return rows;
}

const fields = Object.keys(documentFields) as GridField[];
const custom = (...ids: number[]) => ids.map((id) => `custom_field:${id}`);

test('Every field of a document, and its custom fields, under the titles that users know', async () => {
  const { rows } = await run([...fields, ...custom(1, 2)], [11], { timeZone: 'America/Chicago' });
  expect(rows).toEqual([
    {
      'Nextpoint ID': '11',
      'Bates Start': 'ACME000010',
      'Bates End': 'ACME000011',
      'Page Count': '2',
      'Parent ID': '',
      Title: 'RE: seal failure',
      'Document Date': '2024-05-03',
      'Document Type': 'Email',
      Author: 'Ada Counsel',
      Recipients: 'Zoë Engineer; Bob Boss',
      CC: 'Cy Copy',
      BCC: "'@hidden",
      Custodians: 'Boss, Bob',
      'File Name': 'RE seal failure.msg',
      'File Path': '/Ada Counsel/Inbox',
      'Sent At': '2024-05-03 09:05:09',
      'Received At': '2024-05-03 09:05:12',
      'Created At': '2026-01-05 03:00:00',
      'Time Zone': 'America/Chicago',
      'Relevancy Status': 'Responsive',
      'Privilege Status': 'Privileged',
      'Privilege Codes': 'Attorney-Client; Work Product',
      'Privilege Notes': 'Advice on seals',
      Withheld: 'Yes',
      'Redaction Reasons': '',
      Confidentiality: 'AEO',
      Issues: 'Notice',
      Folders: '',
      Tags: "'@trial; second chair; Hot",
      Notes: "Ask Ada & Bob\n'-before trial\nif 3 < 4",
      'Deal No.': '000123',
      "'=Region": "'+South; North; East",
    },
  ]);
});

test('The folders of a document are those that plain SQL finds, by name', async () => {
  const { rows } = await run(['folders']);
  const expected = await ask(`
    SELECT exhibits.id, COALESCE(GROUP_CONCAT(name ORDER BY name SEPARATOR '; '), '') AS names
    FROM exhibits LEFT JOIN folder_exhibits ON exhibit_id = exhibits.id LEFT JOIN folders ON folders.id = folder_id
    WHERE trashed_at IS NULL GROUP BY exhibits.id ORDER BY exhibits.id`);
  expect(rows.map((row) => row.Folders)).toEqual(expected.map(({ names }) => names));
  expect(rows.find((row) => row['Nextpoint ID'] === '14')!.Folders).toBe('Hot; Meetings');
});

test('The fields are those of the contract', () => {
  expect(schema.$defs.GridField.enum).toEqual(fields);
});

describe('The documents', () => {
  test('come in the order of the selection, each once', async () => {
    expect(await column('nextpoint_id', [14, 11, 16, 2, 11, 14])).toEqual(['14', '11', '16', '2']);
  });

  test('come by id when that is asked for', async () => {
    expect(await column('nextpoint_id', [14, 2, 11], { sort: 'nextpoint_id' })).toEqual(['2', '11', '14']);
  });

  test('are all but those in the trash when all are asked for, by id', async () => {
    const expected = await ask('SELECT id FROM exhibits WHERE trashed_at IS NULL ORDER BY id');
    const { rows, file } = await run(['title']);
    expect(rows.map((row) => Number(row['Nextpoint ID']))).toEqual(expected.map(({ id }) => id));
    expect(file.warnings).toEqual([]);
  });

  test('that were deleted or put in the trash meanwhile are left out and counted', async () => {
    const { rows, file } = await run(['title'], [1, 15, 2, 999, 4711]);
    expect(rows.map((row) => row.Title)).toEqual(['Pump drawing', 'Service log']);
    expect(file.warnings).toEqual([
      '3 of the 5 selected documents have since been deleted and are not included.',
    ]);
  });

  test('may be too many for one statement, and then none is lost and the order is kept', async () => {
    // The documents that are there lie in different statements.
    const ids = Array.from({ length: 5000 }, (_, index) => 2_000_000_000 + index);
    for (const [place, id] of [16, 14, 11, 2, 1].entries()) ids[place * 1100] = id;
    const { rows, file } = await run(['nextpoint_id'], ids);
    expect(rows.map((row) => row['Nextpoint ID'])).toEqual(['16', '14', '11', '2', '1']);
    expect(file.warnings).toEqual([
      '4,995 of the 5,000 selected documents have since been deleted and are not included.',
    ]);
  });
});

describe('The columns', () => {
  test('stand in the order and under the headers of the request', async () => {
    const columns = [
      { field: 'custom_field:2', header: 'Where' },
      { field: 'title', header: '=Name' },
      { field: 'custom_field:4' },
      { field: 'bates_start', header: 'Where' },
    ];
    const { file, rows } = await run([], [14], { more: { columns } });
    expect(file.columns).toEqual(['Nextpoint ID', 'Where', "'=Name", 'Title', 'Where (2)']);
    expect(Object.values(rows[0]!)).toEqual(['14', '', 'Board minutes', '', 'ACME000001']);
  });

  test('may have a header that is empty once what cannot be seen is gone', async () => {
    const columns = [{ field: 'title', header: '\u0001' }, { field: 'author' }];
    const { file, rows } = await run([], [1], { more: { columns } });
    expect(file.columns).toEqual(['Nextpoint ID', '', 'Author']);
    expect(Object.values(rows[0]!)[0]).toBe('1');
  });

  test('begin with the key unless it is among them or not wanted', async () => {
    expect((await run(['title'], [1])).file.columns).toEqual(['Nextpoint ID', 'Title']);
    expect((await run(['title', 'nextpoint_id'], [1])).file.columns).toEqual(['Title', 'Nextpoint ID']);
    const without = await run(['title'], [1], { more: { includeKey: false } });
    expect(without.file.columns).toEqual(['Title']);
  });

  test('of custom fields that the case lacks are refused by id', async () => {
    await expect(run(custom(1, 77, 78), [1])).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: 'parameters.columns: This case has no custom field 77, 78.',
    });
    expect(await storage.files()).toEqual([]);
  });
});

describe('A cell', () => {
  test('of several values has them joined as asked, and counts those that hold the sign between', async () => {
    const { rows, file } = await run(['custodians'], [2], { more: { multiValueDelimiter: '|' } });
    expect(rows[0]!.Custodians).toBe('Smith; Jones LLP|Records');
    expect(file.warnings).toEqual([]);
    const usual = await run(['custodians', 'tags', ...custom(2)], [2, 11]);
    expect(usual.rows[0]!.Custodians).toBe('Smith; Jones LLP; Records');
    expect(usual.file.warnings).toEqual([
      "In the column Custodians, 1 cell contains ';' inside a value, so its values cannot be told apart.",
      "In the column Tags, 1 cell contains ';' inside a value, so its values cannot be told apart.",
      "In the column =Region, 1 cell contains ';' inside a value, so its values cannot be told apart.",
    ]);
  });

  test('that is unknown is no empty line in a file of one column, which would be skipped', async () => {
    const { file, rows } = await run(['parent_id'], [1, 12], { more: { includeKey: false } });
    expect(await storage.text(file.key)).toBe('\uFEFFParent ID\r\n""\r\n11\r\n');
    expect(rows).toHaveLength(2);
  });

  test('has days and times the way of the United States when asked', async () => {
    const { rows } = await run(['document_date', 'created_at'], [11, 12], { more: { dateStyle: 'us' } });
    expect(rows.map((row) => [row['Document Date'], row['Created At']])).toEqual([
      ['05/03/2024', '01/05/2026 09:00:00'],
      ['', '01/05/2026 09:00:00'],
    ]);
  });

  test('has no apostrophe when spreadsheetSafe is false', async () => {
    expect(await column('title', [12])).toEqual(["'=notes.xlsx"]);
    expect(await column('title', [12], { spreadsheetSafe: false })).toEqual(['=notes.xlsx']);
  });

  test('of notes on privilege is plain text as it is, as in a review log', async () => {
    const notes = 'Marked <s> in the margin; R&amp;D\n\nsecond <p>aragraph';
    await ask(`INSERT INTO privilege_logs (id, npcase_id, exhibit_id, new_value, notes, created_at)
      VALUES (990, ${caseIds.pumps}, 11, 'Privileged', '${notes}', '2026-10-10')`);
    expect(await column('privilege_notes', [11])).toEqual([notes]);
    await ask('DELETE FROM privilege_logs WHERE id = 990');
  });

  test('of a custom field keeps what is no formula, and loses what cannot be seen', async () => {
    expect(await column('custom_field:3', [12])).toEqual(['<b>bold</b> "quoted"\nsecond line \\ud800 😀']);
  });

  test('is whole however long, or cut and marked', async () => {
    const [whole] = await column('notes', [2]);
    expect(whole).toMatch(/^Every entry of 2019: (oil, filter, seal; ?){2000}$/);
    const { rows, file } = await run(['notes', ...custom(3)], [2, 13], { more: { longText: 'truncate' } });
    const cells = [rows[0]!.Notes!, rows[1]!.Comment!];
    expect(cells.map((text) => [text.length, text.slice(-6)])).toEqual([
      [32_767, ' [cut]'],
      [32_767, ' [cut]'],
    ]);
    expect(file.warnings[0]).toContain(
      '2 cells were cut at 32,767 characters, the most that Excel allows, and marked "[cut]".',
    );
  });
});

describe('The full texts of cells that are cut', () => {
  const sidecar = { longText: 'sidecar' } as const;

  test.each(['csv', 'xlsx'] as const)('lie beside a %s, with their place', async (format) => {
    const asked = { format, more: format === 'csv' ? sidecar : {} };
    const { file } = await run(['notes', 'title', ...custom(3)], [11, 2, 13], asked);
    const name = file.name.replace('.csv', '-full-texts.csv');
    const key = file.key.replace(file.name, name);
    const bytes = await storage.bytes(key);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(file.sidecar).toEqual({ key, name, bytes: bytes.length, sha256, cells: 2 });
    expect(file.warnings[0]).toContain(`The full texts are in ${name}`);
    const [notes, comment] = await ask(`SELECT notes AS text FROM exhibits WHERE id = 2
      UNION ALL SELECT name FROM tags WHERE id = 7`);
    const rows = await rowsOf(storage, key);
    expect(rows.map((row) => [row.Row, row['Nextpoint ID'], row.Column])).toEqual([
      ['3', '2', 'Notes'],
      ['4', '13', 'Comment'],
    ]);
    expect(rows[0]!.Text === notes!.text.replaceAll(/<\/?p>/g, '').trim()).toBe(true);
    expect(rows[1]!.Text === comment!.text).toBe(true);
  });

  test('are nowhere when nothing was cut, or when that is what was asked for', async () => {
    const { file } = await run(['title'], [2], { more: sidecar });
    const { file: cut } = await run(['notes'], [2], { format: 'xlsx', more: { longText: 'truncate' } });
    expect([file.sidecar, cut.sidecar]).toEqual([null, null]);
    expect(cut.warnings[0]).not.toContain('full-texts');
    expect(await storage.files()).toEqual([cut.key]);
  });

  test('expire with their file', async () => {
    await run(['notes'], [2], { more: sidecar });
    const written = storage.requests.filter(({ operation }) => operation === 'PutObject');
    const tags = written.map(({ headers }) => headers['x-amz-tagging']);
    expect(tags).toEqual(['expires-in-days=7', 'expires-in-days=7']);
  });

  test('start no formula in a spreadsheet', async () => {
    const columns = [{ field: 'notes', header: '=Notes' }];
    const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
    await admin.query("UPDATE exhibits SET notes = CONCAT('=1+1', REPEAT('x', 40000)) WHERE id = 1");
    const { file } = await run([], [1], { format: 'xlsx', more: { columns } });
    await admin.query('UPDATE exhibits SET notes = NULL WHERE id = 1');
    await admin.end();
    const [row] = await rowsOf(storage, file.sidecar!.key);
    expect([row!.Column, row!.Text!.slice(0, 6)]).toEqual(["'=Notes", "'=1+1x"]);
  });

  const refuse = (refused: string[], response: ServerResponse, operation: string) => {
    if (!refused.includes(operation)) return false;
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
    return true;
  };

  test('that S3 refuses leave no file either', async () => {
    storage.interfere = ({ operation, key }, response) =>
      key.endsWith('-full-texts.csv') && refuse(['PutObject'], response, operation);
    await expect(run(['notes'], [2], { more: sidecar })).rejects.toMatchObject({ name: 'UploadFailed' });
    expect(await storage.files()).toEqual([]);
  });

  test('go when S3 refuses their file', async () => {
    storage.interfere = ({ operation, key }, response) =>
      !key.endsWith('-full-texts.csv') && refuse(['PutObject'], response, operation);
    await expect(run(['notes'], [2], { more: sidecar })).rejects.toMatchObject({ name: 'UploadFailed' });
    expect(storage.operations()).toContain('DELETE');
    expect(await storage.files()).toEqual([]);
  });
});

describe('With system headers', () => {
  const system = { headerStyle: 'system' } as const;

  test('a file parsed back is what the database holds', async () => {
    const stored = ['title', 'bates_start', 'author', 'document_type', 'notes', 'privilege_status'];
    const { file } = await run([...stored, ...custom(1, 2, 3)], undefined, { more: system });
    const text = (await storage.text(file.key)).replace('\uFEFF', '');
    const [headers, ...rows] = parseCsv(text);
    // Two fields of the case are called Deal No.
    expect(headers).toEqual(['nextpoint_id', ...stored, 'custom_field_1', 'region', 'comment']);
    const values = (
      id: number,
    ) => `(SELECT GROUP_CONCAT(REPLACE(name, ';', '\\\\;') ORDER BY taggings.id SEPARATOR '; ')
      FROM taggings JOIN tags ON tags.id = tag_id WHERE exhibit_id = exhibits.id AND custom_field_id = ${id})`;
    const expected = await ask(`SET group_concat_max_len = 1000000;
      SELECT id, ${stored}, ${values(1)}, ${values(2)}, ${values(3)} AS comment FROM exhibits
      WHERE trashed_at IS NULL ORDER BY id`);
    const fromDatabase = (expected as unknown as RowDataPacket[][])[1]!.map((row) =>
      Object.values(row).map((value) => String(value ?? '').replaceAll('\0', '')),
    );
    expect(rows).toEqual(fromDatabase);
    expect(rows.flat()).toContain('<b>bold</b> "quoted"\r\nsecond line \\ud800 😀');
  });

  test('headers of the request are not used', async () => {
    const columns = [{ field: 'title', header: 'Name' }];
    expect((await run([], [1], { more: { columns, ...system } })).file.columns).toEqual([
      'nextpoint_id',
      'title',
    ]);
  });

  const misleading = ['Title', 'Nextpoint ID', 'ID', '###', 'Deal-No', 'Custom Field 1'];
  test.each(misleading)('a custom field called %s goes by its id', async (title) => {
    await ask(`INSERT INTO custom_fields (id, npcase_id, title) VALUES (91, ${caseIds.pumps}, '${title}')`);
    const { file } = await run(custom(91), [1], { more: { ...system, includeKey: false } });
    await ask('DELETE FROM custom_fields WHERE id = 91');
    expect(file.columns).toEqual(['custom_field_91']);
  });

  test('formulas are guarded when that is asked for', async () => {
    expect(await column('title', [12], { ...system, spreadsheetSafe: true })).toEqual(["'=notes.xlsx"]);
    await ask("UPDATE exhibits SET title = '\\r=1+1' WHERE id = 1");
    await ask("UPDATE exhibits SET title = '\\0=1+1' WHERE id = 2");
    expect(await column('title', [1, 2], { ...system, spreadsheetSafe: true })).toEqual([
      "'\r'=1+1",
      "'=1+1",
    ]);
    await ask("UPDATE exhibits SET title = IF(id = 1, 'Pump drawing', 'Service log') WHERE id IN (1, 2)");
  });
});

test('A workbook has ids as texts, true days in the style asked for, and long texts cut', async () => {
  const { file } = await run(['document_date', 'notes'], [11, 2], {
    format: 'xlsx',
    more: { dateStyle: 'us' },
  });
  const sheets = readXlsx(await storage.bytes(file.key));
  expect(sheets.Rows!.cells.B2).toMatchObject({ value: 45415, format: 'mm/dd/yyyy' });
  expect(rowsOfSheet(sheets.Rows!).map((row) => row[0])).toEqual(['Nextpoint ID', '11', '2']);
  expect(file.warnings).toEqual([expect.stringContaining('1 cell was cut')]);
});

test('The statements stay under 16 KB, and use the room there is', async () => {
  const documentIds = Array.from({ length: 2000 }, (_, index) => 2_147_483_647 - index);
  const columns = [...fields, ...Array.from({ length: 150 }, (_, index) => `custom_field:${2e9 + index}`)];
  const { parameters } = exportEvent(
    1,
    { columns: columns.map((field) => ({ field })), selection: { documentIds } },
    'UTC',
    'grid_data_export',
  ).context.report;
  const query = gridDataExport.query(parameters as never);
  const values = { ...query.values, timeZone: 'America/Argentina/ComodRivadavia' };
  const lengths = statementsOf(query, values).map(({ sql, values }) =>
    Buffer.byteLength(format(sql, values)),
  );
  expect(Math.max(...lengths)).toBeLessThan(16 * 1024);
  expect(lengths[0]).toBeGreaterThan(15 * 1024);
});
