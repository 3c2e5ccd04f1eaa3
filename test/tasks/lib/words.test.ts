import { describe, expect, it } from 'vitest';
import { daysInShort, daysInWords, momentInWords, sizeInWords } from '../../../tasks/lib/words.ts';

describe('A moment', () => {
  it.each([
    ['America/Chicago', 'December 2, 2026, 12:30 PM Central'],
    ['America/New_York', 'December 2, 2026, 1:30 PM Eastern'],
    ['America/Los_Angeles', 'December 2, 2026, 10:30 AM Pacific'],
    ['America/Phoenix', 'December 2, 2026, 11:30 AM Mountain Standard Time'],
    ['Europe/Berlin', 'December 2, 2026, 7:30 PM Central European Time'],
    ['Asia/Tokyo', 'December 3, 2026, 3:30 AM Japan Standard Time'],
    ['UTC', 'December 2, 2026, 6:30 PM UTC'],
  ])('in %s is %s', (timeZone, words) => {
    expect(momentInWords(Date.parse('2026-12-02T18:30:59.900Z'), timeZone)).toBe(words);
  });
});

it.each([
  ['2026-11-16', '2026-11-22', 'November 16 to 22, 2026', 'Nov 16 to 22'],
  ['2026-11-30', '2026-12-06', 'November 30 to December 6, 2026', 'Nov 30 to Dec 6'],
  ['2026-12-28', '2027-01-03', 'December 28, 2026 to January 3, 2027', 'Dec 28 to Jan 3'],
  ['2026-05-01', '2026-05-01', 'May 1, 2026', 'May 1'],
])('The days from %s to %s are %s', (from, to, words, short) => {
  expect(daysInWords(from, to)).toBe(words);
  expect(daysInShort(from, to)).toBe(short);
});

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_000, '1 KB'],
  [312_400, '312 KB'],
  [999_499, '999 KB'],
  [999_500, '1.0 MB'],
  [8_712_345, '8.7 MB'],
  [9_960_000, '10 MB'],
  [120_000_000, '120 MB'],
  [3_400_000_000, '3.4 GB'],
])('%i bytes are %s', (bytes, words) => {
  expect(sizeInWords(bytes)).toBe(words);
});
