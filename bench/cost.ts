// What a report costs, by a formula over the machines themselves, the functions' memory and the price list:
// `node bench/cost.ts [seconds for the export of a case] [region]`. Prints the tables of docs/scale.md.
import { readFileSync } from 'node:fs';
import { config, progressSteps, type Region } from '../cdk/config.ts';
import { type Task, tasks } from '../cdk/functions.ts';
import { definitionFile, type Machine, machines, type Report } from '../cdk/machines.ts';
import prices from './prices.json' with { type: 'json' };

/** A report across so many cases, or a simple one without any; to so many recipients. */
export type Size = { cases?: number; recipients?: number };

/** How long each function runs, in seconds: what was measured, or a guess. */
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

/** Generous guesses, until AWS has been measured: the local stack is faster, for want of a network. */
export const guessed: Seconds = {
  'load-context': 0.5,
  'export-rows': 10,
  'list-cases': 5,
  'export-case': 0.5,
  'merge-parts': { perCase: 0.01 },
  'mail-file': 1,
  'check-load-file': 10,
  'back-up-documents': 10,
  'apply-overlay': 5,
  'write-results': 5,
};

/**
 * State transitions of an execution of a machine that goes well: its start, each state, and for each child its start and
 * its states. An iteration of an inline Map costs its states alone.
 */
export function transitionsOf(machine: Machine, size: Size): number {
  const { cases = 0, recipients = 1 } = size;
  const along = ({ StartAt, States }: Graph): number => {
    let count = 0;
    // Where a choice is, the default is the way on.
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

/** How often REPORT_PROGRESS comes, each from an execution of its own. */
export const stepsOf = (cases: number) =>
  cases > 0 ? Math.ceil(cases / Math.ceil(cases / progressSteps)) : 0;

/** Standard transitions of all executions that a report takes, the router's apart, which is Express. */
export function transitionsOfReport(report: Report, size: Size): number {
  const progress = stepsOf(size.cases ?? 0) * transitionsOf('announce-progress', {});
  return transitionsOf(report, size) + transitionsOf('deliver-report', size) + progress;
}

/** Requests to S3, of files below 8 MB. An attachment is read once for each recipient. */
export function storageRequestsOf({ cases = 0, recipients = 1 }: Size): { puts: number; gets: number } {
  // File and manifest.
  if (cases === 0) return { puts: 2, gets: recipients };
  return {
    // A part and an outcome for each case; the list, the account's part, two of the Map Run's results, file, outcomes, manifest.
    // The merge lists the first four, at most 1,000 in a request, which costs the same.
    puts: 2 * cases + 7 + Math.ceil((2 * cases + 4) / 1000),
    // The same two, read again; the list, by the Map Run and by the merge, and the account's part.
    gets: 2 * cases + 3 + recipients,
  };
}

/** Dollars by what they are for, in the region; `seconds` is how long the functions run. */
export function costOf(report: Report, size: Size, seconds: Seconds = guessed, region: Region = 'us-east-1') {
  const { cases = 0, recipients = 1 } = size;
  const { stepFunctions, lambda, s3, ses, sns, sqs, eventBridge } = prices;
  const invocations: [Task, number, number][] = [
    ...machines[report].tasks!.map((task): [Task, number, number] => {
      if (task === 'merge-parts') return [task, 1, cases * seconds[task].perCase];
      return [task, task === 'export-case' ? cases : 1, seconds[task]];
    }),
    ['mail-file', recipients, seconds['mail-file']],
  ];
  const gigabyteSeconds = invocations.reduce(
    (sum, [task, times, each]) => sum + (times * each * tasks[task].memory) / 1024,
    0,
  );
  const requests = invocations.reduce((sum, [, times]) => sum + times, 0);
  const transitions = transitionsOfReport(report, size);
  const { puts, gets } = storageRequestsOf(size);
  // The request, its start and its end.
  const publishes = 3 + stepsOf(cases);
  const costs = {
    stepFunctions:
      (transitions / 1000) * stepFunctions.perThousandTransitions[region] +
      // The router: one request of 64 MB, for a second at most.
      stepFunctions.perMillionExpressRequests / 1e6 +
      stepFunctions.perExpressGigabyteSecond / 16,
    lambda: gigabyteSeconds * lambda.perGigabyteSecond + (requests / 1e6) * lambda.perMillionRequests,
    s3: (puts / 1000) * s3.perThousandPuts + (gets / 1000) * s3.perThousandGets,
    // Sent, received and deleted; the pipe's one request.
    messages:
      (publishes / 1e6) * sns.perMillionPublishes +
      (3 / 1e6) * sqs.perMillionRequests +
      eventBridge.perMillionPipeRequests / 1e6 +
      (recipients / 1000) * ses.perThousandMails,
  };
  const total = Object.values(costs).reduce((sum, cost) => sum + cost);
  return { transitions, gigabyteSeconds, puts, gets, ...costs, total };
}

/** The table of docs/scale.md: a simple report, then reports across so many cases. */
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

if (import.meta.main) {
  const [each = guessed['export-case'], region = 'us-east-1'] = process.argv.slice(2);
  const seconds = { ...guessed, 'export-case': Number(each) };
  console.log(costTable(seconds, region as Region).join('\n'));
}
