// One step of the overlay of bench/overlay.ts, in a process of its own as in Lambda, so that its memory is measured apart from
// that of the database and S3. The server is in DATABASE; prints a line of JSON.
import { readFileSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import { storageClient } from '../tasks/lib/files/upload.ts';
import { applyChunk } from '../tasks/reports/coding-overlay/apply.ts';
import { checkLoadFile } from '../tasks/reports/coding-overlay/check.ts';
import { type Check, type Chunk, fileNames, type Plan } from '../tasks/reports/coding-overlay/job.ts';
import { planOverlay } from '../tasks/reports/coding-overlay/plan.ts';
import { writeResults } from '../tasks/reports/coding-overlay/results.ts';
import { openSession } from '../tasks/reports/coding-overlay/session.ts';
import { linesOf, readJson } from '../tasks/reports/coding-overlay/storage.ts';
import { jobOf } from '../test/tasks/reports/coding-overlay/overlay-run.ts';

const [step, loadFile] = process.argv.slice(2);
/** Chunks at a time, as the Map of the state machine has them. */
const atOnce = 4;
const client = storageClient(60_000);
const bucket = process.env.REPORTS_BUCKET!;
const job = jobOf({ client, storage: { bucket } }, 'bench', { loadFile });
async function connect() {
  const connection = await createConnection(JSON.parse(process.env.DATABASE!));
  await openSession(connection);
  return connection;
}
const read = <Content>(name: string) => readJson<Content>(client, bucket, job.folder + name);

const steps: Record<string, () => Promise<number>> = {
  check: async () => (await checkLoadFile(connection, job)).counts.rowsRead,
  backup: async () => (await planOverlay(connection, job, await read<Check>(fileNames.check))).documents,
  async apply() {
    const { fields } = await read<Check>(fileNames.check);
    const chunks: Chunk[] = [];
    for await (const chunk of linesOf<Chunk>(client, bucket, job.folder + fileNames.chunks))
      chunks.push(chunk);
    let updated = 0;
    const workers = Array.from({ length: atOnce }, async () => {
      const own = await connect();
      for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
        const applied = await applyChunk(own, job, fields, chunk);
        updated += applied.filter(({ outcome }) => outcome === 'updated').length;
      }
      await own.end();
    });
    await Promise.all(workers);
    return updated;
  },
  async results() {
    const [check, plan] = [await read<Check>(fileNames.check), await read<Plan>(fileNames.plan)];
    return (await writeResults(job, check, plan, 7)).counts.documentsUpdated;
  },
};
const connection = await connect();
const began = performance.now();
const rows = await steps[step!]!();
const seconds = (performance.now() - began) / 1000;
await connection.end();
client.destroy();
const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
console.log(JSON.stringify({ rows, seconds, peak }));
