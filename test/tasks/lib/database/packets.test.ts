import { createRequire } from 'node:module';
import type { Query } from 'mysql2';
import { describe, expect } from 'vitest';
import { caseIds, caseSchema } from '../../../../local/database/seed.ts';
import { connect } from '../../../../tasks/lib/database/connection.ts';
import { rowOf, rowsIn } from '../../../../tasks/lib/database/packet.ts';
import { takePackets } from '../../../../tasks/lib/database/packets.ts';
import { abandon, openPackets, type Row } from '../../../../tasks/lib/database/rows.ts';
import { it as test } from '../../../support/fixtures.ts';

const digits =
  '(SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)';
/** A table of the numbers from 1 to 100,000, on every server. */
const numbers = `(SELECT 1 + a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS seq
  FROM ${digits} a, ${digits} b, ${digits} c, ${digits} d, ${digits} e) numbers`;

/** The rows of a statement, and how many pieces they came in. */
async function read(sql: string, rows: Row[] = []) {
  const connection = await connect(caseSchema(caseIds.empty));
  try {
    const opened = await openPackets(connection, { sql, values: {} }, 60_000);
    const types = opened.fields.map(({ columnType }) => columnType);
    let pieces = 0;
    for await (const piece of opened.rows) {
      pieces++;
      for (const row of rowsIn(piece)) rows.push(rowOf(row, types));
    }
    return { rows, pieces };
  } finally {
    abandon(connection);
  }
}

describe('The packets of a result', () => {
  test('are all rows, in few pieces', async ({ secrets: _ }) => {
    const sql = `SELECT seq, REPEAT('x', seq % 700), NULL FROM ${numbers} WHERE seq <= 50000 ORDER BY seq`;
    const { rows, pieces } = await read(sql);
    expect(rows).toHaveLength(50_000);
    for (const [index, row] of rows.entries())
      expect(row).toEqual([`${index + 1}`, 'x'.repeat((index + 1) % 700), null]);
    // About 18 MB, in chunks of 64 KB.
    expect(pieces).toBeLessThan(3_000);
  });

  test('of a result without rows are none', async ({ secrets: _ }) => {
    expect(await read('SELECT 1 FROM dual WHERE FALSE')).toEqual({ rows: [], pieces: 0 });
  });

  test.for([
    1, 250, 251, 65_535, 65_536, 1_000_000, 16_777_209, 16_777_210, 16_777_211, 16_777_215, 16_777_216,
  ])('hold a field of %i bytes', async (length, { secrets: _ }) => {
    const { rows } = await read(`SELECT 'a', REPEAT('x', ${length}), 'b' UNION ALL SELECT 'c', 'd', 'e'`);
    expect(rows.map((row) => row.map((text) => text!.length))).toEqual([
      [1, length, 1],
      [1, 1, 1],
    ]);
  });

  test('hold a row that is larger than any packet', async ({ secrets: _ }) => {
    const { rows } = await read(`SELECT ${Array(4).fill("REPEAT('x', 15000000)").join(', ')}`);
    expect(rows.map((row) => row.map((text) => text!.length))).toEqual([Array(4).fill(15_000_000)]);
  });

  test('come before the error of a later row', async ({ secrets: _ }) => {
    const rows: Row[] = [];
    const sql = `SELECT seq, (SELECT 1 UNION SELECT 2 FROM dual WHERE seq = 900) FROM ${numbers} WHERE seq <= 1000`;
    await expect(read(sql, rows)).rejects.toMatchObject({ errno: 1242 });
    expect(rows.length).toBeLessThan(1000);
  });
});

test('A version of mysql2 that reads rows in another way is noticed', () => {
  const { version } = createRequire(import.meta.url)('mysql2/package.json');
  expect(version).toBe('3.24.6');
  expect(() => takePackets({} as Query, () => {})).toThrow(
    'This version of mysql2 reads rows in another way.',
  );
});
