import { describe, expect } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin } from '../../../../local/database/seed.ts';
import type { Format } from '../../../../tasks/lib/cells/rules.ts';
import { connect } from '../../../../tasks/lib/database/connection.ts';
import { openRows, type Row } from '../../../../tasks/lib/database/rows.ts';
import { cellsOf } from '../../../support/cells.ts';
import { it as test } from '../../../support/fixtures.ts';

// What a column of each type becomes, from the server to the cell. docs/edges.md lists the rules.

test.beforeAll(async ({ database }) => {
  const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
  await admin.query("SET sql_mode = ''");
  await admin.query(`CREATE TABLE column_types (
    whole BIGINT, unsigned_whole BIGINT UNSIGNED, exact DECIMAL(38, 10), approximate DOUBLE, zeros VARCHAR(20),
    flags BIT(12), document JSON, bytes BLOB, text_bytes BLOB, nothing INT,
    day DATE, moment DATETIME, words VARCHAR(200))`);
  await admin.query(`INSERT INTO column_types VALUES
    (-9223372036854775808, 18446744073709551615, -1234567890123456789012345678.0123456789, -0.1, '000123',
     b'100000000001', '{"a": 1.0, "b": 12345678901234567890}', x'00ff10', 'plain', NULL,
     '0000-00-00', '0000-00-00 00:00:00', CONCAT('a', CHAR(0), 'b'))`);
  await admin.end();
});

/** The cells of the one row, by column. */
async function cells(format: Format = 'csv') {
  await using connection = await connect(caseSchema(caseIds.pumps));
  const sql = 'SELECT * FROM column_types';
  const { fields, rows } = await openRows(connection, { sql, values: {} }, 10_000);
  const cells = cellsOf(fields, { format, timeZone: 'America/Chicago' });
  const [row] = (await rows.toArray()) as Row[];
  const values = cells.format(row!);
  return Object.fromEntries(cells.columns.headers.map((header, column) => [header, values[column]]));
}

describe('A column', () => {
  test.each([
    ['BIGINT', 'whole', '-9223372036854775808'],
    ['BIGINT UNSIGNED beyond 2^63', 'unsigned_whole', '18446744073709551615'],
    ['DECIMAL', 'exact', '-1234567890123456789012345678.0123456789'],
    ['DOUBLE', 'approximate', '-0.1'],
    ['VARCHAR with leading zeros', 'zeros', '000123'],
    ['BIT', 'flags', '2049'],
    ['JSON', 'document', '{"a": 1.0, "b": 12345678901234567890}'],
    ['BLOB', 'bytes', '0x00ff10'],
    ['BLOB with text in it', 'text_bytes', 'plain'],
    ['any type that is NULL', 'nothing', null],
    ['DATE of zeros', 'day', null],
    ['DATETIME of zeros', 'moment', null],
    ['VARCHAR with a NUL', 'words', 'ab'],
  ])('of type %s keeps its value', async (_, column, expected) => {
    expect((await cells())[column]).toBe(expected);
  });

  test('has the same value in an XLSX', async () => {
    expect(await cells('xlsx')).toEqual(await cells());
  });
});
