import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { synthesize } from '../../local/aws/template/assembly.ts';

const app = fileURLToPath(new URL('../../cdk/app.ts', import.meta.url));

/** The folder of the cloud assembly that all files of a run share. The first one that needs it synthesizes the CDK app. */
export async function sharedAssembly(): Promise<string> {
  const folder = join(inject('runFolder'), 'assembly');
  if (existsSync(folder)) return folder;
  const own = `${folder}-${process.pid}`;
  await synthesize(app, own);
  // Another file may have been faster.
  await rename(own, folder).catch(() => rm(own, { recursive: true }));
  return folder;
}
