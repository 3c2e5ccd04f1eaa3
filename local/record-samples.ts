// `npm run samples`: records contract/samples/events/ from a run of the local stack.
import { writeFile } from 'node:fs/promises';
import { cancel, type Message, requestOf, requests, scheduleDeletion } from '../contract/samples/index.ts';
import { caseIds, emails } from './database/seed.ts';
import type { TopicEvent } from './rails/rails.ts';
import { type Stack, startStack } from './stack.ts';

/** Makes the stack publish an event of each type. Returns the events by sample name, with fixed ids and times. */
export async function recordEvents(stack: Stack): Promise<Record<string, TopicEvent>> {
  const { rails } = stack;
  const answer = async (message: Message, eventType: string, fits = (_: TopicEvent) => true) => {
    await rails.publish(message);
    return rails.waitFor(
      (event) => event.eventType === eventType && event.jobId === message.jobId && fits(event),
    );
  };
  const report = requestOf('page_count');
  const bouncing = { mode: 'link' as const, recipients: [emails.bouncing] };
  const weekly = requests['review-log-weekly']!;
  const recorded = {
    'report-progress': await answer(
      requestOf('user_activity'),
      'REPORT_PROGRESS',
      ({ eventDetail: { progress } }) => progress.done === progress.total,
    ),
    'report-completed': await answer(report, 'REPORT_COMPLETED'),
    'report-completed-dry-run': await answer(
      { ...report, jobId: 'rpt-dry-run', eventDetail: { ...report.eventDetail, dryRun: true } },
      'REPORT_COMPLETED',
    ),
    'report-started': await rails.waitFor(({ jobId }) => jobId === report.jobId),
    'report-failed': await answer(
      { ...report, jobId: 'rpt-archived', caseId: caseIds.archived },
      'REPORT_FAILED',
    ),
    'report-refused': await answer({ ...report, caseId: caseIds.empty }, 'REPORT_REFUSED'),
    'report-delivery-problem': await answer(
      { ...report, jobId: 'rpt-bounced', eventDetail: { ...report.eventDetail, delivery: bouncing } },
      'REPORT_DELIVERY_PROBLEM',
    ),
    'report-schedule-changed': await answer(weekly, 'REPORT_SCHEDULE_CHANGED'),
    'report-cancelled': await cancelled({ ...report, jobId: 'rpt-cancelled' }),
  };
  await answer(
    scheduleDeletion,
    'REPORT_SCHEDULE_CHANGED',
    ({ eventDetail }) => eventDetail.change === 'deleted',
  );
  return Object.fromEntries(Object.entries(recorded).map(([name, event]) => [name, stable(event)]));

  /** Cancels the report while its first function is held. */
  async function cancelled(message: Message) {
    const release = stack.hold('lambda');
    await answer(message, 'REPORT_STARTED');
    const event = await answer({ ...cancel, jobId: message.jobId }, 'REPORT_CANCELLED');
    release();
    return event;
  }
}

/** Replaces ids and times, which differ from run to run. The file still expires after the same number of days. */
function stable(event: TopicEvent): TopicEvent {
  const began = '2026-11-23T17:04:05.000Z';
  const ended = '2026-11-23T17:04:09.000Z';
  const numbering =
    (ids: string[] = []) =>
    (id: string) =>
      (ids.includes(id) ? ids.indexOf(id) : ids.push(id) - 1) + 1;
  const mail = numbering();
  const execution = numbering();
  const expiry = (moment: string) => {
    const days = Math.round((Date.parse(moment) - Date.parse(event.timestamp as string)) / 86_400_000);
    return new Date(Date.parse(began) + days * 86_400_000).toISOString();
  };
  return JSON.parse(JSON.stringify(event), (key, value) => {
    if (typeof value !== 'string') return value;
    return value
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, (moment) =>
        key === 'expiresAt' ? expiry(moment) : key === 'startedAt' ? began : ended,
      )
      .replace(/_\d{8}-\d{6}\./, '_20261123-110405.')
      .replace(/^ses-\d+$/, (id) => `message-${mail(id)}`)
      .replace(
        /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
        (id) => `00000000-0000-4000-8000-${String(execution(id)).padStart(12, '0')}`,
      );
  });
}

if (import.meta.main) {
  const stack = await startStack({ waitTimeScale: 0.01, quiet: true });
  try {
    for (const [name, event] of Object.entries(await recordEvents(stack)))
      await writeFile(
        new URL(`../contract/samples/events/${name}.json`, import.meta.url),
        `${JSON.stringify(event, null, 2)}\n`,
      );
  } finally {
    await stack.stop();
  }
}
