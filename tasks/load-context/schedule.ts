// What is wrong with a schedule beyond its form. EventBridge Scheduler itself says what is wrong with a cron expression.
import type { EventDetail } from '../../contract/types.ts';
import { clockOf, momentOf } from '../lib/time-zone.ts';

/**
 * Problems in plain words, one line a place. A time that is over is one: Scheduler would take it, and never come to it.
 * @param now ISO 8601
 */
export function scheduleProblems({ schedule }: EventDetail, now: string): string[] {
  if (!schedule) return [];
  const { expression, timeZone, startAt, endAt } = schedule;
  const once = /^at\((.*)\)$/.exec(expression)?.[1];
  const moment = once && momentOf(once.replace('T', ' '), clockOf(timeZone));
  const problems: string[] = [];
  if (once && moment === undefined) problems.push(`schedule.expression: there is no ${once} in ${timeZone}`);
  if (moment && moment <= Date.parse(now)) problems.push(`schedule.expression: ${once} is over`);
  if (endAt && Date.parse(endAt) <= Date.parse(now)) problems.push(`schedule.endAt: ${endAt} is over`);
  if (startAt && endAt && Date.parse(endAt) <= Date.parse(startAt))
    problems.push(`schedule.endAt: ${endAt} is not after startAt, ${startAt}`);
  return problems;
}
