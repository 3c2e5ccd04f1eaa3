import { GetScheduleCommand, ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAsAdmin, emails, userIds } from '../../local/database/seed.ts';
import { coreSchema } from '../../local/database/server.ts';
import type { Stack } from '../../local/stack.ts';
import {
  administrator,
  ended,
  eventTypes,
  executions,
  mailsOf,
  messagesIn,
  paralegal,
  request,
  startTestStack,
  stateNames,
  statesEntered,
} from './stack.ts';

// The clock of the schedules goes forward only: each test has a year of its own.
let stack: Stack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const timeZone = 'America/Chicago';
const mondays = { expression: 'cron(0 6 ? * MON *)', timeZone };
/** The first two Mondays of a year that lies ahead, at six. */
const mondaysOf = (year: number, more: object = {}) => ({
  schedule: { ...mondays, startAt: `${year}-01-01T00:00:00Z`, endAt: `${year}-01-15T00:00:00Z`, ...more },
});

/** Publishes, and waits for the answer that is new. */
async function say(message: Record<string, unknown>) {
  const seen = stack.rails.events.length;
  await stack.rails.publish(message);
  return stack.rails.waitFor(
    (event) =>
      ['REPORT_SCHEDULE_CHANGED', 'REPORT_REFUSED'].includes(event.eventType) &&
      event.jobId === message.jobId &&
      stack.rails.events.indexOf(event) >= seen,
  );
}

const at = (timestamp: string) => ({ timestamp });
const deletion = (jobId: string, timestamp = new Date().toISOString()) => ({
  ...request(jobId),
  eventType: 'REPORT_SCHEDULE_DELETED',
  timestamp,
});

const stored = (jobId: string, reportType = 'transcript_metadata') =>
  stack.clients.scheduler.send(
    new GetScheduleCommand({ GroupName: 'reports-development', Name: `${reportType}-${jobId}` }),
  );

async function names() {
  const { Schedules } = await stack.clients.scheduler.send(new ListSchedulesCommand({}));
  return Schedules!.map(({ Name }) => Name);
}

const idle = () => expect.poll(() => messagesIn(stack, 'intake'), { timeout: 20_000 }).toBe(0);

