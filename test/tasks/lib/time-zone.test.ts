import { describe, expect, test } from 'vitest';
import { boundsOf, clockOf, isTimeZone, momentOf } from '../../../tasks/lib/time-zone.ts';

const inZone = (timeZone: string, utc: string) => clockOf(timeZone)(Date.parse(utc));

describe('A moment in a time zone', () => {
  test.each([
    ['UTC', '2026-07-01T12:00:00Z', '2026-07-01 12:00:00'],
    ['America/Chicago', '2026-01-15T12:00:00Z', '2026-01-15 06:00:00'],
    ['America/Chicago', '2026-07-15T12:00:00Z', '2026-07-15 07:00:00'],
    ['Asia/Kolkata', '2026-07-15T12:00:59Z', '2026-07-15 17:30:59'],
    ['Asia/Kathmandu', '2026-07-15T12:00:00Z', '2026-07-15 17:45:00'],
    ['Pacific/Kiritimati', '2026-12-31T12:00:00Z', '2027-01-01 02:00:00'],
    // The ends of what a database can hold.
    ['UTC', '0001-01-01T00:00:00Z', '0001-01-01 00:00:00'],
    ['Asia/Tokyo', '0900-05-05T10:00:00Z', '0900-05-05 19:18:59'],
    ['America/Chicago', '0001-01-01T00:00:00Z', '0000-12-31 18:09:24'],
    ['America/Chicago', '9999-12-31T23:59:59Z', '9999-12-31 17:59:59'],
    ['Asia/Tokyo', '9999-12-31T23:59:59Z', '10000-01-01 08:59:59'],
  ])('reads in %s at %s as %s', (zone, utc, local) => {
    expect(inZone(zone, utc)).toBe(local);
  });

  test('jumps over the hour that spring takes', () => {
    expect(inZone('America/New_York', '2026-03-08T06:59:59Z')).toBe('2026-03-08 01:59:59');
    expect(inZone('America/New_York', '2026-03-08T07:00:00Z')).toBe('2026-03-08 03:00:00');
  });

  test('repeats the hour that autumn gives', () => {
    expect(inZone('America/New_York', '2026-11-01T05:30:00Z')).toBe('2026-11-01 01:30:00');
    expect(inZone('America/New_York', '2026-11-01T06:30:00Z')).toBe('2026-11-01 01:30:00');
  });

  test('follows zones that move by half an hour', () => {
    expect(inZone('Australia/Lord_Howe', '2026-04-04T14:59:59Z')).toBe('2026-04-05 01:59:59');
    expect(inZone('Australia/Lord_Howe', '2026-04-04T15:00:00Z')).toBe('2026-04-05 01:30:00');
  });

  test('agrees with Intl for every hour of a year, also beyond what it remembers', () => {
    const clock = clockOf('Europe/Lisbon');
    const intl = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Europe/Lisbon',
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    const start = Date.UTC(2026, 0, 1);
    const wrong = Array.from({ length: 2 * 8760 }, (_, halfHour) => start + halfHour * 1_800_000).filter(
      (moment) => clock(moment) !== intl.format(moment),
    );
    expect(wrong).toEqual([]);
  });
});

describe('Whole days lie', () => {
  test.each([
    ['UTC', '2026-11-23', '2026-11-23 00:00:00', '2026-11-24 00:00:00'],
    ['Asia/Kolkata', '2026-11-23', '2026-11-22 18:30:00', '2026-11-23 18:30:00'],
    ['Pacific/Kiritimati', '2026-11-23', '2026-11-22 10:00:00', '2026-11-23 10:00:00'],
    ['Pacific/Pago_Pago', '2026-11-23', '2026-11-23 11:00:00', '2026-11-24 11:00:00'],
    // 23 hours, and 25.
    ['America/Chicago', '2026-03-08', '2026-03-08 06:00:00', '2026-03-09 05:00:00'],
    ['America/Chicago', '2026-11-01', '2026-11-01 05:00:00', '2026-11-02 06:00:00'],
    // A day that begins at one o'clock, and one that never was.
    ['America/Santiago', '2025-09-07', '2025-09-07 04:00:00', '2025-09-08 03:00:00'],
    ['Pacific/Apia', '2011-12-30', '2011-12-30 10:00:00', '2011-12-30 10:00:00'],
    ['UTC', '1900-01-01', '1900-01-01 00:00:00', '1900-01-02 00:00:00'],
    ['UTC', '2999-12-31', '2999-12-31 00:00:00', '3000-01-01 00:00:00'],
  ])('in %s, %s, from %s to %s', (timeZone, day, fromUtc, beforeUtc) => {
    expect(boundsOf(timeZone, day, day)).toEqual({ fromUtc, beforeUtc });
  });

  test('without an end that is not given', () => {
    expect(boundsOf('UTC', '2026-11-23')).toEqual({ fromUtc: '2026-11-23 00:00:00', beforeUtc: null });
    expect(boundsOf('UTC', undefined, '2026-11-23')).toEqual({
      fromUtc: null,
      beforeUtc: '2026-11-24 00:00:00',
    });
  });
});

describe('A time zone', () => {
  test.each(['UTC', 'America/Chicago', 'Europe/Berlin', 'Asia/Kolkata'])('may be %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });
  test.each(['Mars/Base', '+05:00', '-03', '', 'Chicago'])('may not be "%s"', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});

describe('The moment at which a clock shows a time', () => {
  test.each([
    ['UTC', '2026-07-01 12:00:00', '2026-07-01T12:00:00.000Z'],
    ['America/Chicago', '2026-01-15 06:00:00', '2026-01-15T12:00:00.000Z'],
    ['Pacific/Kiritimati', '2027-01-01 02:00:00', '2026-12-31T12:00:00.000Z'],
    // The first of two, when clocks are put back.
    ['America/New_York', '2026-11-01 01:30:00', '2026-11-01T05:30:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-05 01:45:00', '2026-04-04T14:45:00.000Z'],
    ['UTC', '9999-12-31 23:59:59', '9999-12-31T23:59:59.000Z'],
  ])('in %s for %s is %s', (zone, time, utc) => {
    expect(new Date(momentOf(time, clockOf(zone))!).toISOString()).toBe(utc);
  });

  test('is none for a time that clocks skip, and for what is no time', () => {
    expect(momentOf('2026-03-08 02:30:00', clockOf('America/New_York'))).toBeUndefined();
    expect(momentOf('2026-02-30 25:00:00', clockOf('UTC'))).toBeUndefined();
  });
});
