// Checks the times of a schedule. EventBridge Scheduler itself checks cron expressions.
import type { EventDetail } from '../../contract/types.ts';
import { clockOf, momentOf } from '../lib/time-zone.ts';

/**
 * Problems with a schedule, one line per place. A time in the past is one: Scheduler would accept it and never act on it.
 * @param now ISO 8601
 */
export function scheduleProblems({ schedule }: EventDetail, now: string): string[] {
  if (!schedule) return [];
  const { expression, timeZone, startAt, endAt } = schedule;
  const once = /^at\((.*)\)$/.exec(expression)?.[1];
  const moment = once && momentOf(once.replace('T', ' '), clockOf(timeZone));
  const problems: string[] = [];
  if (once && moment === undefined)
    problems.push(`schedule.expression: ${once} does not exist in ${timeZone}.`);
  if (moment && moment <= Date.parse(now)) problems.push(`schedule.expression: ${once} is in the past.`);
  if (endAt && Date.parse(endAt) <= Date.parse(now))
    problems.push(`schedule.endAt: ${endAt} is in the past.`);
  if (startAt && endAt && Date.parse(endAt) <= Date.parse(startAt))
    problems.push(`schedule.endAt: ${endAt} is not after startAt, ${startAt}.`);
  return problems;
}
