// The services that the tasks call, for the tests of a file: each test that `it` defines can use `database`, `secrets` and
// `storage`. They start before the first test and stop after the last one.
import { test } from 'vitest';
import type { Database } from '../../local/database/server.ts';
import { type Secrets, type Storage, startSecrets, startSeededDatabase, startStorage } from './services.ts';

export let database: Database;
export let secrets: Secrets;
export let storage: Storage;

/** Tests of tasks that need S3 only: `storage`. */
export const itWithStorage = test.extend(
  'storage',
  { scope: 'file', auto: true },
  async ({}, { onCleanup }) => {
    storage = await startStorage();
    onCleanup(() => storage.stop());
    return storage;
  },
);

/** Tests of tasks that need a seeded database, its login in Secrets Manager, and S3. */
export const it = itWithStorage
  .extend('database', { scope: 'file', auto: true }, async ({}, { onCleanup }) => {
    database = await startSeededDatabase();
    onCleanup(() => database.remove());
    return database;
  })
  .extend('secrets', { scope: 'file', auto: true }, async ({ database }, { onCleanup }) => {
    secrets = await startSecrets(database.service);
    onCleanup(() => void secrets.stop());
    return secrets;
  });
