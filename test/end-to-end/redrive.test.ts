import { expect, vi } from 'vitest';
import { request } from '../support/messages.ts';
import { it } from '../support/stack.ts';

it('completes a report that failed because the database was down, without a second mail about the failure', async ({
  stack,
}) => {
  const restore = await stack.outage('database');
  expect(await stack.ask(request('database'))).toMatchObject({ eventType: 'REPORT_FAILED' });
  await stack.mailsOf('database', 1);
  await restore();
  const completed = await stack.redrive('transcript-metadata', 'database');
  expect(completed).toMatchObject({ eventType: 'REPORT_COMPLETED' });
  // The mail about the failure, and the mail with the report.
  expect(await stack.mailsOf('database', 2)).toHaveLength(2);
});

it('sends no second mail if the redrive fails too', async ({ stack }) => {
  const restore = await stack.outage('database');
  await stack.ask(request('twice'));
  await stack.mailsOf('twice', 1);
  const failed = await stack.redrive('transcript-metadata', 'twice');
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { redriveCount: 1, redrivable: true },
  });
  await vi.waitFor(async () => {
    const all = await stack.executions('announce-failure');
    expect(all.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
  }, 20_000);
  expect(await stack.mailsOf('twice', 1)).toHaveLength(1);
  await restore();
});

it('writes the file under the same key, without checking the request again', async ({ stack }) => {
  const restore = stack.fault({ kind: 'refuse', operation: 'PutObject', caller: 'exportrows', calls: 1000 });
  expect(await stack.ask(request('storage'))).toMatchObject({ eventDetail: { error: 'UploadFailed' } });
  restore();
  const checks = stack.invocations('load-context');
  const { eventDetail } = await stack.redrive('transcript-metadata', 'storage');
  expect(stack.invocations('load-context')).toBe(checks);
  expect(eventDetail.file.key).toContain('/transcript_metadata-storage/transcript-metadata_');
});

it('repeats the delivery without making the report again', async ({ stack }) => {
  stack.fault({ kind: 'refuse', operation: 'SendEmail', error: { status: 500, code: 'InternalFailure' } });
  const failed = await stack.ask(request('mail', { delivery: { mode: 'link' } }));
  expect(failed.eventDetail).toMatchObject({ stage: 'delivery', redrivable: true });
  const exports = stack.invocations('export-rows');
  const completed = await stack.redrive('deliver-report', 'mail', 'transcript_metadata-mail');
  expect(completed).toMatchObject({ eventType: 'REPORT_COMPLETED', eventDetail: { redriveCount: 1 } });
  expect(stack.invocations('export-rows')).toBe(exports);
  const delivered = (await stack.mails()).filter(({ text }) =>
    text?.includes('/transcript_metadata/mail/download'),
  );
  expect(delivered).toHaveLength(1);
});

it('does not help a request that can never work', async ({ stack }) => {
  const failed = await stack.ask(request('never', { parameters: { colour: 'red' } }));
  expect(failed.eventDetail.redrivable).toBe(false);
  const again = await stack.redrive('transcript-metadata', 'never');
  expect(again.eventDetail).toMatchObject({ error: 'InvalidRequest', redriveCount: 1 });
  expect(await stack.describeExecution('transcript-metadata', 'never')).toMatchObject({ status: 'FAILED' });
});
