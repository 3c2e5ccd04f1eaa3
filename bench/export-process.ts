// Runs a task as Lambda does: bundled, and alone in its process.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export type Measurement = {
  rows: number;
  bytes: number;
  seconds: number;
  /** The peak of memory in bytes. */
  peak: number;
};

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Bundles a task into a folder. Returns a function that measures one run. */
export async function bundleExport(
  folder: string,
  name: 'export-rows' | 'merge-parts' = 'export-rows',
): Promise<(event: object) => Promise<Measurement>> {
  const task = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [source(`../tasks/${name}/handler.ts`)],
    outfile: task,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    loader: { '.sql': 'text' },
    // mysql2 and the SDK are CommonJS and require Node's modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return async (event) => {
    const script = source('./measure-export.ts');
    const child = spawn(process.execPath, [script, task], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(JSON.stringify(event));
    return JSON.parse(await text(child.stdout));
  };
}
