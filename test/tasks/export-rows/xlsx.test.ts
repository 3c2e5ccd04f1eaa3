import { createHash } from 'node:crypto';
import { afterEach, describe, expect } from 'vitest';
import { caseIds, connectAsAdmin, fillCase } from '../../../local/database/seed.ts';
import { type ExportRowsEvent, exportRows } from '../../../tasks/export-rows/handler.ts';
import { parseCsv } from '../../support/csv.ts';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { database, storage, it as test } from '../../support/fixtures.ts';
import { type Cell, readXlsx, rowsOfSheet } from '../../support/xlsx.ts';

afterEach(() => storage.reset());

/** Of the seeded case. */
const warning = 'Video Runtime is blank where the length of a video is unknown.';
const limits = { time: 40_000, stall: 5_000, request: 10_000, grace: 1_000 };

function xlsxEvent(caseId: number = caseIds.pumps, timeZone?: string): ExportRowsEvent {
  return exportEvent(caseId, {}, timeZone, undefined, { format: 'xlsx' });
}

async function run(event: ExportRowsEvent) {
  const { file } = await exportRows(event, limits);
  return { file, bytes: await storage.bytes(file.key) };
}

async function change(caseId: number, statements: string) {
  const admin = await connectAsAdmin(database, `nextpoint_case_${caseId}`);
  await admin.query(statements);
  await admin.end();
}

