import { expect, test } from 'vitest';
import { daysOf } from '../../../tasks/load-context/period.ts';

test.each([
  ['previous_day', '2026-11-23T17:00:00Z', 'UTC', '2026-11-22', '2026-11-22'],
  ['previous_day', '2026-01-01T00:00:00Z', 'UTC', '2025-12-31', '2025-12-31'],
  // Weeks go from Monday to Sunday: seen from a Monday, from a Sunday, and across a year's end.
  ['previous_week', '2026-11-23T00:00:00Z', 'UTC', '2026-11-16', '2026-11-22'],
  ['previous_week', '2026-11-22T23:59:59Z', 'UTC', '2026-11-09', '2026-11-15'],
  ['previous_week', '2026-01-05T12:00:00Z', 'UTC', '2025-12-29', '2026-01-04'],
  ['previous_month', '2026-03-31T12:00:00Z', 'UTC', '2026-02-01', '2026-02-28'],
  ['previous_month', '2028-03-01T00:00:00Z', 'UTC', '2028-02-01', '2028-02-29'],
  ['previous_month', '2026-01-15T12:00:00Z', 'UTC', '2025-12-01', '2025-12-31'],
  ['previous_quarter', '2026-11-23T17:00:00Z', 'UTC', '2026-07-01', '2026-09-30'],
  ['previous_quarter', '2026-03-31T17:00:00Z', 'UTC', '2025-10-01', '2025-12-31'],
  ['last_7_days', '2026-11-23T17:00:00Z', 'UTC', '2026-11-16', '2026-11-22'],
  ['last_30_days', '2026-03-01T00:00:00Z', 'UTC', '2026-01-30', '2026-02-28'],
  ['year_to_date', '2026-11-23T17:00:00Z', 'UTC', '2026-01-01', '2026-11-23'],
  ['year_to_date', '2026-01-01T00:00:00Z', 'UTC', '2026-01-01', '2026-01-01'],
  ['month_to_date', '2026-11-23T17:00:00Z', 'UTC', '2026-11-01', '2026-11-23'],
  ['month_to_date', '2026-11-01T00:00:00Z', 'UTC', '2026-11-01', '2026-11-01'],
] as const)('%s seen from %s in %s is %s to %s', (period, moment, timeZone, from, to) => {
  expect(daysOf(period, moment, timeZone)).toEqual({ from, to });
});

test.each([
  // The day that it is there, not the one that it is in UTC.
  ['previous_day', '2026-11-23T05:59:59Z', 'America/Chicago', '2026-11-21'],
  ['previous_day', '2026-11-23T06:00:00Z', 'America/Chicago', '2026-11-22'],
  ['previous_day', '2026-11-22T15:00:00Z', 'Asia/Tokyo', '2026-11-22'],
  // Midnight by summer time, and the day after which there is none any more: of 23 hours, then of 25.
  ['previous_day', '2026-03-09T04:59:59Z', 'America/Chicago', '2026-03-07'],
  ['previous_day', '2026-03-09T05:00:00Z', 'America/Chicago', '2026-03-08'],
  ['previous_day', '2026-11-02T05:59:59Z', 'America/Chicago', '2026-10-31'],
  ['previous_day', '2026-11-02T06:00:00Z', 'America/Chicago', '2026-11-01'],
] as const)('%s seen from %s in %s is %s', (period, moment, timeZone, day) => {
  expect(daysOf(period, moment, timeZone)).toEqual({ from: day, to: day });
});
