// Jobs that together enter every Task of every machine and make every call of every function.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { RowDataPacket } from 'mysql2';
import { vi } from 'vitest';
import { requestOf } from '../../../contract/samples/index.ts';
import { caseIds, caseSchema, connectAsAdmin, emails, userIds } from '../../../local/database/seed.ts';
import {
  acrossCases,
  administrator,
  cancel,
  customAcrossCases,
  type Request,
  request,
} from '../../support/messages.ts';
import type { TestStack } from '../../support/stack.ts';
import type { Jobs } from './jobs.ts';

/** A job that can be asked for again and again under new ids, and always ends in the same way. */
export interface Recipe {
  name: string;
  /** Recipes of one lane run one after the other. */
  lane?: 'overlays' | 'searches';
  /** Nothing else runs meanwhile, because its calls do not name the job. */
  alone?: boolean;
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
      if (!stack.calls.some(({ task }) => task?.state === state && task.executionArn.includes(jobId)))
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
    name: 'a dry run',
    when: publish((jobId) => request(jobId, { dryRun: true })),
  },
  {
    name: 'a dry run on an account',
    when: publish((jobId) => {
      const message = requestOf('custom');
      return { ...message, jobId, eventDetail: { ...message.eventDetail, dryRun: true } };
    }),
  },
  {
    name: 'a dry run across cases',
    when: publish((jobId) => acrossCases(jobId, { dryRun: true })),
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
    name: 'a deposition search',
    async when(stack, jobId) {
      const detail = { reportType: 'deposition_search_pdf', delivery };
      await stack.rails.publish(await stack.searchHits(jobId, ['sealed'], { volumeIds: [2] }, detail));
    },
  },
  {
    name: 'a coding overlay',
    lane: 'overlays',
    when: async (stack, jobId) => stack.rails.publish(await overlay(stack, jobId)),
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
    when: publish((jobId) => request(jobId, { reportType: 'deposition_search_docx' })),
  },
  {
    name: 'two requests of one id',
    given: (stack, jobId) => stack.ask(request(jobId)),
    when: publish((jobId) => request(jobId, {}, caseIds.empty)),
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
    name: "the deletion of somebody else's schedule",
    given: (stack, jobId) => changed(stack, jobId, acrossCases(jobId, { schedule })),
    when: publish((jobId) => ({
      ...acrossCases(jobId, { requestedBy: administrator }),
      eventType: 'REPORT_SCHEDULE_DELETED',
    })),
  },
  {
    name: 'a cancel of a report on an account',
    given: (stack, jobId, jobs) =>
      begin(stack, jobId, jobs, acrossCases(jobId), ['Invoke', 'user-activity', 'Merge parts']),
    when: publish((jobId) => cancelOf(acrossCases(jobId))),
  },
  {
    name: "a cancel of somebody else's report",
    given: (stack, jobId) => stack.ask(acrossCases(jobId)),
    when: publish((jobId) => cancelOf(acrossCases(jobId, { requestedBy: administrator }))),
  },
  {
    name: 'a cancel of a coding overlay',
    lane: 'overlays',
    async given(stack, jobId, jobs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      stack.fault({
        kind: 'delay',
        operation: 'Invoke',
        state: 'Check load file',
        text: jobId,
        until: promise,
      });
      const unpark = jobs.park(jobId, 'coding-overlay');
      await stack.rails.publish(await overlay(stack, jobId));
      await running(jobs, jobId, 'coding-overlay');
      // The function goes on when it would find that it was asked to stop.
      const asked = async () =>
        (await stack.keysUnder(`tmp/coding_overlay-${jobId}/`)).some((key) => key.includes('cancel'));
      void vi
        .waitUntil(asked, { timeout: 60_000, interval: 50 })
        .catch(() => {})
        .then(() => {
          unpark();
          resolve();
        });
    },
    when: publish((jobId) =>
      cancelOf(request(jobId, { reportType: 'coding_overlay', requestedBy: attorney })),
    ),
  },
  ...(['glue', 'athena'] as const).map((service) => ({
    name: `a cancel of a search while ${service} works`,
    lane: 'searches' as const,
    async given(stack: TestStack, jobId: string) {
      const begun = () => (service === 'glue' ? stack.glue.runs : stack.athena.queries).length;
      const before = begun();
      releases.set(jobId, stack[service].control.hold());
      await stack.rails.publish(await stack.searchHits(jobId, ['seal']));
      await vi.waitUntil(() => begun() > before, { timeout: 20_000, interval: 20 });
    },
    async when(stack: TestStack, jobId: string, jobs: Jobs) {
      await stack.rails.publish(cancel(jobId, { reportType: 'search_hit' }));
      await running(jobs, jobId, 'search-hit', 'ABORTED');
      releases.get(jobId)!();
    },
  })),
  {
    name: 'a run of reconcile-reports',
    alone: true,
    async given(stack, jobId, jobs) {
      jobs.lose(jobId);
      await stack.rails.publish(request(jobId, {}, caseIds.archived));
      await running(jobs, jobId, 'transcript-metadata', 'FAILED');
    },
    async when(stack) {
      const before = (await stack.executions('reconcile-reports')).length;
      stack.runScheduledRules();
      await vi.waitUntil(
        async () => {
          const runs = await stack.executions('reconcile-reports');
          return runs.length > before && runs[0]!.status !== 'RUNNING';
        },
        { timeout: 60_000, interval: 50 },
      );
    },
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

const attorney = { userId: userIds.attorney, email: emails.attorney };
const releases = new Map<string, () => void>();

const cancelOf = ({ eventDetail: { reportType, requestedBy }, ...message }: Request) => ({
  ...message,
  eventType: 'REPORT_CANCEL_REQUESTED',
  eventDetail: { reportType, requestedBy },
});

/** Stores a load file as Rails does, and returns the request for its overlay. */
async function overlay(stack: TestStack, jobId: string) {
  const loadFile = `development/cases/${caseIds.pumps}/requests/${jobId}.csv`;
  const admin = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
  const [[exhibit]] = await admin.query<RowDataPacket[]>('SELECT title FROM exhibits WHERE id = 11');
  // The words of the title stay, since a search may look for them.
  const title = String(exhibit!.title).replace(/ fault-\d+| before/, '');
  await admin.query('UPDATE exhibits SET title = ? WHERE id = 11', [`${title} before`]);
  await admin.end();
  const Body = `Nextpoint ID,Title\n11,${title} ${jobId}\n9999,x\n`;
  await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: loadFile, Body }));
  return request(jobId, { reportType: 'coding_overlay', requestedBy: attorney, parameters: { loadFile } });
}

async function changed(stack: TestStack, jobId: string, message: Request) {
  await stack.rails.publish(message);
  await stack.rails.waitFor(
    (event) => event.jobId === jobId && event.eventType === 'REPORT_SCHEDULE_CHANGED',
  );
}
