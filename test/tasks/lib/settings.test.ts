import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { caseSchema, coreSchema, endpointOf, setting } from '../../../tasks/lib/settings.ts';

beforeEach(() => {
  vi.stubEnv('RDS_DBNAME', 'nextpoint');
  vi.stubEnv('RDS_CORE_DBNAME', undefined);
});
afterEach(() => vi.unstubAllEnvs());

test('An unset variable is an error that names it', () => {
  vi.stubEnv('ENV', undefined);
  expect(() => setting('ENV')).toThrow('The environment variable ENV is not set.');
});

test('An empty variable counts as unset', () => {
  vi.stubEnv('ENV', '');
  expect(() => setting('ENV')).toThrow(expect.objectContaining({ name: 'SettingMissing' }));
});

test('The core schema is RDS_DBNAME, unless it has a name of its own', () => {
  expect(coreSchema()).toBe('nextpoint');
  vi.stubEnv('RDS_CORE_DBNAME', 'nextpoint_core');
  expect(coreSchema()).toBe('nextpoint_core');
});

test('A case schema is named after the case', () => {
  expect(caseSchema(1001)).toBe('nextpoint_case_1001');
});

test.each([0, -1, 1.5, Number.NaN, '1001', '1; DROP TABLE users', null])('A case id may not be %s', (id) => {
  expect(() => caseSchema(id as number)).toThrow('A case id is a positive integer.');
});

test.each([
  ['reader.proxy.example', 'reader.proxy.example', 3306],
  ['127.0.0.1:33061', '127.0.0.1', 33061],
])('The reader endpoint %s is a host and a port', (value, host, port) => {
  vi.stubEnv('RDS_READER_ENDPOINT', value);
  expect(endpointOf('reader')).toEqual({ host, port });
});
