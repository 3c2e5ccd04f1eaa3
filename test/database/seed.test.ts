import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  caseIds,
  caseSchema,
  connectAsAdmin,
  emails,
  fillCase,
  seedDatabase,
  userIds,
} from '../../local/database/seed.ts';
import { type Database, startDatabase } from '../../local/database/server.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
  await seedDatabase(database);
});
afterAll(() => database.remove());

async function rows(sql: string, on = database): Promise<unknown[][]> {
  const admin = await connectAsAdmin(on);
  const [result] = await admin.query({ sql, rowsAsArray: true });
  await admin.end();
  return result as unknown[][];
}

/** A checksum of every table, by name. */
async function checksums(on: Database) {
  const tables = await rows(
    `SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables
     WHERE table_schema LIKE 'nextpoint%' ORDER BY 1`,
    on,
  );
  return rows(`CHECKSUM TABLE ${tables.join(', ')}`, on);
}

test('The data is the same every time', async () => {
  const other = await startDatabase();
  await seedDatabase(other);
  expect(await checksums(other)).toEqual(await checksums(database));
  await other.remove();
});

test('Users and cases stand under the ids and addresses that the tests know', async () => {
  const users = await rows('SELECT id, email FROM nextpoint.users ORDER BY id');
  const known = Object.keys(userIds) as (keyof typeof userIds)[];
  expect(users).toEqual(known.map((name) => [userIds[name], emails[name]]));
  const cases = await rows('SELECT id FROM nextpoint.npcases ORDER BY id');
  expect(cases.flat()).toEqual(Object.values(caseIds));
});

test('One case of each account has no schema', async () => {
  const schemas = (await rows("SHOW DATABASES LIKE 'nextpoint%case%'")).flat();
  const missing = Object.values(caseIds).filter((caseId) => !schemas.includes(caseSchema(caseId)));
  expect(missing).toEqual([caseIds.missing, caseIds.calderMissing]);
});

test('A case is filled with generated volumes, again and again', async () => {
  const count = () =>
    rows(
      `SELECT COUNT(*), COUNT(DISTINCT deposition_id) FROM ${caseSchema(caseIds.large)}.deposition_volumes`,
    );
  await fillCase(database, caseIds.large, 1_000);
  expect(await count()).toEqual([[1_000, 1_000]]);
  await fillCase(database, caseIds.large, 500);
  expect(await count()).toEqual([[1_500, 1_500]]);
});
