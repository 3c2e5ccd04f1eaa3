import { describe, expect, it } from 'vitest';
import { slotOf } from '../../../tasks/load-context/slot.ts';

const timeZone = 'America/Chicago';
const due = '2026-11-23T12:00:00Z';
const slot = (expression: string, more: object = {}) =>
  slotOf({ expression, timeZone, ...more }, due, timeZone);

describe('The slot of a schedule', () => {
  it.each([
    ['cron(0 6 * * ? *)', 'Daily', '2026-11-24T12:00:00.000Z'],
    ['cron(0 6 ? * MON-FRI *)', 'Weekdays', '2026-11-24T12:00:00.000Z'],
    ['cron(0 6 ? * MON *)', 'Weekly', '2026-11-30T12:00:00.000Z'],
    ['cron(0 6 1 * ? *)', 'Monthly', '2026-12-01T12:00:00.000Z'],
    ['cron(0 6 1 JAN ? *)', 'Scheduled', '2027-01-01T12:00:00.000Z'],
    ['rate(1 day)', 'Daily', '2026-11-24T12:00:00.000Z'],
    ['rate(3 hours)', 'Scheduled', '2026-11-23T15:00:00.000Z'],
    ['at(2026-11-23T06:00:00)', 'Scheduled', null],
  ])('%s is %s, and then comes %s', (expression, cadence, next) => {
    expect(slot(expression)).toEqual({ cadence, days: 'Nov 23', next });
  });

  it('has none after it when the schedule ends before', () => {
    expect(slot('cron(0 6 ? * MON *)', { endAt: '2026-11-30T11:00:00Z' }).next).toBeNull();
  });

  it('says nothing of the next one for an expression that only Scheduler knows', () => {
    expect(slot('cron(0 6 ? * MON#1 *)')).not.toHaveProperty('next');
  });

  it('has the days of the report, if it has some', () => {
    const days = { from: '2026-11-16', to: '2026-11-22' };
    expect(slotOf({ expression: 'rate(7 days)', timeZone }, due, timeZone, days).days).toBe('Nov 16 to 22');
  });
});
