import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { caseSchema, connectAsAdmin, seedDatabase } from '../../local/database/seed.ts';
import { type Database, startDatabase } from '../../local/database/server.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
  await seedDatabase(database);
});
afterAll(() => database.remove());

async function readValue(sql: string, on = database): Promise<unknown> {
  const admin = await connectAsAdmin(on);
  const [rows] = await admin.query({ sql, rowsAsArray: true });
  await admin.end();
  return (rows as unknown[][])[0]?.[0];
}

const asService = (schema: string) =>
  createConnection({ host: database.host, port: database.port, ...database.service, database: schema });

test('Two servers run side by side', async () => {
  const other = await startDatabase();
  expect(other.port).not.toBe(database.port);
  const count = 'SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = "nextpoint"';
  expect([await readValue(count), await readValue(count, other)]).toEqual([1, 0]);
  await other.remove();
});

test('The server listens on loopback only', async () => {
  expect(await readValue('SELECT @@bind_address')).toBe('127.0.0.1');
});

test('A stopped server comes back on its port with its data', async () => {
  await database.stop();
  await expect(readValue('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await database.start();
  expect(await readValue(`SELECT COUNT(*) FROM ${caseSchema(1001)}.depositions`)).toBe(7);
});

test('Starting a server that runs does nothing', async () => {
  const started = await readValue('SELECT @@pid_file');
  await database.start();
  expect(await readValue('SELECT @@pid_file')).toBe(started);
});

test('No login works without a password', async () => {
  for (const user of ['root', 'report_service', 'report_admin', '']) {
    const attempt = createConnection({ host: database.host, port: database.port, user });
    await expect(attempt).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  }
});

describe('The login of the service', () => {
  test('reads the core schema and the case schemas', async () => {
    for (const [schema, table] of [
      ['nextpoint', 'users'],
      [caseSchema(1001), 'depositions'],
    ] as const) {
      await using connection = await asService(schema);
      await expect(connection.query(`SELECT COUNT(*) FROM ${table}`)).resolves.toBeDefined();
    }
  });

  test('reads nothing else', async () => {
    await expect(asService('mysql')).rejects.toMatchObject({ code: 'ER_DBACCESS_DENIED_ERROR' });
  });

  test('writes nothing', async () => {
    await using connection = await asService(caseSchema(1001));
    for (const sql of ['DELETE FROM depositions', 'CREATE TABLE t (id INT)', 'DROP TABLE depositions']) {
      await expect(connection.query(sql)).rejects.toMatchObject({ code: 'ER_TABLEACCESS_DENIED_ERROR' });
    }
  });

  test('learns that a schema is missing', async () => {
    await expect(asService(caseSchema(1003))).rejects.toMatchObject({ code: 'ER_BAD_DB_ERROR' });
  });
});

describe('Nothing is left', () => {
  test('after the server is removed', async () => {
    const other = await startDatabase();
    const folder = String(await readValue('SELECT @@datadir', other));
    const server = Number(readFileSync(String(await readValue('SELECT @@pid_file', other))));
    await other.remove();
    expect(existsSync(folder)).toBe(false);
    expect(runs(server)).toBe(false);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'after the process that started it got %s',
    async (signal) => {
      const { owner, server, folder } = await startElsewhere();
      expect([runs(server), existsSync(folder)]).toEqual([true, true]);
      const ended = once(owner, 'exit');
      owner.kill(signal);
      await ended;
      await vi.waitFor(() => expect([runs(server), existsSync(folder)]).toEqual([false, false]), 10_000);
    },
  );
});

/** Starts a server in a process of its own. */
async function startElsewhere(): Promise<{ owner: ChildProcess; server: number; folder: string }> {
  const module = fileURLToPath(new URL('../../local/database/server.ts', import.meta.url));
  const script = `
    import { createConnection } from 'mysql2/promise';
    import { startDatabase } from '${module}';
    const { host, port, admin } = await startDatabase();
    const connection = await createConnection({ host, port, ...admin });
    const [[row]] = await connection.query('SELECT @@pid_file AS file, @@datadir AS folder');
    console.log(JSON.stringify(row));`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(owner.stdout!, 'data');
  const { file, folder } = JSON.parse(line);
  return { owner, server: Number(readFileSync(file)), folder };
}

function runs(process_: number): boolean {
  try {
    return process.kill(process_, 0);
  } catch {
    return false;
  }
}
