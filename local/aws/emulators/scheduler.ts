import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type NextSlot, slotsOf } from '../../../tasks/lib/schedule-expression.ts';
import type { Permission } from '../access/authorization.ts';
import { type Answer, json, ServiceError } from '../access/errors.ts';
import type { Clients } from '../clients.ts';
import { arn } from '../template/resource-types.ts';
import { asAttributes, deliver, type RetryPolicy } from './event-delivery.ts';
import { type Service, type ServiceRequest, unknownOperation } from './service.ts';

/** EventBridge Scheduler. To create a schedule, the caller also needs iam:PassRole on the schedule's role. */
export const scheduler: Service = {
  protocol: 'rest-json',
  denial: { status: 403, code: 'AccessDeniedException' },
  outageCode: 'InternalServerException',
  describe(request) {
    const { operation, key } = read(request);
    const schedule: Permission = {
      action: `scheduler:${operation}`,
      resource: key ? arn('scheduler', `schedule/${key}`) : '*',
    };
    if (operation !== 'CreateSchedule' && operation !== 'UpdateSchedule')
      return { operation, requires: [schedule] };
    const context = { 'iam:PassedToService': 'scheduler.amazonaws.com' };
    const resource = JSON.parse(request.body).Target.RoleArn;
    return { operation, requires: [schedule, { action: 'iam:PassRole', resource, context }] };
  },
};

/** Options of the scheduler. */
export interface SchedulerOptions {
  /** Names of the schedule groups besides `default`. */
  groups: string[];
  /** Clients with the role of a schedule. */
  clientsOf(roleArn: string): Clients;
  queueUrl(queueArn: string): string;
  /** Runs slots by the real clock; otherwise only `runUntil` runs them. */
  onTime: boolean;
  waitTimeScale: number;
  log(line: string): void;
}

/** The schedules and their clock. */
export interface Scheduler {
  answer(request: ServiceRequest): Answer;
  /** Sets the clock to this time (ISO 8601). Resolves when every slot up to then has been sent. */
  runUntil(time: string): Promise<void>;
  stop(): Promise<void>;
}

interface Schedule {
  Arn: string;
  Name: string;
  GroupName: string;
  ScheduleExpression: string;
  ScheduleExpressionTimezone: string;
  /** In seconds since 1970, as all dates here. */
  StartDate?: number;
  EndDate?: number;
  State: 'ENABLED' | 'DISABLED';
  ActionAfterCompletion?: 'NONE' | 'DELETE';
  Target: {
    Arn: string;
    RoleArn: string;
    Input: string;
    RetryPolicy?: RetryPolicy;
    DeadLetterConfig?: { Arn: string };
  };
  CreationDate: number;
  LastModificationDate: number;
}

/** A schedule and its next slot, which is undefined after the last one. */
type Entry = { schedule: Schedule; nextSlot: NextSlot; next: number | undefined };

// Errors that Scheduler does not retry.
const permanent = ['AccessDenied', 'QueueDoesNotExist', 'InvalidMessageContents'];
/** A start date may be this far in the past, in milliseconds. */
const tolerance = 5 * 60_000;
/** Milliseconds between two looks at the clock. Slots are on the minute. */
const tick = 1000;

