import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sharedAssembly } from '../support/assembly.ts';

/** Runs `npm run local` with its own folder for temporary files. */
async function run(...options: string[]) {
  return runIn(await temporaryFolder(), ...options);
}

async function temporaryFolder() {
  const temporary = await mkdtemp(join(tmpdir(), 'report-test-'));
  onTestFinished(() => rm(temporary, { recursive: true }));
  return temporary;
}

async function runIn(temporary: string, ...options: string[]) {
  const child = spawn(process.execPath, ['local/main.ts', '--assembly', await sharedAssembly(), ...options], {
    env: { ...process.env, TMPDIR: temporary },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (text) => {
      output += text;
      if (output.includes('Ctrl-C ends everything.')) resolve();
    });
    child.stderr.on('data', (text) => {
      output += text;
    });
  });
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  // Node keeps its cache there too.
  const left = async () => (await readdir(temporary)).filter((name) => name.startsWith('report-'));
  return { child, ready, ended, left, output: () => output };
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s stops everything', async (signal) => {
  const { child, ready, ended, left, output } = await run();
  await Promise.race([ready, ended.then(() => expect.fail(output()))]);
  const urls = new Set(output().match(/http:\/\/127\.0\.0\.1:\d+/g));
  expect(urls.size).toBe(4);
  child.kill(signal);
  expect(await ended).toBe(signal);
  for (const url of urls) await expect(fetch(url)).rejects.toThrow();
  expect(await left()).toEqual([]);
});

test('a failed start says why and leaves nothing behind', async () => {
  const occupied = createServer().listen(0, '127.0.0.1');
  await once(occupied, 'listening');
  onTestFinished(() => void occupied.close());
  const { port } = occupied.address() as { port: number };
  const { ended, left, output } = await run('--gateway-port', String(port));
  expect(await ended).toBeNull();
  expect(output().trim().split('\n').at(-1)).toBe(`Port ${port} is in use. See npm run local -- --help`);
  expect(output()).not.toContain('    at ');
  expect(await left()).toEqual([]);
});

test('a start removes the folders of processes that were killed, and no others', async () => {
  const temporary = await temporaryFolder();
  const killed = await runIn(temporary);
  await Promise.race([killed.ready, killed.ended.then(() => expect.fail(killed.output()))]);
  killed.child.kill('SIGKILL');
  await killed.ended;
  // MariaDB has a guardian of its own.
  await expect.poll(killed.left, { timeout: 10_000 }).toHaveLength(1);
  const alive = await mkdtemp(join(temporary, `report-stack-${process.pid}-`));
  const next = await runIn(temporary);
  await Promise.race([next.ready, next.ended.then(() => expect.fail(next.output()))]);
  const stacks = (await next.left()).filter((name) => name.startsWith('report-stack-'));
  expect(stacks).toHaveLength(2);
  expect(stacks).toContain(basename(alive));
  expect(stacks.some((name) => name.startsWith(`report-stack-${killed.child.pid}-`))).toBe(false);
  next.child.kill('SIGTERM');
  await next.ended;
});

test('a request of npm run ask is told from its message to its mail', async () => {
  const temporary = await temporaryFolder();
  const { child, ready, ended, output } = await runIn(temporary, '--wait-time-scale', '0.02');
  await Promise.race([ready, ended.then(() => expect.fail(output()))]);
  const asked = command(
    temporary,
    'local/ask.ts',
    'transcript_metadata',
    '--job',
    'mine',
    '--format',
    'xlsx',
  );
  expect(asked.stdout).toBe('Asked for transcript_metadata as mine. npm run local shows what comes of it.\n');
  for (const line of [
    'REPORT_REQUESTED mine transcript_metadata, case 1001',
    /REPORT_COMPLETED mine \d+ rows/,
    /mail to \S+/,
  ])
    await expect.poll(output, { timeout: 60_000 }).toMatch(line);
  child.kill('SIGTERM');
  await ended;
});

describe('A command', () => {
  test.each([
    ['local/main.ts', '--help', 0, '--gateway-port <port>'],
    ['local/ask.ts', '--help', 0, 'transcript_metadata'],
    ['local/main.ts', '--gatewy-port=1', 2, "Unknown option '--gatewy-port'. See npm run local -- --help"],
    ['local/main.ts', '--rails-port=70000', 2, '--rails-port 70000 is not a port. See'],
    ['local/main.ts', '--wait-time-scale=fast', 2, '--wait-time-scale fast is not a number. See'],
    ['local/ask.ts', 'transcripts', 2, 'There is no report transcripts. See npm run ask -- --help'],
    ['local/ask.ts', 'page_count', 1, 'No stack is running. Start one in another terminal: npm run local'],
  ])('%s %s ends with %i and a line', async (program, option, code, line) => {
    const { status, stdout, stderr } = command(await temporaryFolder(), program, option);
    expect([status, stdout + stderr]).toEqual([code, expect.stringContaining(line)]);
    if (code > 0) expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

/** Runs a program to its end, with a folder for temporary files. */
function command(temporary: string, program: string, ...args: string[]) {
  return spawnSync(process.execPath, [program, ...args], {
    env: { ...process.env, TMPDIR: temporary },
    encoding: 'utf8',
  });
}
