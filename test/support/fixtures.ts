// The services that the tasks call, for the tests of a file.
import { test } from 'vitest';
import { startSecrets, startSeededDatabase, startStorage } from './services.ts';

/** Tests of tasks that need S3 only. */
export const itWithStorage = test.extend(
  'storage',
  { scope: 'file', auto: true },
  async ({}, { onCleanup }) => {
    const storage = await startStorage();
    onCleanup(() => storage.stop());
    return storage;
  },
);

/** Tests of tasks that need a seeded database, its login in Secrets Manager, and S3. */
export const it = itWithStorage
  .extend('database', { scope: 'file', auto: true }, async ({}, { onCleanup }) => {
    const database = await startSeededDatabase();
    onCleanup(() => database.remove());
    return database;
  })
  .extend('secrets', { scope: 'file', auto: true }, async ({ database }, { onCleanup }) => {
    const secrets = await startSecrets(database.service);
    onCleanup(() => void secrets.stop());
    return secrets;
  });
