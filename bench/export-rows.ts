// Compares the rows per second of the export task, as CSV and XLSX, with the mariadb client, which is written in C and discards
// the rows; and a grid of chosen ids with a grid of all documents. `node --import ./test/support/sql-hook.ts bench/export-rows.ts [rows]`, 200,000 by default.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caseIds, caseSchema, fillCase, fillDocuments } from '../local/database/seed.ts';
import type { Database } from '../local/database/server.ts';
import { format } from '../tasks/lib/database/format.ts';
import { exportEvent } from '../test/support/exports.ts';
import { startSecrets, startSeededDatabase, startStorage } from '../test/support/services.ts';
import { bundleExport } from './export-process.ts';

const rows = Number(process.argv[2] ?? 200_000);
const rounds = 3;

const database = await startSeededDatabase();
const storage = await startStorage();
const secrets = await startSecrets(database.service);
const folder = await mkdtemp(join(tmpdir(), 'bench-'));
try {
  await fillCase(database, caseIds.large, rows);
  const measure = await bundleExport(folder);
  const statement = await reportStatement();
  const results = [];
  // In turns, so that a busy machine slows both.
  for (let round = 0; round < rounds; round++) {
    const client = await readWithClient(database, statement);
    const event = exportEvent(caseIds.large);
    const csv = await measure(event);
    const xlsx = await measure(exportEvent(caseIds.large, {}, 'UTC', undefined, { format: 'xlsx' }));
    results.push({ client, csv, xlsx });
  }
  const { client, csv, xlsx } = results.sort(
    (a, b) => a.csv.seconds / a.client - b.csv.seconds / b.client,
  )[1]!;
  const grids = await compareGrids(measure);
  const rate = (seconds: number) => `${Math.round(rows / seconds).toLocaleString('en')} rows/s`;
  console.log(`${rows.toLocaleString('en')} rows; the middle of ${rounds} rounds`);
  console.log(`mariadb --quick --batch > /dev/null   ${rate(client)}`);
  for (const [format, { seconds, peak, bytes }] of Object.entries({ csv, xlsx })) {
    const size = `${(bytes / 1e6).toFixed(1)} MB, ${Math.round(peak / 2 ** 20)} MB of memory at most`;
    console.log(`export-rows, start to ${format.padEnd(4)} on S3      ${rate(seconds)}, ${size}`);
    console.log(`ratio                                 ${(client / seconds).toFixed(2)}`);
  }
  for (const [selection, { seconds, peak }] of Object.entries(grids))
    console.log(
      `${`a grid, ${selection}`.padEnd(37)} ${rate(seconds)}, ${Math.round(peak / 2 ** 20)} MB of memory at most`,
    );
  console.log(
    `ratio                                 ${(grids.all.seconds / grids['by ids'].seconds).toFixed(2)}`,
  );
} finally {
  secrets.stop();
  await storage.stop();
  await database.remove();
  await rm(folder, { recursive: true });
}

/** Exports the same documents by `all` and by ids, with a column of several values and a custom field. */
async function compareGrids(measure: Awaited<ReturnType<typeof bundleExport>>) {
  await fillDocuments(database, caseIds.large, rows);
  const fields = ['title', 'bates_start', 'document_date', 'author', 'custodians', 'custom_field:1'];
  const columns = fields.map((field) => ({ field }));
  const grid = (selection: object) => {
    const all = { columns, selection: { all: true } };
    const event = exportEvent(caseIds.large, all, 'UTC', 'grid_data_export');
    // A request holds fewer ids; the others come from S3.
    Object.assign(event.context.report.parameters, { selection });
    return measure(event);
  };
  // In reverse, so that the order is not that of the table.
  const documentIds = Array.from({ length: rows }, (_, index) => rows - index);
  return { all: await grid({ all: true }), 'by ids': await grid({ documentIds }) };
}

/** The statement that the task sends. */
async function reportStatement(): Promise<string> {
  const sql = await readFile(
    new URL('../tasks/reports/transcript-metadata/transcripts.sql', import.meta.url),
    'utf8',
  );
  const { parameters, timeZone } = exportEvent(caseIds.large).context.report;
  return format(sql, { ...parameters, timeZone });
}

/** The seconds that the client takes for a statement. */
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
