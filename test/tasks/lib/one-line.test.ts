import { expect, test } from 'vitest';
import { oneLine } from '../../../tasks/lib/one-line.ts';

test.each([
  ['Acme v. Pumps', 'Acme v. Pumps'],
  ['Acme\n', 'Acme'],
  ['\u2028Acme\u2029 \r\n', 'Acme'],
  ['Acme \r\n v.\u2028Pumps', 'Acme v. Pumps'],
  ['Acme\u202efdp.exe', 'Acmefdp.exe'],
  ['\u2066\u200fשלום\u2069\u061c', 'שלום'],
  ['a\u0000b\u001bc\u007fd\u009fe', 'abcde'],
  ['a \u202e b', 'a b'],
  ['a\u00a0\u3000 b\tc', 'a b c'],
  ['a\u0085b\u000bc\u000cd\u001ee', 'a b c d e'],
  ['half \ud83d', 'half \ufffd'],
  ['👩‍💻 क्‍ष', '👩‍💻 क्‍ष'],
  ['\n', ''],
])('%j is %j on one line', (text, line) => {
  expect(oneLine(text)).toBe(line);
});

test('Line breaks within become what is asked for, those at the ends nothing', () => {
  expect(oneLine('\na\r\n\n b\u2028\u202e', '; ')).toBe('a; b');
});
