import { GetScheduleCommand, ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import {
  DescribeExecutionCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect } from 'vitest';
import { caseIds, connectAsAdmin, emails, userIds } from '../../local/database/seed.ts';
import { coreSchema } from '../../local/database/server.ts';
import { administrator, paralegal, request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

// The clock of the schedules only moves forward, so each test has its own year.
const timeZone = 'America/Chicago';
const mondays = { expression: 'cron(0 6 ? * MON *)', timeZone };
/** The first two Mondays of a future year, at six. */
const mondaysOf = (year: number, more: object = {}) => ({
  schedule: { ...mondays, startAt: `${year}-01-01T00:00:00Z`, endAt: `${year}-01-15T00:00:00Z`, ...more },
});

/** Publishes a message about a schedule and waits for the answer. */
function say(stack: TestStack, message: Record<string, unknown>) {
  return stack.nextEvent(
    () => stack.rails.publish(message),
    ({ eventType, jobId }) =>
      ['REPORT_SCHEDULE_CHANGED', 'REPORT_REFUSED'].includes(eventType) && jobId === message.jobId,
  );
}

const at = (timestamp: string) => ({ timestamp });
const deletion = (jobId: string, timestamp = new Date().toISOString()) => ({
  ...request(jobId),
  eventType: 'REPORT_SCHEDULE_DELETED',
  timestamp,
});

const stored = (stack: TestStack, jobId: string, reportType = 'transcript_metadata') =>
  stack.clients.scheduler.send(
    new GetScheduleCommand({ GroupName: 'reports-development', Name: `${reportType}-${jobId}` }),
  );

async function names(stack: TestStack) {
  const { Schedules } = await stack.clients.scheduler.send(new ListSchedulesCommand({}));
  return Schedules!.map(({ Name }) => Name);
}

/** Sends the message of a schedule to the intake queue, as its slot at that time would. */
function sendSlot(stack: TestStack, input: string, time: string) {
  return stack.send('intake', { ...JSON.parse(input), scheduledFor: time });
}

/** Waits until the machine has run so many times, and has always succeeded. */
const succeeded = (stack: TestStack, machine: string, times: number) =>
  expect
    .poll(async () => (await stack.executions(machine)).map(({ status }) => status), { timeout: 20_000 })
    .toEqual(Array(times).fill('SUCCEEDED'));

/** Does something while the paralegal, the requester of the schedules, is removed. */
async function withoutParalegal(stack: TestStack, act: () => Promise<unknown>) {
  const core = await connectAsAdmin(stack.database, coreSchema);
  await core.query('UPDATE users SET removed_at = NOW() WHERE id = ?', [userIds.paralegal]);
  await act();
  await core.query('UPDATE users SET removed_at = NULL WHERE id = ?', [userIds.paralegal]);
  await core.end();
}

describe('A schedule', () => {
  it('asks for its report at each slot, under the id of the slot', async ({ stack }) => {
    const created = await say(stack, request('weekly', mondaysOf(2030, { endAt: '2030-01-22T00:00:00Z' })));
    expect(created).toMatchObject({
      eventType: 'REPORT_SCHEDULE_CHANGED',
      status: 'SUCCESS',
      eventDetail: { change: 'created', schedule: { ...mondays, paused: false } },
    });
    await stack.scheduler.runUntil('2030-01-14T12:00:00Z');
    for (const jobId of ['weekly-20300107T1200Z', 'weekly-20300114T1200Z']) {
      const completed = await stack.ended(jobId);
      expect(completed).toMatchObject({
        eventType: 'REPORT_COMPLETED',
        eventDetail: { originalJobId: 'weekly', requestedBy: paralegal },
      });
      expect(completed.eventDetail.file.key).toContain(`transcript_metadata-${jobId}/`);
      const [mail] = await stack.mailsOf(jobId, 1);
      expect(mail!.to).toEqual([emails.paralegal]);
      expect(mail!.text).toMatch(/^Requested: +\w+ \d+, \d{4}, \d+:\d\d [AP]M Central$/m);
      expect(mail!.subject).toMatch(/ - Weekly - Jan (7|14) - /);
    }
    expect(stack.eventTypes('weekly-20300107T1200Z')).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
    expect(stack.eventTypes('weekly')).toEqual(['REPORT_SCHEDULE_CHANGED']);
  });

  it('runs a slot once, even if Scheduler sends it twice', async ({ stack }) => {
    const { Target } = await stored(stack, 'weekly');
    await sendSlot(stack, Target!.Input!, '2030-01-14T12:00:00Z');
    await stack.intakeIsEmpty();
    const runs = await stack.executions('transcript-metadata');
    expect(runs.filter(({ name }) => name === 'weekly-20300114T1200Z')).toHaveLength(1);
    expect(stack.eventTypes('weekly-20300114T1200Z')).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
  });

  it('reports the days before its slot, in its time zone', async ({ stack }) => {
    const parameters = { logType: 'relevancy', layout: 'history', period: 'previous_week' };
    await say(stack, request('period', { reportType: 'review_log', parameters, ...mondaysOf(2031) }));
    await stack.scheduler.runUntil('2031-01-06T12:00:00Z');
    const completed = await stack.ended('period-20310106T1200Z');
    expect(completed.eventType).toBe('REPORT_COMPLETED');
    const [mail] = await stack.mailsOf('period-20310106T1200Z', 1);
    expect(mail!.text).toContain('changed December 30, 2030 to January 5, 2031');
  });

  it('is replaced by a newer request, but not by an older one or a repeat', async ({ stack }) => {
    const newer = { expression: 'cron(0 7 ? * MON *)' };
    const first = { ...request('moved', mondaysOf(2032)), ...at('2026-11-23T10:00:00Z') };
    const second = { ...request('moved', mondaysOf(2032, newer)), ...at('2026-11-23T12:00:01.5+01:00') };
    const before = (await stack.executions('schedule-report')).length;
    await say(stack, first);
    expect(await say(stack, second)).toMatchObject({ eventDetail: { change: 'replaced', schedule: newer } });
    await stack.rails.publish({ ...first, ...at('2026-11-23T11:00:01.4Z') });
    await stack.rails.publish(second);
    await stack.intakeIsEmpty();
    await succeeded(stack, 'schedule-report', before + 3);
    expect((await stored(stack, 'moved')).ScheduleExpression).toBe(newer.expression);
    await stack.scheduler.runUntil('2032-01-05T13:00:00Z');
    expect((await stack.ended('moved-20320105T1300Z')).eventType).toBe('REPORT_COMPLETED');
    expect(stack.eventTypes('moved-20320105T1200Z')).toEqual([]);
    expect(stack.eventTypes('moved')).toEqual(['REPORT_SCHEDULE_CHANGED', 'REPORT_SCHEDULE_CHANGED']);
  });

  it('is refused if another one has the same timestamp', async ({ stack }) => {
    const first = request('twin', mondaysOf(2032));
    await say(stack, first);
    const refused = await say(stack, { ...request('twin', mondaysOf(2033)), timestamp: first.timestamp });
    expect(refused.eventDetail.reason).toBe('job_id_taken');
  });

  it('does not run while it is paused', async ({ stack }) => {
    await say(stack, request('resting', mondaysOf(2033, { paused: true })));
    await say(stack, request('awake', mondaysOf(2033)));
    await stack.scheduler.runUntil('2033-01-03T12:00:00Z');
    await stack.ended('awake-20330103T1200Z');
    expect((await stored(stack, 'resting')).State).toBe('DISABLED');
    expect(stack.eventTypes('resting-20330103T1200Z')).toEqual([]);
  });

  it('can ask for a report on the whole account', async ({ stack }) => {
    const detail = { reportType: 'custom', requestedBy: administrator, ...mondaysOf(2034) };
    await say(stack, request('account', detail, null));
    await stack.scheduler.runUntil('2034-01-02T12:00:00Z');
    expect(await stack.ended('account-20340102T1200Z')).toMatchObject({
      eventType: 'REPORT_COMPLETED',
      caseId: null,
      eventDetail: { originalJobId: 'account' },
    });
  });

  it('can run once, and is deleted then', async ({ stack }) => {
    await say(stack, request('once', { schedule: { expression: 'at(2034-06-01T06:00:00)', timeZone } }));
    await stack.scheduler.runUntil('2034-06-01T11:00:00Z');
    expect((await stack.ended('once-20340601T1100Z')).eventType).toBe('REPORT_COMPLETED');
    expect(await names(stack)).not.toContain('transcript_metadata-once');
  });

  it('is deleted on request, and asks for nothing more', async ({ stack }) => {
    const made = request('deleted', mondaysOf(2035));
    await say(stack, made);
    await stack.rails.publish(deletion('deleted', '2026-01-01T00:00:00Z'));
    await stack.intakeIsEmpty();
    expect(await names(stack)).toContain('transcript_metadata-deleted');
    expect(await say(stack, deletion('deleted', made.timestamp))).toMatchObject({
      eventDetail: { change: 'deleted', schedule: mondays },
    });
    expect(await names(stack)).not.toContain('transcript_metadata-deleted');
    await say(stack, request('kept', mondaysOf(2035)));
    await stack.scheduler.runUntil('2035-01-01T12:00:00Z');
    await stack.ended('kept-20350101T1200Z');
    expect(stack.eventTypes('deleted-20350101T1200Z')).toEqual([]);
  });
});

describe('A schedule of another account or case', () => {
  const theirs = { userId: userIds.otherAccount, email: emails.otherAccount };

  it('is not replaced', async ({ stack }) => {
    await say(stack, request('owned', mondaysOf(2041)));
    const other = await say(
      stack,
      request('owned', { ...mondaysOf(2042), requestedBy: theirs }, caseIds.otherAccount),
    );
    const sameAccount = await say(stack, request('owned', mondaysOf(2042), caseIds.empty));
    for (const refused of [other, sameAccount])
      expect(refused).toMatchObject({ eventType: 'REPORT_REFUSED', eventDetail: { reason: 'job_id_taken' } });
    expect(JSON.parse((await stored(stack, 'owned')).Target!.Input!)).toMatchObject({
      caseId: caseIds.pumps,
    });
  });

  it('is not deleted', async ({ stack }) => {
    const refused = await say(stack, { ...deletion('owned'), caseId: caseIds.otherAccount });
    expect(refused.eventDetail.reason).toBe('unknown_schedule');
    expect(await names(stack)).toContain('transcript_metadata-owned');
  });

  it('on the whole account is deleted only by somebody who may ask for its report', async ({ stack }) => {
    const detail = { reportType: 'custom', requestedBy: administrator, ...mondaysOf(2043) };
    await say(stack, request('owned-account', detail, null));
    const by = (userId: number, email: string) => ({
      ...deletion('owned-account'),
      caseId: null,
      eventDetail: { reportType: 'custom', requestedBy: { userId, email } },
    });
    for (const user of ['calderAdministrator', 'paralegal'] as const) {
      const refused = await say(stack, by(userIds[user], emails[user]));
      expect(refused.eventDetail.reason).toBe('unknown_schedule');
    }
    const deleted = await say(stack, by(administrator.userId, administrator.email));
    expect(deleted.eventDetail.change).toBe('deleted');
  });
});

describe('A redrive', () => {
  it.for(['schedule-report', 'unschedule-report'] as const)(
    'of %s that could not publish its answer says what it did',
    async (machine, { stack }) => {
      const jobId = `unanswered-${machine}`;
      const made = request(jobId, mondaysOf(2044));
      const message = machine === 'schedule-report' ? made : deletion(jobId);
      if (message !== made) await say(stack, made);
      const error = { status: 403, code: 'AuthorizationError' };
      stack.fault({ kind: 'refuse', operation: 'Publish', caller: `${machine.replace('-', '')}role`, error });
      await stack.rails.publish(message);
      const name = `transcript_metadata-${jobId}-${Date.parse(message.timestamp)}`;
      const executionArn = stack.executionArn(machine, name);
      const status = async () => (await stack.describeExecution(machine, name))?.status;
      // That of a schedule is redriven by start-announcement, this one in the end by reconcile-reports.
      if (machine === 'unschedule-report') {
        await expect.poll(status, { timeout: 20_000 }).toBe('FAILED');
        await stack.clients.sfn.send(new RedriveExecutionCommand({ executionArn }));
      }
      await expect.poll(status, { timeout: 20_000 }).toBe('SUCCEEDED');
      const answer = await stack.rails.waitFor(
        (event) =>
          event.jobId === jobId && event.eventDetail.change === (message === made ? 'created' : 'deleted'),
      );
      expect(answer.eventDetail.redriveCount).toBe(1);
    },
  );

  it.for([
    ['schedule-report', 'CreateSchedule', 'created'],
    ['schedule-report', 'UpdateSchedule', 'replaced'],
    ['unschedule-report', 'DeleteSchedule', 'deleted'],
  ] as const)(
    'is not needed by %s when the answer to %s is lost',
    async ([machine, operation, change], { stack }) => {
      const jobId = `lost-${operation}`;
      const made = request(jobId, mondaysOf(2045));
      if (change !== 'created') await say(stack, made);
      const met = stack.fault({ kind: 'drop', operation, caller: `${machine.replace('-', '')}role` });
      const message = machine === 'schedule-report' ? request(jobId, mondaysOf(2046)) : deletion(jobId);
      const answer = await say(stack, message);
      expect(met()).toBe(1);
      expect(answer.eventDetail.change).toBe(change);
    },
  );

  it.for([
    ['schedule-report', 'CreateSchedule', 'created'],
    ['unschedule-report', 'DeleteSchedule', 'deleted'],
  ] as const)(
    'is not needed by %s after an outage of %s',
    async ([machine, operation, change], { stack }) => {
      const jobId = `down-${operation}`;
      const made = request(jobId, mondaysOf(2045));
      if (change !== 'created') await say(stack, made);
      const met = stack.fault({
        kind: 'refuse',
        operation,
        caller: `${machine.replace('-', '')}role`,
        calls: 9,
      });
      expect((await say(stack, change === 'created' ? made : deletion(jobId))).eventDetail.change).toBe(
        change,
      );
      expect(met()).toBe(9);
    },
  );

  it.for([
    ['schedule-report', 'Create schedule'],
    ['schedule-report', 'Replace schedule'],
    ['unschedule-report', 'Delete schedule'],
  ] as const)('of %s cannot begin at "%s", which does not fail', async ([machine, state], { stack }) => {
    const ofSchedule = { schedule: mondays, startAt: null, endAt: null, state: 'ENABLED', target: {} };
    const variables = { request: request('tried'), ...ofSchedule };
    for (const error of [
      'Scheduler.InternalServerException',
      'States.Timeout',
      'Scheduler.SchedulerException',
    ]) {
      const { nextState } = await stack.onError(machine, state, error, variables, 6);
      expect(nextState).toBe('Wait before next attempt');
    }
  });
});

it('A schedule is refused if its timestamp is more than five minutes ahead', async ({ stack }) => {
  const ahead = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const refused = await say(stack, { ...request('ahead', mondaysOf(2030)), timestamp: ahead(6) });
  expect(refused.eventDetail).toMatchObject({
    reason: 'invalid_schedule',
    message: expect.stringContaining('ahead'),
  });
  const created = await say(stack, { ...request('ahead', mondaysOf(2047)), timestamp: ahead(4) });
  expect(created.eventDetail.change).toBe('created');
});

describe('A schedule is refused', () => {
  it.for([
    [
      'an invalid expression',
      { expression: 'weekly', timeZone },
      /schedule.expression: "weekly" does not have/,
    ],
    ['an invalid cron field', { ...mondays, expression: 'cron(99 6 ? * MON *)' }, /Invalid Schedule/],
    ['an unknown time zone', { ...mondays, timeZone: 'Mars/Base' }, /schedule.timeZone: "Mars\/Base" is not/],
    [
      'a time in the past',
      { expression: 'at(2020-01-01T00:00:00)', timeZone },
      /schedule.expression: .* is in the past/,
    ],
    [
      'an end in the past',
      { ...mondays, endAt: '2020-01-01T00:00:00Z' },
      /schedule.endAt: .* is in the past/,
    ],
    ['an unknown field', { ...mondays, colour: 'red' }, /schedule.colour: Unknown parameter/],
  ] as const)('with %s', async ([title, schedule, message], { stack }) => {
    const jobId = title.replaceAll(' ', '-');
    const refused = await say(stack, request(jobId, { schedule }));
    expect(refused).toMatchObject({
      eventType: 'REPORT_REFUSED',
      eventDetail: { reason: 'invalid_schedule', message: expect.stringMatching(message) },
    });
    expect(await names(stack)).not.toContain(`transcript_metadata-${jobId}`);
  });

  it('for a requester without access, and for parameters that its report does not take', async ({
    stack,
  }) => {
    const requestedBy = { userId: userIds.withoutAccess, email: emails.withoutAccess };
    const denied = await say(stack, request('no-access', { ...mondaysOf(2030), requestedBy }));
    expect(denied.eventDetail).toMatchObject({ reason: 'invalid_schedule', requestedBy });
    expect(denied.eventDetail.message).toContain('does not have access to case 1001');
    const wrong = await say(stack, request('wrong', { ...mondaysOf(2030), parameters: { foo: 1 } }));
    expect(wrong.eventDetail.message).toBe('parameters.foo: Unknown parameter.');
  });

  it.for([
    undefined,
    'yesterday',
    7,
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-06-31T00:00:00Z',
    '2026-11-23T17:04:05+29:00',
  ])('with the timestamp %s', async (timestamp, { stack }) => {
    const refused = await say(stack, { ...request('untimely', mondaysOf(2030)), timestamp });
    expect(refused.eventDetail).toMatchObject({
      reason: 'invalid_schedule',
      message: expect.stringContaining('timestamp must be'),
    });
  });

  it('if it should be deleted and does not exist', async ({ stack }) => {
    expect(await say(stack, deletion('never-made'))).toMatchObject({
      eventType: 'REPORT_REFUSED',
      eventDetail: { reason: 'unknown_schedule' },
    });
  });
});

describe('A message that claims to be a slot', () => {
  it.for([
    ['a bad id', { scheduleId: '../../etc', scheduledFor: '2030-01-07T12:00:00Z' }],
    ['no time', { scheduleId: 'weekly' }],
    ['an invalid time', { scheduleId: 'weekly', scheduledFor: 'now' }],
  ] as const)('is refused with %s', async ([_, slot], { stack }) => {
    const refused = await stack.nextEvent(() => stack.rails.publish({ ...request('claimed'), ...slot }));
    expect(refused).toMatchObject({ jobId: null, eventDetail: { reason: 'illegal_job_id' } });
  });

  it('cannot claim the id of another schedule', async ({ stack }) => {
    const claims = { originalJobId: 'weekly', slot: { jobId: 'other', originalJobId: 'weekly' } };
    for (const message of [request('plain'), request('refused', { reportType: 'horoscope' })]) {
      await stack.rails.publish({ ...message, ...claims });
      expect((await stack.ended(message.jobId)).eventDetail).not.toHaveProperty('originalJobId');
    }
  });
});

describe('If its requester has lost access to the case', () => {
  it('a schedule is stopped and Rails is told; nothing is mailed to a user who was removed', async ({
    stack,
  }) => {
    await say(stack, request('orphan', mondaysOf(2036)));
    await withoutParalegal(stack, async () => {
      await stack.scheduler.runUntil('2036-01-07T12:00:00Z');
      await stack.ended('orphan-20360107T1200Z');
    });
    const failed = await stack.ended('orphan-20360107T1200Z');
    expect(failed).toMatchObject({
      eventType: 'REPORT_FAILED',
      eventDetail: { error: 'UserNotFound', originalJobId: 'orphan' },
    });
    const stopped = await stack.rails.waitFor(
      (event) => event.jobId === 'orphan' && event.eventDetail.change === 'stopped',
    );
    expect(stopped.eventDetail).toMatchObject({ schedule: mondays, cause: 'User 2 was removed.' });
    expect(stopped.eventDetail).not.toHaveProperty('originalJobId');
    expect(await names(stack)).not.toContain('transcript_metadata-orphan');
    expect(failed.eventDetail.cause).toBe(
      'User 2 was removed.\nThe schedule that asked for this report is stopped, unless it was changed in the meantime.',
    );
    expect(await stack.mailsOf('orphan-20360107T1200Z', 0)).toEqual([]);
  });

  it('a schedule that has been replaced continues', async ({ stack }) => {
    const stale = { ...request('handed-over', mondaysOf(2037)), ...at('2026-11-23T10:00:00Z') };
    await say(stack, stale);
    const { Target } = await stored(stack, 'handed-over');
    const requestedBy = { userId: userIds.attorney, email: emails.attorney };
    await say(stack, request('handed-over', { ...mondaysOf(2037), requestedBy }));
    const before = (await stack.executions('unschedule-report')).length;
    await withoutParalegal(stack, async () => {
      await sendSlot(stack, Target!.Input!, '2037-01-05T12:00:00Z');
      expect((await stack.ended('handed-over-20370105T1200Z')).eventType).toBe('REPORT_FAILED');
    });
    await succeeded(stack, 'unschedule-report', before + 1);
    expect(await names(stack)).toContain('transcript_metadata-handed-over');
  });

  it('a schedule that has been created again continues when the failed report is redriven', async ({
    stack,
  }) => {
    await say(stack, request('anew', mondaysOf(2038)));
    await withoutParalegal(stack, async () => {
      await stack.scheduler.runUntil('2038-01-04T12:00:00Z');
      await stack.rails.waitFor((event) => event.jobId === 'anew' && event.eventDetail.change === 'stopped');
    });
    await say(stack, request('anew', mondaysOf(2038)));
    const before = (await stack.executions('unschedule-report')).length;
    await stack.redrive('transcript-metadata', 'anew-20380104T1200Z');
    await succeeded(stack, 'unschedule-report', before + 1);
    expect(await names(stack)).toContain('transcript_metadata-anew');
  });
});

describe('A schedule continues when a report fails', () => {
  it.for([
    ['that names it, but is on another case', 'elsewhere', { caseId: caseIds.otherAccount }],
    ['that names it, but asks for something else', 'otherwise', request('', { colour: 'red' })],
    ['that has a field whose name looks like JSON', 'braced', request('', { '{a': 1 })],
  ] as const)('%s', async ([_, jobId, more], { stack }) => {
    await say(stack, request(jobId, mondaysOf(2039)));
    const before = (await stack.executions('unschedule-report')).length;
    const { timestamp, ...message } = JSON.parse((await stored(stack, jobId)).Target!.Input!);
    await sendSlot(stack, JSON.stringify({ ...message, ...more, timestamp }), '2039-01-03T12:00:00Z');
    expect((await stack.ended(`${jobId}-20390103T1200Z`)).eventType).toBe('REPORT_FAILED');
    await succeeded(stack, 'unschedule-report', before + 1);
    expect(await names(stack)).toContain(`transcript_metadata-${jobId}`);
  });
});

it.for([
  ['schedule-report', { eventDetail: request('', mondaysOf(2032)).eventDetail }],
  ['unschedule-report', { eventDetail: request('').eventDetail }],
] as const)(
  'does not touch a newer schedule when %s is started with an old request',
  async ([machine, more], { stack }) => {
    const jobId = `after-${machine}`;
    await say(stack, { ...request(jobId, mondaysOf(2039)), ...at('2026-11-23T12:00:00Z') });
    const stateMachineArn = stack.machineArn(machine);
    const input = { jobId, caseId: caseIds.pumps, ...more, ...at('2026-11-23T11:00:00Z') };
    const started = await stack.clients.sfn.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    const status = async () =>
      (await stack.clients.sfn.send(new DescribeExecutionCommand({ executionArn: started.executionArn })))
        .status;
    await expect.poll(status, { timeout: 20_000 }).toBe('SUCCEEDED');
    expect(JSON.parse((await stored(stack, jobId)).Target!.Input!).timestamp).toBe('2026-11-23T12:00:00Z');
    expect(stack.eventTypes(jobId)).toEqual(['REPORT_SCHEDULE_CHANGED']);
  },
);

it.for([
  ['schedule-report', 'Create schedule', 'Conflict', 'Read schedule'],
  ['schedule-report', 'Replace schedule', 'Conflict', 'Read schedule'],
  ['schedule-report', 'Replace schedule', 'ResourceNotFound', 'Read schedule'],
  ['unschedule-report', 'Delete schedule', 'Conflict', 'RETRIABLE'],
  ['unschedule-report', 'Delete schedule', 'ResourceNotFound', 'Answer request'],
] as const)(
  '%s: a concurrent change at "%s" (%s) leads to %s',
  async ([machine, state, error, next], { stack }) => {
    const ofSchedule = { schedule: mondays, startAt: null, endAt: null, state: 'ENABLED', target: {} };
    const variables = { request: request('tried'), ...ofSchedule };
    const { status, nextState } = await stack.onError(
      machine,
      state,
      `Scheduler.${error}Exception`,
      variables,
    );
    expect(nextState ?? status).toBe(next);
  },
);

it.for([
  ['a schedule', request('lost', mondaysOf(2040))],
  ['a deletion', deletion('lost-deletion')],
] as const)(
  'answers %s that the router could not process, even if a report has its jobId',
  async ([_, message], { stack }) => {
    await stack.rails.publish(request(message.jobId));
    await stack.ended(message.jobId);
    const refused = await stack.nextEvent(
      () => stack.send('intake-dead-letters', message),
      ({ jobId }) => jobId === message.jobId,
    );
    expect(refused).toMatchObject({ eventType: 'REPORT_REFUSED', eventDetail: { reason: 'not_taken' } });
  },
);

it('reports that a schedule could not be created if the database is down for long', async ({ stack }) => {
  const restore = await stack.outage('database');
  await stack.rails.publish(request('hopeless', mondaysOf(2040)));
  const failed = await stack.ended('hopeless');
  await restore();
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { error: 'DatabaseUnavailable', stage: 'schedule', redrivable: true },
  });
  const [mail] = await stack.mailsOf('hopeless', 1);
  expect(mail!.subject).toContain('could not be scheduled');
});
