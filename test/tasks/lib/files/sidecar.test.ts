import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import { Sidecar } from '../../../../tasks/lib/files/sidecar.ts';
import { storageClient } from '../../../../tasks/lib/files/upload.ts';
import { storage, itWithStorage as test } from '../../../support/fixtures.ts';

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
    key: 'notes.csv',
    contentType: 'text/csv',
  };
  using client = storageClient(10_000);
  const sidecar = new Sidecar(client, target);
  const text = 'x'.repeat(1_000);
  const write = async (count: number) => {
    for (let row = 0; row < count; row++) {
      sidecar.add({ row, documentId: undefined, column: 'Notes', text });
      await sidecar.flush();
    }
  };
  await write(5_000);
  const before = await heldBytes();
  await write(100_000);
  expect((await heldBytes()) - before).toBeLessThan(10e6);
  expect(await sidecar.finish()).toMatchObject({ cells: 105_000 });
});
