// Computes the cost of a report from the state machines, the memory of the functions and the price list:
// `node bench/cost.ts [seconds for the export of a case] [region]`. Prints the tables of docs/scale.md.
import { readFileSync } from 'node:fs';
import { config, countingPrices, progressSteps, type Region } from '../cdk/config.ts';
import { type Task, tasks } from '../cdk/functions.ts';
import { definitionFile, type Machine, machines, type Report } from '../cdk/machines.ts';
import prices from './prices.json' with { type: 'json' };

/** The number of cases of a report, none for a simple one, and of recipients. */
export type Size = { cases?: number; recipients?: number };

/** The duration of each function in seconds, measured or guessed. */
export type Seconds = Record<Exclude<Task, 'merge-parts'>, number> & { 'merge-parts': { perCase: number } };

interface State {
  Type: string;
  Next?: string;
  Default?: string;
  ItemProcessor?: Graph & { ProcessorConfig: { Mode: string } };
}
interface Graph {
  StartAt: string;
  States: Record<string, State>;
}

/** Generous guesses until AWS has been measured. The local stack is faster, since it has no network. */
export const guessed: Seconds = {
  'load-context': 0.5,
  'export-rows': 10,
  'list-cases': 5,
  'export-case': 0.5,
  'merge-parts': { perCase: 0.01 },
  'export-hits': 10,
  'export-testimony': 10,
  'mail-report': 1,
  'check-load-file': 10,
  'back-up-documents': 10,
  'apply-overlay': 5,
  'write-results': 5,
};

/**
 * The transitions of a successful execution: its start, each state, and for each child its start and its states. An
 * iteration of an inline Map costs only its states.
 */
export function transitionsOf(machine: Machine, size: Size): number {
  const { cases = 0, recipients = 1 } = size;
  const along = ({ StartAt, States }: Graph): number => {
    let count = 0;
    // A successful execution takes the default of each Choice.
    for (let name: string | undefined = StartAt; name; ) {
      const { ItemProcessor: inner, Next, Default }: State = States[name]!;
      const distributed = inner?.ProcessorConfig.Mode === 'DISTRIBUTED';
      count += 1 + (inner ? (distributed ? cases * (1 + along(inner)) : recipients * along(inner)) : 0);
      name = Next ?? Default;
    }
    return count;
  };
  return 1 + along(JSON.parse(readFileSync(definitionFile(machine), 'utf8')));
}

/**
 * The number of REPORT_PROGRESS events, each published by a separate execution. Of the first cases, which run at the same time,
 * one publishes.
 */
export function stepsOf(cases: number): number {
  const { casesAtOnce } = config('production', 'us-east-1');
  const step = Math.ceil(cases / progressSteps);
  return Array.from({ length: cases }).filter(
    (_, index) => index % step === 0 && (index === 0 || index >= casesAtOnce),
  ).length;
}

/** The transitions of all Standard executions of a report. The router is Express and has none. */
export function transitionsOfReport(report: Report, size: Size): number {
  const progress = stepsOf(size.cases ?? 0) * transitionsOf('announce-progress', {});
  return transitionsOf(report, size) + transitionsOf('deliver-report', size) + progress;
}

/** S3 requests for files under 8 MB. An attachment is read once per recipient. */
export function storageRequestsOf({ cases = 0, recipients = 1 }: Size): { puts: number; gets: number } {
  // The request that is kept, the file and its manifest.
  if (cases === 0) return { puts: 3, gets: recipients };
  return {
    // A part and an outcome per case; the request that is kept, the case list, the account's part, two results of the Map Run, file, outcomes and
    // manifest. The merge lists parts and outcomes, 1,000 per request, at the price of a put.
    puts: 2 * cases + 8 + Math.ceil((2 * cases + 4) / 1000),
    // The part and outcome of each case; the case list, by the Map Run and by the merge; the account's part.
    gets: 2 * cases + 3 + recipients,
  };
}

