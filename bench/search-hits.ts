// Measures each step of a search hit report on the local stack, by the history of its execution:
// `node bench/search-hits.ts [documents] [terms]`, 200,000 and 500 by default.
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import { parse } from 'csv-parse/sync';
import { caseIds } from '../local/database/seed.ts';
import { startStack } from '../local/stack.ts';
import { request } from '../test/support/messages.ts';
import { knownTerms, searchCase } from '../test/support/search-case.ts';

const [documents = 200_000, terms = 500] = process.argv.slice(2).map(Number);
const steps = ['Search terms', 'Convert hits', 'Count hits', 'Export hits'];
const ends = ['REPORT_COMPLETED', 'REPORT_FAILED'];

const stack = await startStack({ waitTimeScale: 0.01, quiet: true });
/** Moments with the resident memory of this process, where the search, DuckDB and all services run. */
const memory: [moment: number, bytes: number][] = [];
const sampler = setInterval(() => memory.push([Date.now(), process.memoryUsage.rss()]), 20);
try {
  stack.search.documents.set(caseIds.pumps, searchCase(documents).documents);
  const parameters = {
    terms: knownTerms(terms).map(({ term }, index) => ({ id: `${index + 1}`, term })),
    scope: { folderIds: [1] },
    byCustodian: true,
    byMonth: true,
  };
  const Key = `development/cases/${caseIds.pumps}/requests/bench.json`;
  const { bucket: Bucket, clients } = stack;
  await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(parameters) }));
  await stack.rails.publish(request('bench', { reportType: 'search_hit', parametersKey: Key }));
  const { eventType, eventDetail } = await stack.rails.waitFor((event) => ends.includes(event.eventType));
  if (eventType !== 'REPORT_COMPLETED') throw new Error(`${eventType}: ${eventDetail.cause}`);

  const executionArn = eventDetail.reportExecutionArn;
  const history = new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 });
  const { events } = await clients.sfn.send(history);
  const number = (value: number, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits });
  const bytesScanned = stack.athena.queries.map(({ Statistics }) => Statistics.DataScannedInBytes!);
  console.log(`${number(documents)} documents, ${number(terms)} terms, ${number(await hitsIn(eventDetail.file.key))} hits; \
Athena scanned ${bytesScanned.map((bytes) => number(bytes / 1e6, 1)).join(' + ')} MB`);
  for (const step of steps) {
    const [from, to] = momentsOf(events!, step);
    const peak = Math.max(0, ...memory.flatMap(([at, bytes]) => (at >= from && at <= to ? bytes : [])));
    console.log(
      `${step.padEnd(13)} ${number((to - from) / 1000, 1).padStart(6)} s, ${number(peak / 2 ** 20)} MB`,
    );
  }
  const { maxMemoryUsed } = stack.functions['reports-development-export-hits']!;
  console.log(`Memory of the function that exports: ${maxMemoryUsed} MB`);
} finally {
  clearInterval(sampler);
  await stack.stop();
}

/** The hits of all terms: a document counts for each term that finds it. */
async function hitsIn(Key: string): Promise<number> {
  const { Body } = await stack.clients.s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key }));
  const rows: Record<string, string>[] = parse(await Body!.transformToString(), { bom: true, columns: true });
  return rows.reduce((sum, row) => sum + (row['Term ID'] ? Number(row['Documents With Hits']) : 0), 0);
}

/** When a state was entered and exited, in milliseconds since 1970. */
function momentsOf(events: HistoryEvent[], state: string): [entered: number, exited: number] {
  const entered = events.find(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name === state);
  const exited = events.find(({ stateExitedEventDetails }) => stateExitedEventDetails?.name === state);
  return [entered!.timestamp!.getTime(), exited!.timestamp!.getTime()];
}
