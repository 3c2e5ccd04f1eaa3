// One export in a process of its own, so that its memory can be told from that of database and S3. Prints a line of
// JSON. Runs the bundled task on the event that stdin gives; for the bundle see export-process.ts.
import { readFileSync } from 'node:fs';
import { json } from 'node:stream/consumers';

const event = await json(process.stdin);
const { handler } = await import(process.argv[2]!);
const began = performance.now();
const { file } = await handler(event, { getRemainingTimeInMillis: () => 900_000 });
const seconds = (performance.now() - began) / 1000;
// The most that the process ever held, as the kernel counts it.
const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
console.log(JSON.stringify({ rows: file.rows, bytes: file.bytes, seconds, peak }));
