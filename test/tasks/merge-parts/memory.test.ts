import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect } from 'vitest';
import { bundleExport } from '../../../bench/export-process.ts';
import { storageClient, upload } from '../../../tasks/lib/files/upload.ts';
import { contextOf, folder as parts } from '../../support/across-cases.ts';
import { itWithStorage as it, storage } from '../../support/fixtures.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'merge-memory-'));
  process.env.ENV = 'development';
});
afterAll(() => rm(folder, { recursive: true }));

const columns = Array.from({ length: 20 }, (_, index) => ({ name: `Column ${index}`, columnType: 253 }));
const row = `${JSON.stringify(columns.map(({ name }) => `${name} has a text`))}\n`;

/** Parts of so many rows each. */
async function writeParts(rowsOfPart: number[]): Promise<void> {
  const client = storageClient(60_000);
  const header = `${JSON.stringify(columns)}\n`;
  await storage.put(`${parts}parts/account.jsonl`, header);
  const lines = rowsOfPart.map((_, index) =>
    JSON.stringify({ index, caseId: index + 1, name: `Case ${index}` }),
  );
  await storage.put(`${parts}cases.jsonl`, `${lines.join('\n')}\n`);
  for (const [index, rows] of rowsOfPart.entries()) {
    const part = header + row.repeat(rows);
    const number = String(index).padStart(6, '0');
    const key = `${parts}parts/${number}.jsonl`;
    const target = { bucket: storage.bucket, key, contentType: 'application/x-ndjson' };
    await upload(client, Readable.from([Buffer.from(part)]), target);
    const outcome = { caseId: index + 1, status: 'ok', rows, bytes: Buffer.byteLength(part) };
    await storage.put(`${parts}outcomes/${number}.json`, JSON.stringify(outcome));
  }
}

it('merges a large part and a thousand small ones in less memory than they take', async () => {
  const rowsOfPart = [1_000_000, ...Array.from({ length: 1_000 }, () => 200)];
  await writeParts(rowsOfPart);
  const { rows, bytes, peak } = await (await bundleExport(folder, 'merge-parts'))({
    context: contextOf(),
    folder: parts,
    count: rowsOfPart.length,
  });
  expect(rows).toBe(1_200_000);
  expect(bytes).toBeGreaterThan(480e6);
  // About 420 MB were measured, and the same for two thirds of it, most of it parts on their way to S3.
  expect(peak).toBeLessThan(480e6);
}, 180_000);
