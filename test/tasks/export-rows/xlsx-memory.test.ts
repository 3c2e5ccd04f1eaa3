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
  folder = await mkdtemp(join(tmpdir(), 'xlsx-memory-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('300,000 rows pass into a workbook through less memory than its sheet takes', async () => {
  await fillCase(database, caseIds.large, 300_000);
  const event = exportEvent(caseIds.large, {}, 'UTC', undefined, { format: 'xlsx' });
  const measure = await bundleExport(folder);
  const { rows, peak } = await measure(event);
  expect(rows).toBe(300_000);
  expect(peak).toBeLessThan(400e6);
}, 180_000);
