import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caseIds, caseSchema } from '../../../../local/database/seed.ts';
import type { Database } from '../../../../local/database/server.ts';
import { connect } from '../../../../tasks/lib/database/connection.ts';
import { rowOf } from '../../../../tasks/lib/database/packet.ts';
import { abandon, driverOf, hold, readPackets } from '../../../../tasks/lib/database/packets.ts';
import type { Row } from '../../../../tasks/lib/database/rows.ts';
import { startSecrets, startSeededDatabase } from '../../../support/services.ts';

let database: Database;
let secrets: Awaited<ReturnType<typeof startSecrets>>;
beforeAll(async () => {
  database = await startSeededDatabase();
  secrets = await startSecrets(database.service);
});
afterAll(async () => {
  secrets.stop();
  await database.remove();
});

/** The rows of a statement, and how many pieces they came in. */
async function read(sql: string, onRow: (rows: Row[]) => void = () => {}) {
  await using connection = await connect(caseSchema(caseIds.empty));
  const rows: Row[] = [];
  let pieces = 0;
  await readPackets(connection, { sql, values: {} }, (fields) => {
    const types = fields.map(({ columnType }) => columnType);
    const add = (bytes: Buffer) => {
      rows.push(rowOf(bytes, types));
      onRow(rows);
    };
    return {
      rows(bytes, start, end) {
        pieces++;
        while (start < end) {
          const next = start + 4 + bytes.readUIntLE(start, 3);
          add(bytes.subarray(start + 4, next));
          start = next;
        }
      },
      row: (bytes, start, end) => add(bytes.subarray(start, end)),
    };
  });
  return { rows, pieces };
}

describe('The packets of a result', () => {
  test('are all rows, in few pieces', async () => {
    const { rows, pieces } = await read("SELECT seq, REPEAT('x', seq % 700), NULL FROM seq_1_to_50000");
    expect(rows).toHaveLength(50_000);
    for (const [index, row] of rows.entries())
      expect(row).toEqual([`${index + 1}`, 'x'.repeat((index + 1) % 700), null]);
    // About 18 MB, in chunks of 64 KB.
    expect(pieces).toBeLessThan(3_000);
  });

  test('of a result without rows are none', async () => {
    expect(await read('SELECT 1 FROM dual WHERE FALSE')).toMatchObject({ rows: [] });
  });

  test.each([
    1,
    250,
    251,
    65_535,
    65_536,
    1_000_000,
    16_777_209,
    16_777_210,
    16_777_211,
    16_777_215,
    16_777_216,
    64_000_000 - 1,
  ])('hold a field of %i bytes', async (length) => {
    const { rows } = await read(`SELECT 'a', REPEAT('x', ${length}), 'b' UNION ALL SELECT 'c', 'd', 'e'`);
    expect(rows.map((row) => row.map((text) => text!.length))).toEqual([
      [1, length, 1],
      [1, 1, 1],
    ]);
  });
});

describe('Reading ends with the error', () => {
  test('of a statement that is wrong', async () => {
    await expect(read('SELECT nothing')).rejects.toMatchObject({ errno: 1054 });
  });

  test('of a late row', async () => {
    const sql =
      "SELECT REPEAT('x', 1000), IF(seq = 50000, (SELECT seq FROM seq_1_to_2), 1) FROM seq_1_to_100000";
    let count = 0;
    await expect(
      read(sql, (rows) => {
        count = rows.length;
      }),
    ).rejects.toMatchObject({ errno: 1242 });
    expect(count).toBe(49_999);
  });

  test('of the receiver', async () => {
    const wrong = new RangeError('no');
    const reading = read('SELECT seq FROM seq_1_to_1000', () => {
      throw wrong;
    });
    await expect(reading).rejects.toBe(wrong);
  });

  test('of a connection that is lost', async () => {
    const connection = await connect(caseSchema(caseIds.empty));
    const reading = readPackets(connection, { sql: 'SELECT SLEEP(20)', values: {} }, () => {
      throw new Error('There are no rows.');
    });
    driverOf(connection).stream.end();
    await expect(reading).rejects.toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    abandon(connection);
  });
});

test('Rows on hold stay with the server', async () => {
  await using connection = await connect(caseSchema(caseIds.empty));
  let bytes = 0;
  const reading = readPackets(
    connection,
    { sql: "SELECT REPEAT('x', 10000) FROM seq_1_to_5000", values: {} },
    () => ({
      rows(_, start, end) {
        bytes += end - start;
        if (bytes === end - start) hold(connection, true);
      },
      row() {},
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(bytes).toBeLessThan(200_000);
  hold(connection, false);
  await reading;
  expect(bytes).toBeGreaterThan(50_000_000 * 0.9);
});

test('The version of mysql2 is the one whose private parts are known', () => {
  const { version } = createRequire(import.meta.url)('mysql2/package.json');
  expect(version).toBe('3.24.6');
});
