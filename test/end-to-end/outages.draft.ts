// Fifty reports are under way when a service fails for a moment, or for so long that all retries end.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { emails } from '../../local/database/seed.ts';
import { request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

it.override('waitTimeScale', { scope: 'file' }, () => 0.001);

const ends = ['REPORT_COMPLETED', 'REPORT_FAILED'];
const delivery = { mode: 'link', recipients: [emails.paralegal] };

/** The last event of a job in the order of what they say. */
const lastOf = (stack: TestStack, jobId: string) =>
  stack.rails.events
    .filter((event) => event.jobId === jobId)
    .sort((a, b) => Date.parse(a.eventDetail.occurredAt) - Date.parse(b.eventDetail.occurredAt))
    .at(-1);

/** Runs the reconciler, and waits until no machine runs any more. */
async function reconcile(stack: TestStack) {
  const before = (await stack.executions('reconcile-reports')).length;
  stack.runScheduledRules();
  await stack.waitFor(async () => {
    expect((await stack.executions('reconcile-reports')).length).toBe(before + 1);
    for (const machine of [
      'reconcile-reports',
      'start-announcement',
      'announce-failure',
      'transcript-metadata',
      'deliver-report',
    ])
      expect((await stack.executions(machine)).map(({ status }) => status)).not.toContain('RUNNING');
  });
}

/** Calls that a short outage refuses, and the milliseconds of a long one: at this scale, those of an hour. */
const short = 40;
const long = 3600;

it.for(
  (['database', 'lambda', 's3', 'ses', 'sns', 'states'] as const).flatMap((service) => [
    [service, 'short'] as const,
    [service, 'long'] as const,
  ]),
)(
  'ends every report rightly and by itself after an outage of %s, a %s one',
  async ([service, length], { stack }) => {
    const jobs = Array.from({ length: 50 }, (_, index) => `${service}-${length}-${index}`);
    await Promise.all(jobs.map((jobId) => stack.rails.publish(request(jobId, { delivery }))));
    await stack.rails.waitFor(({ jobId }) => jobs.includes(jobId!));
    const calls = length === 'short' && service !== 'database' ? short : undefined;
    const restore = await stack.outage(service, calls);
    if (service === 'database' || !calls) {
      await sleep(length === 'long' ? long : 20);
      await restore();
    }
    await stack.waitFor(async () => {
      await reconcile(stack);
      const open = jobs.filter((jobId) => !ends.includes(lastOf(stack, jobId)?.eventType ?? ''));
      expect(open).toEqual([]);
    });
    const mails = await stack.mails();
    for (const jobId of jobs) {
      const { eventType, eventDetail } = lastOf(stack, jobId)!;
      const subjects = mails
        .filter(({ text }) => text?.includes(`job ${jobId}.`))
        .map(({ subject }) => (/could not be/.test(subject!) ? 'failed' : 'ready'));
      if (eventType === 'REPORT_COMPLETED') expect([jobId, subjects]).toEqual([jobId, ['ready']]);
      else {
        // An operator redrives it. Only after an outage that outlasts the retries of a report.
        expect([
          jobId,
          length,
          eventDetail.redrivable || eventDetail.error === 'NotStarted',
          subjects,
        ]).toEqual([jobId, 'long', true, ['failed']]);
        if (!eventDetail.executionArn) continue;
        const execution = await stack.describeExecution('transcript-metadata', jobId);
        expect(execution?.status).toBe('FAILED');
      }
    }
    await restore();
  },
);
