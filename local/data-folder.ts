// The temporary folder of a stack. Its name has the process id, so that a later start finds what a killed one left.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'report-stack-';

/** Creates a folder for this process, and removes those of processes that no longer exist. */
export async function createDataFolder(): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const owner = ownerOf(name);
    if (owner && !isAlive(owner)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
}

/** Whether a name is that of the folder of a stack that runs. */
export function isDataFolderOfLiving(name: string): boolean {
  const owner = ownerOf(name);
  return owner !== undefined && isAlive(owner);
}

/** The id of the process that a folder of this name belongs to. */
function ownerOf(name: string): number | undefined {
  const owner = name.startsWith(prefix) && /^(\d+)-/.exec(name.slice(prefix.length))?.[1];
  return owner ? Number(owner) : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of another user exists, but may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
