// A grid export with system names is read again as an overlay, and asks for what was edited in it, whatever it holds.
import type { S3Client } from '@aws-sdk/client-s3';
import { stringify } from 'csv-stringify/sync';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeEach, expect } from 'vitest';
import type { GridDataExportParameters, GridField } from '../../../../contract/types.ts';
import { caseIds, caseSchema } from '../../../../local/database/seed.ts';
import { handler } from '../../../../tasks/export-rows/handler.ts';
import { documentFields } from '../../../../tasks/lib/documents/document-fields.ts';
import { storageClient } from '../../../../tasks/lib/files/upload.ts';
import { checkLoadFile } from '../../../../tasks/reports/coding-overlay/check.ts';
import { readDocuments } from '../../../../tasks/reports/coding-overlay/documents.ts';
import { isSame } from '../../../../tasks/reports/coding-overlay/fields.ts';
import type { CheckedRow, OverlayParameters } from '../../../../tasks/reports/coding-overlay/job.ts';
import { openSession } from '../../../../tasks/reports/coding-overlay/session.ts';
import { linesOf } from '../../../../tasks/reports/coding-overlay/storage.ts';
import { changed } from '../../../../tasks/reports/coding-overlay/values.ts';
import { parseCsv } from '../../../support/csv.ts';
import { exportEvent } from '../../../support/exports.ts';
import { storage, it as test } from '../../../support/fixtures.ts';
import { jobOf } from './overlay-run.ts';
import { randomOf } from './property.ts';

const caseId = caseIds.empty;
let client: S3Client;
let connection: Connection;
test.beforeAll(async ({ database }) => {
  client = storageClient(10_000);
  connection = await createConnection({
    host: database.host,
    port: database.port,
    user: database.admin.user,
    password: database.admin.password,
    database: caseSchema(caseId),
    namedPlaceholders: true,
    dateStrings: true,
    multipleStatements: true,
  });
  await openSession(connection);
  // Dates of which only a part is known are in the database, too.
  await connection.query("SET sql_mode = ''");
});
afterAll(async () => {
  client?.destroy();
  await connection?.end();
});
beforeEach(async () => {
  for (const table of ['exhibits', 'exhibit_values', 'tags', 'taggings', 'custom_fields'])
    await connection.query(`TRUNCATE ${table}`);
});

/** Texts that a rule of cells, a spreadsheet or a parser could change. */
const texts = [
  ...[
    '',
    ' ',
    'a',
    'a ',
    ' a',
    '\u00a0',
    '\ufeff',
    'é',
    'e\u0301',
    '日本',
    '😀',
    '\ufffd',
    '\0=1+1',
    'a\0b',
    '\u0085x',
  ],
  ...[
    '\\',
    '\\\\',
    '\\;',
    ';',
    'a; b',
    'a;b;',
    ';;',
    'a\\; b',
    '|',
    'a | b',
    ', ',
    '"',
    '""',
    '"a", "b"',
    '\t',
    'x\t=1',
  ],
  ...[
    '=1+1',
    '+1',
    '-1',
    '@x',
    "'=1+1",
    "'",
    "''",
    "'a",
    '＝1',
    'a;=1',
    'x\n=1',
    ' =1',
    '[CLEAR]',
    '#NAME?',
    'NULL',
  ],
  ...[
    '\r\n',
    'x\ny',
    'x\ry',
    'x\r\ny\n',
    '\u2028',
    '000123',
    '123',
    '1.10',
    '1,234',
    '1E5',
    '1-2',
    '1/2/2024',
    '45123',
  ],
  ...[
    '2024-02-29',
    '0000-00-00',
    'yes',
    'No',
    'responsive',
    '®',
    'þ',
    '\u0014',
    '<p>&amp;</p>',
    '######',
    'ZoÃ«',
  ],
  'long '.repeat(40).trim(),
];
const long = `${'long '.repeat(6553)}😀${'x'.repeat(10)}`;
const dates = [null, '2024-02-29', '2024-02-00', '2024-00-00', '0000-00-00', '1000-01-01'];
const places = {
  recipients: 'recipient',
  cc: 'cc',
  bcc: 'bcc',
  custodians: 'custodian',
  privilege_codes: 'privilege_code',
  redaction_reasons: 'redaction_reason',
  issues: 'issue',
};
/** Titles that a header could take for another field, or for no field. */
const titles = [
  'Deal No.',
  'Deal-No',
  'DealValue',
  'From',
  'ID',
  'Title',
  'Page Count',
  'File Size',
  '###',
  'Custodian',
];
const types = ['text', 'date', 'number', 'checkbox', 'select', 'multiselect'];

type Random = ReturnType<typeof randomOf>;

async function fill(random: Random, documents: number) {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!;
  const insert = (table: string, columns: string, rows: unknown[][]) =>
    rows.length > 0 &&
    connection.query({
      sql: `INSERT INTO ${table} (${columns}) VALUES ?`,
      values: [rows],
      namedPlaceholders: false,
    } as never);
  const text = (length: number) => (random() < 0.1 ? null : pick(texts).slice(0, length));
  const ids = Array.from({ length: documents }, (_, index) => index + 1);
  await insert(
    'exhibits',
    'id, npcase_id, title, bates_start, document_date, document_type, author, relevancy_status, privilege_status, confidentiality_code, withheld, notes, created_at',
    ids.map((id) => [
      ...[id, 1, text(255), text(100), pick(dates), text(50), text(255), text(50), text(50), text(50)],
      ...[pick([0, 1]), pick([text(255), long, `=${long}`, `x\r\n${long}`]), '2024-01-01'],
    ]),
  );
  const values: unknown[][] = [];
  const tags: unknown[][] = [];
  const taggings: unknown[][] = [];
  await insert(
    'custom_fields',
    'id, npcase_id, title, input_type',
    titles.map((title, index) => [index + 1, 1, title, types[index % types.length]]),
  );
  for (const id of ids) {
    for (const field of Object.values(places))
      for (let position = 1; random() < 0.6; position++) values.push([1, id, field, position, pick(texts)]);
    for (const customField of [null, ...titles.map((_, index) => index + 1)])
      while (random() < 0.5) {
        tags.push([tags.length + 1, 1, customField, pick(texts)]);
        taggings.push([1, tags.length, id]);
      }
  }
  await insert('exhibit_values', 'npcase_id, exhibit_id, field, position, value', values);
  await insert('tags', 'id, npcase_id, custom_field_id, name', tags);
  await insert('taggings', 'npcase_id, tag_id, exhibit_id', taggings);
}

