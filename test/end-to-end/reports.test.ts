import { PutObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import type { RowDataPacket } from 'mysql2';
import { expect } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin } from '../../local/database/seed.ts';
import { paralegal, request } from '../support/messages.ts';
import { it } from '../support/stack.ts';
import { readXlsx, rowsOfSheet } from '../support/xlsx.ts';

/** Report type, parameters, title in the mail, SQL that counts the rows, words in the mail. */
it.for([
  [
    'deposition_summary',
    {},
    'Designation Summary',
    `SELECT COUNT(*) AS count FROM deposition_clips
     JOIN deposition_volumes ON deposition_volumes.id = deposition_volume_id WHERE deposition_id IS NOT NULL`,
    'Every clip; depositions',
  ],
  [
    'deposition_summary',
    { layout: 'counts', includeProceedings: true },
    'Designation Summary',
    // And the total.
    `SELECT COUNT(DISTINCT COALESCE(deposition_id, -deposition_volume_id), COALESCE(label_id, 0)) + 1 AS count
     FROM deposition_clips JOIN deposition_volumes ON deposition_volumes.id = deposition_volume_id`,
    'Clips counted by deponent and label',
  ],
  [
    'review_log',
    { logType: 'privilege' },
    'Privilege Log',
    `SELECT COUNT(*) AS count FROM exhibits
     WHERE trashed_at IS NULL AND (withheld OR privilege_status IN ('Privileged', 'Redacted'))`,
    'Notes may themselves be privileged',
  ],
  [
    'review_log',
    { layout: 'history', logType: 'relevancy' },
    'Relevancy Log',
    'SELECT COUNT(*) AS count FROM relevancy_logs',
    'One row for each change',
  ],
  [
    'grid_data_export',
    { columns: [{ field: 'title' }, { field: 'custom_field:1' }], selection: { all: true } },
    'Grid Export',
    'SELECT COUNT(*) AS count FROM exhibits WHERE trashed_at IS NULL',
    'All documents; 2 chosen columns',
  ],
  [
    'grid_data_export',
    { includeKey: false, columns: [{ field: 'tags' }], selection: { documentIds: [11, 15, 1] } },
    'Grid Export',
    'SELECT COUNT(*) AS count FROM exhibits WHERE trashed_at IS NULL AND id IN (11, 15, 1)',
    '1 of the 3 selected documents has since been deleted and is not included.',
  ],
] as const)(
  '%s with %o is mailed as a link, under its own title',
  async ([reportType, parameters, title, sql, words], { stack }) => {
    const [first = 'plain'] = Object.values(parameters);
    const jobId = `${reportType}-${typeof first === 'object' ? 'list' : first}`;
    const { eventDetail } = await stack.ask(request(jobId, { reportType, parameters }));
    const [mail] = await stack.mailsOf(jobId, 1);
    expect(mail!.subject).toContain(`Yer ${title} report be ready`);
    expect(mail!.text).toContain(words);

    const link = /https?:\/\/\S+\/download/.exec(mail!.text!)![0];
    const response = await fetch(link);
    const rows = parse(Buffer.from(await response.arrayBuffer()), { columns: true, bom: true });
    const database = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
    const [[expected]] = await database.query<RowDataPacket[]>(sql);
    await database.end();
    expect(rows).toHaveLength(expected!.count);
    expect(eventDetail.file.rows).toBe(rows.length);
  },
);

it('reads a long selection from S3', async ({ stack }) => {
  const documentIds = Array.from({ length: 100_000 }, (_, index) => 1_000_000 - index).concat(14, 11);
  const parametersKey = `development/cases/${caseIds.pumps}/requests/long-selection.json`;
  const Body = JSON.stringify({ columns: [{ field: 'title' }], selection: { documentIds } });
  await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: parametersKey, Body }));
  const more = { reportType: 'grid_data_export', parametersKey };
  const { eventDetail } = await stack.ask(request('long-selection', more));
  expect(eventDetail.file).toMatchObject({
    rows: 2,
    columns: ['Nextpoint ID', 'Title'],
    warnings: ['100,000 of the 100,002 selected documents have since been deleted and are not included.'],
  });
});

