import { describe, expect, test } from 'vitest';
import { slotsOf } from '../../../tasks/lib/schedule-expression.ts';

/** The next slots after a time. */
function slots(expression: string, after: string, count = 3, timeZone = 'UTC', from = after): string[] {
  const next = slotsOf(expression, timeZone, Date.parse(from));
  const found: string[] = [];
  for (let moment: number | undefined = Date.parse(after); found.length < count; ) {
    moment = next(moment);
    if (moment === undefined) break;
    found.push(new Date(moment).toISOString().replace(':00.000Z', ''));
  }
  return found;
}

describe('cron', () => {
  test.each([
    ['cron(0 6 ? * MON *)', ['2026-11-30T06:00', '2026-12-07T06:00', '2026-12-14T06:00']],
    ['cron(0/20 * * * ? *)', ['2026-11-23T17:20', '2026-11-23T17:40', '2026-11-23T18:00']],
    ['cron(15,45 17 * * ? *)', ['2026-11-23T17:15', '2026-11-23T17:45', '2026-11-24T17:15']],
    ['cron(0 8 ? * 2-6 *)', ['2026-11-24T08:00', '2026-11-25T08:00', '2026-11-26T08:00']],
    ['cron(0 0 1 JAN,jul ? *)', ['2027-01-01T00:00', '2027-07-01T00:00', '2028-01-01T00:00']],
    ['cron(0 0 L * ? *)', ['2026-11-30T00:00', '2026-12-31T00:00', '2027-01-31T00:00']],
    ['cron(0 0 29 2 ? *)', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
    ['cron(0 0 24 11 ? 2026-2027)', ['2026-11-24T00:00', '2027-11-24T00:00']],
  ])('%s', (expression, expected) => {
    expect(slots(expression, '2026-11-23T17:00:00Z')).toEqual(expected);
  });

  test('keeps its hour when clocks change', () => {
    const saturday = '2026-03-07T00:00:00Z';
    expect(slots('cron(0 6 * * ? *)', saturday, 2, 'America/Chicago')).toEqual([
      '2026-03-07T12:00',
      '2026-03-08T11:00',
    ]);
  });

  test('skips a time that clocks skip', () => {
    expect(slots('cron(30 2 * * ? *)', '2026-03-07T12:00:00Z', 1, 'America/Chicago')).toEqual([
      '2026-03-09T07:30',
    ]);
  });

  test('comes once to a time that clocks show twice', () => {
    expect(slots('cron(30 1 * * ? *)', '2026-10-31T12:00:00Z', 2, 'America/Chicago')).toEqual([
      '2026-11-01T06:30',
      '2026-11-02T07:30',
    ]);
  });
});

describe('rate', () => {
  test('counts hours, whatever the clocks show', () => {
    const start = '2026-03-07T12:00:00Z';
    expect(slots('rate(1 day)', start, 2, 'America/Chicago')).toEqual([
      '2026-03-08T12:00',
      '2026-03-09T12:00',
    ]);
  });

  test('begins with its start', () => {
    expect(slots('rate(90 minutes)', '2026-11-23T17:00:00Z', 2, 'UTC', '2026-11-24T00:00:00Z')).toEqual([
      '2026-11-24T00:00',
      '2026-11-24T01:30',
    ]);
  });
});

test('at comes once, at the time of its zone', () => {
  expect(slots('at(2026-11-30T06:00:00)', '2026-11-23T17:00:00Z', 2, 'America/Chicago')).toEqual([
    '2026-11-30T12:00',
  ]);
});

test.each([
  'weekly',
  'rate(0 days)',
  'rate(5 weeks)',
  'at(2026-02-30T25:00:00)',
  'cron(0 6 * * *)',
  'cron(0 6 * * MON *)',
  'cron(0 6 ? * ? *)',
  'cron(60 6 * * ? *)',
  'cron(0/0 6 * * ? *)',
  'cron(0 6 1W * ? *)',
  'cron(0 6 ? * MON#1 *)',
])('%s is refused', (expression) => {
  expect(() => slotsOf(expression, 'UTC', 0)).toThrow('Invalid Schedule Expression');
});
