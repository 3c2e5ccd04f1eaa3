import { GetScheduleCommand, ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseIds, connectAsAdmin, emails, userIds } from '../../local/database/seed.ts';
import { coreSchema } from '../../local/database/server.ts';
import type { Stack } from '../../local/stack.ts';
import {
  administrator,
  ended,
  eventTypes,
  executions,
  machineArn,
  mailsOf,
  messagesIn,
  onError,
  paralegal,
  redrive,
  request,
  startTestStack,
  stateNames,
  statesEntered,
} from '../support/stack.ts';

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

/** Sends a message of the schedule to the intake queue, as its slot of that time would, with `more` in it. */
async function sendSlot(input: string, time: string, more: object = {}) {
  const message = { ...JSON.parse(input), scheduledFor: time, ...more };
  const QueueUrl = stack.queues['reports-development-intake'];
  await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
}

/** Waits until the machine has run so many times, each to a good end. */
const succeeded = (machine: string, times: number) =>
  expect
    .poll(async () => (await executions(stack, machine)).map(({ status }) => status), { timeout: 20_000 })
    .toEqual(Array(times).fill('SUCCEEDED'));

/** Does something while the paralegal, who asks for the schedules here, is no user. */
async function withoutParalegal(act: () => Promise<unknown>) {
  const core = await connectAsAdmin(stack.database, coreSchema);
  await core.query('UPDATE users SET removed_at = NOW() WHERE id = ?', [userIds.paralegal]);
  await act();
  await core.query('UPDATE users SET removed_at = NULL WHERE id = ?', [userIds.paralegal]);
  await core.end();
}

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
    await sendSlot(Target!.Input!, '2030-01-14T12:00:00Z');
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
    const before = (await executions(stack, 'schedule-report')).length;
    await say(first);
    expect(await say(second)).toMatchObject({ eventDetail: { change: 'replaced', schedule: newer } });
    await stack.rails.publish({ ...first, ...at('2026-11-23T11:00:01.4Z') });
    await stack.rails.publish(second);
    await idle();
    await succeeded('schedule-report', before + 3);
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
    await say(request('kept', mondaysOf(2035)));
    await stack.scheduler.runUntil('2035-01-01T12:00:00Z');
    await ended(stack, 'kept-20350101T1200Z');
    expect(eventTypes(stack, 'deleted-20350101T1200Z')).toEqual([]);
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

  it.each([
    undefined,
    'yesterday',
    7,
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-06-31T00:00:00Z',
    '2026-11-23T17:04:05+29:00',
  ])('with the timestamp %s', async (timestamp) => {
    const refused = await say({ ...request('untimely', mondaysOf(2030)), timestamp });
    expect(refused.eventDetail).toMatchObject({
      reason: 'invalid_schedule',
      message: expect.stringContaining('timestamp must be'),
    });
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
    await withoutParalegal(async () => {
      await stack.scheduler.runUntil('2036-01-07T12:00:00Z');
      await ended(stack, 'orphan-20360107T1200Z');
    });
    const failed = await ended(stack, 'orphan-20360107T1200Z');
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
    expect(mail!.text).toContain(
      'User 2 was removed. The schedule that asked for this report is stopped, unless it was changed in the meantime.',
    );
  });

  it('a schedule that was replaced meanwhile goes on', async () => {
    const stale = { ...request('handed-over', mondaysOf(2037)), ...at('2026-11-23T10:00:00Z') };
    await say(stale);
    const { Target } = await stored('handed-over');
    const requestedBy = { userId: userIds.attorney, email: emails.attorney };
    await say(request('handed-over', { ...mondaysOf(2037), requestedBy }));
    const before = (await executions(stack, 'unschedule-report')).length;
    await withoutParalegal(async () => {
      await sendSlot(Target!.Input!, '2037-01-05T12:00:00Z');
      expect((await ended(stack, 'handed-over-20370105T1200Z')).eventType).toBe('REPORT_FAILED');
    });
    await succeeded('unschedule-report', before + 1);
    expect(await names()).toContain('transcript_metadata-handed-over');
  });

  it('a schedule that was made anew meanwhile goes on when the failed report is redriven', async () => {
    await say(request('anew', mondaysOf(2038)));
    await withoutParalegal(async () => {
      await stack.scheduler.runUntil('2038-01-04T12:00:00Z');
      await stack.rails.waitFor((event) => event.jobId === 'anew' && event.eventDetail.change === 'stopped');
    });
    await say(request('anew', mondaysOf(2038)));
    const before = (await executions(stack, 'unschedule-report')).length;
    await redrive(stack, 'transcript-metadata', 'anew-20380104T1200Z');
    await succeeded('unschedule-report', before + 1);
    expect(await names()).toContain('transcript_metadata-anew');
  });
});

