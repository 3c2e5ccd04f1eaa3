import { DescribeMapRunCommand, ListExecutionsCommand, ListMapRunsCommand } from '@aws-sdk/client-sfn';
import { describe, expect } from 'vitest';
import { config } from '../../cdk/config.ts';
import { addCases, caseIds, caseSchema, emails, userIds } from '../../local/database/seed.ts';
import { cancelsDone, files, hold, lock, lockTranscripts } from '../support/cancels.ts';
import { acrossCases, cancel, paralegal, request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

// A function is not stopped with its execution. A cancel removes the files that it still writes, after 930 s on AWS and less
// than 5 s here.
it.override('waitTimeScale', { scope: 'file' }, () => 0.005);
const { casesAtOnce } = config('development', 'us-east-1');
const attorney = { userId: userIds.attorney, email: emails.attorney };

/** Asks for a report, and waits until a function works on it. */
async function begin(stack: TestStack, jobId: string, more: Record<string, unknown> = {}) {
  const exports = stack.invocations('export-rows');
  await stack.rails.publish(request(jobId, more));
  await expect.poll(() => stack.invocations('export-rows'), { timeout: 20_000 }).toBe(exports + 1);
}

it('stops a report in the middle of its export: one event, no mail, nothing running, and in the end no file', async ({
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

  // The function was not stopped with its execution, and writes its file all the same.
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

  /** Cancels it, and looks at all that it was made of. */
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

  it('stops with its Map Run and the children that run; of those that wait none starts', async ({
    stack,
  }) => {
    // What the generated cases are views of, so that each of them is held up.
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

    // The functions of the stopped children run on, and write their parts all the same.
    await unlock();
    await expect
      .poll(() => parts(stack, 'children', 'outcomes/'), { timeout: 4_000 })
      .toHaveLength(ofChildren);
    await expectNothingLeft(stack, 'children');
    expect(begun()).toBe(ofChildren);
  });

  it('keeps neither the file nor the list of issues that a merge in flight still wrote', async ({
    stack,
  }) => {
    const unlock = await lock(stack, 'activities', caseSchema(caseIds.northgate));
    await stack.rails.publish(acrossCases('merging'));
    await expect.poll(() => parts(stack, 'merging', 'outcomes/'), { timeout: 20_000 }).toHaveLength(35);
    const merge = hold(stack, 'lambda');
    await unlock();
    // The Map Run has written its results: the merge is next.
    await expect.poll(() => parts(stack, 'merging', 'results/'), { timeout: 20_000 }).toHaveLength(2);
    const storage = hold(stack, 's3');
    const before = stack.invocations('merge-parts');
    merge();
    await expect.poll(() => stack.invocations('merge-parts'), { timeout: 20_000 }).toBe(before + 1);
    const { event, mapRun } = await cancelled(stack, 'merging');
    expect(event.eventType).toBe('REPORT_CANCELLED');
    expect(mapRun.status).toBe('SUCCEEDED');
    storage();
    // The file, the issues, and what became of each case.
    await expect.poll(() => exports(stack, 'merging'), { timeout: 4_000 }).toHaveLength(3);
    await expectNothingLeft(stack, 'merging');
    // Parts go by the lifecycle rule of their folder, 35 days later; nobody is led to them.
    expect(await parts(stack, 'merging', 'parts/')).not.toEqual([]);
  });
});
