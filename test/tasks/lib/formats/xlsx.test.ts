import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Kind } from '../../../../tasks/lib/cells/rules.ts';
import type { Row } from '../../../../tasks/lib/database/rows.ts';
import { xlsx } from '../../../../tasks/lib/formats/xlsx.ts';
import { readXlsx, rowsOfSheet } from '../../../support/xlsx.ts';

const columns = { headers: ['Name', 'Pages'], kinds: ['text', 'number'] as Kind[] };

async function workbook(rows: Row[], { headers, kinds } = columns, readMe: [string, string][] = []) {
  return readXlsx(await buffer(xlsx(stream(rows), { headers, kinds }, () => readMe)));
}

async function* stream<Item>(items: Iterable<Item>) {
  yield* items;
}

/** What becomes of one value; undefined is an empty cell. */
async function cell(value: string | null, kind: Kind) {
  const { Rows } = await workbook([[value]], { headers: ['Column'], kinds: [kind] });
  return Rows!.cells.A2;
}

describe('A text', () => {
  test.each([
    '0001234',
    '=HYPERLINK("http://evil.example")',
    '  spaces around  ',
    'line\nbreak\tand tab',
    '<b>&amp;</b> "quoted"',
    '山田 😀',
    '_x0041_ and _X000d_',
    '2024-02-29',
  ])('%j is text to Excel, letter by letter', async (text) => {
    expect(await cell(text, 'text')).toEqual({ value: text, format: '@', bold: false });
  });

  test('has no character that XML has no place for', async () => {
    expect(await cell('a\ufffeb\uffff', 'text')).toMatchObject({ value: 'ab' });
  });

  test.each([null, ''])('%j leaves the cell empty', async (text) => {
    expect(await cell(text, 'text')).toBeUndefined();
  });
});

describe('A number', () => {
  test.each([
    ['0', 0],
    ['-5', -5],
    ['12.50', 12.5],
    ['999999999999999', 999_999_999_999_999],
    ['1e-7', 1e-7],
  ])('%s is a number', async (text, value) => {
    expect(await cell(text, 'number')).toEqual({ value, bold: false });
  });

  test.each(['1234567890123456', '-0.1234567890123456', '007', '-'])(
    '%s, which Excel would change, is text',
    async (text) => {
      expect(await cell(text, 'number')).toEqual({ value: text, format: '@', bold: false });
    },
  );
});

describe('A date', () => {
  // The numbers that Excel itself shows for these days.
  test.each([
    ['1900-03-01', 61],
    ['2024-02-29', 45_351],
    ['9999-12-31', 2_958_465],
  ])('%s is day %i', async (text, value) => {
    expect(await cell(text, 'date')).toEqual({ value, format: 'yyyy-mm-dd', bold: false });
  });

  test('with a time is a fraction of a day as well', async () => {
    expect(await cell('2026-01-15 18:00:00', 'time')).toEqual({
      value: 46_037.75,
      format: 'yyyy-mm-dd hh:mm:ss',
      bold: false,
    });
  });

  test.each(['1900-02-28', '2019-07', '2019', '2023-02-30'])(
    '%s, which Excel does not know, is text',
    async (text) => {
      expect(await cell(text, 'date')).toEqual({ value: text, format: '@', bold: false });
    },
  );
});

describe('A sheet', () => {
  test('has bold headers that stay in view', async () => {
    const { Rows } = await workbook([['Ann', '1']]);
    expect(Rows!.cells.B1).toEqual({ value: 'Pages', format: '@', bold: true });
    expect(Rows!.xml).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>');
  });

  test('has filters over all rows', async () => {
    const { Rows } = await workbook([
      ['Ann', '1'],
      ['Bo', '2'],
    ]);
    expect(Rows!.xml).toContain('<autoFilter ref="A1:B3"/>');
  });

  test('has columns as wide as their titles, within bounds', async () => {
    const headers = ['Id', 'Deponent Last Name', 'x'.repeat(200), 'At'];
    const { Rows } = await workbook([], { headers, kinds: ['text', 'text', 'text', 'time'] });
    expect(Rows!.xml.match(/(?<=width=")\d+/g)).toEqual(['12', '22', '60', '20']);
  });

  test('may have more columns than there are letters', async () => {
    const headers = Array.from({ length: 60 }, (_, index) => `Column ${index}`);
    const { Rows } = await workbook([], { headers, kinds: headers.map(() => 'text') });
    expect(rowsOfSheet(Rows!)).toEqual([headers]);
    expect(Rows!.cells.BH1).toMatchObject({ value: 'Column 59' });
  });

  test('without rows has headers only', async () => {
    const { Rows } = await workbook([]);
    expect(rowsOfSheet(Rows!)).toEqual([['Name', 'Pages']]);
  });
});

test('The Read Me comes last, and is written when all rows have been', async () => {
  let rows = 0;
  async function* counted(): AsyncGenerator<Row> {
    for (; rows < 3; rows++) yield ['Ann', '1'];
  }
  const sheets = readXlsx(await buffer(xlsx(counted(), columns, () => [['Rows', `${rows}`]])));
  expect(Object.keys(sheets)).toEqual(['Rows', 'Read Me']);
  expect(sheets['Read Me']!.cells).toEqual({
    A1: { value: 'Rows', format: '@', bold: true },
    B1: { value: '3', format: '@', bold: false },
  });
});

test('Rows that a sheet cannot take go on to another one, headers repeated', async () => {
  const most = 1_048_575;
  const row: Row = ['1'];
  const rows = Array.from({ length: most + 1 }, (_, index) => (index === most ? ['last'] : row));
  const sheets = await workbook(rows, { headers: ['Name'], kinds: ['text'] });
  expect(Object.keys(sheets)).toEqual(['Rows', 'Rows 2', 'Read Me']);
  expect(sheets.Rows!.xml).toContain(`<autoFilter ref="A1:A${most + 1}"/>`);
  expect(rowsOfSheet(sheets['Rows 2']!)).toEqual([['Name'], ['last']]);
}, 120_000);

test('Rows that fail make the file fail', async () => {
  async function* failing(): AsyncGenerator<Row> {
    yield ['Ann', '1'];
    throw new Error('no more');
  }
  await expect(buffer(xlsx(failing(), columns, () => []))).rejects.toThrow('no more');
});
