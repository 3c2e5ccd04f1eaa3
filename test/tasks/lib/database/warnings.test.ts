import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin } from '../../../../local/database/seed.ts';
import type { Database } from '../../../../local/database/server.ts';
import { connect, select } from '../../../../tasks/lib/database/connection.ts';
import { openRows } from '../../../../tasks/lib/database/rows.ts';
import { startSecrets, startSeededDatabase } from '../../../support/services.ts';

let database: Database;
let stop: () => Promise<void>;
beforeAll(async () => {
  database = await startSeededDatabase();
  const secrets = await startSecrets(database.service);
  // A server that takes less than ours.
  const admin = await connectAsAdmin(database);
  await admin.query('SET GLOBAL max_allowed_packet = 1048576');
  await admin.end();
  stop = async () => {
    secrets.stop();
    await database.remove();
  };
});
afterAll(() => stop());

/** The rows of statements, with the warnings of the report. */
async function read(...sqls: string[]) {
  await using connection = await connect(caseSchema(caseIds.pumps));
  const warnings: string[] = [];
  const statements = sqls.map((sql) => ({ sql, values: {} }));
  const { rows } = await openRows(connection, statements, 10_000, warnings);
  return { rows: await rows.toArray(), warnings };
}

const clamped = "SELECT SEC_TO_TIME(90000000), 'confidential'";
const converted = "SELECT CAST('confidential' AS CHAR(4))";

describe('A value that the server', () => {
  test.each([
    ['cut because a text is longer than a packet', "SELECT REPEAT('x', 2000000)"],
    [
      'cut when it joined texts',
      "SELECT GROUP_CONCAT(a) FROM (SELECT 'abc' AS a UNION SELECT 'def') AS texts",
    ],
    ['lost after rows that were whole', "SELECT 'x' UNION ALL SELECT REPEAT('x', 2000000)"],
  ])('%s is AnswerIncomplete, as an answer and as rows', async (_, sql) => {
    await using connection = await connect(caseSchema(caseIds.pumps));
    // For the joined text.
    await select(connection, 'SET group_concat_max_len = 5', {});
    await expect(select(connection, sql, {}, undefined, [])).rejects.toMatchObject({
      name: 'AnswerIncomplete',
    });
    const { rows } = await openRows(connection, { sql, values: {} }, 10_000, []);
    await expect(rows.toArray()).rejects.toMatchObject({ name: 'AnswerIncomplete' });
  });

  test.each([
    [
      'clamped',
      clamped,
      /^The database changed 1 value while reading it \(Truncated incorrect \w+ value \(1292\)\)/,
    ],
    ['shortened', converted, /\(Truncated incorrect CHAR\(4\) value \(1292\)\)/],
    [
      'could not take for a number',
      "SELECT 'confidential' + 0",
      /\(Truncated incorrect \w+ value \(1292\)\)/,
    ],
    [
      'could not take for a day',
      "SELECT CAST('confidential' AS DATE)",
      /Incorrect datetime value|incorrect date value/,
    ],
    ['divided by zero', 'SELECT 1 / 0', /\(Division by 0 \(1365\)\)/],
  ])('%s is a warning of the report, without the value', async (_, sql, words) => {
    const { warnings } = await read(sql);
    expect(warnings).toEqual([expect.stringMatching(words)]);
    expect(warnings[0]).not.toContain('confidential');
  });

  test('changed is an error where no report could warn of it', async () => {
    await using connection = await connect(caseSchema(caseIds.pumps));
    await expect(select(connection, clamped, {})).rejects.toMatchObject({
      name: 'AnswerIncomplete',
      message: expect.stringMatching(/^The database could not give 1 value whole \(Truncated incorrect/),
    });
  });
});

test('Every one of several statements is heeded, and the rows of all come', async () => {
  const { rows, warnings } = await read("SELECT 'a'", clamped, "SELECT 'b'", converted);
  expect(rows.map(([text]) => text)).toEqual(['a', '838:59:59', 'b', 'conf']);
  expect(warnings).toHaveLength(2);
});

test('Warnings that the server counts but keeps no text of are told', async () => {
  const numbers = 'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900)';
  const { rows, warnings } = await read(`${numbers} SELECT CONCAT('x', i) + 0, CONCAT('y', i) + 0 FROM n`);
  expect(rows).toHaveLength(900);
  expect(warnings).toEqual([expect.stringContaining('changed 1,800 values')]);
});

test('Words that are deprecated change no value', async () => {
  expect(await read("SELECT SQL_CALC_FOUND_ROWS BINARY 'a' = 'a'")).toMatchObject({
    rows: [['1']],
    warnings: [],
  });
});

test('A long text that fits is whole, without a warning', async () => {
  const { rows, warnings } = await read("SELECT REPEAT('x', 1000000), REPEAT('y', 1000000)");
  expect([rows[0].map(({ length }: string) => length), warnings]).toEqual([[1_000_000, 1_000_000], []]);
});

test('Every statement runs in a transaction that may only read, in which a proxy keeps to one server', async () => {
  const query = "INSERT INTO folders (npcase_id, name) VALUES (1001, 'x')";
  const admin = await connectAsAdmin(database);
  await admin.query(`GRANT INSERT ON *.* TO ${database.service.user}@127.0.0.1`);
  await using connection = await connect(caseSchema(caseIds.pumps));
  await expect(select(connection, query, {})).rejects.toMatchObject({ name: 'QueryFailed', number: 1792 });
  await admin.query(`REVOKE INSERT ON *.* FROM ${database.service.user}@127.0.0.1`);
  await admin.end();
});