describe('A schedule', () => {
  it('asks for its report at each of its slots, under an id of the slot', async () => {
    const created = await say(request('weekly', mondaysOf(2030, { endAt: '2030-01-22T00:00:00Z' })));
    expect(created).toMatchObject({
      eventType: 'REPORT_SCHEDULE_CHANGED',
      status: 'SUCCESS',
      eventDetail: { change: 'created', schedule: { ...mondays, paused: false } },
    });
    await stack.scheduler.runUntil('2030-01-14T12:00:00Z');
    for (const jobId of ['weekly-20300107T1200Z', 'weekly-20300114T1200Z']) {
      const completed = await ended(stack, jobId);
      expect(completed).toMatchObject({
        eventType: 'REPORT_COMPLETED',
        eventDetail: { originalJobId: 'weekly', requestedBy: paralegal },
      });
      expect(completed.eventDetail.file.key).toContain(`transcript_metadata-${jobId}/`);
      const [mail] = await mailsOf(stack, jobId, 1);
      expect(mail!.to).toEqual([emails.paralegal]);
      expect(mail!.text).toContain(`(${timeZone})`);
    }
    expect(eventTypes(stack, 'weekly-20300107T1200Z')).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
    expect(eventTypes(stack, 'weekly')).toEqual(['REPORT_SCHEDULE_CHANGED']);
  });

  it('runs a slot once that Scheduler sends twice', async () => {
    const { Target } = await stored('weekly');
    const QueueUrl = stack.queues['reports-development-intake'];
    const MessageBody = Target!.Input!.replace(/<[^>]+>/, '2030-01-14T12:00:00Z');
    await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    await idle();
    const runs = await executions(stack, 'transcript-metadata');
    expect(runs.filter(({ name }) => name === 'weekly-20300114T1200Z')).toHaveLength(1);
    expect(eventTypes(stack, 'weekly-20300114T1200Z')).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
  });

  it('reports the days before its slot, in its zone', async () => {
    const parameters = { logType: 'relevancy', layout: 'history', period: 'previous_week' };
    await say(request('period', { reportType: 'review_log', parameters, ...mondaysOf(2031) }));
    await stack.scheduler.runUntil('2031-01-06T12:00:00Z');
    const completed = await ended(stack, 'period-20310106T1200Z');
    expect(completed.eventType).toBe('REPORT_COMPLETED');
    const [mail] = await mailsOf(stack, 'period-20310106T1200Z', 1);
    expect(mail!.text).toContain('changed 2030-12-30 to 2031-01-05');
  });

  it('is replaced by a newer request, not by an older one nor by a repeat', async () => {
    const newer = { expression: 'cron(0 7 ? * MON *)' };
    const first = { ...request('moved', mondaysOf(2032)), ...at('2026-11-23T10:00:00Z') };
    const second = { ...request('moved', mondaysOf(2032, newer)), ...at('2026-11-23T12:00:01.5+01:00') };
    await say(first);
    expect(await say(second)).toMatchObject({ eventDetail: { change: 'replaced', schedule: newer } });
    await stack.rails.publish({ ...first, ...at('2026-11-23T11:00:01.4Z') });
    await stack.rails.publish(second);
    await expect
      .poll(async () =>
        (await executions(stack, 'schedule-report')).filter((run) => run.status === 'RUNNING'),
      )
      .toEqual([]);
    await idle();
    expect((await stored('moved')).ScheduleExpression).toBe(newer.expression);
    await stack.scheduler.runUntil('2032-01-05T13:00:00Z');
    expect((await ended(stack, 'moved-20320105T1300Z')).eventType).toBe('REPORT_COMPLETED');
    expect(eventTypes(stack, 'moved-20320105T1200Z')).toEqual([]);
    expect(eventTypes(stack, 'moved')).toEqual(['REPORT_SCHEDULE_CHANGED', 'REPORT_SCHEDULE_CHANGED']);
  });

  it('is refused when another of the same moment was there first', async () => {
    const first = request('twin', mondaysOf(2032));
    await say(first);
    const refused = await say({ ...request('twin', mondaysOf(2033)), timestamp: first.timestamp });
    expect(refused.eventDetail.reason).toBe('job_id_taken');
  });

  it('rests while it is paused', async () => {
    await say(request('resting', mondaysOf(2033, { paused: true })));
    await say(request('awake', mondaysOf(2033)));
    await stack.scheduler.runUntil('2033-01-03T12:00:00Z');
    await ended(stack, 'awake-20330103T1200Z');
    expect((await stored('resting')).State).toBe('DISABLED');
    expect(eventTypes(stack, 'resting-20330103T1200Z')).toEqual([]);
  });

  it('may be of a report on the whole account', async () => {
    const detail = { reportType: 'custom', requestedBy: administrator, ...mondaysOf(2034) };
    await say(request('account', detail, null));
    await stack.scheduler.runUntil('2034-01-02T12:00:00Z');
    expect(await ended(stack, 'account-20340102T1200Z')).toMatchObject({
      eventType: 'REPORT_COMPLETED',
      caseId: null,
      eventDetail: { originalJobId: 'account' },
    });
  });

  it('may be for once, and is gone then', async () => {
    await say(request('once', { schedule: { expression: 'at(2034-06-01T06:00:00)', timeZone } }));
    await stack.scheduler.runUntil('2034-06-01T11:00:00Z');
    expect((await ended(stack, 'once-20340601T1100Z')).eventType).toBe('REPORT_COMPLETED');
    expect(await names()).not.toContain('transcript_metadata-once');
  });

  it('is deleted on request, and then asks for nothing', async () => {
    const made = request('deleted', mondaysOf(2035));
    await say(made);
    await stack.rails.publish(deletion('deleted', '2026-01-01T00:00:00Z'));
    await idle();
    expect(await names()).toContain('transcript_metadata-deleted');
    expect(await say(deletion('deleted', made.timestamp))).toMatchObject({
      eventDetail: { change: 'deleted', schedule: mondays },
    });
    expect(await names()).not.toContain('transcript_metadata-deleted');
  });
});

describe('A schedule is refused', () => {
  it.each([
    [
      'an expression that is none',
      { expression: 'weekly', timeZone },
      /schedule.expression: "weekly" is not/,
    ],
    [
      'fields that cron does not have',
      { ...mondays, expression: 'cron(99 6 ? * MON *)' },
      /Invalid Schedule/,
    ],
    ['a zone that is none', { ...mondays, timeZone: 'Mars/Base' }, /schedule.timeZone: "Mars\/Base" is not/],
    [
      'a time that is over',
      { expression: 'at(2020-01-01T00:00:00)', timeZone },
      /schedule.expression: .* is over/,
    ],
    ['an end that is over', { ...mondays, endAt: '2020-01-01T00:00:00Z' }, /schedule.endAt: .* is over/],
    ['a field that is none', { ...mondays, colour: 'red' }, /schedule.colour: unknown parameter/],
  ])('with %s', async (title, schedule, message) => {
    const jobId = title.replaceAll(' ', '-');
    const refused = await say(request(jobId, { schedule }));
    expect(refused).toMatchObject({
      eventType: 'REPORT_REFUSED',
      eventDetail: { reason: 'invalid_schedule', message: expect.stringMatching(message) },
    });
    expect(await names()).not.toContain(`transcript_metadata-${jobId}`);
  });

  it('for a requester without access, and for parameters that its report does not take', async () => {
    const requestedBy = { userId: userIds.withoutAccess, email: emails.withoutAccess };
    const denied = await say(request('no-access', { ...mondaysOf(2030), requestedBy }));
    expect(denied.eventDetail).toMatchObject({ reason: 'invalid_schedule', requestedBy });
    expect(denied.eventDetail.message).toContain('may not open case 1001');
    const wrong = await say(request('wrong', { ...mondaysOf(2030), parameters: { foo: 1 } }));
    expect(wrong.eventDetail.message).toBe('parameters.foo: unknown parameter');
  });

  it.each([undefined, 'yesterday', 7, '2026-13-01T00:00:00Z'])('with the timestamp %s', async (timestamp) => {
    const refused = await say({ ...request('untimely', mondaysOf(2030)), timestamp });
    expect(refused.eventDetail.reason).toBe('invalid_schedule');
  });

  it('when it is to be deleted and is not there', async () => {
    expect(await say(deletion('never-made'))).toMatchObject({
      eventType: 'REPORT_REFUSED',
      eventDetail: { reason: 'unknown_schedule' },
    });
  });
});

