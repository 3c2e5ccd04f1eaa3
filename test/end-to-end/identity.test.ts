import { expect } from 'vitest';
import { caseIds } from '../../local/database/seed.ts';
import { request } from '../support/messages.ts';
import { it } from '../support/stack.ts';

it('runs a message that arrives three times once: one execution, one file, one mail, no other event', async ({
  stack,
}) => {
  const message = request('thrice');
  await stack.rails.publish({ ...message, timestamp: '2026-11-23T17:04:05Z' });
  await stack.rails.publish({ ...message, timestamp: '2026-11-23T17:04:06Z' });
  await stack.ask({ ...message, timestamp: '2026-11-23T17:04:07Z' });
  // And again after the end. The queue is empty when the router has taken every message.
  await stack.rails.publish({ ...message, timestamp: '2026-11-24T09:00:00Z' });
  await expect.poll(() => stack.messagesIn('intake'), { timeout: 20_000 }).toBe(0);

  expect(
    (await stack.executions('transcript-metadata')).filter(({ name }) => name === 'thrice'),
  ).toHaveLength(1);
  const uploads = stack.calls.filter(
    ({ action, resource }) =>
      action === 's3:PutObject' && /transcript_metadata-thrice\/.*csv$/.test(resource),
  );
  expect(uploads).toHaveLength(1);
  expect(stack.eventTypes('thrice')).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
  expect(await stack.mailsOf('thrice', 1)).toHaveLength(1);
});

it.for([
  ['case', request('taken', {}, caseIds.empty)],
  ['parameters', request('taken', { parameters: { scope: 'deponents' } })],
] as const)(
  'refuses the same jobId with another %s, and leaves the first untouched',
  async ([_, other], { stack }) => {
    const first =
      stack.rails.events.find((event) => event.jobId === 'taken') ?? (await stack.ask(request('taken')));
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
    expect(stack.eventTypes('taken').filter((type) => type === 'REPORT_COMPLETED')).toHaveLength(1);
    expect(first.eventDetail.executionArn).toBeTruthy();
  },
);