it('links in the mail to the full texts of cells that a workbook cuts', async ({ stack }) => {
  const parameters = { columns: [{ field: 'notes' }], selection: { documentIds: [2] } };
  const more = { reportType: 'grid_data_export', parameters, format: 'xlsx' };
  const { eventDetail } = await stack.ask(request('long-texts', more));
  const [mail] = await stack.mailsOf('long-texts', 1);
  expect(mail!.text).toContain(`The full text is in ${eventDetail.file.sidecar.name}`);
  const link = /https?:\/\/\S+\/download\?part=full-texts/.exec(mail!.text!)![0];
  const [row] = parse<Record<string, string>>(Buffer.from(await (await fetch(link)).arrayBuffer()), {
    columns: true,
    bom: true,
  });
  expect(row).toMatchObject({ Row: '2', 'Nextpoint ID': '2', Column: 'Notes' });
  expect(row!.Text).toMatch(/^Every entry of 2019: (oil, filter, seal; ?){2000}$/);
});

it('refuses a custom field that the case does not have, which only its own database knows', async ({
  stack,
}) => {
  const parameters = { columns: [{ field: 'custom_field:77' }], selection: { all: true } };
  const failed = await stack.ask(request('lacking', { reportType: 'grid_data_export', parameters }));
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: {
      error: 'InvalidRequest',
      cause: 'parameters.columns: This case has no custom field 77.',
      redrivable: false,
    },
  });
});

it('delivers an XLSX that describes itself', async ({ stack }) => {
  const { eventDetail } = await stack.ask(request('workbook', { format: 'xlsx' }));
  const [mail] = await stack.mailsOf('workbook', 1);
  const [attachment] = mail!.attachments;
  expect(attachment!.filename).toMatch(/^transcript-metadata_.*\.xlsx$/);
  const sheets = readXlsx(attachment!.content as Buffer);
  expect(rowsOfSheet(sheets.Rows!)).toHaveLength(eventDetail.file.rows + 1);
  expect(sheets['Read Me']!.cells).toMatchObject({
    B1: { value: 'Transcript Metadata' },
    B3: { value: `Müller v. Acme Pumps, Inc. (Trial) (${caseIds.pumps})` },
    B8: { value: `${eventDetail.file.rows}` },
  });
});

it('A dry run ends with what the report would deliver, without file, mail and delivery', async ({
  stack,
}) => {
  const dryRun = { dryRun: true, delivery: { mode: 'link' } };
  const { eventType, eventDetail } = await stack.ask(request('dry-run', dryRun));
  expect(eventType).toBe('REPORT_COMPLETED');
  expect(eventDetail).not.toHaveProperty('file');
  const real = await stack.ask(request('in-earnest', { delivery: { mode: 'link' } }));
  expect(eventDetail).toMatchObject({
    dryRun: true,
    forecast: {
      rows: real.eventDetail.file.rows,
      delivery: { mode: 'link', recipients: [{ email: paralegal.email, outside: false }] },
    },
  });

  const refused = await stack.ask(request('dry-run-refused', { dryRun: true, format: 'pdf' }));
  expect(refused).toMatchObject({ eventType: 'REPORT_FAILED', eventDetail: { error: 'InvalidRequest' } });
  await expect
    .poll(async () => (await stack.executions('announce-failure')).map(({ status }) => status))
    .not.toContain('RUNNING');
  // The mail of the real report is the only one.
  await stack.mailsOf('in-earnest', 1);
  for (const jobId of ['dry-run', 'dry-run-refused']) {
    expect(await stack.mailsOf(jobId, 0)).toEqual([]);
    expect(await stack.keysUnder(`cases/${caseIds.pumps}/exports/transcript_metadata-${jobId}/`)).toEqual([]);
  }
  const deliveries = (await stack.executions('deliver-report')).map(({ name }) => name);
  expect(deliveries.filter((name) => name!.includes('dry-run'))).toEqual([]);
});
