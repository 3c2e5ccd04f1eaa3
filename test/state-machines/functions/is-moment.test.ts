import { expect, it } from 'vitest';
import { call } from './call.ts';

const isMoment = (value: unknown) => call('IsMoment', [value]);

it.each([
  '2026-11-23T17:04:05Z',
  '2026-11-23T17:04:05.123456789Z',
  '2026-11-23T17:04:05+05:45',
  '2026-11-23T00:00:00-12:00',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
])('takes %s', async (value) => {
  expect(await isMoment(value)).toBe(true);
});

it.each([
  '2026-11-23',
  '2026-11-23T17:04Z',
  '2026-11-23T17:04:05',
  '2026-11-23 17:04:05Z',
  '2026-11-23t17:04:05z',
  '2026-11-23T24:00:00Z',
  '2026-11-23T17:60:00Z',
  '2026-11-23T17:04:60Z',
  '2026-11-23T17:04:05.Z',
  '2026-11-23T17:04:05.1234567890Z',
  '2026-11-23T17:04:05+24:00',
  '2026-11-23T17:04:05+0100',
  '26-11-23T17:04:05Z',
  '2026-11-23T17:04:05Z\n',
  '\n2026-11-23T17:04:05Z',
  'x2026-11-23T17:04:05Z',
  '',
])('refuses %j', async (value) => {
  expect(await isMoment(value)).toBe(false);
});

it.each([[undefined], [null], [1763917445000], [['2026-11-23T17:04:05Z']], [{}]])(
  'refuses %o, which is not text',
  async (value) => {
    expect(await isMoment(value)).toBe(false);
  },
);

it('knows the days of each month of common years, leap years and centuries', async () => {
  for (const year of ['1900', '2000', '2024', '2026', '2096', '2100', '2400']) {
    for (let month = 0; month <= 13; month++) {
      for (const day of [0, 1, 28, 29, 30, 31, 32]) {
        const date = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const time = new Date(Date.UTC(Number(year), month - 1, day)).toISOString();
        expect(await isMoment(`${date}T12:00:00Z`), date).toBe(time.startsWith(date));
      }
    }
  }
});
