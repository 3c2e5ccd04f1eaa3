// The coding overlay from the request to the mail, and back again.
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { parse } from 'csv-parse/sync';
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin, emails, userIds } from '../../local/database/seed.ts';
import type { Stack } from '../../local/stack.ts';
import {
  ask,
  cancel,
  ended,
  executions,
  eventTypes,
  mailsOf,
  paralegal,
  redrive,
  request,
  startTestStack,
  stateNames,
  statesEntered,
} from '../support/stack.ts';

let stack: Stack;
let database: Connection;
const attorney = { userId: userIds.attorney, email: emails.attorney };

beforeAll(async () => {
  stack = await startTestStack();
  database = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
});
const releases: (() => unknown)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0)) await release();
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
});

async function overlayOf(jobId: string, file: string, parameters: object = {}, more: object = {}) {
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

async function textOf(key: string): Promise<string> {
  const { Body } = await stack.clients.s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key: key }));
  return Body!.transformToString();
}

async function titles(): Promise<Record<number, string | null>> {
  const [rows] = await database.query('SELECT id, title FROM exhibits ORDER BY id');
  return Object.fromEntries(
    (rows as { id: number; title: string | null }[]).map(({ id, title }) => [id, title]),
  );
}

it('is applied, mailed with its numbers and files, and taken back', async () => {
  const before = await titles();
  const done = await ask(
    stack,
    await overlayOf('first', 'Nextpoint ID,Title,Tags\n11,Changed,Hot\n12,Other,\n9999,x,\n'),
  );
  if (done.eventType === 'REPORT_FAILED') console.log(JSON.stringify(stack.violations), stack.calls.filter(({ allowed }) => !allowed).map((call) => JSON.stringify(call)).join('\n'), JSON.stringify(done), (await Promise.all((await executions(stack, 'coding-overlay')).map(async ({ executionArn }) => JSON.stringify((await stack.clients.sfn.send(new DescribeExecutionCommand({ executionArn }))).cause)))).join());
  expect(done).toMatchObject({ eventType: 'REPORT_COMPLETED' });
  const { file } = done.eventDetail;
  expect(file.overlay).toMatchObject({
    restores: null,
    stopped: null,
    counts: { rowsRead: 3, documentsUpdated: 2, rowsNotMatched: 1, cellsChanged: 3 },
  });
  expect(file.overlay.files.map(({ kind }: { kind: string }) => kind)).toEqual([
    'rejects',
    'backup',
    'mapping',
  ]);
  expect(await titles()).toMatchObject({ 11: 'Changed', 12: 'Other' });
  const results = parse(await textOf(file.key), { bom: true, columns: true }) as Record<string, string>[];
  expect(results.map(({ Row, Result }) => [Row, Result])).toEqual([
    ['1', ''],
    ['1', ''],
    ['1', ''],
    ['2', 'Updated'],
    ['3', 'Updated'],
    ['4', 'Error'],
  ]);
  const [mail] = await mailsOf(stack, 'first', 1);
  expect(mail!.text).toMatch(/Documents updated +2/);
  expect(mail!.text).toContain('?part=backup');
  expect(mail!.attachments).toHaveLength(1);
  const link = /rejects\.csv: (\S+)/.exec(mail!.text!)![1]!;
  const rejects = await (
    await fetch(new URL(new URL(link).pathname + new URL(link).search, stack.railsUrl))
  ).text();
  expect(rejects).toContain('OV-R02');

  const restored = await ask(stack, restoreOf('first-back', 'first'));
  expect(restored.eventDetail.file.overlay).toMatchObject({
    restores: 'first',
    counts: { documentsUpdated: 2 },
  });
  expect(await titles()).toEqual(before);
});

it('writes nothing on a dry run or for a file with an error, and reports both', async () => {
  const before = await titles();
  const dry = await ask(stack, await overlayOf('dry', 'Nextpoint ID,Title\n11,Changed\n', { dryRun: true }));
  expect(dry.eventDetail.file.overlay).toMatchObject({ stopped: 'dryRun', counts: { wouldUpdate: 1 } });
  const bad = await ask(stack, await overlayOf('bad', 'Nextpoint ID,Title\n11,"Changed\n'));
  expect(bad.eventDetail.file.overlay).toMatchObject({ stopped: 'fileError' });
  expect((await mailsOf(stack, 'bad', 1))[0]!.subject).toContain('with issues');
  const many = await ask(
    stack,
    await overlayOf('many', 'Nextpoint ID,Title\n11,Changed\n,x\n', { maxErrors: 0 }),
  );
  expect(many.eventDetail.file.overlay).toMatchObject({ stopped: 'maxErrors', counts: { notAttempted: 1 } });
  expect(await titles()).toEqual(before);
});