/** Starts a scheduler whose targets are queues. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { groups, clientsOf, queueUrl, onTime, waitTimeScale, log } = options;
  const entries = new Map<string, Entry>();
  const stopped = new AbortController();
  let clock = 0;
  const now = () => Math.max(clock, Date.now());

  function put(key: string, body: Record<string, unknown>, created: number): Answer {
    const [GroupName = '', Name = ''] = key.split('/');
    const schedule = {
      State: 'ENABLED',
      ScheduleExpressionTimezone: 'UTC',
      ...body,
      GroupName,
      Name,
      Arn: arn('scheduler', `schedule/${key}`),
      CreationDate: created,
      LastModificationDate: now() / 1000,
    } as Schedule;
    check(schedule);
    const start = (schedule.StartDate ?? 0) * 1000;
    const from = start > now() - tolerance ? start : now();
    const nextSlot = checkedSlots(schedule.ScheduleExpression, schedule.ScheduleExpressionTimezone, from);
    const entry = { schedule, nextSlot, next: undefined };
    entries.set(key, entry);
    advance(entry, from - 1);
    return json(200, { ScheduleArn: schedule.Arn });
  }

  function check({ EndDate, Target }: Schedule): void {
    const refuse = (why: string) => new ServiceError(400, 'ValidationException', why);
    if (EndDate && EndDate * 1000 <= now()) throw refuse('The EndDate you specify must be in the future.');
    if (!Target?.Arn.startsWith('arn:aws:sqs:'))
      throw refuse('The local stack supports queues as targets only.');
    clientsOf(Target.RoleArn);
  }

  /** Moves to the next slot. Deletes a schedule after its last slot if it asks for that. */
  function advance(entry: Entry, after: number): void {
    const { schedule } = entry;
    const next = entry.nextSlot(after);
    entry.next = next && next <= (schedule.EndDate ?? Number.POSITIVE_INFINITY) * 1000 ? next : undefined;
    if (entry.next === undefined && schedule.ActionAfterCompletion === 'DELETE')
      entries.delete(`${schedule.GroupName}/${schedule.Name}`);
  }

  /** Sends all slots that are due, in order of time. */
  async function run(): Promise<void> {
    for (;;) {
      const due = [...entries.values()]
        .filter(({ next = Number.POSITIVE_INFINITY }) => next <= now())
        .sort((a, b) => a.next! - b.next!)[0];
      if (!due) return;
      const slot = due.next!;
      advance(due, slot);
      if (due.schedule.State === 'ENABLED') await send(due.schedule, slot);
    }
  }

  async function send({ Arn, Name, Target }: Schedule, slot: number): Promise<void> {
    const time = `${new Date(slot).toISOString().slice(0, 19)}Z`;
    const MessageBody = Target.Input.replaceAll('<aws.scheduler.scheduled-time>', time);
    const { sqs } = clientsOf(Target.RoleArn);
    const message = new SendMessageCommand({ QueueUrl: queueUrl(Target.Arn), MessageBody });
    const error = await deliver(() => sqs.send(message, { abortSignal: stopped.signal }), {
      policy: Target.RetryPolicy,
      permanent,
      signal: stopped.signal,
      waitTimeScale,
      log: (error) => log(`${Name}: ${error.name} ${error.message}`),
    });
    if (!error || !Target.DeadLetterConfig) return;
    const MessageAttributes = asAttributes({
      SCHEDULE_ARN: Arn,
      TARGET_ARN: Target.Arn,
      ERROR_CODE: error.name,
      ERROR_MESSAGE: error.message,
    });
    const QueueUrl = queueUrl(Target.DeadLetterConfig.Arn);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
  }

  let running = Promise.resolve();
  const runOnce = () => {
    running = running
      .then(run)
      .catch((error) => stopped.signal.aborted || log(`Scheduler: ${error}`)) as Promise<void>;
    return running;
  };
  const timer = onTime ? setInterval(runOnce, tick) : undefined;

  return {
    answer(request) {
      const { operation, key, group } = read(request);
      if (operation === 'ListSchedules')
        return json(200, { Schedules: [...entries.values()].map(({ schedule }) => summaryOf(schedule)) });
      const missing = (what: string) =>
        new ServiceError(404, 'ResourceNotFoundException', `${what} does not exist.`);
      if (group !== 'default' && !groups.includes(group)) throw missing(`Schedule group ${group}`);
      const schedule = entries.get(key!)?.schedule;
      if (operation === 'CreateSchedule') {
        if (schedule)
          throw new ServiceError(409, 'ConflictException', `Schedule ${schedule.Name} already exists.`);
        return put(key!, JSON.parse(request.body), now() / 1000);
      }
      if (!schedule) throw missing(`Schedule ${key!.split('/')[1]}`);
      if (operation === 'UpdateSchedule') return put(key!, JSON.parse(request.body), schedule.CreationDate);
      if (operation === 'GetSchedule') return json(200, schedule);
      entries.delete(key!);
      return json(200, {});
    },
    runUntil(time) {
      clock = Math.max(clock, Date.parse(time));
      return runOnce();
    },
    async stop() {
      clearInterval(timer);
      stopped.abort();
      await running;
    },
  };
}

const operations: Record<string, string> = {
  POST: 'CreateSchedule',
  PUT: 'UpdateSchedule',
  GET: 'GetSchedule',
  DELETE: 'DeleteSchedule',
};

/** Reads the operation and its schedule, as `group/name`. */
function read({ method, url, body }: ServiceRequest): { operation: string; group: string; key?: string } {
  const [, resource, name] = url.pathname.split('/');
  const operation = operations[method];
  if (resource !== 'schedules' || !operation) throw unknownOperation(`${method} ${url.pathname}`);
  if (!name) return { operation: 'ListSchedules', group: url.searchParams.get('ScheduleGroup') ?? 'default' };
  const group = url.searchParams.get('groupName') ?? (body && JSON.parse(body).GroupName) ?? 'default';
  return { operation, group, key: `${group}/${decodeURIComponent(name)}` };
}

function summaryOf({ Arn, Name, GroupName, State, Target, CreationDate, LastModificationDate }: Schedule) {
  return { Arn, Name, GroupName, State, Target: { Arn: Target.Arn }, CreationDate, LastModificationDate };
}

/** The slots, or the error of Scheduler for an expression that it does not take. */
function checkedSlots(...schedule: Parameters<typeof slotsOf>): NextSlot {
  try {
    return slotsOf(...schedule);
  } catch (error) {
    throw new ServiceError(400, 'ValidationException', (error as Error).message);
  }
}
