// The coding overlay from the request to the mail, and back again.
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import { afterEach, expect, vi } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin, emails, userIds } from '../../local/database/seed.ts';
import { documentFields } from '../../tasks/lib/documents/document-fields.ts';
import { cancel, paralegal, request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';
import { readXlsx, rowsOfSheet } from '../support/xlsx.ts';

const attorney = { userId: userIds.attorney, email: emails.attorney };

// The start of the stack is no part of the first test's time.
it.beforeAll(({ stack }) => void stack);

const releases: (() => unknown)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0)) await release();
});

async function overlayOf(
  stack: TestStack,
  jobId: string,
  file: string,
  parameters: object = {},
  more: object = {},
) {
  const loadFile = `development/cases/${caseIds.pumps}/requests/${jobId} load file.csv`;
  await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: loadFile, Body: file }));
  return request(jobId, {
    reportType: 'coding_overlay',
    requestedBy: attorney,
    parameters: { loadFile, ...parameters },
    ...more,
  });
}

const restoreOf = (jobId: string, restore: string) =>
  request(jobId, { reportType: 'coding_overlay', requestedBy: attorney, parameters: { restore } });

/** Runs a statement on the case with a connection of its own, since a test takes the server down. */
async function query<Row>({ database }: TestStack, sql: string): Promise<Row[]> {
  const connection = await connectAsAdmin(database, caseSchema(caseIds.pumps));
  const [rows] = await connection.query(sql);
  await connection.end();
  return rows as Row[];
}

async function titles(stack: TestStack): Promise<Record<number, string | null>> {
  type Exhibit = { id: number; title: string | null };
  const exhibits = await query<Exhibit>(stack, 'SELECT id, title FROM exhibits ORDER BY id');
  return Object.fromEntries(exhibits.map(({ id, title }) => [id, title]));
}

it('is applied, mailed with its numbers and files, and taken back', async ({ stack }) => {
  const before = await titles(stack);
  const done = await stack.ask(
    await overlayOf(stack, 'first', 'Nextpoint ID,Title,Tags\n11,Changed,Hot\n12,Other,\n9999,x,\n'),
  );
  expect(done).toMatchObject({ eventType: 'REPORT_COMPLETED' });
  const { file } = done.eventDetail;
  expect(file.overlay).toMatchObject({
    restores: null,
    stopped: null,
    counts: { rowsRead: 3, documentsUpdated: 2, rowsNotMatched: 1, cellsChanged: 3 },
  });
  type Part = { kind: string; rows: number };
  expect(file.overlay.files.map(({ kind, rows }: Part) => [kind, rows])).toEqual([
    ['rejects', 1],
    ['backup', 2],
    ['mapping', 3],
  ]);
  expect(await titles(stack)).toMatchObject({ 11: 'Changed', 12: 'Other' });
  const results = parse(await stack.textOf(file.key), { bom: true, columns: true }) as Record<
    string,
    string
  >[];
  expect(results.map(({ Row, Result }) => [Row, Result])).toEqual([
    ['1', ''],
    ['1', ''],
    ['1', ''],
    ['2', 'Updated'],
    ['3', 'Updated'],
    ['4', 'Error'],
  ]);
  const [mail] = await stack.mailsOf('first', 1);
  expect(mail!.text).toMatch(/Documents updated +2/);
  expect(mail!.text).toContain('?part=backup');
  expect(mail!.attachments).toHaveLength(1);
  const link = /rejects\.csv: (\S+)/.exec(mail!.text!)![1]!;
  const rejects = await (
    await fetch(new URL(new URL(link).pathname + new URL(link).search, stack.railsUrl))
  ).text();
  expect(rejects).toContain('OV-R02');

  const restored = await stack.ask(restoreOf('first-back', 'first'));
  expect(restored.eventDetail.file.overlay).toMatchObject({
    restores: 'first',
    counts: { documentsUpdated: 2 },
  });
  expect(await titles(stack)).toEqual(before);
});