describe('A schedule goes on when a report fails', () => {
  it.each([
    ['that names it, but is on another case', 'elsewhere', { caseId: caseIds.otherAccount }],
    ['that names it, but asks for something else', 'otherwise', request('', { colour: 'red' })],
    ['that has a field whose name looks like JSON', 'braced', request('', { '{a': 1 })],
  ])('%s', async (_, jobId, more) => {
    await say(request(jobId, mondaysOf(2039)));
    const before = (await executions(stack, 'unschedule-report')).length;
    const { timestamp, ...message } = JSON.parse((await stored(jobId)).Target!.Input!);
    await sendSlot(JSON.stringify({ ...message, ...more, timestamp }), '2039-01-03T12:00:00Z');
    expect((await ended(stack, `${jobId}-20390103T1200Z`)).eventType).toBe('REPORT_FAILED');
    await succeeded('unschedule-report', before + 1);
    expect(await names()).toContain(`transcript_metadata-${jobId}`);
  });
});

it.each([
  ['schedule-report', { eventDetail: request('', mondaysOf(2032)).eventDetail }],
  ['unschedule-report', { eventDetail: request('').eventDetail }],
])('leaves a newer schedule alone when %s is started anew with an old request', async (machine, more) => {
  const jobId = `after-${machine}`;
  await say({ ...request(jobId, mondaysOf(2039)), ...at('2026-11-23T12:00:00Z') });
  const stateMachineArn = machineArn(stack, machine);
  const input = { jobId, caseId: caseIds.pumps, ...more, ...at('2026-11-23T11:00:00Z') };
  const started = await stack.clients.sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  const status = async () =>
    (await stack.clients.sfn.send(new DescribeExecutionCommand({ executionArn: started.executionArn })))
      .status;
  await expect.poll(status, { timeout: 20_000 }).toBe('SUCCEEDED');
  expect(JSON.parse((await stored(jobId)).Target!.Input!).timestamp).toBe('2026-11-23T12:00:00Z');
  expect(eventTypes(stack, jobId)).toEqual(['REPORT_SCHEDULE_CHANGED']);
});

it.each([
  ['schedule-report', 'Create schedule', 'Conflict', 'Read schedule'],
  ['schedule-report', 'Replace schedule', 'Conflict', 'Read schedule'],
  ['schedule-report', 'Replace schedule', 'ResourceNotFound', 'Read schedule'],
  ['unschedule-report', 'Delete schedule', 'Conflict', 'RETRIABLE'],
  ['unschedule-report', 'Delete schedule', 'ResourceNotFound', 'Answer request'],
])('%s: what another did while it was at "%s" (%s) leads to %s', async (machine, state, error, next) => {
  const ofSchedule = { schedule: mondays, startAt: null, endAt: null, state: 'ENABLED', target: {} };
  const variables = { request: request('tried'), ...ofSchedule };
  const { status, nextState } = await onError(
    stack,
    machine,
    state,
    `Scheduler.${error}Exception`,
    variables,
  );
  expect(nextState ?? status).toBe(next);
});

it.each([
  ['a schedule', request('lost', mondaysOf(2040))],
  ['a deletion', deletion('lost-deletion')],
])('answers %s that the router could not take, also where a report has its jobId', async (_, message) => {
  await stack.rails.publish(request(message.jobId));
  await ended(stack, message.jobId);
  const seen = stack.rails.events.length;
  const QueueUrl = stack.queues['reports-development-intake-dead-letters'];
  const MessageBody = JSON.stringify(message);
  await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const refused = await stack.rails.waitFor(
    (event) => event.jobId === message.jobId && stack.rails.events.indexOf(event) >= seen,
  );
  expect(refused).toMatchObject({ eventType: 'REPORT_REFUSED', eventDetail: { reason: 'not_taken' } });
});

it('says that a schedule could not be made when the database is down for long', async () => {
  const restore = await stack.outage('database');
  await stack.rails.publish(request('hopeless', mondaysOf(2040)));
  const failed = await ended(stack, 'hopeless');
  await restore();
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { error: 'DatabaseUnavailable', stage: 'schedule', redrivable: true },
  });
  const [mail] = await mailsOf(stack, 'hopeless', 1);
  expect(mail!.subject).toContain('could not be scheduled');
});

it.each(['schedule-report', 'unschedule-report'] as const)('has seen every state of %s', async (machine) => {
  const entered = await statesEntered(stack, machine);
  expect(stateNames(machine).filter((name) => !entered.has(name))).toEqual([]);
});

it('publishes nothing that breaks the contract', () => expect(stack.violations).toEqual([]));
