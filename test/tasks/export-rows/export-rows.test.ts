import { createHash } from 'node:crypto';
import { afterEach, describe, expect } from 'vitest';
import type { TranscriptMetadataParameters } from '../../../contract/types.ts';
import { caseIds, connectAsAdmin } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { format } from '../../../tasks/lib/database/format.ts';
import sql from '../../../tasks/reports/transcript-metadata/transcripts.sql';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { database, storage, it as test } from '../../support/fixtures.ts';

afterEach(() => storage.reset());

const lambda = { getRemainingTimeInMillis: () => 60_000 };

async function run(
  parameters?: TranscriptMetadataParameters,
  timeZone?: string,
  caseId: number = caseIds.pumps,
) {
  const { file, expires } = await handler(exportEvent(caseId, parameters, timeZone), lambda);
  return { file, expires, rows: await rowsOf(storage, file.key) };
}

/** A short name for each row: who or what, and which volume. */
async function names(parameters: TranscriptMetadataParameters) {
  const { rows } = await run(parameters);
  return rows.map((row) => `${row['Deponent Last Name'] || row.Title || '-'} ${row.Volume}`.trim());
}

describe('Parameters on S3', () => {
  const key = `development/cases/${caseIds.pumps}/requests/rpt-1.json`;
  const text = JSON.stringify({ deponentIds: [1], scope: 'deponents' });
  const event = () => {
    const { context } = exportEvent(caseIds.pumps);
    const { deponentIds, ...parameters } = { deponentIds: [], ...context.report.parameters };
    const parametersSha256 = createHash('sha256').update(text).digest('hex');
    const report = { ...context.report, parameters, parametersKey: key, parametersSha256 };
    return { context: { ...context, report } };
  };

  test('are read where the context left them out', async () => {
    await storage.put(key, text);
    const { file } = await handler(event(), lambda);
    const rows = await rowsOf(storage, file.key);
    expect(new Set(rows.map((row) => row['Deponent Last Name']))).toEqual(new Set(['Müller']));
  });

  test('that were changed after they were checked are refused', async () => {
    await storage.put(key, text.replace('1', '2'));
    await expect(handler(event(), lambda)).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: `parametersKey: ${key} was changed after the request.`,
    });
    expect(await storage.files()).toEqual([key]);
  });
});

const fixedColumns = [
  'Transcript Type',
  'Deponent Last Name',
  'Deponent First Name',
  'Deponent Middle Initial',
  'Deponent Suffix',
  'Deponent Type',
  'Title',
  'Description',
  'Volume',
  'Transcript Date',
  'Start Page',
  'End Page',
  'Page Count',
  'Has Video',
  'Video Synced',
  'Video Runtime',
  'Linked Exhibits',
  'Designations',
  'Objections',
  'Issues',
  'Original File Name',
  'File Format',
  'Imported At',
  'Time Zone',
  'Import Batch',
];
const customColumns = ["'=Cost", 'Court Reporter', 'Court Reporter (2)', 'Volume (2)'];

describe('The file', () => {
  test('has a byte order mark, CRLF between rows, and LF within cells', async () => {
    const { file } = await run();
    const text = await storage.text(file.key);
    expect(text.startsWith('\uFEFFTranscript Type,')).toBe(true);
    expect(text.endsWith('\r\n')).toBe(true);
    expect(text).toContain('"First line\nsecond line, with ""quotes"""');
    expect(text.match(/\r\n/g)).toHaveLength(file.rows + 1);
  });

  test('writes an empty text as "" and an unknown value as nothing', async () => {
    const { file } = await run();
    expect(await storage.text(file.key)).toContain('\r\nDeposition,,"",,,General,');
  });

  test('is what the result says it is', async () => {
    const { file } = await run();
    const bytes = await storage.bytes(file.key);
    expect(file).toEqual({
      bucket: storage.bucket,
      ...exportEvent(caseIds.pumps).context.file,
      rows: 11,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      columns: [...fixedColumns, ...customColumns],
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      warnings: ['Video Runtime is blank where the length of a video is unknown.'],
      sidecar: null,
    });
  });

  test('carries its expiry, its type and its name', async () => {
    const { file } = await run();
    const { headers } = storage.requests.find(({ operation }) => operation === 'PutObject')!;
    expect(headers).toMatchObject({
      'x-amz-tagging': 'expires-in-days=7',
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${file.name}"`,
    });
  });

  test('expires so many days after it was written, told in the zone of the report', async () => {
    const { file, expires } = await run({}, 'Pacific/Kiritimati');
    const days = (Date.parse(file.expiresAt) - Date.now()) / (24 * 60 * 60 * 1000);
    expect(days).toBeCloseTo(7, 3);
    // 14 hours ahead of UTC, all year.
    const local = new Date(Date.parse(file.expiresAt) + 14 * 60 * 60 * 1000).toISOString().slice(0, 10);
    expect(expires).toBe(`${local} (Pacific/Kiritimati)`);
  });

  test('of a case without transcripts is headers only', async () => {
    const { file } = await run({}, 'UTC', caseIds.empty);
    expect(file.rows).toBe(0);
    expect(await storage.text(file.key)).toBe(`\uFEFF${fixedColumns.join(',')}\r\n`);
  });

  test('is the same when the task runs again', async () => {
    const [first, second] = [await run(), await run()];
    expect(second.file).toEqual({ ...first.file, expiresAt: second.file.expiresAt });
  });
});

