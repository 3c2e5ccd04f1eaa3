import { expect } from 'vitest';
import { caseSchema, connectAsAdmin } from '../../../../local/database/seed.ts';
import { handler } from '../../../../tasks/export-rows/handler.ts';
import { connect, select } from '../../../../tasks/lib/database/connection.ts';
import { exportEvent, rowsOf } from '../../../support/exports.ts';
import { it } from '../../../support/fixtures.ts';

// A server that was set up in another way than ours. Settings hold for the connections that come after them.
const odd = `
  SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE,NO_UNSIGNED_SUBTRACTION,PAD_CHAR_TO_FULL_LENGTH';
  SET GLOBAL time_zone = '+05:45', GLOBAL autocommit = OFF, GLOBAL sql_auto_is_null = ON, GLOBAL sql_select_limit = 1,
    GLOBAL div_precision_increment = 0, GLOBAL max_sort_length = 8, GLOBAL group_concat_max_len = 4;
  SET GLOBAL TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;
  SET GLOBAL init_connect = 'SET NAMES latin1';`;

it.beforeAll(async ({ database }) => {
  const admin = await connectAsAdmin(database);
  await admin.query(odd);
  await admin.end();
});

async function ask(sql = '', values = {}): Promise<unknown> {
  await using connection = await connect(caseSchema(1001));
  const rows = await select<Record<string, unknown>>(connection, sql, values);
  return rows.map((row) => Object.values(row)[0]).join(' | ');
}

it.for([
  ['a backslash escapes, also one of a value', "SELECT CONCAT('a\\nb', :value)", 'a\nb\\c\'"'],
  ['double quotes hold a text', 'SELECT "id" FROM exhibits WHERE id = 11', 'id'],
  ['|| is OR', "SELECT 1 || 'b'", '1'],
  ['NOT binds less than BETWEEN', 'SELECT NOT 1 BETWEEN -5 AND 5', '0'],
  ['a CHAR has no blanks at its end', "SELECT CONCAT(CAST('a' AS CHAR(3)), '!')", 'a!'],
  ['texts are UTF-8', "SELECT HEX('é')", 'C3A9'],
  ['texts without a collation of their own are compared by character', "SELECT 'é' = 'E'", '0'],
  ['times are UTC', 'SELECT FROM_UNIXTIME(0)', '1970-01-01 00:00:00'],
  ['a statement gives all its rows', 'SELECT id FROM folders WHERE id < 4 ORDER BY id', '1 | 2 | 3'],
  ['a quotient has four places', 'SELECT 2 / 3', '0.6667'],
  [
    'texts are sorted by more than their beginning',
    "SELECT t FROM (SELECT CONCAT(REPEAT('a', 30), 'c') AS t UNION SELECT CONCAT(REPEAT('a', 30), 'b')) AS texts ORDER BY t",
    `${'a'.repeat(30)}b | ${'a'.repeat(30)}c`,
  ],
  ['a joined text is whole', "SELECT GROUP_CONCAT('abcdefgh')", 'abcdefgh'],
  ['each statement is a transaction of its own', 'SELECT @@autocommit', '1'],
  ['IS NULL finds no row that was just added', 'SELECT @@sql_auto_is_null', '0'],
])('On a server of other habits %s', async ([, sql, expected]) => {
  expect(await ask(sql, { value: '\\c\'"' })).toBe(expected);
});

it('On a server of other habits nobody sees what was not committed', async ({ database }) => {
  const admin = await connectAsAdmin(database, caseSchema(1001));
  await admin.query("BEGIN; INSERT INTO folders (npcase_id, name) VALUES (1001, 'Uncommitted')");
  expect(await ask("SELECT COUNT(*) FROM folders WHERE name = 'Uncommitted'")).toBe('0');
  await admin.query('ROLLBACK');
  await admin.end();
});

it('A text ends where it ends, also when a session takes backslashes for themselves', async () => {
  await using connection = await connect(caseSchema(1001));
  await connection.query("SET sql_mode = 'NO_BACKSLASH_ESCAPES'");
  for (const text of ["x',0),1) OR 1 -- ", "\\' OR 1 -- ", "\\\\'' OR 1 -- "]) {
    const [row] = await select<{ found: number }>(connection, 'SELECT 1 = 2 AND :text AS found', { text });
    expect(row).toEqual({ found: 0 });
  }
});

it('A label of a request is a label, on a server that takes backslashes for themselves', async ({
  storage,
}) => {
  const labelsOf = async (labels: string[]) => {
    const event = exportEvent(1001, { labels }, 'UTC', 'deposition_summary');
    const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
    return (await rowsOf(storage, file.key)).map((row) => row.Label);
  };
  expect(await labelsOf(["x',0),1) OR 1 -- "])).toEqual([]);
  expect(await labelsOf(["\\' OR 1 -- "])).toEqual([]);
  expect(await labelsOf(['Plaintiff designations'])).not.toEqual([]);
});
