import {
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  paginateListSchedules,
  ScheduleState,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { nameOf } from '../cdk/config.ts';
import { machineOf } from '../cdk/machines.ts';
import { type Doing, sendToIntake } from './act.ts';
import type { Result } from './main.ts';
import { exitCodes, inTurn, type Service, Stop } from './service.ts';
import { count, table } from './table.ts';

/** The placeholder that Scheduler replaces by the time of a slot. */
const placeholder = '<aws.scheduler.scheduled-time>';

export async function listSchedules(service: Service): Promise<Result> {
  const names: string[] = [];
  const pages = paginateListSchedules({ client: service.scheduler }, { GroupName: nameOf(service.config) });
  for await (const { Schedules = [] } of pages) names.push(...Schedules.map(({ Name }) => Name!));
  const schedules = await inTurn(names.sort(), async (name) => {
    const { State, ScheduleExpression, ScheduleExpressionTimezone, EndDate, Target } = await get(
      service,
      name,
    );
    const { eventDetail, caseId, scheduleId } = JSON.parse(Target!.Input!);
    return {
      reportType: eventDetail.reportType as string,
      jobId: scheduleId as string,
      state: State!,
      expression: ScheduleExpression!,
      timeZone: ScheduleExpressionTimezone!,
      endsAt: EndDate?.toISOString(),
      caseId,
      requestedBy: eventDetail.requestedBy.email as string,
    };
  });
  return {
    json: schedules,
    text: [
      table(
        ['report', 'job', 'state', 'expression', 'zone', 'ends', 'case', 'requested by'],
        schedules.map((each) => Object.values({ ...each, endsAt: each.endsAt })),
      ),
      count(schedules.length, 'schedule'),
    ].join('\n'),
  };
}

/** Pauses or resumes a schedule. Rails is not told, and its next request about the schedule decides anew. */
export async function setState(
  service: Service,
  reportType: string,
  jobId: string,
  State: ScheduleState,
  { yes }: Doing,
): Promise<Result> {
  const name = `${reportType}-${jobId}`;
  const {
    ScheduleExpression,
    FlexibleTimeWindow,
    Target,
    $metadata,
    Arn,
    CreationDate,
    LastModificationDate,
    ...kept
  } = await get(service, name);
  const verb = State === ScheduleState.DISABLED ? 'pause' : 'resume';
  if (kept.State === State) throw new Stop(exitCodes.refused, `${name} is ${State} already.`);
  if (yes)
    await service.scheduler.send(
      new UpdateScheduleCommand({
        ...kept,
        Name: name,
        ScheduleExpression,
        FlexibleTimeWindow,
        Target,
        State,
      }),
    );
  return {
    json: { changed: yes, reportType, jobId, state: yes ? State : kept.State },
    text: yes ? `${name} is ${State}.` : `Would ${verb} ${name}.\nNothing was changed. Add --yes to do it.`,
  };
}

/**
 * Makes up for an occurrence that was missed: sends the message of the schedule for that time.
 * @param time when it was due, in UTC and to the minute: `2026-11-30T12:00Z`
 * @throws Stop when there is no such schedule, or the occurrence has run
 */
export async function runSlot(
  service: Service,
  reportType: keyof typeof machineOf,
  jobId: string,
  time: string,
  { yes }: Doing,
): Promise<Result> {
  const due = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:00)?Z$/.test(time) ? new Date(time) : new Date(Number.NaN);
  if (Number.isNaN(due.getTime()))
    throw new Stop(
      exitCodes.usage,
      `${time} is no time of a slot. Write it in UTC, such as 2026-11-30T12:00Z.`,
    );
  const { Target } = await get(service, `${reportType}-${jobId}`);
  const scheduledFor = `${due.toISOString().slice(0, 19)}Z`;
  const slot = `${jobId}-${scheduledFor.slice(0, 16).replaceAll(/[-:]/g, '')}Z`;
  if (await service.find(machineOf[reportType], slot))
    throw new Stop(exitCodes.refused, `${reportType} ${slot} has been started already.`);
  if (yes) await sendToIntake(service, Target!.Input!.replaceAll(placeholder, scheduledFor));
  return {
    json: { changed: yes, reportType, jobId: slot, originalJobId: jobId },
    text: yes
      ? `Asked for ${reportType} ${slot}. Follow it with show.`
      : `Would ask for ${reportType} ${slot}.\nNothing was changed. Add --yes to do it.`,
  };
}

async function get({ scheduler, config }: Service, Name: string): Promise<GetScheduleCommandOutput> {
  try {
    return await scheduler.send(new GetScheduleCommand({ GroupName: nameOf(config), Name }));
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    throw new Stop(exitCodes.notFound, `There is no schedule ${Name}.`);
  }
}
