import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { bundleExport } from '../../../bench/export-process.ts';
import { caseIds, fillCase } from '../../../local/database/seed.ts';
import { exportEvent } from '../../support/exports.ts';
import { database, it as test } from '../../support/fixtures.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'export-memory-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('A million rows pass through less memory than their file takes', async () => {
  await fillCase(database, caseIds.large, 1_000_000);
  const { rows, bytes, peak } = await (await bundleExport(folder))(exportEvent(caseIds.large));
  expect(rows).toBe(1_000_000);
  // About 320 MB were measured for one million rows and for two, most of it parts on their way to S3.
  expect(bytes).toBeGreaterThan(400e6);
  expect(peak).toBeLessThan(400e6);
}, 180_000);
