import { Types } from 'mysql2';
import { describe, expect, test } from 'vitest';
import type { CustomField } from '../../../../tasks/lib/cells/columns.ts';
import { cellsOf } from '../../../support/cells.ts';

const field = (columnType: number, name = 'Column') => ({ name, columnType });

/** What becomes of one value of a column type. */
function cell(text: string | null, columnType: number = Types.VAR_STRING, timeZone = 'UTC') {
  return cellsOf([field(columnType)], { timeZone }).format([text])[0];
}

describe('A text cell', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['+1 555 0100', "'+1 555 0100"],
    ['-5', "'-5"],
    ['@x', "'@x"],
    [' =1', " '=1"],
    ['\t=1', "'\t'=1"],
    ['\t5', "'\t5"],
    ['\r\n=1', "'\n'=1"],
    ['Lee; =1', "Lee; '=1"],
    ['Lee\n- Ward', "Lee\n'- Ward"],
    ['Lee;"=1"', 'Lee;\'"=1"'],
    ['\u0000=1', "'=1"],
    ['＝1', "'＝1"],
  ])('%j, which Excel could run, becomes %j', (text, written) => {
    expect(cell(text)).toBe(written);
  });

  test.each(['plain', 'a=b', ' 5', "O'Neill", '山田 😀', "'quoted'"])('%j stays as it is', (text) => {
    expect(cell(text)).toBe(text);
  });

  test('has LF for every line break', () => {
    expect(cell('a\r\nb\rc\nd')).toBe('a\nb\nc\nd');
  });

  test('has no control characters but tab and line break', () => {
    expect(cell('a\u0000b\u0007c\td\u007fe\u0085f')).toBe('abc\tdef');
  });

  test('has U+FFFD for half a surrogate pair', () => {
    expect(cell('a\ud800b')).toBe('a\ufffdb');
  });

  test('tells an unknown value from an empty text', () => {
    expect(cell(null)).toBeNull();
    expect(cell('')).toBe('');
  });

  test('of a column Warnings is a warning a line, and not in the file', () => {
    const cells = cellsOf([field(Types.VAR_STRING, 'Group'), field(Types.BLOB, 'Warnings')]);
    expect(cells.columns.headers).toEqual(['Group']);
    expect([cells.format(['a', null]), cells.format(['b', 'One.\nTwo.'])]).toEqual([['a'], ['b']]);
    expect(cells.warnings).toEqual(['One.', 'Two.']);
  });

  test('is written in full and counted when it is too long for Excel', () => {
    const cells = cellsOf([field(Types.VAR_STRING)]);
    const long = 'x'.repeat(32_768);
    expect(cells.format([long])).toEqual([long]);
    cells.format(['x'.repeat(32_767)]);
    expect(cells.warnings).toEqual([
      '1 cell has more than 32,767 characters, the most that Excel shows in a cell.',
    ]);
  });
});

test.each([
  [Types.LONG, '-5'],
  [Types.LONGLONG, '18446744073709551615'],
  [Types.NEWDECIMAL, '-1234567890123456789012345678.0123456789'],
])('A number of type %i is written to the last digit and without an apostrophe', (type, text) => {
  expect(cell(text, type)).toBe(text);
});

describe('A date', () => {
  test.each([
    ['2024-02-29', '2024-02-29'],
    ['0000-00-00', null],
    ['2019-00-00', '2019'],
    ['2019-07-00', '2019-07'],
  ])('%s is written as %s', (text, written) => {
    expect(cell(text, Types.DATE)).toBe(written);
  });
});

describe('A time', () => {
  test.each([
    ['2026-01-15 18:30:00', '2026-01-15 12:30:00'],
    ['2026-07-15 18:30:00.999999', '2026-07-15 13:30:00'],
    ['2026-07-00 18:30:00', '2026-07'],
    ['2026-02-30 18:30:00', '2026-02-30'],
    ['0000-00-00 00:00:00', null],
  ])('%s UTC is written in the zone as %s', (text, written) => {
    expect(cell(text, Types.DATETIME, 'America/Chicago')).toBe(written);
  });

  test('far from ours fails no report', () => {
    expect(cell('0001-01-01 00:00:00', Types.DATETIME)).toBe('0001-01-01 00:00:00');
    expect(cell('9999-12-31 23:59:59', Types.DATETIME, 'Asia/Tokyo')).toBe('10000-01-01 08:59:59');
  });
});

