import { GetObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calderAccountId, caseIds, emails } from '../../local/database/seed.ts';
import type { Stack } from '../../local/stack.ts';
import {
  acrossCases,
  ask,
  customAcrossCases,
  ended,
  eventTypes,
  executions,
  failOnOneCase,
  keysUnder,
  machineArn,
  mailsOf,
  messagesIn,
  redrive,
  request,
  startTestStack,
  statesEntered,
} from '../support/stack.ts';

// Custom reports on what users did: custom-report leaves them to user-activity.
let stack: Stack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const runs = async (name: string) =>
  (await executions(stack, 'user-activity')).filter((execution) => execution.name === name);
/** Progress comes by a way of its own, in any order. */
const milestones = (jobId: string) =>
  eventTypes(stack, jobId).filter((eventType) => eventType !== 'REPORT_PROGRESS');

describe('A custom report on user activity', () => {
  it('has the rows that a user activity report of the same parameters has', async () => {
    const parameters = { layout: 'detail', databaseIds: [caseIds.harbor, caseIds.northgate] };
    const own = await ask(stack, acrossCases('own', { parameters }));
    const custom = await ask(stack, customAcrossCases('custom', { parameters }));
    expect(own.eventDetail.file.rows).toBeGreaterThan(20);
    expect(custom.eventDetail.file.sha256).toBe(own.eventDetail.file.sha256);
  });

  it('is a report of its own type everywhere: events, file, parts, manifest and mail', async () => {
    const message = customAcrossCases('typed', { parameters: { name: 'Time sheets' } });
    const { eventDetail } = await ask(stack, message);
    const [run] = await runs('custom.typed');
    expect(eventDetail).toMatchObject({ reportType: 'custom', reportExecutionArn: run!.executionArn });
    expect(eventDetail.file.key).toContain(
      `/accounts/${calderAccountId}/exports/custom-typed/custom_calder-`,
    );
    expect(await keysUnder(stack, 'tmp/custom-typed/outcomes/')).toHaveLength(6);
    const Key = eventDetail.file.key.replace(eventDetail.file.name, 'manifest.json');
    const { Body } = await stack.clients.s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key }));
    const manifest = JSON.parse(await Body!.transformToString());
    expect(manifest).toMatchObject({
      executionArn: run!.executionArn,
      request: { jobId: 'typed', eventDetail: { reportType: 'custom' } },
      cases: { chosen: 6, unavailable: 3 },
    });
    const [mail] = await mailsOf(stack, 'typed', 1);
    expect(mail!.subject).toBe('Ahoy! Yer Custom report be ready, with issues - Calder Finch LLP');
    expect(mail!.text).toContain('Time sheets; Activity by user and database');
    const link = /https?:\/\/\S+\/custom\/typed\/download$/m.exec(mail!.text!)![0];
    expect((await fetch(link)).status).toBe(200);
  });

  it('starts twice, the second time with the execution that makes it, and ends once', async () => {
    expect(milestones('typed')).toEqual(['REPORT_STARTED', 'REPORT_STARTED', 'REPORT_COMPLETED']);
    const arns = stack.rails.events
      .filter(({ jobId, eventType }) => jobId === 'typed' && /STARTED|PROGRESS/.test(eventType))
      .map(({ eventDetail }) => eventDetail.executionArn as string);
    expect(arns[0]).toMatch(/custom-report:typed$/);
    expect(arns.slice(1).every((arn) => arn.endsWith('user-activity:custom.typed'))).toBe(true);
  });

  it('stands beside a user activity report of the same jobId', async () => {
    const parameters = { databaseIds: [caseIds.harbor] };
    await stack.rails.publish(acrossCases('same', { parameters }));
    await stack.rails.publish(customAcrossCases('same', { parameters }));
    const completedAs = (reportType: string) =>
      stack.rails.waitFor(
        ({ jobId, eventType, eventDetail }) =>
          jobId === 'same' && eventType === 'REPORT_COMPLETED' && eventDetail.reportType === reportType,
      );
    const keys = await Promise.all(['user_activity', 'custom'].map(completedAs));
    expect(new Set(keys.map(({ eventDetail }) => eventDetail.file.key)).size).toBe(2);
  });

  it('runs once when its request comes again, or comes to the dead letters', async () => {
    const message = customAcrossCases('twice', { parameters: { databaseIds: [caseIds.harbor] } });
    await ask(stack, message);
    await stack.rails.publish(message);
    const QueueUrl = stack.queues['reports-development-intake-dead-letters'];
    await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
    await ask(stack, request('after'));
    await expect.poll(() => messagesIn(stack, 'intake-dead-letters'), { timeout: 20_000 }).toBe(0);
    await expect
      .poll(async () => (await executions(stack, 'announce-failure')).map(({ status }) => status))
      .toEqual(['SUCCEEDED']);
    expect(milestones('twice')).toEqual(['REPORT_STARTED', 'REPORT_STARTED', 'REPORT_COMPLETED']);
    expect(await runs('custom.twice')).toHaveLength(1);
  });

  it('fails as itself, and goes on when an operator redrives the run that made it', async () => {
    const failed = await failOnOneCase(stack, customAcrossCases('outage'), caseIds.northgate);
    expect(failed).toMatchObject({
      eventType: 'REPORT_FAILED',
      eventDetail: { reportType: 'custom', stage: 'report', redrivable: true },
    });
    const [mail] = await mailsOf(stack, 'outage', 1);
    expect(mail!.to).toEqual([emails.calderAdministrator]);
    const completed = await redrive(stack, 'user-activity', 'outage', 'custom.outage');
    expect(completed).toMatchObject({
      eventType: 'REPORT_COMPLETED',
      eventDetail: { reportType: 'custom', file: { issues: { cases: 3 } } },
    });
  });

  it('is handed over once, also when its run was there already', async () => {
    const { jobId, caseId, eventDetail } = customAcrossCases('lost-answer');
    const stateMachineArn = machineArn(stack, 'user-activity');
    const input = JSON.stringify({ jobId, caseId, eventDetail });
    const name = 'custom.lost-answer';
    await stack.clients.sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
    await ended(stack, jobId);
    await stack.rails.publish(customAcrossCases('lost-answer'));
    await expect
      .poll(async () => (await executions(stack, 'custom-report')).find((run) => run.name === jobId)?.status)
      .toBe('SUCCEEDED');
    expect(await statesEntered(stack, 'custom-report')).toContain('User activity already started');
    expect(await runs(name)).toHaveLength(1);
  });

  it('comes on a schedule, with the days before its slot', async () => {
    const schedule = {
      expression: 'cron(0 6 ? * MON *)',
      timeZone: 'America/Chicago',
      startAt: '2030-01-01T00:00:00Z',
    };
    const parameters = { from: undefined, to: undefined, period: 'previous_week' };
    await stack.rails.publish(customAcrossCases('weekly', { parameters, schedule }));
    await stack.rails.waitFor(({ eventDetail }) => eventDetail.change === 'created');
    await stack.scheduler.runUntil('2030-01-07T12:00:00Z');
    const jobId = 'weekly-20300107T1200Z';
    expect(await ended(stack, jobId)).toMatchObject({
      eventType: 'REPORT_COMPLETED',
      caseId: null,
      eventDetail: { reportType: 'custom', originalJobId: 'weekly' },
    });
    expect(await runs(`custom.${jobId}`)).toHaveLength(1);
    const [mail] = await mailsOf(stack, jobId, 1);
    expect(mail!.text).toContain('2029-12-31 to 2030-01-06');
    expect(mail!.text).toContain('(America/Chicago)');
  });
});

it('publishes nothing that breaks the contract, and is denied nothing', () => {
  expect(stack.violations).toEqual([]);
  expect(stack.calls.filter(({ allowed }) => !allowed)).toEqual([]);
});
