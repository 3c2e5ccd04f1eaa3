import { parse } from 'csv-parse/sync';
import { Types } from 'mysql2';
import { describe, expect, test } from 'vitest';
import type { Style } from '../../../../tasks/lib/cells/rules.ts';
import { csv } from '../../../../tasks/lib/formats/csv.ts';
import { cellsOf } from '../../../support/cells.ts';
import { parseCsv } from '../../../support/csv.ts';

const signs = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
const texts = [
  'plain',
  '',
  'Lee; Ward',
  'a;b;c',
  'tab\tafter',
  'say "hi"; bye',
  ';"=1+1"',
  '"=1+1"',
  'two\nlines',
  'ends in;',
  'ends in\t',
  'ends in "',
  'a;""b',
  "it's",
  '\t',
  ';',
  '"',
  'a, b',
  ...signs.flatMap((sign) => [
    `${sign}1`,
    ` ${sign}1`,
    `a;${sign}1`,
    `a; ${sign}1`,
    `a;\u00a0${sign}1`,
    `a\t${sign}1`,
    `a\n${sign}1`,
    `a\r\n \t;${sign}1`,
    `a\n"${sign}1"`,
    `a;" " ${sign}1`,
    `a\u2028${sign}1`,
    `;${sign}1;${sign}1\t${sign}1`,
  ]),
];

/** A file with each text once in each of its columns, and once as a header. */
async function fileOf(style: Style): Promise<string> {
  const fields = texts.map((name) => ({ name, columnType: Types.VAR_STRING }));
  const cells = cellsOf(fields, { style });
  const writer = csv(cells.columns.headers);
  for (let shift = 0; shift < texts.length; shift++)
    writer.write(cells.format(texts.map((_, index) => texts[(index + shift) % texts.length]!)));
  writer.end();
  return (await writer.toArray()).join('').replace('\uFEFF', '');
}

/** The starts of the pieces that a program finds which splits at a sign and ends rows at line breaks, with and without quotes. */
function startsOf(file: string, delimiter: string): string[] {
  const options = { delimiter, relax_column_count: true };
  const quoted: string[] = parse(file, { ...options, relax_quotes: true }).flat();
  const unquoted: string[] = parse(file, { ...options, quote: null, escape: null }).flat();
  // To some, an empty text in quotes is nothing.
  return [...quoted, ...unquoted.map((piece) => piece.replace(/^\s*""(?!")/, ''))].map(
    (piece) => piece.trim()[0]!,
  );
}

test('A reader that splits at commas, semicolons and tabs alike gets the same cells, in raw files too', async () => {
  for (const style of [{}, { raw: true, guarded: false }, { raw: true, guarded: true }]) {
    const file = await fileOf(style);
    const cells: string[][] = parse(file, { delimiter: [',', ';', '\t'], record_delimiter: '\r\n' });
    expect(cells).toEqual(parseCsv(file));
    expect(cells).toHaveLength(texts.length + 1);
  }
});

describe.each([';', '\t', ','])('In a program that splits at %j alone', (delimiter) => {
  test.each([{}, { raw: true }])('no piece of a file in the style %j starts a formula', async (style) => {
    const starts = startsOf(await fileOf(style), delimiter);
    expect(starts.filter((start) => signs.includes(start))).toEqual([]);
  });
});

test('A file that is not guarded has every text as it is', async () => {
  const [headers, row] = parseCsv(await fileOf({ raw: true, guarded: false }));
  expect([new Set(headers), row]).toEqual([new Set(texts), texts]);
});

test('The values of a list are guarded one by one, however they are joined', () => {
  const joined = (delimiter: string) =>
    cellsOf([{ name: 'To', columnType: Types.BLOB }], { style: { lists: { columns: ['To'], delimiter } } });
  const values = JSON.stringify(['-1', 'Lee', '=1', '+1']);
  expect(joined('; ').format([values])).toEqual(["'-1; Lee; '=1; '+1"]);
  expect(joined('\n').format([values])).toEqual(["'-1\nLee\n'=1\n'+1"]);
});

test('A megabyte of blanks, quotes and separators takes no time', () => {
  const cells = cellsOf([{ name: 'Notes', columnType: Types.BLOB }]);
  for (const part of [' ', '; ', ';"', ';" ', '\n', '"', ';  "" "']) {
    const began = performance.now();
    cells.format([`;${part.repeat(1_000_000 / part.length)}`]);
    expect(performance.now() - began).toBeLessThan(1000);
  }
});