const fields = [
  ...(Object.keys(documentFields) as GridField[]).filter((field) => field !== 'nextpoint_id'),
  ...titles.map((_, index) => `custom_field:${index + 1}`),
];

async function exportOf(more: Partial<GridDataExportParameters>): Promise<string> {
  const parameters = {
    columns: fields.map((field) => ({ field })),
    selection: { all: true },
    headerStyle: 'system',
    ...more,
  };
  const event = exportEvent(caseId, parameters, 'America/Chicago', 'grid_data_export');
  const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
  const text = await storage.text(file.key);
  expect(file.warnings.filter((warning) => warning.includes('stands between'))).toEqual([]);
  return text;
}

/** The cells that a load file would change, as `row field`, and the codes of its errors. */
async function changesOf(jobId: string, file: string, parameters: Partial<OverlayParameters>) {
  const loadFile = `development/cases/${caseId}/requests/${jobId}.csv`;
  await storage.put(loadFile, file);
  const job = { ...jobOf({ storage, client } as never, jobId, { loadFile, ...parameters }), caseId };
  const check = await checkLoadFile(connection, job);
  expect(check.fileError).toBeNull();
  const cells: string[] = [];
  const errors: string[] = [];
  for await (const row of linesOf<CheckedRow>(client, job.bucket, `${job.folder}checked.jsonl`)) {
    errors.push(
      ...row.findings
        .filter(({ code }) => !/OV-W0[127]/.test(code))
        .map(({ code, column }) => `${row.row} ${code} ${column}`),
    );
    if (row.outcome) errors.push(`${row.row} ${row.outcome}`);
    const document = (await readDocuments(connection, [row.id!], check.fields)).get(row.id!)!;
    for (const [name, change] of Object.entries(row.changes)) {
      const current = document.values[name]!;
      if (!isSame(current, changed(current, change))) cells.push(`${row.row} ${name}`);
    }
  }
  return { cells, errors, wouldUpdate: check.counts.wouldUpdate, columns: check.columns };
}

const write = (rows: string[][], lineBreak = '\r\n') =>
  `\ufeff${stringify(rows, { record_delimiter: '\r\n', quoted: true }).replaceAll('\r\n', '\u0001').replaceAll(/\r\n?/g, '\n').replaceAll('\u0001', lineBreak)}`;

test.for([1, 2, 3, 4, 5, 6, 7, 8])(
  'An export comes back without a change, and with exactly the cells that were edited (random documents %i)',
  async (seed) => {
    const random = randomOf(seed);
    const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!;
    await fill(random, 40);
    const delimiter = pick(['; ', ';', ' | ', '|']);
    const raw = await exportOf({
      multiValueDelimiter: delimiter,
      spreadsheetSafe: pick([true, false]),
    });
    const parameters = {
      multiValueDelimiter: delimiter,
      blankMeans: pick(['skip', 'clear'] as const),
      createMissingChoices: pick([true, false]),
      stripSpreadsheetGuard: pick([true, false]),
    };
    const untouched = { cells: [], errors: [], wouldUpdate: 0 };
    const rows = parseCsv(raw.replace('\uFEFF', ''));
    expect(await changesOf(`whole-${seed}`, raw, parameters)).toMatchObject(untouched);
    // As a spreadsheet saves it whose columns were imported as text: all quoted, one kind of line break, and more of
    // these in long texts (LibreOffice).
    const saved = rows.map((row) => row.map((cell) => cell.replace(/^[\s\S]{16367}(?=.)/, '$&\n')));
    expect(await changesOf(`saved-${seed}`, write(saved, '\n'), parameters)).toMatchObject(untouched);

    const { columns } = await changesOf(`columns-${seed}`, raw, parameters);
    const writable = columns.flatMap(({ action }, place) => (action === 'write' ? place : []));
    expect(writable).toHaveLength(fields.length - 12);
    const edits: Record<string, string> = {
      ...{
        document_date: '2031-05-06',
        withheld: '',
        'custom_field:2': '2031-05-06',
        'custom_field:3': '77.5',
        'custom_field:4': '',
      },
      'custom_field:8': '2031-05-06',
      'custom_field:9': '77.5',
      'custom_field:10': '',
    };
    const edited: string[] = [];
    for (const [index, row] of rows.entries()) {
      const place = pick(writable);
      const { field } = columns[place]!;
      const cell = edits[field!] ?? `edited ${index}`;
      if (index === 0 || cell === '' || random() < 0.5) continue;
      row[place] = cell;
      edited.push(`${index + 1} ${field}`);
    }
    const result = await changesOf(`edited-${seed}`, write(rows, '\n'), {
      ...parameters,
      createMissingChoices: true,
    });
    expect(result.cells).toEqual(edited);
    expect(edited.length).toBeGreaterThan(5);
  },
);