describe('An XLSX', () => {
  test('holds what the CSV holds, without apostrophes', async () => {
    const { Rows } = readXlsx((await run(xlsxEvent(caseIds.pumps, 'America/Chicago'))).bytes);
    const csv = await run(exportEvent(caseIds.pumps, {}, 'America/Chicago'));
    const expected = parseCsv(Buffer.from(csv.bytes).toString('utf8').replace('\uFEFF', ''));
    for (const cell of Object.values(Rows!.cells)) cell.value = textOf(cell);
    const written = rowsOfSheet(Rows!).map((row) => row.map((value) => value ?? ''));
    expect(written).toEqual(expected.map((row) => row.map((text) => text.replace(/^'(?=[=+\-@\t\n])/, ''))));
  });

  test('has true dates, true times and true numbers', async () => {
    const { Rows } = readXlsx((await run(xlsxEvent())).bytes);
    const rows = rowsOfSheet(Rows!);
    const types = (header: string) => {
      const column = rows[0]!.indexOf(header);
      return new Set(rows.slice(1).flatMap((row) => (row[column] === null ? [] : [typeof row[column]])));
    };
    for (const header of ['Transcript Date', 'Imported At', 'Start Page', 'Designations', 'Video Runtime'])
      expect(types(header), header).toEqual(new Set(['number']));
    for (const header of ['Volume', 'Title']) expect(types(header), header).toEqual(new Set(['string']));
  });

  test('says in its Read Me what it is', async () => {
    const event = xlsxEvent(caseIds.pumps, 'Asia/Tokyo');
    const { Rows, 'Read Me': sheet } = readXlsx((await run(event)).bytes);
    const { cells } = sheet!;
    const { report, subject, scopeDescription, requester, requestedAt } = event.context;
    const lines = Object.entries(cells).flatMap(([place, { value }]) =>
      place.startsWith('A') && value ? [[value, cells[place.replace('A', 'B')]!.value]] : [],
    );
    const columnLines = lines.slice(lines.findIndex(([label]) => label === 'Column') + 1);
    expect(lines).toEqual([
      ['Report', report.title],
      ['Contents', scopeDescription],
      ['Database', `${subject.name} (${caseIds.pumps})`],
      ['Requested By', `${requester.name} <${requester.email}>`],
      ['Requested At', requestedAt],
      ['Data As Of', expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(Asia\/Tokyo\)$/)],
      ['Time Zone', 'Asia/Tokyo'],
      ['Rows', '11'],
      ['Reference', 'job-1'],
      ['Available Until', expect.stringMatching(/^\d{4}-\d\d-\d\d \(Asia\/Tokyo\)$/)],
      ['Please Note', warning],
      ['Column', 'What it holds'],
      ...columnLines,
    ]);
    expect(columnLines.map(([header]) => header)).toEqual(rowsOfSheet(Rows!)[0]);
  });

  test('is what the result says it is', async () => {
    const { file, bytes } = await run(xlsxEvent());
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(file).toMatchObject({ rows: 11, bytes: bytes.length, sha256, warnings: [warning] });
    expect(file.columns).toContain('=Cost');
  });

  test('cuts what is too long for Excel, marks it and counts it', async () => {
    await change(
      caseIds.otherAccount,
      `INSERT INTO deposition_volumes (id, npcase_id, deposition_id, created_at) VALUES (1, 1005, 1, '2026-01-01');
      ALTER TABLE deposition_volumes MODIFY description LONGTEXT;
      UPDATE deposition_volumes SET description = CONCAT('x', REPEAT('😀', 20000));`,
    );
    const { file, bytes } = await run(xlsxEvent(caseIds.otherAccount));
    const sheets = readXlsx(bytes);
    const texts = rowsOfSheet(sheets.Rows!)[1]!.filter((value) => String(value).endsWith(' [cut]'));
    expect(texts).toEqual([`x${'😀'.repeat(16_380)} [cut]`]);
    const fullTexts = file.name.replace('.csv', '-full-texts.csv');
    const cutWarning = `1 cell was cut at 32,767 characters, the most that Excel allows, and marked "[cut]". The full text is in ${fullTexts}.`;
    expect(await rowsOf(storage, file.sidecar!.key)).toEqual([
      { Row: '2', Column: 'Description', Text: `x${'😀'.repeat(20_000)}` },
    ]);
    expect(file.warnings).toEqual([cutWarning]);
    expect(sheets['Read Me']!.cells.B11).toMatchObject({ value: cutWarning });
  });
});

describe('An XLSX in parts', () => {
  test.beforeAll(async ({ database }) => {
    // About 50 MB even deflated, so that four parts on their way to S3 leave some of it on the server.
    await fillCase(database, caseIds.large, 25_000);
    await change(
      caseIds.large,
      `UPDATE deposition_volumes
      SET description = CONCAT(HEX(RANDOM_BYTES(1000)), HEX(RANDOM_BYTES(1000)))`,
    );
  });

  async function expectNothingLeft() {
    expect(storage.operations()).toContain('AbortMultipartUpload');
    expect(await storage.files()).toEqual([]);
  }

  test('that S3 refuses is UploadFailed, and nothing is left', async () => {
    storage.interfere = ({ operation }, response) => {
      if (operation !== 'UploadPart') return false;
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
      return true;
    };
    await expect(run(xlsxEvent(caseIds.large))).rejects.toMatchObject({ name: 'UploadFailed' });
    await expectNothingLeft();
  });

  test('whose database goes away is ConnectionLost, and nothing is left', async () => {
    let stopped: Promise<void> | undefined;
    storage.interfere = async ({ operation }) => {
      if (operation !== 'UploadPart') return false;
      stopped ??= database.stop('SIGKILL');
      await stopped;
      return false;
    };
    await expect(run(xlsxEvent(caseIds.large))).rejects.toMatchObject({ name: 'ConnectionLost' });
    await expectNothingLeft();
    await database.start();
    process.env.RDS_READER_ENDPOINT = `${database.host}:${database.port}`;
  });
});

/** The text of the CSV for a cell of the XLSX. */
function textOf({ value, format }: Cell): string {
  if (typeof value === 'string' || !format || format === '#,##0') return String(value);
  if (format === '[h]:mm:ss') {
    const hours = String(Math.floor(value * 24 + 1e-9)).padStart(2, '0');
    return hours + new Date(Math.round(value * 86_400) * 1000).toISOString().slice(13, 19);
  }
  const moment = new Date(Date.UTC(1899, 11, 30) + Math.round(value * 86_400) * 1000);
  return moment.toISOString().replace('T', ' ').slice(0, format.length);
}
