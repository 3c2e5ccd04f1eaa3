import { expect, test } from 'vitest';
import { MailRows } from '../../../../tasks/lib/cells/mail-table.ts';

const tableOf = (rows: (string | null)[][], hasTotal = false) => {
  const mail = new MailRows({ headers: ['Group', 'Pages'], kinds: ['text', 'number'] }, hasTotal);
  for (const row of rows) mail.add(row);
  return mail.table;
};

test('numbers stand to the right, with commas, as many digits as they have', () => {
  const table = tableOf([
    ['Responsive', '18377'],
    ['Débris 😀', '-12345678901234567890.1234'],
    ['Unknown', null],
  ]);
  expect(table!.rows.map(({ cells }) => cells[1])).toEqual([
    { text: '18,377', align: 'right', weight: 'normal' },
    { text: '-12,345,678,901,234,567,890.1234', align: 'right', weight: 'normal' },
    { text: '', align: 'right', weight: 'normal' },
  ]);
  expect(table!.lines).toEqual([
    `Group${' '.repeat(34)}Pages`,
    `Responsive${' '.repeat(28)}18,377`,
    'Débris 😀    -12,345,678,901,234,567,890.1234',
    'Unknown',
  ]);
});

test('a cell has no line breaks, so that no text of a user looks like lines of the mail', () => {
  const table = tableOf([['one\r\n\n two\u2028three\tfour', '1']]);
  expect(table!.rows[0]!.cells[0]!.text).toBe('one; two; three four');
});

test('a table is for mails up to 200 rows', () => {
  const rows = Array.from({ length: 200 }, (_, index) => [`Folder ${index}`, '1']);
  expect(tableOf(rows)!.rows).toHaveLength(200);
  expect(tableOf([...rows, ['one more', '1']])).toBeNull();
});

test('a table is for mails up to 30,000 bytes, cells and lines of text together', () => {
  const rows = (count: number) => Array.from({ length: count }, () => ['💥'.repeat(40), '1']);
  expect(tableOf(rows(80))).not.toBeNull();
  expect(tableOf(rows(100))).toBeNull();
});

test('a long name is whole in HTML, but cut in the text, where it would make every line long', () => {
  const table = tableOf([
    ['👩‍⚖️'.repeat(60), '1'],
    ['short', '22'],
  ]);
  expect(table!.rows[0]!.cells[0]!.text).toBe('👩‍⚖️'.repeat(60));
  expect(table!.lines.slice(1)).toEqual([`${'👩‍⚖️'.repeat(49)}…      1`, `short${' '.repeat(45)}     22`]);
});
