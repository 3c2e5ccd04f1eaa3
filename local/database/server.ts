// A database server of our own: on loopback, on a free port, with its data in a temporary folder. MariaDB, or the MySQL or
// MariaDB server that the environment variable MYSQLD names.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages, find } from '../debian.ts';

/** The core schema's name (RDS_DBNAME); case schemas are `{coreSchema}_case_{caseId}`. */
export const coreSchema = 'nextpoint';

export type Login = { user: string; password: string };

export type Database = {
  host: string;
  port: number;
  /** May only read the core and the case schemas: the login of the service. */
  service: Login;
  /** May read the same, and write rows of case schemas: the login of the coding overlay. */
  writer: Login;
  /** May do anything: the login for seeding. */
  admin: Login;
  /** Takes the server down, by default in an orderly way; data, port and logins stay. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Brings a stopped server back; does nothing to one that runs. */
  start(): Promise<void>;
  /** Takes the server down for good and removes its data. */
  remove(): Promise<void>;
};

const asRoot = process.getuid?.() === 0;

/**
 * Starts a server; several can run side by side. It goes, with its data, when this process ends.
 * Where MariaDB is missing, it is installed through apt; where that cannot be, an error says what to install.
 */
export async function startDatabase(): Promise<Database> {
  ensureInstalled();
  const program = process.env.MYSQLD || find('mariadbd')!;
  const folder = mkdtempSync(join(tmpdir(), 'report-database-'));
  const port = await freePort();
  const service = { user: 'report_service', password: randomBytes(12).toString('hex') };
  const writer = { user: 'report_writer', password: randomBytes(12).toString('hex') };
  const admin = { user: 'report_admin', password: randomBytes(12).toString('hex') };
  const guardian = startGuardian(folder);
  let server: ChildProcess | undefined;

  const runs = () => server && server.exitCode === null && server.signalCode === null;
  async function start(): Promise<void> {
    if (runs()) return;
    server = spawn(program, serverOptions(folder, port), {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await ready(server);
  }
  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!runs()) return;
    const gone = once(server!, 'exit');
    server!.kill(signal);
    await gone;
  }
  async function remove(): Promise<void> {
    await stop('SIGKILL');
    const gone = once(guardian, 'exit');
    guardian.ref();
    guardian.stdin!.end();
    await gone;
  }

  cpSync(emptyData(program), join(folder, 'data'), { recursive: true });
  mkdirSync(join(folder, 'tmp'));
  writeFileSync(join(folder, 'logins.sql'), loginStatements(service, writer, admin));
  await start();
  return { host: '127.0.0.1', port, service, writer, admin, stop, start, remove };
}

/** The data folder of a server that is new. Making one takes seconds, so each version's is kept beside the packages. */
function emptyData(program: string): string {
  const version = String(execFileSync(program, ['--no-defaults', '--version']));
  const kept = fileURLToPath(new URL('../../node_modules/.cache/database', import.meta.url));
  const folder = join(
    kept,
    createHash('sha256')
      .update(program + version)
      .digest('hex')
      .slice(0, 16),
  );
  if (existsSync(folder)) return folder;
  mkdirSync(kept, { recursive: true });
  const data = mkdtempSync(`${folder}-`);
  const options = [`--datadir=${data}`, ...(asRoot ? ['--user=root'] : [])];
  if (version.includes('MariaDB')) {
    const installer = find('mariadb-install-db')!;
    execFileSync(installer, ['--no-defaults', '--force', '--skip-test-db', ...options], { stdio: 'pipe' });
  } else {
    execFileSync(program, ['--no-defaults', '--initialize-insecure', ...options], { stdio: 'pipe' });
    // The server makes its own.
    rmSync(join(data, 'auto.cnf'));
  }
  try {
    renameSync(data, folder);
  } catch (error) {
    // Somebody else was faster.
    rmSync(data, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/**
 * Removes the server and its folder when this process ends, in whatever way: then the guardian's input ends.
 * It is detached, as the server is, so that Ctrl-C reaches neither of them before us.
 */
function startGuardian(folder: string): ChildProcess {
  const script = 'read _; kill -9 $(cat "$0/pid") 2>/dev/null; rm -rf "$0"';
  const guardian = spawn('sh', ['-c', script, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guardian.unref();
  (guardian.stdin as Socket).unref();
  return guardian;
}

function serverOptions(folder: string, port: number): string[] {
  return [
    '--no-defaults',
    `--datadir=${join(folder, 'data')}`,
    `--socket=${join(folder, 'socket')}`,
    // Servers side by side must not share a folder for their temporary tables.
    `--tmpdir=${join(folder, 'tmp')}`,
    `--pid-file=${join(folder, 'pid')}`,
    `--init-file=${join(folder, 'logins.sql')}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    // The data is thrown away in the end: nothing has to survive a crash of the machine.
    '--innodb-flush-log-at-trx-commit=0',
    '--skip-innodb-doublewrite',
    '--innodb-flush-method=nosync',
    // MySQL alone knows these; it would open a second port, and keep a log for replicas.
    '--loose-skip-mysqlx',
    '--loose-skip-log-bin',
    '--skip-performance-schema',
    ...(asRoot ? ['--user=root'] : []),
  ];
}

/** An init file holds one statement a line and runs at every start. */
function loginStatements(service: Login, writer: Login, admin: Login): string {
  const core = coreSchema.replaceAll('_', '\\_');
  return [
    'DROP USER IF EXISTS root@localhost;',
    `CREATE USER IF NOT EXISTS ${admin.user}@127.0.0.1 IDENTIFIED BY '${admin.password}';`,
    `GRANT ALL ON *.* TO ${admin.user}@127.0.0.1 WITH GRANT OPTION;`,
    `CREATE USER IF NOT EXISTS ${service.user}@127.0.0.1 IDENTIFIED BY '${service.password}';`,
    `GRANT SELECT ON \`${core}\`.* TO ${service.user}@127.0.0.1;`,
    `GRANT SELECT ON \`${core}\\_case\\_%\`.* TO ${service.user}@127.0.0.1;`,
    `CREATE USER IF NOT EXISTS ${writer.user}@127.0.0.1 IDENTIFIED BY '${writer.password}';`,
    `GRANT SELECT ON \`${core}\`.* TO ${writer.user}@127.0.0.1;`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON \`${core}\\_case\\_%\`.* TO ${writer.user}@127.0.0.1;`,
    '',
  ].join('\n');
}

/** Waits until the server takes connections; throws with its last words when it ends instead. */
async function ready(server: ChildProcess): Promise<void> {
  let words = '';
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.on('exit', () =>
      reject(new Error(`The database server ended while it started:\n${words.slice(-2000)}`)),
    );
    server.stderr!.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-10_000);
      if (words.includes('ready for connections')) resolve();
    });
  });
}

/**
 * Installs MariaDB through apt where it is missing and MYSQLD names no other server.
 * @throws Error as `ensurePackages`
 */
export function ensureInstalled(): void {
  if (process.env.MYSQLD || (find('mariadbd') && find('mariadb-install-db'))) return;
  ensurePackages('MariaDB', ['mariadb-server-core', 'mariadb-client-core']);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
