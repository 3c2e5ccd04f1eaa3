// The rules of cells: what each type takes, what becomes of the rest, and what a spreadsheet leaves behind.
import { describe, expect, test } from 'vitest';
import { joined, split } from '../../../../tasks/lib/cells/several-values.ts';
import {
  customField,
  documentFields,
  type Field,
  type Value,
} from '../../../../tasks/reports/coding-overlay/fields.ts';
import { changed, choicesOf, isExported, readCell } from '../../../../tasks/reports/coding-overlay/values.ts';
import { defaults } from './overlay-run.ts';
import { randomOf } from './property.ts';

const field = (name: string) => documentFields.find((candidate) => candidate.name === name)!;
const custom = (input_type: string) => customField({ id: 1, title: 'X', input_type });
const choices = choicesOf(['Hot', 'hot', 'Cold', 'Responsive', 'Non-Responsive'], true);

/** The value that a cell sets, or the codes of what is wrong with it. */
function read(cell: string, of: Field, current: Value = null, options: Partial<typeof defaults> = {}) {
  const { change, findings } = readCell(cell, of, current, choices, { ...defaults, ...options });
  const codes = findings.map(({ code }) => code);
  return change ? ['set' in change ? change.set : change, ...codes] : codes;
}

describe('a date', () => {
  test.each([
    ['2024-01-05', '2024-01-05'],
    ['2024/1/5', '2024-01-05'],
    ['20240105', '2024-01-05'],
    ['1/5/2024', '2024-01-05'],
    ['1-5-2024', '2024-01-05'],
    ['05-Jan-2024', '2024-01-05'],
    ['Jan 5, 2024', '2024-01-05'],
    ['January 5, 2024', '2024-01-05'],
    ['1/5/2024 11:59 PM', '2024-01-05'],
    ['2024-01-05T23:59:59.123Z', '2024-01-05'],
    ['2024-01-05 23:59 -06:00', '2024-01-05'],
    ['2/29/2024', '2024-02-29'],
    [' 2024-01-05 ', '2024-01-05'],
  ])('%s is read', (cell, day) => expect(read(cell, field('document_date'))).toEqual([day]));

  test.each([
    '1/5/24',
    '13/1/2024',
    '2/30/2024',
    '2023-02-29',
    '0000-01-01',
    '45123',
    'Jan 2024',
    '1/5/2024 25:00',
    '1/5/2024 13:00 PM',
    '1-Jan',
    '5 Foo 2024',
    '20241301',
  ])('%s is none', (cell) => expect(read(cell, field('document_date'))).toEqual(['OV-C01']));

  test.each(['00/00/0000', '0000-00-00', '00000000', '0000-00-00 00:00:00'])(
    '%s is blank, with a warning',
    (cell) => expect(read(cell, field('document_date'), '2024-01-01')).toEqual(['OV-W04']),
  );

  test('has the order that was asked for', () =>
    expect(read('5/1/2024', field('document_date'), null, { dateOrder: 'DMY' })).toEqual(['2024-01-05']));
});

describe('a value', () => {
  test.each([
    ['YES', '1'],
    ['n', '0'],
    ['True', '1'],
    ['0', '0'],
  ])('yes or no: %s', (cell, value) => expect(read(cell, field('withheld'), '2')).toEqual([value]));
  test('neither yes nor no is an error', () => expect(read('maybe', field('withheld'))).toEqual(['OV-C04']));

  test.each(['1.23E+05', '1,000', 'x', '--1'])('%s is no number', (cell) =>
    expect(read(cell, custom('number'))).toContain('OV-C04'),
  );
  test.each(['-5', '+5.20', '.5', '007'])('%s is a number, as it is written', (cell) =>
    expect(read(cell, custom('number'))).toEqual([[cell]]),
  );

  test.each([
    ['nonresponsive', 'Non-Responsive'],
    ['Not Responsive', 'Non-Responsive'],
    [' responsive ', 'Responsive'],
  ])('a status has synonyms: %s', (cell, status) =>
    expect(read(cell, field('relevancy_status'))).toEqual([status]),
  );
  test('a choice is taken by its exact name first, in any case otherwise', () => {
    expect(read('hot', custom('select'))).toEqual([['hot']]);
    expect(read('HOT', custom('select'))).toEqual([['Hot']]);
    expect(read('Warm', custom('select'))).toEqual(['OV-C02']);
    expect(read('Warm', custom('select'), null, { createMissingChoices: true })).toEqual([['Warm']]);
  });

  test('longer than its field is an error, or cut when asked to', () => {
    const long = 'é'.repeat(300);
    expect(read(long, field('title'))).toEqual(['OV-C03']);
    expect(read(long, field('title'), null, { longText: 'truncate' })).toEqual(['é'.repeat(255), 'OV-W09']);
    expect(read('😀'.repeat(255), field('title'))).toEqual(['😀'.repeat(255)]);
    // 65,535 bytes end within the last of these.
    expect(read('é'.repeat(40_000), field('notes'), null, { longText: 'truncate' })[0]).toBe(
      'é'.repeat(32_767),
    );
  });

  test('is unchanged when LibreOffice broke the lines of a long text, while new line breaks change a short one', () => {
    const long = `x\n${'word '.repeat(5_000)}`;
    const broken = `${long.slice(0, 16_367)}\n${long.slice(16_367)}`;
    expect(read(broken, field('notes'), long)).toEqual([]);
    expect(read(`${broken}more`, field('notes'), long)).toEqual([`${broken}more`, 'OV-W05']);
    expect(read('a\nb', field('notes'), 'ab')).toEqual(['a\nb']);
  });

  test('loses the apostrophe of a guard before what Excel would run, and no other', () => {
    expect(read("'=1+1", field('title'))).toEqual(['=1+1', 'OV-W07']);
    expect(read("'0123", field('title'))).toEqual(["'0123"]);
    expect(read("'=1+1", field('title'), null, { stripSpreadsheetGuard: false })).toEqual(["'=1+1"]);
  });

  test('is a change when only its case or a blank at its end differs', () => {
    expect(read('Kevlar', field('title'), 'kevlar')).toEqual(['Kevlar']);
    expect(read('x', field('title'), 'x ')).toEqual(['x']);
  });
});