it('changes nothing with a grid export that comes back as it is, and one cell when one was edited', async ({
  stack,
}) => {
  await query(
    stack,
    `UPDATE exhibits SET author = '=1+1\\r\\n; a', notes = "'-x\\t=2" WHERE id = 12;
     INSERT INTO exhibit_values (npcase_id, exhibit_id, field, position, value) VALUES
       (1, 12, 'custodian', 8, 'Smith; Jones LLP'), (1, 12, 'custodian', 9, 'a\\\\')`,
  );
  const before = await titles(stack);
  const fields = Object.keys(documentFields).filter((field) => field !== 'nextpoint_id');
  const exported = await stack.ask(
    request('export', {
      reportType: 'grid_data_export',
      requestedBy: attorney,
      parameters: {
        columns: [...fields, 'custom_field:1', 'custom_field:2', 'custom_field:5'].map((field) => ({
          field,
        })),
        selection: { all: true },
        headerStyle: 'system',
      },
    }),
  );
  const text = await stack.textOf(exported.eventDetail.file.key);
  const same = await stack.ask(await overlayOf(stack, 'round-trip', text));
  const { overlay, rows } = same.eventDetail.file;
  expect(overlay).toMatchObject({ stopped: null, counts: { documentsUpdated: 0, rowsWithErrors: 0 } });
  expect(overlay.counts.documentsUnchanged).toBe(overlay.counts.rowsRead);
  expect(rows).toBeGreaterThan(10);

  const edited = await stack.ask(await overlayOf(stack, 'edited', text.replace('Pump drawing', 'Edited')));
  expect(edited.eventDetail.file.overlay.counts).toMatchObject({ documentsUpdated: 1, cellsChanged: 1 });
  expect(await titles(stack)).toEqual({ ...before, 1: 'Edited' });
  await stack.ask(restoreOf('edited-back', 'edited'));
  expect(await titles(stack)).toEqual(before);
});

it('is applied as its dry run checked it, and refused once the load file has changed', async ({ stack }) => {
  const before = await titles(stack);
  const file = 'Nextpoint ID,Title\n11,Checked\n';
  await stack.ask(await overlayOf(stack, 'check', file, { dryRun: true }));
  const checkedBy = 'check';
  const changed = await stack.ask(await overlayOf(stack, 'changed', `${file}12,Not\n`, { checkedBy }));
  expect(changed.eventDetail).toMatchObject({
    error: 'InvalidRequest',
    cause: 'parameters.checkedBy: The load file was changed after the dry run check. Check it again.',
  });
  expect(await titles(stack)).toEqual(before);
  await stack.ask(await overlayOf(stack, 'checked', file, { checkedBy }));
  expect(await titles(stack)).toEqual({ ...before, 11: 'Checked' });
  await stack.ask(restoreOf('checked-back', 'checked'));
});

it('writes nothing on a dry run or for a file with an error, and reports both', async ({ stack }) => {
  const before = await titles(stack);
  const dry = await stack.ask(
    await overlayOf(stack, 'dry', 'Nextpoint ID,Title\n11,Changed\n', { dryRun: true }, { format: 'xlsx' }),
  );
  expect(dry.eventDetail.file.overlay).toMatchObject({ stopped: 'dryRun', counts: { wouldUpdate: 1 } });
  const { bucket: Bucket, key: Key, name, contentType } = dry.eventDetail.file;
  expect(name + contentType).toMatch(/\.xlsx.*spreadsheetml\.sheet$/);
  const { Body } = await stack.clients.s3.send(new GetObjectCommand({ Bucket, Key }));
  const { Rows, 'Read Me': readMe } = readXlsx(await Body!.transformToByteArray());
  expect(rowsOfSheet(Rows!).at(-1)!.slice(0, 5)).toEqual([
    '2',
    'nextpoint_id',
    '11',
    '11',
    'Would be updated',
  ]);
  expect(Object.values(readMe!.cells).map(({ value }) => value)).toContain(
    'This was a dry run. Nothing was changed.',
  );
  const bad = await stack.ask(await overlayOf(stack, 'bad', 'Nextpoint ID,Title\n11,"Changed\n'));
  expect(bad.eventDetail.file.overlay).toMatchObject({ stopped: 'fileError' });
  expect((await stack.mailsOf('bad', 1))[0]!.subject).toContain('with issues');
  const many = await stack.ask(
    await overlayOf(stack, 'many', 'Nextpoint ID,Title\n11,Changed\n,x\n', { maxErrors: 0 }),
  );
  expect(many.eventDetail.file.overlay).toMatchObject({ stopped: 'maxErrors', counts: { notAttempted: 1 } });
  expect(await titles(stack)).toEqual(before);
});

it.for([
  ['a user without Advanced access', { requestedBy: paralegal }, 'AccessLevelTooLow', /Advanced access/],
  [
    "a file outside the case's requests",
    { parameters: { loadFile: 'development/cases/1/requests/x.csv' } },
    'InvalidRequest',
    /not under/,
  ],
  [
    'a restore without a backup',
    { parameters: { restore: 'unknown' } },
    'NothingToRestore',
    /no backup of overlay unknown/,
  ],
  [
    'a file and a restore at once',
    { parameters: { loadFile: 'development/cases/1/requests/x.csv', restore: 'x' } },
    'InvalidRequest',
    /parameters/,
  ],
] as const)('is refused for %s', async ([name, more, error, cause], { stack }) => {
  const message = await overlayOf(stack, `refused-${name.length}`, 'x', {}, more);
  const failed = await stack.ask(message);
  expect(failed).toMatchObject({ eventType: 'REPORT_FAILED', eventDetail: { error, redrivable: false } });
  expect(failed.eventDetail.cause).toMatch(cause);
});

