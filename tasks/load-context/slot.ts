// The slot of a schedule, in the words of a mail.
import type { Schedule } from '../../contract/types.ts';
import type { Slot } from '../lib/context.ts';
import { slotsOf } from '../lib/schedule-expression.ts';
import { clockOf } from '../lib/time-zone.ts';
import { daysInShort } from '../lib/words.ts';

/**
 * @param scheduledFor when the report was due, ISO 8601
 * @param days the first and last day of the report's period, if it has one
 */
export function slotOf(
  schedule: NonNullable<Schedule>,
  scheduledFor: string,
  timeZone: string,
  days?: { from: string; to: string },
): Slot {
  const today = clockOf(timeZone)(Date.parse(scheduledFor)).slice(0, 10);
  return {
    cadence: cadenceOf(schedule.expression),
    days: days ? daysInShort(days.from, days.to) : daysInShort(today),
    ...nextOf(schedule, Date.parse(scheduledFor)),
  };
}

/** `Weekly` and the like, or `Scheduled` for what has no common name. */
function cadenceOf(expression: string): string {
  const rates: Record<string, string> = { 'rate(1 day)': 'Daily', 'rate(7 days)': 'Weekly' };
  const [, cron] = /^cron\((.*)\)$/.exec(expression) ?? [];
  if (cron === undefined) return rates[expression] ?? 'Scheduled';
  const [, , day = '', month = '', weekday = ''] = cron.split(' ');
  if (month !== '*') return 'Scheduled';
  if (/^(MON|2)-(FRI|6)$/i.test(weekday)) return 'Weekdays';
  if (/^(\w{3}|\d)$/.test(weekday)) return 'Weekly';
  if (/^(\d+|L)$/.test(day)) return 'Monthly';
  return [day, weekday].every((field) => '*?'.includes(field)) ? 'Daily' : 'Scheduled';
}

function nextOf({ expression, timeZone, endAt }: NonNullable<Schedule>, slot: number): Pick<Slot, 'next'> {
  try {
    const next = slotsOf(expression, timeZone, slot)(slot);
    const isLast = next === undefined || (endAt !== undefined && next > Date.parse(endAt));
    return { next: isLast ? null : new Date(next).toISOString() };
  } catch {
    // Scheduler knows expressions that we do not.
    return {};
  }
}
