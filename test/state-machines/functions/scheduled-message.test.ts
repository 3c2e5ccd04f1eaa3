import { describe, expect, it } from 'vitest';
import { call } from './call.ts';

const request = {
  jobId: 'weekly',
  caseId: null,
  timestamp: '2026-11-23T17:04:05Z',
  eventDetail: {
    reportType: 'user_activity',
    parameters: { userIds: [7], text: '"quoted" \\ $1' },
    schedule: { expression: 'cron(0 6 ? * MON *)', timeZone: 'America/Chicago' },
  },
};
const message = async (of: object) => JSON.parse(await call('ScheduledMessage', [of, 7]));

describe('The message of a schedule', () => {
  it('asks for the report of its request, in its zone, without the schedule', async () => {
    expect(await message(request)).toEqual({
      source: 'reports',
      eventType: 'REPORT_REQUESTED',
      caseId: null,
      batchId: null,
      status: 'SUCCESS',
      timestamp: request.timestamp,
      eventDetail: {
        timeZone: 'America/Chicago',
        reportType: 'user_activity',
        parameters: request.eventDetail.parameters,
      },
      accountId: 7,
      schedule: request.eventDetail.schedule,
      scheduleId: 'weekly',
      scheduledFor: '<aws.scheduler.scheduled-time>',
    });
  });

  it('keeps the zone that the report itself has', async () => {
    const own = { ...request, eventDetail: { ...request.eventDetail, timeZone: 'Europe/Paris' } };
    expect((await message(own)).eventDetail.timeZone).toBe('Europe/Paris');
  });

  it('becomes a slot of the schedule once its time is put in', async () => {
    const due = { ...(await message(request)), scheduledFor: '2026-11-30T12:00:00Z' };
    expect(await call('Message', [due])).toMatchObject({
      jobId: 'weekly-20261130T1200Z',
      originalJobId: 'weekly',
    });
  });
});
