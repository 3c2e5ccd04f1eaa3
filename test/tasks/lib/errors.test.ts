import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import contract from '../../../contract/errors.json' with { type: 'json' };
import * as errors from '../../../tasks/lib/errors.ts';
import { databaseError } from '../../../tasks/lib/errors.ts';

const fromServer = (errno: number, code: string) =>
  Object.assign(new Error("near 'SELECT secret'"), { errno, code, sql: 'SELECT secret' });

test.each([
  [1040, 'ER_CON_COUNT_ERROR', 'DatabaseOverloaded'],
  [1203, 'ER_TOO_MANY_USER_CONNECTIONS', 'DatabaseOverloaded'],
  [9501, 'UNKNOWN', 'DatabaseOverloaded'],
  [1045, 'ER_ACCESS_DENIED_ERROR', 'DatabaseUnavailable'],
  [1049, 'ER_BAD_DB_ERROR', 'CaseUnavailable'],
  [1205, 'ER_LOCK_WAIT_TIMEOUT', 'Deadlock'],
  [1213, 'ER_LOCK_DEADLOCK', 'Deadlock'],
  [1317, 'ER_QUERY_INTERRUPTED', 'ConnectionLost'],
  [1969, 'ER_STATEMENT_TIMEOUT', 'QueryTooLong'],
  [3024, 'ER_QUERY_TIMEOUT', 'QueryTooLong'],
  [1054, 'ER_BAD_FIELD_ERROR', 'QueryFailed'],
])('Server error %i (%s) is %s', (errno, code, name) => {
  expect(databaseError(fromServer(errno, code)).name).toBe(name);
});

test.each([
  [{ code: 'ECONNREFUSED', errno: -111, syscall: 'connect' }, 'DatabaseUnavailable'],
  [{ code: 'ETIMEDOUT', syscall: 'connect' }, 'DatabaseUnavailable'],
  [{ code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo' }, 'DatabaseUnavailable'],
  [{ code: 'PROTOCOL_CONNECTION_LOST' }, 'ConnectionLost'],
  [{ code: 'ECONNRESET', errno: -104, syscall: 'read' }, 'ConnectionLost'],
])('Network error %o is %s', (properties, name) => {
  expect(databaseError(Object.assign(new Error('x'), properties)).name).toBe(name);
});

test('An error that is not of the database stays what it is', () => {
  const error = new errors.TooLarge('too large');
  expect(databaseError(error)).toBe(error);
});

test('An error of ours holds no statement and no value', () => {
  const error = databaseError(fromServer(1054, 'ER_BAD_FIELD_ERROR'));
  expect(error.message).toBe('The database answered with error 1054 (ER_BAD_FIELD_ERROR).');
  expect(error).not.toHaveProperty('sql');
  expect(error).not.toHaveProperty('cause');
});

const ours = Object.values(errors).filter((value) => value.prototype instanceof errors.TaskError);

test.each(ours.map((type) => [type.name, type as new (message: string) => Error]))(
  '%s is known by its own name',
  (name, type) => {
    expect(new type('').name).toBe(name);
  },
);

test('Every passing and permanent error has its text in the contract', () => {
  // These two are our own mistakes; they are told as States.ALL.
  const names = ours
    .map(({ name }) => name)
    .filter((name) => !['QueryFailed', 'SettingMissing'].includes(name));
  expect(Object.keys(contract)).toEqual(expect.arrayContaining(names));
});

describe('The handler of a function', () => {
  const foreign = (name: string) =>
    Object.assign(new Error('User: arn:aws:sts::1:role is not authorized'), { name });
  const thrownBy = (error: unknown) =>
    errors
      .task(async () => Promise.reject(error))()
      .catch((thrown) => thrown);

  test.each(Object.keys(contract))('throws no error of another’s under our name %s', async (name) => {
    expect((await thrownBy(foreign(name))).name).toBe(`Unexpected${name}`);
  });

  test('throws our own errors, and those with names of their own, as they are', async () => {
    for (const error of [new errors.InvalidRequest('no'), foreign('NoSuchKey')])
      expect(await thrownBy(error)).toBe(error);
  });

  test('quotes names only of parameters that were stored', async () => {
    const refuses = errors.task(async (_: object) => {
      throw new errors.InvalidRequest(
        'parameters.columns: the case has no field secret\nparametersKey: changed',
      );
    });
    const messageFor = (report: object) => refuses({ context: { report } }).catch((error) => error.message);
    expect(await messageFor({})).toContain('secret');
    expect(await messageFor({ parametersKey: 'key' })).toBe(
      'parameters.columns: Refused. The value is confidential.\nparametersKey: changed',
    );
  });

  const handlers = readdirSync('tasks').filter((folder) => !['lib', 'reports'].includes(folder));
  test.each(handlers)('of %s is such a one', (folder) => {
    const text = readFileSync(`tasks/${folder}/handler.ts`, 'utf8');
    expect(text).toContain('export const handler = task(');
  });
});
