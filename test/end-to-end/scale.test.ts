import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, vi } from 'vitest';
import { stepsOf, storageRequestsOf, transitionsOfReport } from '../../bench/cost.ts';
import { type ExecutionFacts, factsOf } from '../../bench/executions.ts';
import type { Machine } from '../../cdk/machines.ts';
import schema from '../../contract/request.schema.json' with { type: 'json' };
import { requestOf } from '../../contract/samples/index.ts';
import {
  addCases,
  calderAccountId,
  caseIds,
  connectAsAdmin,
  emails,
  firstGeneratedCase,
  numbersTo,
} from '../../local/database/seed.ts';
import { acrossCases, request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

const generated = 30;
const databaseIds = [
  caseIds.harbor,
  caseIds.northgate,
  caseIds.quiet,
  ...Array.from({ length: generated }, (_, index) => firstGeneratedCase + index),
];

it.beforeAll(async ({ stack }) => {
  await addCases(stack.database, generated);
});
/** The facts of an execution of a machine. */
function facts(stack: TestStack, machine: Machine, name: string): Promise<ExecutionFacts> {
  return factsOf(stack.clients.sfn, stack.executionArn(machine, name));
}

/** S3 requests of machines and functions, from an index in the list of calls. */
function storageRequestsSince(stack: TestStack, first: number) {
  const calls = stack.calls.slice(first).filter(({ caller }) => caller !== 'administrator');
  const count = (wanted: string) => calls.filter(({ action }) => action === wanted).length;
  // A list request costs as much as a put.
  return { puts: count('s3:PutObject') + count('s3:ListBucket'), gets: count('s3:GetObject') };
}

describe('the formula for the cost of a report', () => {
  it('counts the transitions and S3 requests of a simple report', async ({ stack }) => {
    const first = stack.calls.length;
    await stack.ask(request('simple'));
    const [report, delivery] = await Promise.all([
      facts(stack, 'transcript-metadata', 'simple'),
      facts(stack, 'deliver-report', 'transcript_metadata-simple'),
    ]);
    const size = { recipients: 1 };
    expect(report.transitions + delivery.transitions).toBe(transitionsOfReport('transcript-metadata', size));
    expect(storageRequestsSince(stack, first)).toEqual(storageRequestsOf(size));
  });

  it('counts those of a report across cases', async ({ stack }) => {
    const size = { cases: databaseIds.length, recipients: 2 };
    const first = stack.calls.length;
    const recipients = [emails.calderAdministrator, 'second@nextpoint.example'];
    const core = await connectAsAdmin(stack.database, 'nextpoint');
    await core.query(
      'INSERT INTO users (account_id, email, account_admin, created_at) VALUES (?, ?, TRUE, NOW())',
      [calderAccountId, recipients[1]],
    );
    await core.end();
    await stack.ask(acrossCases('across', { parameters: { databaseIds }, delivery: { recipients } }));
    const steps = await vi.waitFor(async () => {
      const ended = await stack.executions('announce-progress');
      expect(ended.map(({ status }) => status)).toEqual(Array(stepsOf(size.cases)).fill('SUCCEEDED'));
      return ended;
    }, 20_000);
    const all = await Promise.all([
      facts(stack, 'user-activity', 'across'),
      facts(stack, 'deliver-report', 'user_activity-across'),
      ...steps.map(({ name }) => facts(stack, 'announce-progress', name!)),
    ]);
    const transitions = all.reduce((sum, one) => sum + one.transitions, 0);
    expect(transitions).toBe(transitionsOfReport('user-activity', size));
    expect(storageRequestsSince(stack, first)).toEqual(storageRequestsOf(size));
  });
});

describe('the largest legal request', () => {
  const most = 256 * 1024;

  it('takes at most half of a state with parameters on S3 and the longest names and addresses', async ({
    stack,
  }) => {
    const core = await connectAsAdmin(stack.database, 'nextpoint');
    // Four bytes per character, and as many characters as fit into the columns.
    const long = (length: number) => `REPEAT('𝔸', ${length})`;
    await core.query(
      `UPDATE accounts SET name = ${long(255)} WHERE id = ?;
       UPDATE npcases SET name = ${long(255)}, project_name = ${long(255)} WHERE account_id = ?;
       INSERT INTO users (account_id, email, first_name, last_name, account_admin, created_at)
       SELECT ?, CONCAT(LPAD(seq, 236, 'a'), '@nextpoint.example'), ${long(100)}, ${long(100)}, TRUE, NOW() FROM ${numbersTo(500)}`,
      [calderAccountId, calderAccountId, calderAccountId],
    );
    await core.end();
    const userEmails = Array.from(
      { length: 500 },
      (_, index) => `${`${index + 1}`.padStart(236, 'a')}@nextpoint.example`,
    );
    const parametersKey = `development/accounts/${calderAccountId}/requests/largest.json`;
    const { UserAction } = schema.$defs;
    const parameters = {
      ...requestOf('user_activity').eventDetail.parameters,
      name: '𝔸'.repeat(60),
      layout: 'summary',
      databaseIds,
      userEmails,
      actions: UserAction.enum,
      includeZeroActivity: true,
      sendWhenEmpty: true,
    };
    const Body = JSON.stringify(parameters);
    await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: parametersKey, Body }));
    const jobId = 'l'.repeat(40);
    const message = acrossCases(jobId, {
      parametersKey,
      timeZone: 'America/Argentina/ComodRivadavia',
      format: 'xlsx',
      delivery: { mode: 'attachment', recipients: userEmails.slice(0, 50), expiresInDays: 30 },
    });
    const completed = await stack.ask({
      ...message,
      eventDetail: { ...message.eventDetail, parameters: {} } as never,
    });
    const each = { email: expect.any(String), outcome: 'attachment' };
    expect(completed.eventDetail.delivery.recipients).toEqual(Array(50).fill(expect.objectContaining(each)));
    const report = await facts(stack, 'user-activity', jobId);
    expect(report.largest.bytes).toBeLessThan(most / 2);
    const delivery = await facts(stack, 'deliver-report', `user_activity-${jobId}`);
    expect(delivery.largest.bytes).toBeLessThan(most / 2);
  });

  it('fits into a state with its own parameters, of three bytes per character', async ({ stack }) => {
    const header = (index: number) => `${index}`.padStart(255, '漢');
    const columns = Array.from({ length: 82 }, (_, index) => ({ field: 'title', header: header(index) }));
    const parameters = { columns, selection: { documentIds: [14, 11] } };
    const message = (jobId: string, more = columns) =>
      request(jobId, {
        reportType: 'grid_data_export',
        parameters: { ...parameters, columns: more },
        delivery: { mode: 'link' },
      });
    expect((await stack.ask(message('wide'))).eventType).toBe('REPORT_COMPLETED');
    const report = await facts(stack, 'grid-data-export', 'wide');
    const delivery = await facts(stack, 'deliver-report', 'grid_data_export-wide');
    expect(Math.max(report.largest.bytes, delivery.largest.bytes)).toBeLessThan(most);

    const refused = await stack.ask(message('wider', [...columns, ...columns.slice(0, 5)]));
    expect(refused.eventDetail).toMatchObject({
      error: 'InvalidRequest',
      cause: expect.stringContaining('Put its parameters on S3'),
    });
  });
});
