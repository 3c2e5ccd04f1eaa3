// Compares a report across cases, from the request to its last event, with plain SQL that reads the same schemas one after the
// other: `node bench/user-activity.ts [cases]`, 500 by default.
import { readFileSync } from 'node:fs';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import type { RowDataPacket } from 'mysql2';
import { createConnection } from 'mysql2/promise';
import { addCases, caseSchema, firstGeneratedCase } from '../local/database/seed.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { acrossCases } from '../test/support/messages.ts';
import { factsOf } from './executions.ts';

const cases = Number(process.argv[2] ?? 500);
const parameters = { layout: 'detail' };
const ends = ['REPORT_COMPLETED', 'REPORT_FAILED'];

const stack = await startStack({ waitTimeScale: 0.01, quiet: true });
try {
  await addCases(stack.database, cases);
  const plain = await timed(() => plainSql(stack));
  const report = await timed(async () => {
    await stack.rails.publish(acrossCases('bench', { parameters, delivery: { mode: 'in_app' } }));
    return stack.rails.waitFor(({ eventType }) => ends.includes(eventType));
  });
  const { eventType, eventDetail } = report.result;
  if (eventType !== 'REPORT_COMPLETED') throw new Error(`${eventType}: ${eventDetail.cause}`);
  const found = await rowsOfCases(stack, eventDetail.file.key);
  if (found.join('\n') !== plain.result.join('\n'))
    throw new Error(`The report has ${found.length} rows of cases, plain SQL ${plain.result.length}.`);

  const { transitions, events, children, largest } = await factsOf(
    stack.clients.sfn,
    eventDetail.reportExecutionArn,
  );
  const number = (value: number, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits });
  const megabytes = (task: string) => `${number(functionOf(task).maxMemoryUsed)} MB`;
  console.log(`${number(cases)} cases and the 6 of the seed; ${number(found.length)} rows, as plain SQL has them
report, request to end       ${number(report.seconds, 1)} s, ${number(children / report.seconds)} cases/s
plain SQL, one by one        ${number(plain.seconds, 1)} s
ratio                        ${number(report.seconds / plain.seconds, 1)}
export of a case, on average ${number(secondsOf('export-case'), 3)} s
merge                        ${number(secondsOf('merge-parts'), 1)} s
state transitions            ${number(transitions)}, children ${number(children)}
events in the history        ${number(events)} of 25,000
largest state input, output  ${number(largest.bytes)} of 262,144 bytes: ${largest.of}
memory at most               merge-parts ${megabytes('merge-parts')}, list-cases ${megabytes('list-cases')}, export of a case ${megabytes('export-case')}`);
} finally {
  await stack.stop();
}

function functionOf(task: string) {
  return stack.functions[`reports-development-${task}`]!;
}

/** The average seconds of an invocation. */
function secondsOf(task: string): number {
  const durations = [...readFileSync(functionOf(task).logFile, 'utf8').matchAll(/ Duration: (\d+) ms/g)];
  return durations.reduce((sum, [, milliseconds]) => sum + Number(milliseconds), 0) / durations.length / 1000;
}

async function timed<Result>(work: () => Promise<Result>) {
  const began = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - began) / 1000 };
}

/** Every event of the generated cases as text. Each case is read over a connection of its own. */
async function plainSql({ database }: Stack): Promise<string[]> {
  const { host, port, service } = database;
  const lines: string[] = [];
  for (let caseId = firstGeneratedCase; caseId < firstGeneratedCase + cases; caseId++) {
    const connection = await createConnection({
      host,
      port,
      ...service,
      database: caseSchema(caseId),
      dateStrings: true,
    });
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT created_at AS at, action FROM activities
       WHERE created_at >= '2026-11-01' AND created_at < '2026-12-01'`,
    );
    await connection.end();
    for (const { at, action } of rows) lines.push([caseId, at, action].join());
  }
  return lines.sort();
}

/** The same events from the file of the report. */
async function rowsOfCases({ bucket, clients }: Stack, Key: string): Promise<string[]> {
  const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  const rows: Record<string, string>[] = parse(await Body!.transformToString(), { columns: true, bom: true });
  return rows
    .map((row) => [row['Database ID'], row['Occurred At'], row.Action!.toLowerCase().replace(' ', '_')])
    .filter(([caseId, , action]) => Number(caseId) >= firstGeneratedCase && action !== 'database_access')
    .map((line) => line.join())
    .sort();
}