describe('a spreadsheet leaves damage', () => {
  test('in a day whose month is the other way round, but a new day is no damage', () => {
    expect(read('3/5/2024', field('document_date'), '2024-05-03')).toEqual(['2024-03-05', 'OV-W05']);
    expect(read('3/14/2024', field('document_date'), '2024-05-03')).toEqual(['2024-03-14']);
    expect(read('2024/5/3', field('document_date'), '2024-05-03')).toEqual(['2024-05-03']);
  });

  test.each([
    ['1.23E+05', null],
    ['1-Jan', null],
    ['Jan-24', null],
    ['45:12', null],
    ['1234567890123456', null],
    ['######', null],
    ['123', '000123'],
    ['1.1', '1.10'],
    ['2', '=1+1'],
    ['01/02/26', '1-2'],
    ['ZoÃ«', 'Zoë'],
    ['#NAME?', null],
  ])('%s, which was %s, is told', (cell, current) =>
    expect(read(cell, field('title'), current)).toEqual([cell, 'OV-W05']),
  );

  test.each(['Title', '2024-01-31', '12', '3.5', 'ABC-0001'])('%s is none', (cell) =>
    expect(read(cell, field('title'))).toEqual([cell]),
  );
});

describe('several values', () => {
  test('are trimmed, without empty ones and repeats', () =>
    expect(split(' a ;b;; a;c ', ';')).toEqual(['a', 'b', 'c']));
  test('may hold the delimiter, and backslashes', () => {
    expect(split('Smith\\; Jones LLP; Records', ';')).toEqual(['Smith; Jones LLP', 'Records']);
    expect(split('C:\\temp; D:\\x', ';')).toEqual(['C:\\temp', 'D:\\x']);
  });

  test('come back from a cell as they went into it', () => {
    const random = randomOf(3);
    const signs = ['\\', ';', '\\;', 'a', ' ', '"', '|'];
    for (let round = 0; round < 5_000; round++) {
      const values = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, index) => {
        const text = Array.from(
          { length: 1 + Math.floor(random() * 4) },
          () => signs[Math.floor(random() * signs.length)],
        ).join('');
        return `${index}${text}`.trim();
      });
      for (const delimiter of [';', '; ', '|', ' ; '])
        expect(split(joined(values, delimiter), delimiter)).toEqual(values);
    }
  });

  test('are replaced, added to, or taken away', () => {
    expect(changed(['A', 'C'], { set: ['A', 'B'] })).toEqual(['A', 'B']);
    expect(changed(['A', 'C'], { add: ['A', 'B'] })).toEqual(['A', 'C', 'B']);
    expect(changed(['A', 'C'], { remove: ['A', 'B'] })).toEqual(['C']);
  });
});

describe('a cell of our own system export', () => {
  const long = 'long text '.repeat(4_000);
  test.each([
    ['title', null, ''],
    ['title', 'x\r\ny', 'x\ny'],
    ['title', '=1+1', "'=1+1"],
    ['title', 'a\0b', 'ab'],
    ['notes', long, `${long.slice(0, 32_761)} [cut]`],
    ['document_date', '2024-01-31', '01/31/2024'],
    ['document_date', '2026-02-00', '2026-02'],
    ['document_date', '0000-00-00', ''],
    ['withheld', '1', 'Yes'],
    ['tags', ['@trial; second chair', 'Hot'], '@trial\\; second chair; Hot'],
    ['tags', ['A ', 'A '], 'A ; A '],
    ['relevancy_status', 'Never heard of', 'Never heard of'],
  ] as [string, Value, string][])('%s %j is unchanged as %j', (name, value, cell) => {
    expect(isExported(cell, field(name), value, ';')).toBe(true);
    expect(read(cell, field(name), value)).toEqual([]);
  });
});
