// Rows per second of the whole export task against the fastest plain reader at hand: the mariadb client, written in C,
// reading the same rows into nothing; CSV and XLSX. `node bench/export-rows.ts [rows]`, 200,000 by default.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { caseIds, caseSchema, fillCase } from '../local/database/seed.ts';
import type { Database } from '../local/database/server.ts';
import { exportEvent } from '../test/tasks/exports.ts';
import { startServices } from '../test/tasks/services.ts';
import { bundleExport } from './export-process.ts';

const rows = Number(process.argv[2] ?? 200_000);
const rounds = 3;

const { database, stop } = await startServices();
const folder = await mkdtemp(join(tmpdir(), 'bench-'));
try {
  await fillCase(database, caseIds.large, rows);
  const measure = await bundleExport(folder);
  const statement = await reportStatement(database);
  const results = [];
  // Side by side, so that a busy machine slows both.
  for (let round = 0; round < rounds; round++) {
    const client = await readWithClient(database, statement);
    const event = exportEvent(caseIds.large);
    const csv = await measure(event);
    const xlsx = await measure({ ...event, report: { ...event.report, format: 'xlsx' } });
    results.push({ client, csv, xlsx });
  }
  const { client, csv, xlsx } = results.sort(
    (a, b) => a.csv.seconds / a.client - b.csv.seconds / b.client,
  )[1]!;
  const rate = (seconds: number) => `${Math.round(rows / seconds).toLocaleString('en')} rows/s`;
  console.log(`${rows.toLocaleString('en')} rows; the middle of ${rounds} rounds`);
  console.log(`mariadb --quick --batch > /dev/null   ${rate(client)}`);
  for (const [format, { seconds, peak, bytes }] of Object.entries({ csv, xlsx })) {
    const size = `${(bytes / 1e6).toFixed(1)} MB, ${Math.round(peak / 2 ** 20)} MB of memory at most`;
    console.log(`export-rows, start to ${format.padEnd(4)} on S3      ${rate(seconds)}, ${size}`);
    console.log(`ratio                                 ${(client / seconds).toFixed(2)}`);
  }
} finally {
  await stop();
  await rm(folder, { recursive: true });
}

/** The statement as the task sends it. */
async function reportStatement({ host, port, admin }: Database): Promise<string> {
  const sql = await readFile(
    new URL('../tasks/export-rows/transcript-metadata.sql', import.meta.url),
    'utf8',
  );
  const connection = await createConnection({ host, port, ...admin, namedPlaceholders: true });
  const { parameters, timeZone } = exportEvent(caseIds.large).report;
  const statement = connection.format(sql, { ...parameters, timeZone } as never);
  await connection.end();
  return statement;
}

/** Seconds that the client takes for a statement. */
async function readWithClient({ host, port, service }: Database, statement: string): Promise<number> {
  const began = performance.now();
  const client = spawn(
    'mariadb',
    [
      '--no-defaults',
      `-h${host}`,
      `-P${port}`,
      `-u${service.user}`,
      '--quick',
      '--batch',
      caseSchema(caseIds.large),
    ],
    { env: { ...process.env, MYSQL_PWD: service.password }, stdio: ['pipe', 'ignore', 'inherit'] },
  );
  client.stdin!.end(statement);
  const [code] = await once(client, 'exit');
  if (code !== 0) throw new Error(`The mariadb client ended with ${code}.`);
  return (performance.now() - began) / 1000;
}
