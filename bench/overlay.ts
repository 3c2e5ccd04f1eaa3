// An overlay of many rows beside the limit (LOAD DATA and one UPDATE JOIN) and the way of the old job (row by row), all
// three with the same audit rows and index requests:
//   node --import ./test/support/sql-hook.ts bench/overlay.ts [ROWS]
// MYSQLD names another server than MariaDB.
import { Readable } from 'node:stream';
import { Upload } from '@aws-sdk/lib-storage';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { applyChunk } from '../tasks/reports/coding-overlay/apply.ts';
import { checkLoadFile } from '../tasks/reports/coding-overlay/check.ts';
import { type Chunk, fileNames } from '../tasks/reports/coding-overlay/job.ts';
import { planOverlay } from '../tasks/reports/coding-overlay/plan.ts';
import { writeResults } from '../tasks/reports/coding-overlay/results.ts';
import { openSession } from '../tasks/reports/coding-overlay/session.ts';
import { linesOf } from '../tasks/reports/coding-overlay/storage.ts';
import { jobOf, startStage } from '../test/tasks/reports/coding-overlay/overlay-run.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const rowByRow = Math.min(rows, 20_000);
/** Chunks at a time, as the Map of the state machine has them. */
const atOnce = 4;
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
  rates[name] = count / seconds;
  const memory = Math.round(process.memoryUsage().rss / 1024 / 1024);
  console.log(
    `${name.padEnd(28)} ${Math.round(count / seconds)
      .toLocaleString('en')
      .padStart(9)} rows/s  ${seconds.toFixed(1)} s  ${memory} MB`,
  );
  return result;
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
const job = jobOf(stage, 'bench', { loadFile: key });
const check = await timed('overlay: check', rows, () => checkLoadFile(connection, job));
const plan = await timed('overlay: backup', rows, () => planOverlay(connection, job, check));
await timed('overlay: apply', rows, async () => {
  const chunks: Chunk[] = [];
  for await (const chunk of linesOf<Chunk>(stage.client, job.bucket, job.folder + fileNames.chunks))
    chunks.push(chunk);
  const workers = Array.from({ length: atOnce }, async () => {
    const own = await stage.connect();
    await openSession(own);
    for (let chunk = chunks.shift(); chunk; chunk = chunks.shift())
      await applyChunk(own, job, check.fields, chunk);
    await own.end();
  });
  await Promise.all(workers);
});
const { counts } = await timed('overlay: results', rows, () => writeResults(job, check, plan, 7));
const share = rates['overlay: apply']! / rates['LOAD DATA and UPDATE JOIN']!;
const times = rates['overlay: apply']! / rates['row by row']!;
console.log(
  `${counts.documentsUpdated} updated. Apply: ${share.toFixed(2)} of the limit, ${times.toFixed(1)} times row by row.`,
);
await connection.end();
await stage.stop();
