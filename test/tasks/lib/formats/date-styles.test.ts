import { buffer } from 'node:stream/consumers';
import { Types } from 'mysql2';
import { describe, expect, test } from 'vitest';
import type { Format } from '../../../../tasks/lib/cells/rules.ts';
import type { Row } from '../../../../tasks/lib/database/rows.ts';
import { xlsx } from '../../../../tasks/lib/formats/xlsx.ts';
import { cellsOf } from '../../../support/cells.ts';
import { type Cell, readXlsx } from '../../../support/xlsx.ts';

const values: [type: number, text: string][] = [
  ...[
    '2024-02-29',
    '2019-07-04',
    '2019-07-00',
    '2019-00-00',
    '2019-00-15',
    '2019-02-31',
    '0000-00-00',
    '0001-01-01',
    '0999-12-31',
    '1872-05-04',
    '1899-12-30',
    '1900-01-01',
    '1900-02-28',
    '1900-03-01',
    '9999-12-31',
  ].map((text): [number, string] => [Types.DATE, text]),
  ...[
    '2024-02-29 18:30:05',
    '2019-07-04 00:00:00',
    '2019-07-04 12:00:00.999999',
    '2019-07-00 10:00:00',
    '2019-00-00 00:00:00',
    '2019-02-31 10:00:00',
    '0000-00-00 00:00:00',
    '0001-01-01 00:00:00',
    '1872-05-04 10:00:00',
    '1900-02-28 23:59:59',
    '1900-03-01 00:00:00',
    '9999-12-31 23:59:59',
  ].map((text): [number, string] => [Types.DATETIME, text]),
];
const styles = ['iso', 'us'] as const;
const zones = ['UTC', 'Asia/Tokyo', 'America/Chicago'];

type Choice = { dateStyle: (typeof styles)[number]; timeZone: string };

function cellsFor(format: Format, { dateStyle, timeZone }: Choice) {
  const fields = values.map(([columnType]) => ({ name: 'Column', columnType }));
  const cells = cellsOf(fields, { format, timeZone, style: { dateStyle } });
  return { cells, row: cells.format(values.map(([, text]) => text)) };
}

const properties = { title: '', subject: '', creator: '', createdAt: 0 };

/** The texts that Excel shows of a row. */
async function shownInXlsx(choice: Choice): Promise<(string | null)[]> {
  const { cells, row } = cellsFor('xlsx', choice);
  const { headers, kinds } = cells.columns;
  const stream = (async function* (): AsyncGenerator<Row> {
    yield row;
  })();
  const { Rows } = readXlsx(await buffer(xlsx(stream, { headers, kinds, properties, ...choice }, () => [])));
  return row.map((_, index) => {
    const letters = index < 26 ? '' : 'A';
    const cell = Rows!.cells[`${letters}${String.fromCharCode(65 + (index % 26))}2`];
    return cell ? shown(cell) : null;
  });
}

function shown({ value, format }: Cell): string {
  if (typeof value === 'string') return value;
  const [date, time] = new Date(Math.round((value - 25_569) * 86_400) * 1000)
    .toISOString()
    .slice(0, 19)
    .split('T');
  const [year, month, day] = date!.split('-') as [string, string, string];
  return format!.replace('hh:mm:ss', time!).replace('yyyy', year).replace('mm', month).replace('dd', day);
}

describe.each(styles)('In the style %s', (dateStyle) => {
  test.each(zones)('a workbook shows every date and time as a CSV does, in %s', async (timeZone) => {
    const choice = { dateStyle, timeZone };
    expect(await shownInXlsx(choice)).toEqual(cellsFor('csv', choice).row);
  });
});

test('What Excel knows is a date to it, and what it does not know is a text', async () => {
  const { row } = cellsFor('xlsx', { dateStyle: 'us', timeZone: 'UTC' });
  expect(Object.fromEntries(values.map(([, text], index) => [text, row[index]]))).toMatchObject({
    '2019-07-00': '07/2019',
    '2019-00-00': '2019',
    '1872-05-04': '05/04/1872',
    '1872-05-04 10:00:00': '05/04/1872 10:00:00',
    '2019-07-00 10:00:00': '07/2019',
    '2019-02-31 10:00:00': '02/31/2019',
    '0000-00-00 00:00:00': null,
  });
});