it('is refused while another has the turn, by its name', async ({ stack }) => {
  await query(
    stack,
    `REPLACE INTO overlay_turns (npcase_id, job_id, load_file, taken_at) VALUES (${caseIds.pumps}, 'other', 'other.csv', UTC_TIMESTAMP())`,
  );
  releases.push(() => query(stack, 'UPDATE overlay_turns SET job_id = NULL'));
  const failed = await stack.ask(await overlayOf(stack, 'second', 'Nextpoint ID,Title\n11,Changed\n'));
  expect(failed.eventDetail).toMatchObject({ error: 'OverlayRunning', redrivable: false });
  expect(failed.eventDetail.cause).toContain('other.csv (job other)');
});

/** Keeps chunks from writing until it is let go. */
async function lock(stack: TestStack, id: number) {
  const other = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
  other.on('error', () => {});
  await other.beginTransaction();
  await other.query('SELECT id FROM exhibits WHERE id = ? FOR UPDATE', [id]);
  const release = () => other.end().catch(() => {});
  releases.push(release);
  return release;
}

it('that failed between backup and results goes on where it failed, and counts the same', async ({
  stack,
}) => {
  const before = await titles(stack);
  const release = await lock(stack, 11);
  const earlier = stack.invocations('apply-overlay');
  await stack.rails.publish(await overlayOf(stack, 'failing', 'Nextpoint ID,Title\n11,Changed\n13,Other\n'));
  await vi.waitFor(() => expect(stack.invocations('apply-overlay')).toBe(earlier + 1), 20_000);
  const restore = await stack.outage('database');
  const failed = await stack.ended('failing');
  expect(failed).toMatchObject({ eventType: 'REPORT_FAILED', eventDetail: { redrivable: true } });
  await restore();
  await release();
  const done = await stack.redrive('coding-overlay', 'failing');
  expect(done.eventDetail.file.overlay).toMatchObject({
    stopped: null,
    counts: { rowsRead: 2, documentsUpdated: 2 },
  });
  expect(await titles(stack)).toMatchObject({ 11: 'Changed', 13: 'Other' });
  await stack.ask(restoreOf('failing-back', 'failing'));
  expect(await titles(stack)).toEqual(before);
});

it('that failed and was taken back is not written by a redrive', async ({ stack }) => {
  const before = await titles(stack);
  const release = await lock(stack, 11);
  const earlier = stack.invocations('apply-overlay');
  await stack.rails.publish(await overlayOf(stack, 'undone', 'Nextpoint ID,Title\n11,Changed\n'));
  await vi.waitFor(() => expect(stack.invocations('apply-overlay')).toBe(earlier + 1), 20_000);
  const restore = await stack.outage('database');
  await stack.ended('undone');
  await restore();
  await release();
  await stack.ask(restoreOf('undone-back', 'undone'));
  const failed = await stack.redrive('coding-overlay', 'undone');
  // The child of the Map says why: OverlayRestored.
  expect(failed.eventDetail).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
  expect(await titles(stack)).toEqual(before);
});

it('that is cancelled writes nothing more, and mails how far it came', async ({ stack }) => {
  const before = await titles(stack);
  const release = await stack.hold('lambda');
  releases.push(release);
  await stack.rails.publish(await overlayOf(stack, 'cancelled', 'Nextpoint ID,Title\n11,Changed\n'));
  await vi.waitFor(
    async () => expect(await stack.statesEntered('coding-overlay')).toContain('Load context'),
    20_000,
  );
  await stack.rails.publish(cancel('cancelled', { reportType: 'coding_overlay', requestedBy: attorney }));
  await vi.waitFor(async () => {
    expect(
      await stack.textOf('development/tmp/coding_overlay-cancelled/cancel.json').catch(() => ''),
    ).toContain(emails.attorney);
  }, 20_000);
  await release();
  const cancelled = await stack.ended('cancelled');
  expect(cancelled).toMatchObject({
    eventType: 'REPORT_CANCELLED',
    status: 'CANCELLED',
    eventDetail: {
      stage: 'report',
      file: { overlay: { stopped: 'cancelled', counts: { rowsRead: 1, notAttempted: 1 } } },
    },
  });
  expect(cancelled.eventDetail.cause).toContain(emails.attorney);
  expect((await stack.mailsOf('cancelled', 1))[0]!.text).toContain('was cancelled');
  expect(await titles(stack)).toEqual(before);
  await stack.rails.publish(cancel('cancelled', { reportType: 'coding_overlay', requestedBy: attorney }));
  await vi.waitFor(() => expect(stack.eventTypes('cancelled')).toContain('REPORT_REFUSED'), 20_000);
});