describe('A row', () => {
  test('tells all of a volume', async () => {
    const { rows } = await run({}, 'America/Chicago');
    expect(rows.find((row) => row['Original File Name'] === 'muller-v1.ptx')).toEqual({
      'Transcript Type': 'Deposition',
      'Deponent Last Name': 'Müller',
      'Deponent First Name': 'Jürgen',
      'Deponent Middle Initial': 'K',
      'Deponent Suffix': 'M.D.',
      'Deponent Type': 'General',
      Title: 'Deposition of Dr. Müller',
      Description: '',
      Volume: '1',
      'Transcript Date': '2025-09-03',
      'Start Page': '1',
      'End Page': '212',
      'Page Count': '212',
      'Has Video': 'Yes',
      'Video Synced': 'Yes',
      'Video Runtime': '01:22:05',
      'Linked Exhibits': '2',
      Designations: '2',
      Objections: '1',
      Issues: '1',
      'Original File Name': 'muller-v1.ptx',
      'File Format': 'PTX',
      'Imported At': '2026-01-15 12:30:00',
      'Time Zone': 'America/Chicago',
      'Import Batch': 'Depositions, first delivery',
      "'=Cost": "'-1200.50",
      'Court Reporter': 'Ann Lee, CSR',
      'Court Reporter (2)': '',
      'Volume (2)': '',
    });
  });

  test('of a deponent without a volume leaves the volume blank', async () => {
    const { rows } = await run();
    const row = rows.find((row) => row['Deponent Last Name'] === 'Łukasiewicz')!;
    const { Volume, Designations, 'Has Video': hasVideo, 'Transcript Date': date } = row;
    expect({ Volume, Designations, hasVideo, date }).toEqual({
      Volume: '',
      Designations: '',
      hasVideo: '',
      date: '',
    });
  });

  test('leaves an unknown date blank', async () => {
    const { rows } = await run();
    expect(rows.find((row) => row['Deponent Last Name'] === 'Nuñez, Jr.')!['Transcript Date']).toBe('');
    expect(rows.find((row) => row['Original File Name'] === 'strangename.txt')!['Imported At']).toBe('');
  });

  test('guards texts against formulas, and leaves numbers alone', async () => {
    const { rows } = await run();
    expect(rows.find((row) => row['Original File Name'] === 'strangename.txt')).toMatchObject({
      'Deponent Last Name': '\'=HYPERLINK("http://evil.example","Click")',
      'Deponent First Name': "'+1 555 0100",
      'Deponent Middle Initial': "'-5",
      'Deponent Suffix': "'@x",
      Description: "'\tindented and a bell",
      'Start Page': '-5',
    });
  });

  test('has times in the zone, both sides of the change to winter time', async () => {
    const { rows } = await run({}, 'America/Chicago');
    const imported = rows.map((row) => row['Imported At']);
    // 06:30 and 07:30 UTC are half past one twice.
    expect(imported.filter((time) => time === '2025-11-02 01:30:00')).toHaveLength(2);
  });

  test('says that a video is not synced when one of its files is not', async () => {
    const { rows } = await run();
    const row = rows.find((row) => row.Volume === '2A')!;
    expect([row['Has Video'], row['Video Synced'], row['Video Runtime']]).toEqual(['Yes', 'No', '']);
  });
});

describe('The parameter', () => {
  test('scope takes depositions, proceedings, or both', async () => {
    const types = async (scope: 'deponents' | 'proceedings' | 'both') => [
      ...new Set((await run({ scope })).rows.map((row) => row['Transcript Type'])),
    ];
    expect(await types('deponents')).toEqual(['Deposition']);
    expect(await types('proceedings')).toEqual(['Proceeding']);
    expect(await types('both')).toEqual(['Deposition', 'Proceeding']);
  });

  test('deponentIds takes only the deponents named, and no proceedings', async () => {
    expect(await names({ deponentIds: [1, 4] })).toEqual(['Łukasiewicz', 'Müller 1', 'Müller 2A']);
  });

  test('dateFrom includes its day and leaves unknown dates out', async () => {
    expect(await names({ dateFrom: '2025-11-18' })).toEqual([
      '\'=HYPERLINK("http://evil.example","Click")',
      "O'Neill 1",
      'Trial day 1 1',
    ]);
  });

  test('dateTo includes its day', async () => {
    expect(await names({ dateTo: '2025-09-03' })).toEqual(['Müller 1', '山田 1']);
  });

  test('dateFrom and dateTo take what lies between', async () => {
    expect(await names({ dateFrom: '2025-09-04', dateTo: '2025-10-10' })).toEqual([
      'Müller 2A',
      'Hearing on motion in limine',
    ]);
  });

  test('includeCustomFields leaves the custom columns out when it is false', async () => {
    const { file } = await run({ includeCustomFields: false });
    expect(file.columns).toEqual(fixedColumns);
  });

  test('onlyMissing takes rows that lack a date, a volume or a name', async () => {
    expect(await names({ onlyMissing: true })).toEqual([
      '-',
      '\'=HYPERLINK("http://evil.example","Click")',
      'Łukasiewicz',
      'Nuñez, Jr. 1',
      '-',
    ]);
  });

  test('sort by name goes by deponent and then by date, proceedings last', async () => {
    expect(await names({ sort: 'name' })).toEqual([
      '-',
      '\'=HYPERLINK("http://evil.example","Click")',
      'Łukasiewicz',
      'Müller 1',
      'Müller 2A',
      'Nuñez, Jr. 1',
      "O'Neill 1",
      '山田 1',
      '-',
      'Hearing on motion in limine',
      'Trial day 1 1',
    ]);
  });

  test('sort by date goes by date, unknown dates last', async () => {
    const { rows } = await run({ sort: 'date' });
    const dates = rows.map((row) => row['Transcript Date'] || 'unknown');
    expect(dates).toEqual([...dates].sort());
    expect(dates.at(-1)).toBe('unknown');
  });
});

