import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { ask, executions, machineArn, mailsOf, redrive, request, startTestStack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const executionArn = (machine: string, name: string) =>
  `${machineArn(stack, machine).replace(':stateMachine:', ':execution:')}:${name}`;

const invocations = (task: string) =>
  stack.calls.filter(
    ({ action, resource }) =>
      action === 'lambda:InvokeFunction' && resource.endsWith(`reports-development-${task}`),
  ).length;

it('makes a report that failed because the database was down, and mails no second failure', async () => {
  const restore = await stack.outage('database');
  expect(await ask(stack, request('database'))).toMatchObject({ eventType: 'REPORT_FAILED' });
  await mailsOf(stack, 'database', 1);
  await restore();
  const completed = await redrive(stack, 'transcript-metadata', 'database');
  expect(completed).toMatchObject({ eventType: 'REPORT_COMPLETED' });
  // The failure's mail and the report's.
  expect(await mailsOf(stack, 'database', 2)).toHaveLength(2);
});

it('says nothing to the requester when a redrive fails too', async () => {
  const restore = await stack.outage('database');
  await ask(stack, request('twice'));
  await mailsOf(stack, 'twice', 1);
  const failed = await redrive(stack, 'transcript-metadata', 'twice');
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { redriveCount: 1, redrivable: true },
  });
  await vi.waitFor(async () => {
    const all = await executions(stack, 'announce-failure');
    expect(all.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
  }, 20_000);
  expect(await mailsOf(stack, 'twice', 1)).toHaveLength(1);
  await restore();
});

it('writes the file under the same key, without checking the request again', async () => {
  const restore = await stack.outage('s3');
  expect(await ask(stack, request('storage'))).toMatchObject({ eventDetail: { error: 'UploadFailed' } });
  await restore();
  const checks = invocations('load-context');
  const { eventDetail } = await redrive(stack, 'transcript-metadata', 'storage');
  expect(invocations('load-context')).toBe(checks);
  expect(eventDetail.file.key).toContain('/transcript_metadata-storage/transcript-metadata_');
});

it('delivers again without making the report again', async () => {
  const restore = await stack.outage('ses');
  const failed = await ask(stack, request('mail', { delivery: { mode: 'link' } }));
  expect(failed.eventDetail).toMatchObject({ stage: 'delivery', redrivable: true });
  await restore();
  const exports = invocations('export-rows');
  const completed = await redrive(stack, 'deliver-report', 'mail', 'transcript_metadata-mail');
  expect(completed).toMatchObject({ eventType: 'REPORT_COMPLETED', eventDetail: { redriveCount: 1 } });
  expect(invocations('export-rows')).toBe(exports);
  const delivered = (await stack.mails()).filter(({ text }) =>
    text?.includes('/transcript_metadata/mail/download'),
  );
  expect(delivered).toHaveLength(1);
});

it('cannot help a request that can never work', async () => {
  const failed = await ask(stack, request('never', { parameters: { colour: 'red' } }));
  expect(failed.eventDetail.redrivable).toBe(false);
  const again = await redrive(stack, 'transcript-metadata', 'never');
  expect(again.eventDetail).toMatchObject({ error: 'InvalidRequest', redriveCount: 1 });
  const { status } = await stack.clients.sfn.send(
    new DescribeExecutionCommand({ executionArn: executionArn('transcript-metadata', 'never') }),
  );
  expect(status).toBe('FAILED');
});

it('publishes nothing that breaks the contract', () => expect(stack.violations).toEqual([]));