/** The cost in dollars, by service. */
export function costOf(report: Report, size: Size, seconds: Seconds = guessed, region: Region = 'us-east-1') {
  const { cases = 0, recipients = 1 } = size;
  const { stepFunctions, lambda, s3, ses, sns, sqs, eventBridge } = prices;
  const invocations: [Task, number, number][] = [
    ...machines[report].tasks!.map((task): [Task, number, number] => {
      if (task === 'merge-parts') return [task, 1, cases * seconds[task].perCase];
      return [task, task === 'export-case' ? cases : 1, seconds[task]];
    }),
    ['mail-report', recipients, seconds['mail-report']],
  ];
  const gigabyteSeconds = invocations.reduce(
    (sum, [task, times, each]) => sum + (times * each * tasks[task].memory) / 1024,
    0,
  );
  const requests = invocations.reduce((sum, [, times]) => sum + times, 0);
  const transitions = transitionsOfReport(report, size);
  const { puts, gets } = storageRequestsOf(size);
  // Request, start and end.
  const publishes = 3 + stepsOf(cases);
  const costs = {
    stepFunctions:
      (transitions / 1000) * stepFunctions.perThousandTransitions[region] +
      // The router: one request with 64 MB for at most a second.
      stepFunctions.perMillionExpressRequests / 1e6 +
      stepFunctions.perExpressGigabyteSecond / 16,
    lambda: gigabyteSeconds * lambda.perGigabyteSecond + (requests / 1e6) * lambda.perMillionRequests,
    s3: (puts / 1000) * s3.perThousandPuts + (gets / 1000) * s3.perThousandGets,
    // The message is sent, received and deleted, with one request of the pipe.
    messages:
      (publishes / 1e6) * sns.perMillionPublishes +
      (3 / 1e6) * sqs.perMillionRequests +
      eventBridge.perMillionPipeRequests / 1e6 +
      (recipients / 1000) * ses.perThousandMails,
  };
  const total = Object.values(costs).reduce((sum, cost) => sum + cost);
  return { transitions, gigabyteSeconds, puts, gets, ...costs, total };
}

/** The table of docs/scale.md: a simple report, and reports across more and more cases. */
export function costTable(seconds: Seconds = guessed, region: Region = 'us-east-1'): string[] {
  const { casesAtOnce } = config('production', region);
  const row = (name: string, report: Report, cases: number) => {
    const cost = costOf(report, { cases }, seconds, region);
    const minutes = Math.ceil(
      (seconds['list-cases'] +
        (cases / casesAtOnce) * seconds['export-case'] +
        cases * seconds['merge-parts'].perCase) /
        60,
    );
    const dollars = [cost.stepFunctions, cost.lambda, cost.s3, cost.messages, cost.total].map((value) =>
      value.toFixed(4),
    );
    const numbers = [cost.transitions, Math.round(cost.gigabyteSeconds), cost.puts + cost.gets].map((value) =>
      value.toLocaleString('en'),
    );
    return `| ${[name, ...numbers, ...dollars, cases ? `${minutes} min` : 'its query'].join(' | ')} |`;
  };
  return [
    '| report | transitions | Lambda GB-s | S3 requests | Step Functions $ | Lambda $ | S3 $ | messages, mail $ | total $ | takes |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    row('simple', 'transcript-metadata', 0),
    ...[10, 100, 1_000, 5_000, 18_000].map((cases) =>
      row(`${cases.toLocaleString('en')} cases`, 'user-activity', cases),
    ),
  ];
}

/** Measured by bench/search-hits.ts, except for the speed of Glue, which is a generous guess. */
const counting = {
  /** Hits of one term in one document, on average. */
  hitRate: 0.017,
  // Athena reads a table again wherever a query uses it, directly or through WITH: so often in the three queries together.
  hits: { bytes: 8, reads: 10 },
  documents: { bytes: 7.5, reads: 7 },
  glue: { dpus: 2, hitsPerSecond: 100_000 },
};

/** The bytes that a search hit report with both breakdowns scans at most, and its cost in dollars. */
export function searchCostOf(documents: number, terms: number) {
  const { hitRate, glue } = counting;
  const hits = documents * terms * hitRate;
  const scanned =
    hits * counting.hits.bytes * counting.hits.reads +
    documents * counting.documents.bytes * counting.documents.reads;
  const costs = {
    // A query is charged 10 MB at least, a run of Glue one minute.
    athena: (Math.max(3 * 10 * 2 ** 20, scanned) * countingPrices.athenaPerTebibyte) / 2 ** 40,
    glue: (glue.dpus * Math.max(60, hits / glue.hitsPerSecond) * countingPrices.gluePerDpuHour) / 3600,
    rest: costOf('search-hit', {}).total,
  };
  return { hits, scanned, ...costs, total: costs.athena + costs.glue + costs.rest };
}

/** The table of search hit reports in docs/scale.md. */
export function searchCostTable(): string[] {
  const row = (documents: number, terms: number) => {
    const cost = searchCostOf(documents, terms);
    const counts = [documents, terms, cost.hits, Math.round(cost.scanned / 1e6)];
    const dollars = [cost.athena, cost.glue, cost.rest, cost.total];
    return `| ${[...counts.map((count) => count.toLocaleString('en')), ...dollars.map((value) => value.toFixed(4))].join(' | ')} |`;
  };
  return [
    '| documents | terms | hits | MB scanned | Athena $ | Glue $ | the rest $ | total $ |',
    '|--:|--:|--:|--:|--:|--:|--:|--:|',
    row(200_000, 500),
    row(200_000, 2_000),
    row(2_000_000, 500),
    row(2_000_000, 2_000),
  ];
}

if (import.meta.main) {
  const [each = guessed['export-case'], region = 'us-east-1'] = process.argv.slice(2);
  const seconds = { ...guessed, 'export-case': Number(each) };
  console.log([...costTable(seconds, region as Region), '', ...searchCostTable()].join('\n'));
}
