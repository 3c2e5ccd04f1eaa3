import { afterAll, beforeAll, expect, it } from 'vitest';
import { caseIds } from '../../local/database/seed.ts';
import type { Stack } from '../../local/stack.ts';
import {
  ask,
  eventTypes,
  executions,
  mailsOf,
  messagesIn,
  request,
  startTestStack,
} from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

it('runs a message that comes three times once: one execution, one file, one mail, no other event', async () => {
  const message = request('thrice');
  await stack.rails.publish({ ...message, timestamp: '2026-11-23T17:04:05Z' });
  await stack.rails.publish({ ...message, timestamp: '2026-11-23T17:04:06Z' });
  await ask(stack, { ...message, timestamp: '2026-11-23T17:04:07Z' });
  // Once more, after the end. The queue is empty when the router has taken all of it.
  await stack.rails.publish({ ...message, timestamp: '2026-11-24T09:00:00Z' });
  await expect.poll(() => messagesIn(stack, 'intake'), { timeout: 20_000 }).toBe(0);

  expect(
    (await executions(stack, 'transcript-metadata')).filter(({ name }) => name === 'thrice'),
  ).toHaveLength(1);
  const uploads = stack.calls.filter(
    ({ action, resource }) =>
      action === 's3:PutObject' && /transcript_metadata-thrice\/.*csv$/.test(resource),
  );
  expect(uploads).toHaveLength(1);
  expect(eventTypes(stack, 'thrice')).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
  expect(await mailsOf(stack, 'thrice', 1)).toHaveLength(1);
});

it.each([
  ['case', request('taken', {}, caseIds.empty)],
  ['parameters', request('taken', { parameters: { scope: 'deponents' } })],
])('refuses the same jobId with another %s, and leaves the first untouched', async (_, other) => {
  const first =
    stack.rails.events.find((event) => event.jobId === 'taken') ?? (await ask(stack, request('taken')));
  const seen = stack.rails.events.length;
  await stack.rails.publish(other);
  const refused = await stack.rails.waitFor(
    (event) => event.eventType === 'REPORT_REFUSED' && stack.rails.events.indexOf(event) >= seen,
  );
  expect(refused).toMatchObject({
    jobId: 'taken',
    status: 'FAILED',
    eventDetail: { reason: 'job_id_taken' },
  });
  expect(eventTypes(stack, 'taken').filter((type) => type === 'REPORT_COMPLETED')).toHaveLength(1);
  expect(first.eventDetail.executionArn).toBeTruthy();
});

it('publishes nothing that breaks the contract', () => expect(stack.violations).toEqual([]));
