// An overlay of many rows beside the limit (LOAD DATA and one UPDATE JOIN) and the way of the old job (row by row), all
// three with the same audit rows and index requests:
//   node --import ./test/support/sql-hook.ts bench/overlay.ts [ROWS]
// MYSQLD names another server than MariaDB. Each step of the overlay is measured in a process of its own.
import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Upload } from '@aws-sdk/lib-storage';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { openSession } from '../tasks/reports/coding-overlay/session.ts';
import { schema, startStage } from '../test/tasks/reports/coding-overlay/overlay-run.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const rowByRow = Math.min(rows, 20_000);
const stage = await startStage();
const connection = await stage.connect();
await openSession(connection);
const [[version]] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
console.log(`${version!.version}, ${rows.toLocaleString('en')} rows of two columns`);

async function fill(): Promise<void> {
  for (const table of ['exhibits', 'model_audits', 'elasticsearch_index_requests', 'overlay_turns'])
    await connection.query(`TRUNCATE ${table}`);
  for (let first = 1; first <= rows; first += 5_000) {
    const values = Array.from({ length: Math.min(5_000, rows - first + 1) }, (_, index) => {
      const id = first + index;
      return [id, 1, `Title of document ${id}`, `ABC-${id}`, `Author ${id % 100}`, '2024-01-01'];
    });
    await connection.query({
      sql: 'INSERT INTO exhibits (id, npcase_id, title, bates_start, author, created_at) VALUES ?',
      values: [values],
      namedPlaceholders: false,
    } as never);
  }
}

async function timed<Result>(name: string, count: number, work: () => Promise<Result>): Promise<Result> {
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  print(name, count, seconds);
  return result;
}

function print(name: string, count: number, seconds: number, peak?: number): void {
  rates[name] = count / seconds;
  const rate = Math.round(rates[name]).toLocaleString('en').padStart(9);
  const memory = peak ? `  ${Math.round(peak / 1024 / 1024)} MB at most` : '';
  console.log(`${name.padEnd(28)} ${rate} rows/s  ${seconds.toFixed(1)} s${memory}`);
}
const rates: Record<string, number> = {};

function* lines(count = rows): Generator<string> {
  yield 'nextpoint_id,Title,Author\r\n';
  let text = '';
  for (let id = 1; id <= count; id++) {
    text += `${id},New title of document ${id},New author ${id % 77}\r\n`;
    if (text.length < 65_536) continue;
    yield text;
    text = '';
  }
  yield text;
}

async function bulk(connection: Connection): Promise<void> {
  await connection.beginTransaction();
  await connection.query(
    'CREATE TABLE IF NOT EXISTS bench_rows (id INT PRIMARY KEY, title VARCHAR(255), author VARCHAR(255))',
  );
  await connection.query('TRUNCATE bench_rows');
  await connection.query({
    sql: "LOAD DATA LOCAL INFILE 'rows' INTO TABLE bench_rows FIELDS TERMINATED BY ',' LINES TERMINATED BY '\\r\\n' IGNORE 1 LINES",
    namedPlaceholders: false,
    infileStreamFactory: () => Readable.from(lines()).map((text) => Buffer.from(text)),
  } as never);
  await connection.query(`INSERT INTO model_audits (npcase_id, auditable_type, auditable_id, action, user_id, job_id, chunk, audited_changes, created_at)
    SELECT 1, 'Exhibit', id, 'update', 7, 'bulk', 0, JSON_OBJECT('title', JSON_ARRAY(exhibits.title, bench_rows.title), 'author', JSON_ARRAY(exhibits.author, bench_rows.author)), UTC_TIMESTAMP()
    FROM exhibits JOIN bench_rows USING (id)`);
  await connection.query(
    'UPDATE exhibits JOIN bench_rows USING (id) SET exhibits.title = bench_rows.title, exhibits.author = bench_rows.author',
  );
  await connection.query(
    "INSERT INTO elasticsearch_index_requests (npcase_id, record_type, record_id, created_at) SELECT 1, 'Exhibit', id, UTC_TIMESTAMP() FROM bench_rows",
  );
  await connection.commit();
}

async function single(connection: Connection): Promise<void> {
  const ask = (sql: string, values: unknown[]) =>
    connection.query({ sql, values, namedPlaceholders: false } as never);
  for (let id = 1; id <= rowByRow; id++) {
    const title = `New title of document ${id}`;
    const author = `New author ${id % 77}`;
    await connection.beginTransaction();
    const [[before]] = (await ask('SELECT title, author FROM exhibits WHERE id = ? FOR UPDATE', [
      id,
    ])) as unknown as [[{ title: string; author: string }]];
    await ask('UPDATE exhibits SET title = ?, author = ? WHERE id = ?', [title, author, id]);
    await ask(
      'INSERT INTO model_audits (npcase_id, auditable_type, auditable_id, action, user_id, job_id, chunk, audited_changes, created_at) VALUES (?, UTC_TIMESTAMP())'.replace(
        '?',
        '?, ?, ?, ?, ?, ?, ?, ?',
      ),
      [
        1,
        'Exhibit',
        id,
        'update',
        7,
        'single',
        0,
        JSON.stringify({ title: [before.title, title], author: [before.author, author] }),
      ],
    );
    await ask(
      "INSERT INTO elasticsearch_index_requests (npcase_id, record_type, record_id, created_at) VALUES (1, 'Exhibit', ?, UTC_TIMESTAMP())",
      [id],
    );
    await connection.commit();
  }
}

await connection.query('SET GLOBAL local_infile = 1');
await fill();
await timed('row by row', rowByRow, () => single(connection));
await fill();
await timed('LOAD DATA and UPDATE JOIN', rows, () => bulk(connection));

await fill();
const key = 'development/cases/1/uploads/bench.csv';
await new Upload({
  client: stage.client,
  params: { Bucket: stage.storage.bucket, Key: key, Body: Readable.from(lines()) },
}).done();
const { host, port, admin } = stage.database;
const DATABASE = JSON.stringify({
  ...{ host, port, ...admin, database: schema },
  ...{ namedPlaceholders: true, dateStrings: true },
});
for (const step of ['check', 'backup', 'apply', 'results']) {
  // A small heap, lest garbage pass for memory that is needed.
  const options = ['--max-old-space-size=200', '--import', './test/support/sql-hook.ts'];
  const args = [...options, 'bench/overlay-process.ts', step, key];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DATABASE },
  });
  const { rows: done, seconds, peak } = JSON.parse(await text(child.stdout));
  if (done !== rows) throw new Error(`${step}: ${done} rows of ${rows}`);
  print(`overlay: ${step}`, done, seconds, peak);
}
const share = rates['overlay: apply']! / rates['LOAD DATA and UPDATE JOIN']!;
const times = rates['overlay: apply']! / rates['row by row']!;
console.log(`Apply: ${share.toFixed(2)} of the limit, ${times.toFixed(1)} times row by row.`);
await connection.end();
await stage.stop();
