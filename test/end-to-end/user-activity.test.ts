import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, ListMapRunsCommand } from '@aws-sdk/client-sfn';
import { parse } from 'csv-parse/sync';
import type { RowDataPacket } from 'mysql2';
import { describe, expect, vi } from 'vitest';
import { config } from '../../cdk/config.ts';
import {
  addCases,
  calderAccountId,
  caseIds,
  caseSchema,
  connectAsAdmin,
  emails,
} from '../../local/database/seed.ts';
import type { TopicEvent } from '../../local/rails/rails.ts';
import { acrossCases, request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

const generated = 30;
const readable = [caseIds.harbor, caseIds.northgate, caseIds.quiet];

it.beforeAll(async ({ stack }) => {
  await addCases(stack.database, generated);
});
type Table = Record<string, string>[];

async function rowsOf(stack: TestStack, { eventDetail }: TopicEvent): Promise<Table> {
  return parse(await stack.textOf(eventDetail.file.key), { columns: true, bom: true });
}

async function plainSql(stack: TestStack, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await connectAsAdmin(stack.database);
  const [rows] = await connection.query<RowDataPacket[]>({ sql, dateStrings: true });
  await connection.end();
  return rows;
}

/** The activity of November in the readable cases, as a derived table. */
const done = [
  ...readable.map(
    (caseId) =>
      `SELECT ${caseId} AS caseId, user_id, action, created_at FROM ${caseSchema(caseId)}.activities`,
  ),
  'SELECT npcase_id, user_id, action, created_at FROM nextpoint_generated.activities',
]
  .map((select) => `${select} WHERE created_at >= '2026-11-01' AND created_at < '2026-12-01'`)
  .join(' UNION ALL ');

describe('the file', () => {
  it('has every event that plain SQL finds, each once', async ({ stack }) => {
    const completed = await stack.ask(acrossCases('detail', { parameters: { layout: 'detail' } }));
    const found = (await rowsOf(stack, completed)).map((row) => [
      row['Occurred At'],
      row['Database ID'],
      row['User Email'],
      row.Action!.toLowerCase().replace(' ', '_'),
    ]);
    const expected = await plainSql(
      stack,
      `
      SELECT events.created_at AS at, COALESCE(events.caseId, '') AS caseId,
        COALESCE(users.email, case_users.email, '') AS email, events.action AS action
      FROM (
        ${done}
        UNION ALL
        SELECT user_activities.npcase_id, user_id, REPLACE(action, 'case_access', 'database_access'), user_activities.created_at
        FROM nextpoint.user_activities
        LEFT JOIN nextpoint.users ON users.id = user_id
        LEFT JOIN nextpoint.npcases ON npcases.id = npcase_id
        WHERE user_activities.created_at >= '2026-11-01' AND user_activities.created_at < '2026-12-01'
          AND IF(npcase_id IS NULL, users.account_id, npcases.account_id) = ${calderAccountId}
          AND COALESCE(npcase_id, 0) NOT IN (${caseIds.drifted})
      ) AS events
      LEFT JOIN nextpoint.users ON users.id = events.user_id
      LEFT JOIN ${caseSchema(caseIds.northgate)}.case_users ON case_users.user_id = events.user_id`,
    );
    expect(expected.length).toBeGreaterThan(200);
    const inOrder = (rows: unknown[][]) => rows.map((row) => row.join()).sort();
    expect(inOrder(found)).toEqual(
      inOrder(expected.map(({ at, caseId, email, action }) => [at, caseId, email, action])),
    );
    expect(completed.eventDetail.file.rows).toBe(expected.length);
  });

  it('has the counts that plain SQL has for each user of each database', async ({ stack }) => {
    const completed = await stack.ask(acrossCases('summary', { parameters: { includeZeroActivity: false } }));
    const counts = ['Document Views', 'Searches', 'Exports and Downloads'];
    const found = (await rowsOf(stack, completed))
      .filter((row) => counts.some((column) => Number(row[column]) > 0))
      .map((row) => [row['Database ID'], row['User Email'], ...counts.map((column) => row[column])].join());
    const expected = await plainSql(
      stack,
      `
      SELECT caseId, COALESCE(users.email, case_users.email, '') AS email, SUM(action = 'document_view') AS views,
        SUM(action = 'search') AS searches, SUM(action IN ('export', 'download')) AS exports
      FROM (${done}) AS events
      LEFT JOIN nextpoint.users ON users.id = events.user_id
      LEFT JOIN ${caseSchema(caseIds.northgate)}.case_users ON case_users.user_id = events.user_id
      GROUP BY caseId, events.user_id HAVING views + searches + exports > 0`,
    );
    expect(found.sort()).toEqual(expected.map((row) => Object.values(row).join()).sort());
  });
});

describe('databases that cannot be read', () => {
  let completed: TopicEvent;
  it.beforeAll(async ({ stack }) => {
    completed = await stack.ask(acrossCases('issues'));
  });
  const chosen = generated + 6;

  it('are listed in the mail, with a link to what to do', async ({ stack }) => {
    const [mail] = await stack.mailsOf('issues', 1);
    expect(mail!.subject).toMatch(/User Activity report be ready, with issues - Calder Finch LLP/);
    expect(mail!.text).toContain(`The report covers ${chosen - 3} of ${chosen} databases.`);
    for (const name of ['Lost "and" Found (2004)', 'Old Structure (2006)', 'Shelved (2005)'])
      expect(mail!.text).toContain(name);
    expect(mail!.attachments.map(({ filename }) => filename)).toEqual([completed.eventDetail.file.name]);
    const link = /https?:\/\/\S+\?part=issues/.exec(mail!.text!)![0];
    const issues: Table = parse(Buffer.from(await (await fetch(link)).arrayBuffer()), {
      columns: true,
      bom: true,
    });
    expect(issues.map((row) => row['Database ID'])).toEqual(['2004', '2006', '2005']);
  });

  it('are counted in the event', () => {
    expect(completed.eventDetail.file.issues).toMatchObject({
      cases: 3,
      key: expect.stringMatching(/-issues\.csv$/),
    });
  });

  it('are in the manifest with all others', async ({ stack }) => {
    const { key, name } = completed.eventDetail.file;
    const manifest = JSON.parse(await stack.textOf(key.replace(name, 'manifest.json')));
    expect(manifest.cases).toMatchObject({ chosen, read: chosen - 3, unavailable: 3 });
    const outcomes = await stack.textOf(manifest.cases.outcomesKey);
    expect(outcomes.trim().split('\n')).toHaveLength(chosen);
  });

  it('fail the report if there are no others', async ({ stack }) => {
    const databaseIds = [caseIds.calderMissing, caseIds.calderArchived, caseIds.drifted];
    const failed = await stack.ask(acrossCases('none', { parameters: { databaseIds } }));
    expect(failed).toMatchObject({
      eventType: 'REPORT_FAILED',
      eventDetail: { error: 'AllCasesUnavailable', redrivable: false, stage: 'report' },
    });
    expect(await stack.keysUnder(`accounts/${calderAccountId}/exports/user_activity-none/`)).toEqual([]);
  });

  it('do not appear where there are none: no link, and no page', async ({ stack }) => {
    const parameters = { databaseIds: [caseIds.harbor] };
    await stack.ask(acrossCases('no-issues', { parameters, delivery: { mode: 'link' } }));
    const [mail] = await stack.mailsOf('no-issues', 1);
    expect(mail!.text).not.toContain('part=issues');
    const { status } = await fetch(`${stack.railsUrl}/reports/user_activity/no-issues/download?part=issues`);
    expect(status).toBe(404);
  });
});

it('is refused at once with a database of another account', async ({ stack }) => {
  const parameters = { databaseIds: [caseIds.harbor, caseIds.pumps] };
  expect(await stack.ask(acrossCases('stranger', { parameters }))).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { error: 'InvalidRequest', cause: expect.stringContaining('1001'), redrivable: false },
  });
  expect(await stack.keysUnder('tmp/user_activity-stranger/')).toEqual([]);
});

