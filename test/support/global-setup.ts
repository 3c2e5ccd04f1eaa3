import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureInstalled } from '../../local/database/server.ts';
import { ensurePackages, find } from '../../local/debian.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder that all files of a run share. */
    runFolder: string;
  }
}

/** Installs MariaDB and Chromium if they are missing: two tests that both did so would fight over apt. */
export default async function setup({ provide }: TestProject) {
  ensureInstalled();
  if (!find('chromium')) ensurePackages('Chromium', ['chromium']);
  const folder = await mkdtemp(join(tmpdir(), 'report-run-'));
  provide('runFolder', folder);
  return () => rm(folder, { recursive: true });
}
