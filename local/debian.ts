// Programs that come as Debian packages, since npm has none of them.
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const asRoot = process.getuid?.() === 0;

/** The path of a program, nothing when it is not installed. */
export function find(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Installs packages through apt, and says so before.
 * @param what the name of the program, as people call it
 * @throws Error that says what to install, where apt or the right to use it is missing
 */
export function ensurePackages(what: string, packages: string[]): void {
  const command = `apt-get install ${packages.join(' ')}`;
  const sudo = asRoot ? [] : ['sudo', '--non-interactive'];
  if (!find('apt-get') || (!asRoot && !find('sudo')))
    throw new Error(`${what} is needed and not installed. Install it, on Debian and Ubuntu: sudo ${command}`);
  console.log(`${what} is needed and not installed. Running: ${command}`);
  try {
    for (const step of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
      const [program, ...options] = [
        ...sudo,
        'env',
        'DEBIAN_FRONTEND=noninteractive',
        'apt-get',
        '-qq',
        ...step,
      ];
      execFileSync(program!, options, { stdio: ['ignore', 'ignore', 'inherit'] });
    }
  } catch (cause) {
    throw new Error(`${what} could not be installed. Install it yourself: sudo ${command}`, { cause });
  }
}