test('The statement stays under 16 KB, with as many deponents as a request may name', async () => {
  const deponentIds = Array.from({ length: 1000 }, (_, index) => 2_147_483_647 - index);
  const asked = { deponentIds, dateFrom: '2026-01-01', dateTo: '2026-12-31' };
  const { parameters } = exportEvent(1, asked).context.report;
  const statement = format(sql, {
    ...parameters,
    timeZone: 'America/Argentina/ComodRivadavia',
  });
  expect(statement).toContain('2147483647, 2147483646');
  expect(Buffer.byteLength(statement)).toBeLessThan(16 * 1024);
});

test('A case whose schema is missing is CaseUnavailable, and nothing is written', async () => {
  await expect(run({}, 'UTC', caseIds.missing)).rejects.toMatchObject({ name: 'CaseUnavailable' });
  expect(storage.requests).toEqual([]);
});

describe('What the server says of values while it reads them', () => {
  /** Puts a view in place of a table. */
  async function seenThrough(columns: string, parameters: TranscriptMetadataParameters = {}) {
    const admin = await connectAsAdmin(database, `nextpoint_case_${caseIds.pumps}`);
    const [table, select] = columns.split(': ');
    await admin.query(`RENAME TABLE ${table} TO kept_rows`);
    await admin.query(`CREATE VIEW ${table} AS SELECT ${select} FROM kept_rows`);
    try {
      return await run(parameters);
    } finally {
      await admin.query(`DROP VIEW ${table}`);
      await admin.query(`RENAME TABLE kept_rows TO ${table}`);
      await admin.end();
    }
  }

  test('is a warning of the report when values were changed', async () => {
    const { file } = await seenThrough('batches: id, CAST(name AS CHAR(2)) AS name');
    expect(file.warnings.filter((text) => !text.startsWith('Video Runtime'))).toEqual([
      expect.stringMatching(/^The database changed .* \(Truncated incorrect CHAR\(2\) value \(1292\)\)/),
    ]);
  });

  test('is a warning also when it is of the titles of custom fields', async () => {
    const { file } = await seenThrough('transcript_fields: id, CAST(title AS CHAR(2)) AS title, position');
    expect(file.warnings.filter((text) => text.startsWith('The database changed'))).toHaveLength(1);
  });

  test('fails the report when values were lost, and leaves no file', async () => {
    const lost = seenThrough("batches: id, REPEAT('x', 1000000000) AS name");
    await expect(lost).rejects.toMatchObject({ name: 'AnswerIncomplete' });
    expect(await storage.files()).toEqual([]);
  });
});

test('A case whose tables are not as expected is QueryFailed', async () => {
  const admin = await connectAsAdmin(database);
  await admin.query('CREATE DATABASE nextpoint_case_5000');
  await admin.end();
  await expect(run({}, 'UTC', 5000)).rejects.toMatchObject({ name: 'QueryFailed' });
});

test('A cell of a custom field that is too long for Excel is a warning', async () => {
  const admin = await connectAsAdmin(database, `nextpoint_case_${caseIds.otherAccount}`);
  await admin.query(`
    INSERT INTO deposition_volumes (id, npcase_id, deposition_id, created_at) VALUES (1, 1005, 1, '2026-01-01');
    INSERT INTO transcript_fields VALUES (1, 1005, 'Notes', 1);
    INSERT INTO transcript_field_values VALUES (1, 1005, 1, 1, REPEAT('é', 32768 / 2 * 1.5));
    ALTER TABLE transcript_field_values MODIFY value LONGTEXT;
    UPDATE transcript_field_values SET value = REPEAT('é', 2000000);`);
  await admin.end();
  const { file, rows } = await run({}, 'UTC', caseIds.otherAccount);
  expect(rows[0]!.Notes).toHaveLength(2_000_000);
  expect(file.warnings).toHaveLength(1);
});
