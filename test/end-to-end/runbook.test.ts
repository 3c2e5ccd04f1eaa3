// docs/operations.md, followed to the letter through what breaks.
import { readFileSync } from 'node:fs';
import { DescribeStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, vi } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin } from '../../local/database/seed.ts';
import { request } from '../support/messages.ts';
import { ops } from '../support/ops.ts';
import { it, type TestStack } from '../support/stack.ts';

const page = readFileSync('docs/operations.md', 'utf8');
const reportType = 'transcript_metadata';

/** Runs a command as the page has it, with these values for its placeholders. */
function follow(stack: TestStack, line: string, values: Record<string, string> = {}) {
  expect(page).toContain(`npm run ops -- ${line}`);
  const filled = line.replaceAll(/<(\w+)>/g, (_, name) => values[name]!);
  return ops(stack, ...filled.split(' '));
}

const completed = (stack: TestStack, jobId: string) =>
  stack.rails.waitFor((event) => event.jobId === jobId && event.eventType === 'REPORT_COMPLETED');

it('a machine had a bug, and a deployment fixed it', async ({ stack }) => {
  const jobId = 'bug';
  const { sfn } = stack.clients;
  const stateMachineArn = stack.machineArn('transcript-metadata');
  const { definition } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const deploy = (text: string) =>
    sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: text }));
  onTestFinished(async () => void (await deploy(definition!)));
  await deploy(definition!.replaceAll('$exported.file %}', '$exported.fiel %}'));
  expect(await stack.ask(request(jobId))).toMatchObject({
    eventDetail: { error: 'States.QueryEvaluationError', redrivable: true },
  });
  await deploy(definition!);
  // The runbook says that this is in vain.
  expect(await stack.redrive('transcript-metadata', jobId)).toMatchObject({ eventType: 'REPORT_FAILED' });
  await follow(stack, 'restart <reportType> <jobId> --yes', { reportType, jobId });
  expect((await completed(stack, `${jobId}-r2`)).eventDetail.originalJobId).toBe(jobId);
});

it('the database was down', async ({ stack }) => {
  const restore = await stack.outage('database');
  await Promise.all([stack.ask(request('down-1')), stack.ask(request('down-2'))]);
  await restore();
  expect((await follow(stack, 'list redrivable')).text).toMatch(/ down-1 .* yes /);
  const dry = await follow(stack, 'redrive --since 2h --error DatabaseUnavailable');
  expect(dry.text).toContain('2 executions: 2 to redrive.');
  await follow(stack, 'redrive --since 2h --error DatabaseUnavailable --yes');
  await Promise.all([completed(stack, 'down-1'), completed(stack, 'down-2')]);
  // That of the failure, and that with the file.
  await Promise.all([stack.mailsOf('down-1', 2), stack.mailsOf('down-2', 2)]);
  expect((await follow(stack, 'list redrivable')).text).not.toContain('down-');
});

it('a mail was refused', async ({ stack }) => {
  stack.fault({ kind: 'refuse', operation: 'SendEmail', error: { status: 500, code: 'InternalFailure' } });
  const jobId = 'refused';
  await stack.ask(request(jobId, { delivery: { mode: 'link' } }));
  expect((await follow(stack, 'list --machine deliver-report')).text).toContain(jobId);
  const { text } = await follow(stack, 'show <reportType> <jobId>', { reportType, jobId });
  expect(text).toContain('The mail may have been sent: look for it before you redrive.');
  expect((await stack.mails()).filter((mail) => mail.text?.includes(`${jobId}/download`))).toEqual([]);
  await follow(stack, 'redrive <reportType> <jobId> --yes', { reportType, jobId });
  await completed(stack, jobId);
  expect((await stack.mails()).filter((mail) => mail.text?.includes(`${jobId}/download`))).toHaveLength(1);
});

it('a queue holds a message that nothing can process', async ({ stack }) => {
  const stop = stack.loseEvents((event) => JSON.stringify(event).includes('unheard'));
  onTestFinished(stop);
  await stack.rails.publish(request('unheard', { parameters: { colour: 'red' } }));
  await vi.waitFor(
    async () =>
      expect((await stack.describeExecution('transcript-metadata', 'unheard'))?.status).toBe('FAILED'),
    20_000,
  );
  const executionArn = stack.executionArn('transcript-metadata', 'unheard');
  const send = (MessageBody: string, target: string) =>
    stack.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: stack.queues['reports-development-failure-dead-letters'],
        MessageBody,
        MessageAttributes: { TARGET_ARN: { DataType: 'String', StringValue: target } },
      }),
    );
  await send(
    JSON.stringify({ detail: { executionArn, redriveCount: 0 } }),
    stack.machineArn('start-announcement'),
  );
  await send('poison', stack.machineArn('start-announcement'));
  expect((await follow(stack, 'dlq list')).text).toMatch(/failure-dead-letters +2/);
  const replayed = await follow(stack, 'dlq replay failure-dead-letters --all --yes');
  expect([replayed.code, replayed.text]).toEqual([1, expect.stringMatching(/^replayed /m)]);
  expect(await stack.ended('unheard')).toMatchObject({ eventType: 'REPORT_FAILED' });
  const messageId = /^failed +(\S+)/m.exec(replayed.text)![1]!;
  const dropped = await follow(stack, 'dlq drop failure-dead-letters <messageId> --yes', { messageId });
  expect(dropped).toMatchObject({ code: 0, text: expect.stringContaining('poison') });
  expect(await stack.messagesIn('failure-dead-letters')).toBe(0);
});

it('the schema of a case differs', async ({ stack }) => {
  const jobId = 'drifted';
  const admin = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
  onTestFinished(() => admin.end());
  await admin.query('RENAME TABLE deposition_volumes TO volumes_elsewhere');
  const failed = await stack.ask(request(jobId));
  await admin.query('RENAME TABLE volumes_elsewhere TO deposition_volumes');
  expect(failed.eventDetail).toMatchObject({ error: 'QueryFailed', redrivable: true });
  const { text } = await follow(stack, 'show <reportType> <jobId>', { reportType, jobId });
  expect(text).toMatch(/QueryFailed.*ER_NO_SUCH_TABLE/);
  await follow(stack, 'redrive <reportType> <jobId> --yes', { reportType, jobId });
  await completed(stack, jobId);
});

it('an event was lost', async ({ stack }) => {
  const jobId = 'lost';
  const stop = stack.loseEvents((event) => JSON.stringify(event).includes(jobId));
  onTestFinished(stop);
  const restore = await stack.outage('database');
  await stack.rails.publish(request(jobId));
  await vi.waitFor(
    async () => expect((await stack.describeExecution('transcript-metadata', jobId))?.status).toBe('FAILED'),
    20_000,
  );
  await restore();
  const { text } = await follow(stack, 'show <reportType> <jobId>', { reportType, jobId });
  expect(text).toContain('FAILED DatabaseUnavailable');
  expect(text).not.toContain('announcement');
  await follow(stack, 'redrive <reportType> <jobId> --yes', { reportType, jobId });
  await completed(stack, jobId);
});