it('after an outage of the database reads only the failed cases again, and makes the same file', async ({
  stack,
}) => {
  const message = (jobId: string) => acrossCases(jobId, { format: 'csv' });
  const failed = await stack.failOnOneCase(message('outage'), caseIds.northgate);
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { error: 'States.ExceedToleratedFailureThreshold', redrivable: true },
  });
  const before = stack.invocations('export-case');
  const completed = await stack.redrive('user-activity', 'outage');
  expect(completed.eventType).toBe('REPORT_COMPLETED');
  expect(stack.invocations('export-case') - before).toBe(1);

  const undisturbed = await stack.ask(message('undisturbed'));
  expect(completed.eventDetail.file.sha256).toBe(undisturbed.eventDetail.file.sha256);
});

it('takes one transition per case besides its start, and keeps all results of the Map Run on S3', async ({
  stack,
}) => {
  await stack.ask(acrossCases('small', { parameters: { databaseIds: readable } }));
  const [parent] = (await stack.executions('user-activity')).filter(({ name }) => name === 'small');
  const { mapRuns } = await stack.clients.sfn.send(
    new ListMapRunsCommand({ executionArn: parent!.executionArn }),
  );
  const children = await stack.clients.sfn.send(
    new ListExecutionsCommand({ mapRunArn: mapRuns![0]!.mapRunArn }),
  );
  expect(children.executions!.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  const results = await stack.keysUnder('tmp/user_activity-small/results/');
  expect(results.map((key) => key.split('/').at(-1)).sort()).toEqual(['SUCCEEDED_0.jsonl', 'manifest.json']);
});

it('starts no Map Run if there is no case to read', async ({ stack }) => {
  const parameters = { layout: 'detail', actions: ['login'] };
  const completed = await stack.ask(acrossCases('logins', { parameters }));
  expect((await rowsOf(stack, completed)).map((row) => row.Action)).toContain('Login');
  const [parent] = (await stack.executions('user-activity')).filter(({ name }) => name === 'logins');
  const { executionArn } = parent!;
  expect((await stack.clients.sfn.send(new ListMapRunsCommand({ executionArn }))).mapRuns).toEqual([]);
});

it('reports its progress, no step twice, and never after its end', async ({ stack }) => {
  const completed = await stack.ask(acrossCases('progress'));
  const stepsHeard = () =>
    stack.rails.events.filter(
      ({ jobId, eventType }) => jobId === 'progress' && eventType === 'REPORT_PROGRESS',
    );
  // For every second of 36 databases, before the merge, and once for the first six, which run at the same time. Some take the way of EventBridge and arrive after the end.
  await vi.waitFor(() => expect(stepsHeard()).toHaveLength(17), 20_000);
  const steps = stepsHeard();
  for (const { eventDetail } of steps) {
    expect(eventDetail.executionArn).toBe(completed.eventDetail.reportExecutionArn);
    expect(eventDetail.progress).toEqual({ done: expect.any(Number), total: generated + 6 });
    expect(Date.parse(eventDetail.occurredAt)).toBeLessThan(Date.parse(completed.eventDetail.occurredAt));
  }
  const done = steps.map(({ eventDetail }) => eventDetail.progress.done);
  expect([Math.min(...done), Math.max(...done)]).toEqual([0, generated + 6]);
  expect(new Set(done).size).toBe(done.length);
});

it('ignores a request that arrives again', async ({ stack }) => {
  const message = acrossCases('twice', { parameters: { databaseIds: readable } });
  await stack.ask(message);
  const before = stack.invocations('export-case');
  await stack.rails.publish(message);
  // The router has handled the repeat before this request ends.
  await stack.ask(request('after'));
  expect(stack.invocations('export-case')).toBe(before);
  const others = stack.eventTypes('twice').filter((eventType) => eventType !== 'REPORT_PROGRESS');
  expect(others).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
  expect(await stack.mailsOf('twice', 1)).toHaveLength(1);
});

it('leaves connections to ten short reports while three reports across cases use all of theirs', async ({
  stack,
}) => {
  const lock = await connectAsAdmin(stack.database, 'nextpoint_generated');
  await lock.query('LOCK TABLES activities WRITE');
  const large = ['side-1', 'side-2', 'side-3'];
  const before = stack.invocations('export-case');
  for (const jobId of large) await stack.rails.publish(acrossCases(jobId));
  const outcomes = async () =>
    (await Promise.all(large.map((jobId) => stack.keysUnder(`tmp/user_activity-${jobId}/outcomes/`)))).flat();
  // More calls than can run at a time: Lambda throttles the children of the third report.
  const { exportCase } = config('development', 'us-east-1').concurrency;
  const held = async () => stack.invocations('export-case') - before - (await outcomes()).length;
  await expect.poll(held, { timeout: 20_000 }).toBeGreaterThan(exportCase);

  const short = Array.from({ length: 10 }, (_, index) => `short-${index}`);
  for (const jobId of short) await stack.rails.publish(request(jobId));
  const ends = (jobIds: string[]) => Promise.all(jobIds.map((jobId) => stack.ended(jobId)));
  const completed = (jobIds: string[]) => jobIds.map((jobId) => [jobId, 'REPORT_COMPLETED']);
  const types = (events: TopicEvent[]) => events.map(({ jobId, eventType }) => [jobId, eventType]);
  expect(types(await ends(short))).toEqual(completed(short));
  for (const jobId of large) expect(stack.eventTypes(jobId)).not.toContain('REPORT_COMPLETED');

  await lock.end();
  const ofLarge = await ends(large);
  expect(ofLarge.map(({ eventDetail }) => eventDetail.cause ?? 'none')).toEqual(['none', 'none', 'none']);
  expect(types(ofLarge)).toEqual(completed(large));
  const [first, ...others] = ofLarge.map(({ eventDetail }) => eventDetail.file.sha256);
  expect(others).toEqual([first, first]);
}, 120_000);

it('reads parameters from S3 that are too long for a message', async ({ stack }) => {
  const parametersKey = `development/accounts/${calderAccountId}/requests/long.json`;
  const databaseIds = Array.from({ length: generated }, (_, index) => 10_001 + index);
  const userEmails = [emails.calderReviewer];
  const Body = JSON.stringify({ from: '2026-11-01', to: '2026-11-30', databaseIds, userEmails });
  await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: parametersKey, Body }));
  const message = acrossCases('stored');
  const { parameters: _, ...eventDetail } = message.eventDetail as Record<string, unknown>;
  const completed = await stack.ask({ ...message, eventDetail: { ...eventDetail, parametersKey } } as never);
  const rows = await rowsOf(stack, completed);
  expect(new Set(rows.map((row) => row['User Email']))).toEqual(new Set([emails.calderReviewer]));
  expect(rows.length).toBeGreaterThan(10);
});
