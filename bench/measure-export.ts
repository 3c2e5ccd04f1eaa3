// Runs the bundled task on the event from stdin and prints a line of JSON. It is a process of its own, so that its memory can
// be measured apart from that of the database and S3. See export-process.ts.
import { readFileSync } from 'node:fs';
import { json } from 'node:stream/consumers';

const event = await json(process.stdin);
const { handler } = await import(process.argv[2]!);
const began = performance.now();
const { file } = await handler(event, { getRemainingTimeInMillis: () => 900_000 });
const seconds = (performance.now() - began) / 1000;
// The peak of resident memory, as the kernel counts it.
const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
console.log(JSON.stringify({ rows: file.rows, bytes: file.bytes, seconds, peak }));
