import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stepsOf, storageRequestsOf, transitionsOfReport } from '../../bench/cost.ts';
import { type ExecutionFacts, factsOf } from '../../bench/executions.ts';
import type { Machine } from '../../cdk/machines.ts';
import schema from '../../contract/request.schema.json' with { type: 'json' };
import {
  addCases,
  calderAccountId,
  caseIds,
  connectAsAdmin,
  emails,
  firstGeneratedCase,
  numbersTo,
} from '../../local/database/seed.ts';
import type { Stack } from '../../local/stack.ts';
import {
  acrossCases,
  ask,
  executions,
  machineArn,
  parametersOf,
  request,
  startTestStack,
} from '../support/stack.ts';

const generated = 30;
const databaseIds = [
  caseIds.harbor,
  caseIds.northgate,
  caseIds.quiet,
  ...Array.from({ length: generated }, (_, index) => firstGeneratedCase + index),
];

let stack: Stack;
beforeAll(async () => {
  stack = await startTestStack();
  await addCases(stack.database, generated);
});
afterAll(() => stack?.stop());

/** The facts of an execution of a machine. */
function facts(machine: Machine, name: string): Promise<ExecutionFacts> {
  const stateMachineArn = machineArn(stack, machine);
  return factsOf(stack.clients.sfn, `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`);
}

/** Requests to S3 of machines and functions since a place in the list of calls. */
function storageRequestsSince(first: number) {
  const calls = stack.calls.slice(first).filter(({ caller }) => caller !== 'administrator');
  const count = (wanted: string) => calls.filter(({ action }) => action === wanted).length;
  // A listing costs as much as a file that is put.
  return { puts: count('s3:PutObject') + count('s3:ListBucket'), gets: count('s3:GetObject') };
}

describe('the formula of what a report costs', () => {
  it('counts the transitions and the requests to S3 that a simple report takes', async () => {
    const first = stack.calls.length;
    await ask(stack, request('simple'));
    const [report, delivery] = await Promise.all([
      facts('transcript-metadata', 'simple'),
      facts('deliver-report', 'transcript_metadata-simple'),
    ]);
    const size = { recipients: 1 };
    expect(report.transitions + delivery.transitions).toBe(transitionsOfReport('transcript-metadata', size));
    expect(storageRequestsSince(first)).toEqual(storageRequestsOf(size));
  });

  it('counts those of a report across cases', async () => {
    const size = { cases: databaseIds.length, recipients: 2 };
    const first = stack.calls.length;
    const recipients = [emails.calderAdministrator, 'second@nextpoint.example'];
    const core = await connectAsAdmin(stack.database, 'nextpoint');
    await core.query(
      'INSERT INTO users (account_id, email, account_admin, created_at) VALUES (?, ?, TRUE, NOW())',
      [calderAccountId, recipients[1]],
    );
    await core.end();
    await ask(stack, acrossCases('across', { parameters: { databaseIds }, delivery: { recipients } }));
    const steps = await vi.waitFor(async () => {
      const ended = await executions(stack, 'announce-progress');
      expect(ended.map(({ status }) => status)).toEqual(Array(stepsOf(size.cases)).fill('SUCCEEDED'));
      return ended;
    }, 20_000);
    const all = await Promise.all([
      facts('user-activity', 'across'),
      facts('deliver-report', 'user_activity-across'),
      ...steps.map(({ name }) => facts('announce-progress', name!)),
    ]);
    const transitions = all.reduce((sum, one) => sum + one.transitions, 0);
    expect(transitions).toBe(transitionsOfReport('user-activity', size));
    expect(storageRequestsSince(first)).toEqual(storageRequestsOf(size));
  });
});

describe('the largest request that is legal', () => {
  const most = 256 * 1024;

  it('leaves half of a state free with parameters on S3, and the longest names and addresses', async () => {
    const core = await connectAsAdmin(stack.database, 'nextpoint');
    // Four bytes a character, and as many characters as the columns take.
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
      ...parametersOf.user_activity,
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
    const completed = await ask(stack, {
      ...message,
      eventDetail: { ...message.eventDetail, parameters: {} } as never,
    });
    const each = { email: expect.any(String), outcome: 'attachment' };
    expect(completed.eventDetail.delivery.recipients).toEqual(Array(50).fill(expect.objectContaining(each)));
    const report = await facts('user-activity', jobId);
    expect(report.largest.bytes).toBeLessThan(most / 2);
    const delivery = await facts('deliver-report', `user_activity-${jobId}`);
    expect(delivery.largest.bytes).toBeLessThan(most / 2);
  });

  it('fits the states with parameters of its own, of three bytes a character', async () => {
    const header = (index: number) => `${index}`.padStart(255, '漢');
    const columns = Array.from({ length: 82 }, (_, index) => ({ field: 'title', header: header(index) }));
    const parameters = { columns, selection: { documentIds: [14, 11] } };
    const message = (jobId: string, more = columns) =>
      request(jobId, {
        reportType: 'grid_data_export',
        parameters: { ...parameters, columns: more },
        delivery: { mode: 'link' },
      });
    expect((await ask(stack, message('wide'))).eventType).toBe('REPORT_COMPLETED');
    const report = await facts('grid-data-export', 'wide');
    const delivery = await facts('deliver-report', 'grid_data_export-wide');
    expect(Math.max(report.largest.bytes, delivery.largest.bytes)).toBeLessThan(most);

    const refused = await ask(stack, message('wider', [...columns, ...columns.slice(0, 5)]));
    expect(refused.eventDetail).toMatchObject({
      error: 'InvalidRequest',
      cause: expect.stringContaining('put its parameters on S3'),
    });
  });
});

it('publishes nothing that breaks the contract, and is denied nothing', () => {
  expect(stack.violations).toEqual([]);
  expect(stack.calls.filter(({ allowed }) => !allowed)).toEqual([]);
});