it.each([
  ['a user without Advanced access', { requestedBy: paralegal }, 'AccessDenied', /Advanced access/],
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
])('is refused for %s', async (name, more, error, cause) => {
  const message = await overlayOf(`refused-${name.length}`, 'x', {}, more);
  const failed = await ask(stack, message);
  expect(failed).toMatchObject({ eventType: 'REPORT_FAILED', eventDetail: { error, redrivable: false } });
  expect(failed.eventDetail.cause).toMatch(cause);
});

it('is refused while another has the turn, by its name', async () => {
  await database.query(
    `REPLACE INTO overlay_turns (npcase_id, job_id, load_file, taken_at) VALUES (${caseIds.pumps}, 'other', 'other.csv', UTC_TIMESTAMP())`,
  );
  releases.push(() => database.query('UPDATE overlay_turns SET job_id = NULL'));
  const failed = await ask(stack, await overlayOf('second', 'Nextpoint ID,Title\n11,Changed\n'));
  expect(failed.eventDetail).toMatchObject({ error: 'OverlayRunning', redrivable: false });
  expect(failed.eventDetail.cause).toContain('other.csv (job other)');
});

/** Keeps chunks from writing until it is let go. */
async function lock(id: number) {
  const other = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
  other.on('error', () => {});
  await other.beginTransaction();
  await other.query(`SELECT id FROM exhibits WHERE id = ${id} FOR UPDATE`);
  const release = () => other.end().catch(() => {});
  releases.push(release);
  return release;
}

const applies = () =>
  stack.calls.filter(
    ({ action, resource }) =>
      action === 'lambda:InvokeFunction' && resource.endsWith('reports-development-apply-overlay'),
  ).length;

it('that failed between backup and results goes on where it failed, and counts the same', async () => {
  const before = await titles();
  const release = await lock(11);
  const earlier = applies();
  await stack.rails.publish(await overlayOf('failing', 'Nextpoint ID,Title\n11,Changed\n13,Other\n'));
  await vi.waitFor(() => expect(applies()).toBe(earlier + 1), 20_000);
  const restore = await stack.outage('database');
  const failed = await ended(stack, 'failing');
  expect(failed).toMatchObject({ eventType: 'REPORT_FAILED', eventDetail: { redrivable: true } });
  await restore();
  await release();
  const done = await redrive(stack, 'coding-overlay', 'failing');
  expect(done.eventDetail.file.overlay).toMatchObject({
    stopped: null,
    counts: { rowsRead: 2, documentsUpdated: 2 },
  });
  expect(await titles()).toMatchObject({ 11: 'Changed', 13: 'Other' });
  await database.end().catch(() => {});
  database = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
  await ask(stack, restoreOf('failing-back', 'failing'));
  expect(await titles()).toEqual(before);
});

it('that is cancelled writes nothing more, and mails how far it came', async () => {
  const before = await titles();
  const release = await stack.hold('lambda');
  releases.push(release);
  await stack.rails.publish(await overlayOf('cancelled', 'Nextpoint ID,Title\n11,Changed\n'));
  await vi.waitFor(
    async () => expect(await statesEntered(stack, 'coding-overlay')).toContain('Load context'),
    20_000,
  );
  await stack.rails.publish(cancel('cancelled', { reportType: 'coding_overlay', requestedBy: attorney }));
  await vi.waitFor(async () => {
    expect(await textOf('development/tmp/coding_overlay-cancelled/cancel.json').catch(() => '')).toContain(
      emails.attorney,
    );
  }, 20_000);
  await release();
  const cancelled = await ended(stack, 'cancelled');
  expect(cancelled).toMatchObject({
    eventType: 'REPORT_CANCELLED',
    status: 'CANCELLED',
    eventDetail: {
      stage: 'report',
      file: { overlay: { stopped: 'cancelled', counts: { rowsRead: 1, notAttempted: 1 } } },
    },
  });
  expect(cancelled.eventDetail.cause).toContain(emails.attorney);
  expect((await mailsOf(stack, 'cancelled', 1))[0]!.text).toContain('was cancelled');
  expect(await titles()).toEqual(before);
  await stack.rails.publish(cancel('cancelled', { reportType: 'coding_overlay', requestedBy: attorney }));
  await vi.waitFor(() => expect(eventTypes(stack, 'cancelled')).toContain('REPORT_REFUSED'), 20_000);
});

it('visits every state', async () => {
  const entered = await statesEntered(stack, 'coding-overlay');
  const expected = stateNames('coding-overlay').filter((name) => name !== 'Delivery already started');
  expect(expected.filter((name) => !entered.has(name) && name !== 'Apply chunks of batch')).toEqual([]);
});
