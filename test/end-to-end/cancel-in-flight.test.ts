import { DescribeMapRunCommand, ListExecutionsCommand, ListMapRunsCommand } from '@aws-sdk/client-sfn';
import { describe, expect } from 'vitest';
import { config } from '../../cdk/config.ts';
import { addCases, caseIds, caseSchema, emails, userIds } from '../../local/database/seed.ts';
import { begin, cancelsDone, files, hold, lock, lockTranscripts } from '../support/cancels.ts';
import { acrossCases, cancel, paralegal } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

// A function is not stopped with its execution. A cancel removes the files that it still writes, after 930 s on AWS and less
// than 5 s here.
it.override('waitTimeScale', { scope: 'file' }, () => 0.005);
const { casesAtOnce } = config('development', 'us-east-1');
const attorney = { userId: userIds.attorney, email: emails.attorney };

it('stops a report during its export: one event, no mail, no running execution, and finally no file', async ({
  stack,
}) => {
  const unlock = await lockTranscripts(stack);
  await begin(stack, 'middle');
  await stack.rails.publish(cancel('middle', { requestedBy: attorney }));
  const cancelled = await stack.ended('middle');
  expect(cancelled).toMatchObject({
    eventType: 'REPORT_CANCELLED',
    status: 'CANCELLED',
    caseId: caseIds.pumps,
    eventDetail: {
      reportType: 'transcript_metadata',
      requestedBy: paralegal,
      stage: 'report',
      cause: expect.stringContaining(`Cancelled by ${emails.attorney} at 20`),
    },
  });
  expect(await stack.describeExecution('transcript-metadata', 'middle')).toMatchObject({
    status: 'ABORTED',
    error: 'ReportCancelled',
  });

  // The function still runs, and writes its file.
  await unlock();
  await expect.poll(() => files(stack, 'middle'), { timeout: 4_000 }).toHaveLength(1);
  await cancelsDone(stack);
  expect(await files(stack, 'middle')).toEqual([]);
  expect(await stack.describeExecution('deliver-report', 'transcript_metadata-middle')).toBeUndefined();
  expect(stack.eventTypes('middle')).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
  expect(await stack.mailsOf('middle', 0)).toEqual([]);
});

describe('A report across many cases', () => {
  it.beforeAll(({ stack }) => addCases(stack.database, 30));

  const folder = (jobId: string) => `/user_activity-${jobId}/`;
  const parts = async (stack: TestStack, jobId: string, of: string) =>
    (await files(stack, jobId)).filter((key) => key.includes(`/tmp${folder(jobId)}${of}`));
  const exports = async (stack: TestStack, jobId: string) =>
    (await files(stack, jobId)).filter((key) => key.includes(`/exports${folder(jobId)}`));

  /** Cancels the report, and returns the state of its executions. */
  async function cancelled(stack: TestStack, jobId: string) {
    await stack.rails.publish(cancel(jobId, acrossCases(jobId).eventDetail));
    const event = await stack.ended(jobId);
    const report = (await stack.describeExecution('user-activity', jobId))!;
    const { executionArn } = report;
    const { mapRuns } = await stack.clients.sfn.send(new ListMapRunsCommand({ executionArn }));
    const { mapRunArn } = mapRuns![0]!;
    const mapRun = await stack.clients.sfn.send(new DescribeMapRunCommand({ mapRunArn }));
    const children = await stack.clients.sfn.send(new ListExecutionsCommand({ mapRunArn }));
    const statuses = children.executions!.map(({ status }) => status);
    return { event, report, mapRun, statuses };
  }

  async function expectNothingLeft(stack: TestStack, jobId: string) {
    await cancelsDone(stack);
    expect(await exports(stack, jobId)).toEqual([]);
    expect(await stack.describeExecution('deliver-report', `user_activity-${jobId}`)).toBeUndefined();
    const others = stack.eventTypes(jobId).filter((eventType) => eventType !== 'REPORT_PROGRESS');
    expect(others).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
    expect(await stack.mailsOf(jobId, 0)).toEqual([]);
  }

  it('stops with its Map Run and the running children, and no other child starts', async ({ stack }) => {
    // The generated cases are views of these tables, so this holds up each of them.
    const unlock = await lock(stack, 'activities', 'nextpoint_generated');
    const before = stack.invocations('export-case');
    const begun = () => stack.invocations('export-case') - before;
    await stack.rails.publish(acrossCases('children'));
    await expect
      .poll(async () => begun() - (await parts(stack, 'children', 'outcomes/')).length, { timeout: 20_000 })
      .toBe(casesAtOnce);
    const { event, report, mapRun, statuses } = await cancelled(stack, 'children');
    expect(event).toMatchObject({ eventType: 'REPORT_CANCELLED', eventDetail: { stage: 'report' } });
    expect(report).toMatchObject({ status: 'ABORTED', error: 'ReportCancelled' });
    expect(mapRun.status).toBe('ABORTED');
    expect(statuses.filter((status) => status === 'ABORTED')).toHaveLength(casesAtOnce);
    expect(statuses).not.toContain('RUNNING');
    const ofChildren = begun();
    expect(ofChildren).toBeLessThan(36);

    // The functions of the stopped children still run, and write their parts.
    await unlock();
    await expect
      .poll(() => parts(stack, 'children', 'outcomes/'), { timeout: 4_000 })
      .toHaveLength(ofChildren);
    await expectNothingLeft(stack, 'children');
    expect(begun()).toBe(ofChildren);
  });

  it('keeps neither the file nor the list of issues that a merge still wrote', async ({ stack }) => {
    const unlock = await lock(stack, 'activities', caseSchema(caseIds.northgate));
    await stack.rails.publish(acrossCases('merging'));
    await expect.poll(() => parts(stack, 'merging', 'outcomes/'), { timeout: 20_000 }).toHaveLength(35);
    const merge = hold(stack, 'lambda');
    await unlock();
    // The Map Run has written its results. The merge comes next.
    await expect.poll(() => parts(stack, 'merging', 'results/'), { timeout: 20_000 }).toHaveLength(2);
    const storage = hold(stack, 's3');
    const before = stack.invocations('merge-parts');
    merge();
    await expect.poll(() => stack.invocations('merge-parts'), { timeout: 20_000 }).toBe(before + 1);
    const { event, mapRun } = await cancelled(stack, 'merging');
    expect(event.eventType).toBe('REPORT_CANCELLED');
    expect(mapRun.status).toBe('SUCCEEDED');
    storage();
    // The file, the issues and the outcomes.
    await expect.poll(() => exports(stack, 'merging'), { timeout: 4_000 }).toHaveLength(3);
    await expectNothingLeft(stack, 'merging');
    // A lifecycle rule deletes parts after 35 days. Nothing links to them.
    expect(await parts(stack, 'merging', 'parts/')).not.toEqual([]);
  });
});