describe('A message that claims to be a slot', () => {
  it.each([
    ['a bad id', { scheduleId: '../../etc', scheduledFor: '2030-01-07T12:00:00Z' }],
    ['no time', { scheduleId: 'weekly' }],
    ['a time that is none', { scheduleId: 'weekly', scheduledFor: 'now' }],
  ])('is refused with %s', async (_, slot) => {
    const seen = stack.rails.events.length;
    await stack.rails.publish({ ...request('claimed'), ...slot });
    const refused = await stack.rails.waitFor((event) => stack.rails.events.indexOf(event) >= seen);
    expect(refused).toMatchObject({ jobId: null, eventDetail: { reason: 'illegal_job_id' } });
  });

  it('cannot come from another job than that of its schedule', async () => {
    const claims = { originalJobId: 'weekly', slot: { jobId: 'other', originalJobId: 'weekly' } };
    for (const message of [request('plain'), request('refused', { reportType: 'horoscope' })]) {
      await stack.rails.publish({ ...message, ...claims });
      expect((await ended(stack, message.jobId)).eventDetail).not.toHaveProperty('originalJobId');
    }
  });
});

describe('When its requester may not see the case any more', () => {
  it('a schedule is stopped, and both Rails and the requester hear of it', async () => {
    await say(request('orphan', mondaysOf(2036)));
    const core = await connectAsAdmin(stack.database, coreSchema);
    await core.query('UPDATE users SET removed_at = NOW() WHERE id = ?', [userIds.paralegal]);
    await stack.scheduler.runUntil('2036-01-07T12:00:00Z');
    const failed = await ended(stack, 'orphan-20360107T1200Z');
    await core.query('UPDATE users SET removed_at = NULL WHERE id = ?', [userIds.paralegal]);
    await core.end();
    expect(failed).toMatchObject({
      eventType: 'REPORT_FAILED',
      eventDetail: { error: 'UserNotFound', originalJobId: 'orphan' },
    });
    const stopped = await stack.rails.waitFor(
      (event) => event.jobId === 'orphan' && event.eventDetail.change === 'stopped',
    );
    expect(stopped.eventDetail).toMatchObject({ schedule: mondays, cause: 'User 2 was removed.' });
    expect(stopped.eventDetail).not.toHaveProperty('originalJobId');
    expect(await names()).not.toContain('transcript_metadata-orphan');
    const [mail] = await mailsOf(stack, 'orphan-20360107T1200Z', 1);
    expect(mail!.text).toContain('No more reports will come from the schedule');
  });

  it('a schedule that was replaced meanwhile goes on', async () => {
    const stale = { ...request('handed-over', mondaysOf(2037)), ...at('2026-11-23T10:00:00Z') };
    await say(stale);
    const { Target } = await stored('handed-over');
    const requestedBy = { userId: userIds.attorney, email: emails.attorney };
    await say(request('handed-over', { ...mondaysOf(2037), requestedBy }));
    const core = await connectAsAdmin(stack.database, coreSchema);
    await core.query('UPDATE users SET removed_at = NOW() WHERE id = ?', [userIds.paralegal]);
    const before = (await executions(stack, 'unschedule-report')).length;
    const QueueUrl = stack.queues['reports-development-intake'];
    const MessageBody = Target!.Input!.replace(/<[^>]+>/, '2037-01-05T12:00:00Z');
    await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    expect((await ended(stack, 'handed-over-20370105T1200Z')).eventType).toBe('REPORT_FAILED');
    await core.query('UPDATE users SET removed_at = NULL WHERE id = ?', [userIds.paralegal]);
    await core.end();
    await expect
      .poll(async () => (await executions(stack, 'unschedule-report')).map(({ status }) => status))
      .toEqual(Array(before + 1).fill('SUCCEEDED'));
    expect(await names()).toContain('transcript_metadata-handed-over');
  });
});

it('says that a schedule could not be made when the database is down for long', async () => {
  const restore = await stack.outage('database');
  await stack.rails.publish(request('hopeless', mondaysOf(2038)));
  const failed = await ended(stack, 'hopeless');
  await restore();
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { error: 'DatabaseUnavailable', stage: 'schedule', redrivable: true },
  });
  const [mail] = await mailsOf(stack, 'hopeless', 1);
  expect(mail!.subject).toContain('could not be scheduled');
});

it.each(['schedule-report', 'unschedule-report'])('has seen every state of %s', async (machine) => {
  const entered = await statesEntered(stack, machine);
  expect(stateNames(machine).filter((name) => !entered.has(name))).toEqual([]);
});

it('publishes nothing that breaks the contract', () => expect(stack.violations).toEqual([]));
