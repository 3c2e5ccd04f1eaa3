// The days of a relative period. They follow from a given moment, never from the clock, so that a late run or a redrive
// reports the same days.
import type { Period } from '../../contract/types.ts';
import { clockOf } from '../lib/time-zone.ts';

const daysFrom = (date: Date): Record<Period, [first: Date, last: Date]> => {
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const at = (month: number, day: number) => new Date(Date.UTC(year, month, day));
  // Weeks start on Monday.
  const monday = day - ((date.getUTCDay() + 6) % 7);
  const quarter = month - (month % 3);
  return {
    previous_day: [at(month, day - 1), at(month, day - 1)],
    previous_week: [at(month, monday - 7), at(month, monday - 1)],
    previous_month: [at(month - 1, 1), at(month, 0)],
    previous_quarter: [at(quarter - 3, 1), at(quarter, 0)],
    // Whole days: today is not over.
    last_7_days: [at(month, day - 7), at(month, day - 1)],
    last_30_days: [at(month, day - 30), at(month, day - 1)],
    month_to_date: [at(month, 1), date],
    year_to_date: [at(0, 1), date],
  };
};

/**
 * First and last day of a period, both included, `YYYY-MM-DD`, seen from the day that it is in the zone at the moment.
 * @param moment ISO 8601
 */
export function daysOf(period: Period, moment: string, timeZone: string): { from: string; to: string } {
  const today = clockOf(timeZone)(Date.parse(moment)).slice(0, 10);
  const [from, to] = daysFrom(new Date(today))[period].map((date) => date.toISOString().slice(0, 10));
  return { from: from!, to: to! };
}
