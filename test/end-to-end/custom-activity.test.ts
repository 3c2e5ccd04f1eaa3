import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect } from 'vitest';
import { calderAccountId, caseIds, emails } from '../../local/database/seed.ts';
import { acrossCases, customAcrossCases, request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

// custom-report hands custom reports on user activity to user-activity.
const runs = async (stack: TestStack, name: string) =>
  (await stack.executions('user-activity')).filter((execution) => execution.name === name);
/** The events of a job except its progress, whose order varies. */
const milestones = (stack: TestStack, jobId: string) =>
  stack.eventTypes(jobId).filter((eventType) => eventType !== 'REPORT_PROGRESS');

describe('A custom report on user activity', () => {
  it('has the rows of a user activity report with the same parameters', async ({ stack }) => {
    const parameters = { layout: 'detail', databaseIds: [caseIds.harbor, caseIds.northgate] };
    const own = await stack.ask(acrossCases('own', { parameters }));
    const custom = await stack.ask(customAcrossCases('custom', { parameters }));
    expect(own.eventDetail.file.rows).toBeGreaterThan(20);
    expect(custom.eventDetail.file.sha256).toBe(own.eventDetail.file.sha256);
  });

  it('has its own type everywhere: in events, file, parts, manifest and mail', async ({ stack }) => {
    const message = customAcrossCases('typed', { parameters: { name: 'Time sheets' } });
    const { eventDetail } = await stack.ask(message);
    const [run] = await runs(stack, 'custom--typed');
    expect(eventDetail).toMatchObject({ reportType: 'custom', reportExecutionArn: run!.executionArn });
    expect(eventDetail.file.key).toContain(
      `/accounts/${calderAccountId}/exports/custom-typed/custom-time-sheets_calder-`,
    );
    expect(await stack.keysUnder('tmp/custom-typed/outcomes/')).toHaveLength(6);
    const key = eventDetail.file.key.replace(eventDetail.file.name, 'manifest.json');
    const manifest = JSON.parse(await stack.textOf(key));
    expect(manifest).toMatchObject({
      executionArn: run!.executionArn,
      request: { jobId: 'typed', eventDetail: { reportType: 'custom' } },
      cases: { chosen: 6, unavailable: 3 },
    });
    const [mail] = await stack.mailsOf('typed', 1);
    expect(mail!.subject).toBe('Ahoy! Yer “Time sheets” report be ready, with issues - Calder Finch LLP');
    expect(mail!.text).toContain('Activity by user and database');
    const link = /https?:\/\/\S+\/custom\/typed\/download$/m.exec(mail!.text!)![0];
    expect((await fetch(link)).status).toBe(200);
  });

  it('is announced as started twice, the second time by the execution that makes it, and ends once', async ({
    stack,
  }) => {
    expect(milestones(stack, 'typed')).toEqual(['REPORT_STARTED', 'REPORT_STARTED', 'REPORT_COMPLETED']);
    const arns = stack.rails.events
      .filter(({ jobId, eventType }) => jobId === 'typed' && /STARTED|PROGRESS/.test(eventType))
      .map(({ eventDetail }) => eventDetail.executionArn as string);
    expect(arns[0]).toMatch(/custom-report:typed$/);
    expect(arns.slice(1).every((arn) => arn.endsWith('user-activity:custom--typed'))).toBe(true);
  });

  it('is independent of a user activity report with the same jobId', async ({ stack }) => {
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

  it('runs once, even if its request arrives again or lands in the dead-letter queue', async ({ stack }) => {
    const message = customAcrossCases('twice', { parameters: { databaseIds: [caseIds.harbor] } });
    await stack.ask(message);
    await stack.rails.publish(message);
    await stack.send('intake-dead-letters', message);
    await stack.ask(request('after'));
    await expect.poll(() => stack.messagesIn('intake-dead-letters'), { timeout: 20_000 }).toBe(0);
    await expect
      .poll(async () => (await stack.executions('answer-dead-letter')).map(({ status }) => status))
      .toEqual(['SUCCEEDED']);
    expect(milestones(stack, 'twice')).toEqual(['REPORT_STARTED', 'REPORT_STARTED', 'REPORT_COMPLETED']);
    expect(await runs(stack, 'custom--twice')).toHaveLength(1);
  });

  it('fails under its own type, and continues when an operator redrives the execution that makes it', async ({
    stack,
  }) => {
    const failed = await stack.failOnOneCase(customAcrossCases('outage'), caseIds.northgate);
    expect(failed).toMatchObject({
      eventType: 'REPORT_FAILED',
      eventDetail: { reportType: 'custom', stage: 'report', redrivable: true },
    });
    const [mail] = await stack.mailsOf('outage', 1);
    expect(mail!.to).toEqual([emails.calderAdministrator]);
    const completed = await stack.redrive('user-activity', 'outage', 'custom--outage');
    expect(completed).toMatchObject({
      eventType: 'REPORT_COMPLETED',
      eventDetail: { reportType: 'custom', file: { issues: { cases: 3 } } },
    });
  });

  it('is handed over once, even if the execution exists already', async ({ stack }) => {
    const { jobId, caseId, eventDetail } = customAcrossCases('lost-answer');
    const stateMachineArn = stack.machineArn('user-activity');
    const input = JSON.stringify({ jobId, caseId, eventDetail });
    const name = 'custom--lost-answer';
    await stack.clients.sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
    await stack.ended(jobId);
    await stack.rails.publish(customAcrossCases('lost-answer'));
    await expect
      .poll(async () => (await stack.executions('custom-report')).find((run) => run.name === jobId)?.status)
      .toBe('SUCCEEDED');
    expect(await stack.statesEntered('custom-report')).toContain('User activity already started');
    expect(await runs(stack, name)).toHaveLength(1);
  });

  it('runs on a schedule, with the days before its slot', async ({ stack }) => {
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
    expect(await stack.ended(jobId)).toMatchObject({
      eventType: 'REPORT_COMPLETED',
      caseId: null,
      eventDetail: { reportType: 'custom', originalJobId: 'weekly' },
    });
    expect(await runs(stack, `custom--${jobId}`)).toHaveLength(1);
    const [mail] = await stack.mailsOf(jobId, 1);
    expect(mail!.text).toContain('December 31, 2029 to January 6, 2030');
    expect(mail!.text).toContain(' Central');
  });
});
