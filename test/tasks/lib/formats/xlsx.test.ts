import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Kind } from '../../../../tasks/lib/cells/rules.ts';
import type { Row } from '../../../../tasks/lib/database/rows.ts';
import { xlsx } from '../../../../tasks/lib/formats/xlsx.ts';
import { partOf, readXlsx, rowsOfSheet } from '../../../support/xlsx.ts';

const columns = { headers: ['Name', 'Pages'], kinds: ['text', 'number'] as Kind[] };

async function workbook(rows: Row[], { headers, kinds } = columns, totals = 0) {
  return readXlsx(await buffer(xlsx(stream(rows), { headers, kinds, totals, properties }, () => [])));
}

async function* stream<Item>(items: Iterable<Item>) {
  yield* items;
}

const properties = {
  title: 'Page Count - Müller v. Acme <Trial>',
  subject: 'All documents',
  creator: 'Ada King',
  createdAt: Date.UTC(2026, 10, 23, 11, 4, 5),
};

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
    ['999999999999999', 999_999_999_999_999],
    ['1e-7', 1e-7],
  ])('%s is a number with thousands separators', async (text, value) => {
    expect(await cell(text, 'number')).toEqual({ value, format: '#,##0', bold: false, right: true });
  });

  test('with a fraction shows two digits of it', async () => {
    expect(await cell('12.50', 'number')).toMatchObject({ value: 12.5, format: '#,##0.00' });
  });

  test('of a page has no separators', async () => {
    expect(await cell('1204', 'place')).toEqual({ value: 1204, bold: false, right: true });
  });

  test.each(['1234567890123456', '-0.1234567890123456', '007', '-'])(
    '%s, which Excel would change, is text',
    async (text) => {
      expect(await cell(text, 'number')).toEqual({ value: text, format: '@', bold: false });
    },
  );
});

describe('A duration', () => {
  test.each([
    ['00:00:30', 30 / 86_400],
    ['26:15:00', 1.09375],
    ['839:00:00', 839 / 24],
  ])('%s is a number of days, shown as hours', async (text, value) => {
    expect(await cell(text, 'duration')).toEqual({ value, format: '[h]:mm:ss', bold: false, right: true });
  });

  test('of another form is text', async () => {
    expect(await cell('about an hour', 'duration')).toMatchObject({ value: 'about an hour', format: '@' });
  });
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
    expect(Rows!.cells.A1).toEqual({ value: 'Name', format: '@', bold: true });
    expect(Rows!.cells.B1).toEqual({ value: 'Pages', format: '@', bold: true, right: true });
    expect(Rows!.xml).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>');
  });

  test('has filters over all rows', async () => {
    const { Rows } = await workbook([
      ['Ann', '1'],
      ['Bo', '2'],
    ]);
    expect(Rows!.xml).toContain('<autoFilter ref="A1:B3"/>');
  });

  test.each<[string, string, string[], Kind, string]>([
    ['as wide as the longest word of its header', 'Deponent Last Name', ['Ann'], 'text', '12'],
    ['as wide as its texts', 'Name', ['Ann-Sophie Müller'], 'text', '19'],
    ['no wider than 30', 'Title', ['RE: delivery of the pumps, as agreed on May 3'], 'text', '30'],
    ['wide enough for an address', 'Email', ['anna-sophie.mueller@harlowpike.example'], 'text', '40'],
    ['as wide as the longest line', 'Tags', ['hot\nprivileged'], 'text', '12'],
    ['60 wide for long texts', 'Testimony', ['Q. And then?\nA. Then we left.\n'.repeat(10)], 'text', '60'],
    ['wide enough for a time', 'At', [], 'time', '20'],
    ['wide enough for a number', 'Size', ['1234567890123'], 'number', '15'],
  ])('has a column %s', async (_, header, texts, kind, width) => {
    const { Rows } = await workbook(
      texts.map((text) => [text]),
      { headers: [header], kinds: [kind] },
    );
    expect(Rows!.xml.match(/(?<=width=")\d+/g)).toEqual([width]);
  });

  test('has rows as high as their texts, up to what Excel takes', async () => {
    const texts = [
      'short',
      'one\ntwo\nthree',
      `${'word '.repeat(9)}word`,
      '1234567890'.repeat(7),
      'x\n'.repeat(500),
    ];
    const { Rows } = await workbook(
      texts.map((text) => [text]),
      { headers: ['The header of a column'], kinds: ['text'] },
    );
    const heights = [...Rows!.xml.matchAll(/<row r="\d+"(?: ht="(\d+)")?>/g)].map(([, height]) => height);
    expect(heights).toEqual([undefined, undefined, '45', undefined, '30', '405']);
  });

  test('has totals in bold, outside the filter', async () => {
    const rows = [
      ['Ann', '1'],
      ['Bo', '2'],
      ['Total', '3'],
    ];
    const { Rows } = await workbook(rows, columns, 1);
    expect(Rows!.cells).toMatchObject({ B3: { value: 2, bold: false }, B4: { value: 3, bold: true } });
    expect(Rows!.xml).toContain('<autoFilter ref="A1:B3"/>');
  });

  test('is printed across, one page wide, with its header and the page number on each page', async () => {
    const bytes = await buffer(
      xlsx(stream([]), { ...columns, properties: { ...properties, title: 'R&D' } }, () => []),
    );
    const { Rows } = readXlsx(bytes);
    expect(Rows!.xml).toContain('<pageSetUpPr fitToPage="1"/>');
    expect(Rows!.xml).toContain('<pageSetup paperSize="1" orientation="landscape" fitToHeight="0"/>');
    expect(Rows!.xml).toContain('<oddFooter>&amp;LR&amp;&amp;D&amp;RPage &amp;P of &amp;N</oddFooter>');
    expect(partOf(bytes, 'xl/workbook.xml')).toContain(
      `<definedName name="_xlnm.Print_Titles" localSheetId="0">'Rows'!$1:$1</definedName>`,
    );
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

test('The document says what it is, on what, and who asked for it', async () => {
  const bytes = await buffer(xlsx(stream([]), { ...columns, properties }, () => []));
  const core = partOf(bytes, 'docProps/core.xml');
  expect(core).toContain('<dc:title>Page Count - Müller v. Acme &lt;Trial&gt;</dc:title>');
  expect(core).toContain('<dc:subject>All documents</dc:subject>');
  expect(core).toContain('<dc:creator>Ada King</dc:creator>');
  expect(core).toContain('>2026-11-23T11:04:05Z</dcterms:created>');
  expect(partOf(bytes, '[Content_Types].xml')).toContain('PartName="/docProps/core.xml"');
});

test('The Read Me comes last, and is written when all rows have been', async () => {
  let rows = 0;
  async function* counted(): AsyncGenerator<Row> {
    for (; rows < 3; rows++) yield ['Ann', '1'];
  }
  const sheets = readXlsx(
    await buffer(xlsx(counted(), { ...columns, properties }, () => [['Rows', `${rows}`]])),
  );
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
  await expect(buffer(xlsx(failing(), { ...columns, properties }, () => []))).rejects.toThrow('no more');
});
