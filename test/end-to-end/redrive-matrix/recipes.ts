// Jobs that together enter every Task of every machine and make every call of every function.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { vi } from 'vitest';
import { requestOf } from '../../../contract/samples/index.ts';
import { caseIds, emails, userIds } from '../../../local/database/seed.ts';
import { acrossCases, cancel, customAcrossCases, type Request, request } from '../../support/messages.ts';
import type { TestStack } from '../../support/stack.ts';
import type { Jobs } from './jobs.ts';

/** A job that can be asked for again and again under new ids, and always ends in the same way. */
export interface Recipe {
  name: string;
  /** Recipes of one lane run one after the other. */
  lane?: 'overlays' | 'searches';
  /** Brings about what the job meets. No fault is injected yet. */
  given?(stack: TestStack, jobId: string, jobs: Jobs): Promise<unknown>;
  /** Does what the recipe is named for. */
  when(stack: TestStack, jobId: string, jobs: Jobs): Promise<unknown>;
}

const delivery = { mode: 'attachment' };
const publish =
  (message: (jobId: string) => object) =>
  (stack: TestStack, jobId: string): Promise<void> =>
    stack.rails.publish(message(jobId));
const denied = { status: 403, code: 'AuthorizationError' };
const schedule = { expression: 'rate(1 day)', timeZone: 'UTC', startAt: '2090-01-01T00:00:00Z' };
const running = (jobs: Jobs, jobId: string, machine: string, status = 'RUNNING') =>
  vi.waitFor(
    () => {
      if (!jobs.executionsOf(jobId).some((one) => one.machine === machine && one.status === status))
        throw new Error(`${jobId}: ${machine} is not ${status}`);
    },
    { timeout: 20_000, interval: 20 },
  );

/** Asks for a report whose call in this state waits, so that it is running when the next message comes. */
async function begin(
  stack: TestStack,
  jobId: string,
  jobs: Jobs,
  message: object,
  [operation, machine, state]: [string, string, string],
) {
  stack.fault({ kind: 'delay', operation, state, text: jobId, milliseconds: 600_000 });
  await stack.rails.publish(message);
  await running(jobs, jobId, machine);
  await vi.waitFor(
    () => {
      if (!stack.calls.some((call) => call.state === state && call.operation === operation))
        throw new Error(state);
    },
    { timeout: 20_000, interval: 20 },
  );
}

export const recipes: Recipe[] = [
  {
    name: 'a report with its file in the mail',
    when: publish((jobId) => request(jobId, { delivery })),
  },
  {
    name: 'a report on an account',
    when: publish((jobId) => ({ ...requestOf('custom'), jobId })),
  },
  {
    name: 'a custom report on user activity',
    when: publish((jobId) => customAcrossCases(jobId, { delivery })),
  },
  {
    name: 'a report across cases',
    when: publish((jobId) => acrossCases(jobId, { delivery })),
  },
  {
    name: 'a search hit report',
    lane: 'searches',
    async when(stack, jobId) {
      const everything = { byCustodian: true, byMonth: true };
      await stack.rails.publish(await stack.searchHits(jobId, ['seal'], everything, { delivery }));
    },
  },
  {
    name: 'a coding overlay',
    lane: 'overlays',
    async when(stack, jobId) {
      const loadFile = `development/cases/${caseIds.pumps}/requests/${jobId}.csv`;
      const Body = `Nextpoint ID,Title,Tags\n11,Title of ${jobId},Hot\n9999,x,\n`;
      await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: loadFile, Body }));
      const requestedBy = { userId: userIds.attorney, email: emails.attorney };
      await stack.rails.publish(
        request(jobId, { reportType: 'coding_overlay', requestedBy, parameters: { loadFile } }),
      );
    },
  },
  {
    name: 'a report that can never be made',
    when: publish((jobId) => request(jobId, {}, caseIds.archived)),
  },
  {
    name: 'a report that can never be made, whose failure is published late',
    given: async (stack, jobId) =>
      stack.fault({
        kind: 'refuse',
        operation: 'Publish',
        state: 'Announce failure',
        text: jobId,
        error: denied,
      }),
    when: publish((jobId) => request(jobId, {}, caseIds.archived)),
  },
  {
    name: 'a delivery that cannot publish its end at first',
    given: async (stack, jobId) =>
      stack.fault({
        kind: 'refuse',
        operation: 'Publish',
        state: 'Announce completion',
        text: jobId,
        error: denied,
      }),
    when: publish((jobId) => request(jobId)),
  },
  {
    name: 'an occurrence that stops its schedule',
    when: publish((jobId) => ({
      ...request('', {}, caseIds.otherAccount),
      scheduleId: jobId,
      scheduledFor: '2030-01-01T00:00:00Z',
    })),
  },
  {
    name: 'a request of an unknown report',
    when: publish((jobId) => request(jobId, { reportType: 'deposition_search_pdf' })),
  },
  {
    name: 'two requests of one id',
    given: (stack, jobId) => stack.ask(request(jobId)),
    when: publish((jobId) => request(jobId, { reportType: 'page_count' }, caseIds.empty)),
  },
  {
    name: 'a mail that bounces',
    when: publish((jobId) => request(jobId, { delivery: { mode: 'link', recipients: [emails.bouncing] } })),
  },
  {
    name: 'a request in the dead letters',
    when: (stack, jobId) => stack.send('intake-dead-letters', request(jobId)),
  },
  {
    name: 'a cancel in the dead letters',
    when: (stack, jobId) => stack.send('intake-dead-letters', cancel(jobId)),
  },
  {
    name: 'a schedule',
    when: publish((jobId) => request(jobId, { schedule })),
  },
  {
    name: 'another schedule of the same id',
    given: (stack, jobId) => changed(stack, jobId, request(jobId, { schedule })),
    when: publish((jobId) => request(jobId, { schedule: { ...schedule, expression: 'rate(2 days)' } })),
  },
  {
    name: 'the deletion of a schedule',
    given: (stack, jobId) => changed(stack, jobId, request(jobId, { schedule })),
    when: publish((jobId) => ({ ...request(jobId), eventType: 'REPORT_SCHEDULE_DELETED' })),
  },
  {
    name: 'a cancel of a report',
    given: (stack, jobId, jobs) =>
      begin(stack, jobId, jobs, request(jobId), ['Publish', 'transcript-metadata', 'Announce start']),
    when: publish((jobId) => cancel(jobId)),
  },
  {
    name: 'a cancel of a delivery',
    given: (stack, jobId, jobs) =>
      begin(stack, jobId, jobs, request(jobId, { delivery }), ['Invoke', 'deliver-report', 'Mail recipient']),
    when: publish((jobId) => cancel(jobId)),
  },
  {
    name: 'a cancel of nothing',
    when: publish((jobId) => cancel(jobId)),
  },
];

async function changed(stack: TestStack, jobId: string, message: Request) {
  await stack.rails.publish(message);
  await stack.rails.waitFor(
    (event) => event.jobId === jobId && event.eventType === 'REPORT_SCHEDULE_CHANGED',
  );
}