describe('Custom fields', () => {
  const withFields = (customFields: CustomField[]) =>
    cellsOf([field(Types.VAR_STRING, 'Volume'), field(Types.BLOB, 'Custom Fields')], { customFields });

  test('become one column each, in their order', () => {
    const cells = withFields([
      { id: 9, title: 'Reporter' },
      { id: 2, title: 'Cost' },
    ]);
    expect(cells.columns.headers).toEqual(['Volume', 'Reporter', 'Cost']);
    expect(cells.format(['1', '[[2,"=1"],[9,"Ann\\ud800"]]'])).toEqual(['1', 'Ann\ufffd', "'=1"]);
    expect(cells.format(['1', null])).toEqual(['1', null, null]);
  });

  test('of one title, or of a fixed column, are numbered', () => {
    const titles = ['Volume', 'Cost', 'Cost', 'Cost'];
    expect(withFields(titles.map((title, id) => ({ id, title }))).columns.headers).toEqual([
      'Volume',
      'Volume (2)',
      'Cost',
      'Cost (2)',
      'Cost (3)',
    ]);
  });

  test('have titles that Excel cannot run', () => {
    expect(withFields([{ id: 1, title: '=HYPERLINK("x")' }]).columns.headers[1]).toBe('\'=HYPERLINK("x")');
  });

  test('whose list came cut are an error of a name, without their values', () => {
    const cells = withFields([{ id: 1, title: 'Cost' }]);
    expect(() => cells.format(['1', '[[1,"confidential'])).toThrow(
      expect.objectContaining({
        name: 'AnswerIncomplete',
        message: 'The values of custom fields came cut: their list is not JSON.',
      }),
    );
  });

  test('leave no column when there are none', () => {
    const cells = withFields([]);
    expect(cells.columns.headers).toEqual(['Volume']);
    expect(cells.format(['1', null])).toEqual(['1']);
  });
});

describe('For an XLSX', () => {
  const forXlsx = (...fields: ReturnType<typeof field>[]) => cellsOf(fields, { format: 'xlsx' });

  test('texts and headers have no apostrophe, which Excel would show', () => {
    const cells = forXlsx(field(Types.VAR_STRING, '=Cost'));
    expect(cells.columns.headers).toEqual(['=Cost']);
    expect(cells.format(['=1+1'])).toEqual(['=1+1']);
  });

  test('columns are known as numbers, dates, times and texts, custom fields as texts', () => {
    const types = [
      Types.LONG,
      Types.NEWDECIMAL,
      Types.DATE,
      Types.DATETIME,
      Types.TIME,
      Types.BLOB,
      Types.JSON,
    ];
    const fields = types.map((type) => field(type));
    expect(
      cellsOf(fields, { customFields: [{ id: 1, title: 'Cost' }], format: 'xlsx' }).columns.kinds,
    ).toEqual(['number', 'number', 'date', 'time', 'text', 'text', 'text']);
  });

  test.each(['ID', 'Nextpoint ID', 'Deponent Id', 'Family IDs'])('a number called %s is a text', (name) => {
    expect(forXlsx(field(Types.LONGLONG, name)).columns.kinds).toEqual(['text']);
  });

  test('a number called Paid is a number', () => {
    expect(forXlsx(field(Types.LONGLONG, 'Paid')).columns.kinds).toEqual(['number']);
  });

  test('a text that is too long is cut and counted, without half a surrogate pair', () => {
    const cells = forXlsx(field(Types.VAR_STRING));
    expect(cells.format(['x'.repeat(32_767)])).toEqual(['x'.repeat(32_767)]);
    expect(cells.format(['x'.repeat(32_768)])).toEqual([`${'x'.repeat(32_761)} [cut]`]);
    expect(cells.format(['😀'.repeat(20_000)])).toEqual([`${'😀'.repeat(16_380)} [cut]`]);
    expect(cells.warnings).toEqual([
      '2 cells were cut at 32,767 characters, the most that Excel allows, and marked "[cut]".',
    ]);
  });
});

test.each([
  ['csv', 'The file has more than 1,048,575 rows, the most that Excel opens.'],
  [
    'xlsx',
    'The report has more than 1,048,575 rows, the most that Excel allows on a sheet, and continues on further sheets.',
  ],
] as const)('In a %s rows beyond those of a sheet are a warning', (format, words) => {
  const cells = cellsOf([field(Types.LONG)], { format });
  cells.rows = 1_048_575;
  expect(cells.warnings).toEqual([]);
  cells.format(['1']);
  expect(cells.warnings).toEqual([words]);
});
