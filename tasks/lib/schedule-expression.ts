// The slots of a schedule, as EventBridge Scheduler has them.
import { clockOf, momentOf } from './time-zone.ts';

/** Returns the first slot after a time, or undefined after the last slot. Times are in milliseconds since 1970. */
export type NextSlot = (after: number) => number | undefined;

const minute = 60_000;
const day = 24 * 60 * minute;
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * Parses an expression of EventBridge Scheduler.
 * @param from time from which a rate counts
 * @throws Error for an invalid expression, also for those that only AWS supports
 */
export function slotsOf(expression: string, timeZone: string, from: number): NextSlot {
  const refuse = (why: string) => new Error(`Invalid Schedule Expression ${expression}. ${why}`.trim());
  const [, kind, text = ''] = /^(\w+)\((.*)\)$/.exec(expression) ?? [];
  switch (kind) {
    case 'at': {
      const moment = momentOf(text.replace('T', ' '), clockOf(timeZone));
      if (moment === undefined) throw refuse('There is no such time.');
      return (after) => (moment > after ? moment : undefined);
    }
    case 'rate': {
      const [, count, unit] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(text) ?? [];
      if (!unit) throw refuse('');
      const step = Number(count) * { minute, hour: 60 * minute, day }[unit as 'minute' | 'hour' | 'day'];
      return (after) => from + step * Math.max(0, Math.floor((after - from) / step) + 1);
    }
    case 'cron':
      return cron(text, timeZone, refuse);
    default:
      throw refuse('');
  }
}

/** Six fields: minutes, hours, day of month, month, day of week, year. `W` and `#` are not supported. */
function cron(text: string, timeZone: string, refuse: (why: string) => Error): NextSlot {
  const fields = text.split(' ');
  if (fields.length !== 6) throw refuse('A cron expression has six fields.');
  const [minutes, hours, monthDays, monthNumbers, weekDays, years] = fields as [string, ...string[]];
  if ((monthDays === '?') === (weekDays === '?'))
    throw refuse('One of day-of-month and day-of-week is a question mark.');
  const values = (field: string, first: number, last: number, names: string[] = []) =>
    valuesOf(field, first, last, names, refuse);
  const isMinute = values(minutes, 0, 59);
  const isHour = values(hours!, 0, 23);
  const isMonth = values(monthNumbers!, 1, 12, months);
  const isYear = values(years!, 1970, 2199);
  const isMonthDay = ['?', 'L'].includes(monthDays!) ? undefined : values(monthDays!, 1, 31);
  const isWeekDay = weekDays === '?' ? undefined : values(weekDays!, 1, 7, weekdays);
  const times = [...isHour].flatMap((hour) =>
    [...isMinute].map((minute) => `${two(hour)}:${two(minute)}:00`),
  );
  const isDay = (date: Date) => {
    if (!isMonth.has(date.getUTCMonth() + 1) || !isYear.has(date.getUTCFullYear())) return false;
    if (isWeekDay) return isWeekDay.has(date.getUTCDay() + 1);
    return isMonthDay?.has(date.getUTCDate()) ?? new Date(date.getTime() + day).getUTCDate() === 1;
  };

  const clock = clockOf(timeZone);
  return (after) => {
    // Starts one day earlier, since the day in the time zone may not be over when it is in UTC.
    const first = Math.floor(after / day) * day - day;
    // February 29 is at most eight years away.
    for (let date = first; date < first + 9 * 366 * day; date += day) {
      if (!isDay(new Date(date))) continue;
      const iso = new Date(date).toISOString().slice(0, 10);
      // A slot that the clocks skip in spring does not run; one that they repeat in autumn runs once.
      const slots = times.map((time) => momentOf(`${iso} ${time}`, clock) ?? 0);
      const next = slots.sort((a, b) => a - b).find((slot) => slot > after);
      if (next !== undefined) return next;
    }
    return undefined;
  };
}

/** The values of a field: a list of numbers, names, ranges and steps, or all. */
function valuesOf(
  field: string,
  first: number,
  last: number,
  names: string[],
  refuse: (why: string) => Error,
): Set<number> {
  const numberOf = (text: string) => {
    const number = names.includes(text.toUpperCase())
      ? names.indexOf(text.toUpperCase()) + 1
      : Number(/^\d+$/.exec(text)?.[0] ?? Number.NaN);
    if (!(number >= first && number <= last)) throw refuse(`${field} is not supported.`);
    return number;
  };
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from, to] = range === '*' ? [first, last] : range.split('-').map(numberOf);
    const until = to ?? (step === undefined ? from! : last);
    const by = step === undefined ? 1 : Number(/^[1-9]\d*$/.exec(step)?.[0] ?? Number.NaN);
    if (Number.isNaN(by)) throw refuse(`${field} is not supported.`);
    for (let value = from!; value <= until; value += by) values.add(value);
  }
  return values;
}

const two = (number: number) => String(number).padStart(2, '0');
