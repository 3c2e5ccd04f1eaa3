import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FullTexts } from '../../../../tasks/lib/files/sidecar.ts';
import { storageClient } from '../../../../tasks/lib/files/upload.ts';
import { type Storage, startServices } from '../../../support/services.ts';

let storage: Storage;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ storage, stop } = await startServices());
});
afterAll(() => stop());

/** Bytes that are held once all that can go is gone. */
async function heldBytes() {
  setFlagsFromString('--expose-gc');
  await new Promise(setImmediate);
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

test('Full texts leave nothing behind in memory, however many they are', async () => {
  const target = {
    bucket: storage.bucket,
    key: 'full-texts.csv',
    name: 'full-texts.csv',
    contentType: 'text/csv',
  };
  const fullTexts = new FullTexts(storageClient(10_000), target, ['Row', 'Text']);
  const text = 'x'.repeat(1_000);
  const write = async (count: number) => {
    for (let row = 0; row < count; row++) await fullTexts.write([[`${row}`, text]]);
  };
  await write(5_000);
  const before = await heldBytes();
  await write(100_000);
  expect((await heldBytes()) - before).toBeLessThan(10e6);
  expect(await fullTexts.finish()).toMatchObject({ cells: 105_000 });
});
