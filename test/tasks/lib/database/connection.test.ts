import { createConnection } from 'mysql2/promise';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { connectAsAdmin } from '../../../../local/database/seed.ts';
import { connect, select } from '../../../../tasks/lib/database/connection.ts';
import { database, secrets, it as test } from '../../../support/fixtures.ts';
import { secretOf } from '../../../support/services.ts';

beforeEach(() => {
  secrets.secret = secretOf(database.service);
});
afterEach(() => {
  process.env.RDS_READER_ENDPOINT = `${database.host}:${database.port}`;
});

/** `connect` as a new process has it: without a login in memory. */
async function newProcess() {
  vi.resetModules();
  return (await import('../../../../tasks/lib/database/connection.ts')).connect;
}

test('Connections share one login from Secrets Manager', async () => {
  const connect = await newProcess();
  const before = secrets.reads;
  for (const schema of ['nextpoint', 'nextpoint', 'nextpoint_case_1001']) await (await connect(schema)).end();
  expect(secrets.reads).toBe(before + 1);
});

test('A rotated password is fetched once and then used', async () => {
  const connect = await newProcess();
  await (await connect('nextpoint')).end();
  const before = secrets.reads;
  const admin = await connectAsAdmin(database);
  const { user, password } = database.service;
  await admin.query('ALTER USER ?@127.0.0.1 IDENTIFIED BY ?', [user, 'rotated']);
  // MySQL remembers the last password that it verified, and a server without its plugins goes by that.
  const { host, port } = database;
  await (await createConnection({ host, port, user, password: 'rotated' })).end();
  secrets.secret = secretOf({ user, password: 'rotated' });
  await (await connect('nextpoint')).end();
  await (await connect('nextpoint')).end();
  expect(secrets.reads).toBe(before + 1);
  await admin.query('ALTER USER ?@127.0.0.1 IDENTIFIED BY ?', [user, password]);
  await admin.end();
});

test('A login that stays refused is DatabaseUnavailable, until the secret is right again', async () => {
  const connect = await newProcess();
  secrets.secret = secretOf({ user: 'nobody', password: 'wrong' });
  await expect(connect('nextpoint')).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
  secrets.secret = secretOf(database.service);
  await (await connect('nextpoint')).end();
});

test('A secret that is not a login is reported without its text', async () => {
  const connect = await newProcess();
  secrets.secret = 'hunter2';
  await expect(connect('nextpoint')).rejects.toMatchObject({
    name: 'SettingMissing',
    message: 'The secret of RDS_SECRET_ARN is not JSON with a username and a password.',
  });
});

test('A schema that is missing is CaseUnavailable', async () => {
  await expect(connect('nextpoint_case_1003')).rejects.toMatchObject({ name: 'CaseUnavailable' });
});

test('A server that is down is DatabaseUnavailable', async () => {
  process.env.RDS_READER_ENDPOINT = '127.0.0.1:1';
  await expect(connect('nextpoint')).rejects.toMatchObject({
    name: 'DatabaseUnavailable',
    message: 'The database could not be reached (ECONNREFUSED).',
  });
});

test('A server without room for one more connection is DatabaseOverloaded', async () => {
  const admin = await connectAsAdmin(database);
  const limit = (connections: number) =>
    admin.query('ALTER USER ?@127.0.0.1 WITH MAX_USER_CONNECTIONS ?', [database.service.user, connections]);
  await limit(1);
  const first = await connect('nextpoint');
  await expect(connect('nextpoint')).rejects.toMatchObject({ name: 'DatabaseOverloaded' });
  await limit(0);
  await first.end();
  await admin.end();
});

test('A refused statement is QueryFailed, without its text', async () => {
  await using connection = await connect('nextpoint');
  await expect(select(connection, 'SELECT secret FROM users', {})).rejects.toMatchObject({
    name: 'QueryFailed',
    message: 'The database answered with error 1054 (ER_BAD_FIELD_ERROR).',
  });
});

test('Named parameters are escaped by the driver', async () => {
  await using connection = await connect('nextpoint');
  const text = `'; DROP TABLE users; -- "\\`;
  expect(await select(connection, 'SELECT :text AS text, :ids IN (:ids) AS found', { text, ids: 7 })).toEqual(
    [{ text, found: 1 }],
  );
});
