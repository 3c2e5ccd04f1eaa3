// `npm run ops -- <command>`: what an operator does to reports. Without --yes, no command changes anything.
import { parseArgs } from 'node:util';
import { environments, oneOf } from '../cdk/config.ts';
import { type Machine, machineOf, machines } from '../cdk/machines.ts';
import { cancel, type Doing, redeliver, redriveMany, redriveNamed, restart } from './act.ts';
import type { Filter } from './executions.ts';
import { listFailed, listRunning } from './list.ts';
import { deadLetterQueues, listDeadLetters, treatDeadLetters } from './queues.ts';
import { listSchedules, runSlot, setState } from './schedules.ts';
import { type ClientOptions, connect, exitCodes, reportTypeOf, type Service, Stop } from './service.ts';
import { show } from './story.ts';

/** The result of a command, for programs and for people. */
export interface Result {
  json: unknown;
  text: string;
  lines?: string[];
  /** 0 if it is missing. */
  code?: number;
}

export const usage = `Usage: npm run ops -- <command> [options]

  list [failed|redrivable|waiting|running]        executions; failed ones by default
  show <reportType> <jobId>                       the story of a report or a schedule
  redrive [<reportType>] <jobId> | <executionArn> continues what failed
  redrive --since … --error … --report … | --all  continues all that failed and fit
  restart <reportType> <jobId>                    asks anew as <jobId>-r2, when it cannot be redriven
  redeliver <reportType> <jobId> [--to <address>] mails a finished report again
  cancel <reportType> <jobId>                     stops a report and deletes its file
  dlq list [<queue>]                              dead letters
  dlq replay|drop <queue> <messageId>… | --all    passes them on, or deletes them
  schedules list
  schedules pause|resume <reportType> <jobId>
  schedules run-slot <reportType> <jobId> <time>  makes up for a missed occurrence, such as 2026-11-30T12:00Z

Commands that change something only say what they would do, until you add --yes.

  --environment <name>  ${environments.join(', ')}; or REPORTS_ENVIRONMENT
  --profile, --region   as of the AWS CLI, whose variables work too (AWS_PROFILE, AWS_ENDPOINT_URL, …)
  --since <time>        ended since: 30m, 2h, 3d, or 2026-11-26T03:00Z; by default 14 days
  --error <name>        ended with this error
  --report <type>       of this report and its deliveries
  --machine <name>      of this machine, such as cancel-report
  --all                 whatever fits the other options; without others, everything
  --rate <number>       redrives a second, 2 by default
  --force               does what is refused because the error is permanent
  --json                prints JSON

Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 nothing found, 4 refused`;

const options = {
  environment: { type: 'string' },
  profile: { type: 'string' },
  region: { type: 'string' },
  since: { type: 'string' },
  error: { type: 'string' },
  report: { type: 'string' },
  machine: { type: 'string' },
  to: { type: 'string' },
  rate: { type: 'string', default: '2' },
  all: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parsed>['values'];
const parsed = (args: string[]) => parseArgs({ args, options, allowPositionals: true });

/** The streams that a run of the command line reads from and prints to. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  client?: ClientOptions;
  out(text: string): void;
  err(text: string): void;
}

/** Runs one command and returns its exit code. */
export async function run(args: string[], { env, client, out, err }: Surroundings): Promise<number> {
  try {
    const { values, positionals } = understood(args);
    if (values.help || positionals.length === 0) {
      out(usage);
      return values.help ? exitCodes.done : exitCodes.usage;
    }
    const name = values.environment ?? env.REPORTS_ENVIRONMENT;
    if (!name)
      throw new Stop(exitCodes.usage, 'Name the environment: --environment, or REPORTS_ENVIRONMENT.');
    const environment = usable(() => oneOf('environment', environments, name));
    const command = commandOf(positionals, values);
    const { profile, region } = values;
    const service = await connect(
      environment,
      { ...(profile && { profile }), ...(region && { region }), ...client },
      err,
    );
    const { json, text, lines = [], code = exitCodes.done } = await command(service);
    out(values.json ? JSON.stringify(json, null, 2) : [text, ...lines].join('\n'));
    return code;
  } catch (error) {
    err((error as Error).message || (error as Error).name);
    return error instanceof Stop ? error.code : exitCodes.failed;
  }
}

function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Stop(exitCodes.usage, (error as Error).message);
  }
}

const understood = (args: string[]) => usable(() => parsed(args));

/** The command that the words ask for, checked before anything is called. */
function commandOf([name, ...words]: string[], values: Values): (service: Service) => Promise<Result> {
  const doing: Doing = { yes: values.yes, force: values.force, rate: rateOf(values.rate) };
  const filter = filterOf(values);
  const job = () => {
    const [type, jobId, ...rest] = words;
    const reportType = reportTypeOf(type);
    if (!jobId || rest.length > 0) throw wrong();
    return [reportType, jobId] as const;
  };
  switch (name) {
    case 'list': {
      const [what = 'failed', ...rest] = words;
      if (rest.length > 0) throw wrong();
      if (what === 'failed' || what === 'redrivable')
        return (service) => listFailed(service, filter, what === 'redrivable');
      if (what === 'waiting' || what === 'running')
        return (service) => listRunning(service, filter, what === 'waiting');
      throw wrong();
    }
    case 'show': {
      const [reportType, jobId] = job();
      return (service) => show(service, reportType, jobId);
    }
    case 'redrive': {
      const chosen = values.all || values.since || values.error || values.report || values.machine;
      if (words.length === 0 && chosen) return (service) => redriveMany(service, filter, doing);
      if (words.length === 0)
        throw new Stop(
          exitCodes.usage,
          'Name a job, or choose by --since, --error, --report, --machine or --all.',
        );
      if (chosen) throw new Stop(exitCodes.usage, 'Name a job or choose by options, not both.');
      if (words.length === 1) {
        const [word] = words as [string];
        return (service) =>
          redriveNamed(service, word.startsWith('arn:') ? { arn: word } : { jobId: word }, doing);
      }
      const [reportType, jobId] = job();
      return (service) => redriveNamed(service, { reportType, jobId }, doing);
    }
    case 'restart': {
      const [reportType, jobId] = job();
      return (service) => restart(service, reportType, jobId, doing);
    }
    case 'redeliver': {
      const [reportType, jobId] = job();
      return (service) => redeliver(service, reportType, jobId, values.to, doing);
    }
    case 'cancel': {
      const [reportType, jobId] = job();
      return (service) => cancel(service, reportType, jobId, doing);
    }
    case 'dlq':
      return deadLetterCommand(words, values, doing);
    case 'schedules':
      return scheduleCommand(words, doing);
    default:
      throw wrong();
  }
}

function deadLetterCommand([action, queue, ...ids]: string[], { all }: Values, doing: Doing) {
  const known = () => {
    if (queue && deadLetterQueues.includes(queue)) return queue;
    throw new Stop(exitCodes.usage, `Name one of the queues ${deadLetterQueues.join(', ')}.`);
  };
  if (action === 'list' && ids.length === 0) {
    const only = queue && known();
    return (service: Service) => listDeadLetters(service, only || undefined);
  }
  if (action !== 'replay' && action !== 'drop') throw wrong();
  const name = known();
  if (all === ids.length > 0) throw new Stop(exitCodes.usage, 'Name messages of the queue, or say --all.');
  return (service: Service) => treatDeadLetters(service, action, name, ids, doing);
}

function scheduleCommand([action, type, jobId, time, ...rest]: string[], doing: Doing) {
  if (action === 'list' && !type) return listSchedules;
  const reportType = reportTypeOf(type);
  if (!jobId || rest.length > 0) throw wrong();
  if (action === 'run-slot' && time)
    return (service: Service) => runSlot(service, reportType, jobId, time, doing);
  if (time || (action !== 'pause' && action !== 'resume')) throw wrong();
  const state = action === 'pause' ? 'DISABLED' : 'ENABLED';
  return (service: Service) => setState(service, reportType, jobId, state, doing);
}

const wrong = () => new Stop(exitCodes.usage, usage);

function filterOf({ since, error, report, machine }: Values): Filter {
  if (report && machine) throw new Stop(exitCodes.usage, 'Choose by --report or by --machine.');
  if (machine && !(machine in machines))
    throw new Stop(
      exitCodes.usage,
      `There is no machine ${machine}. Use one of ${Object.keys(machines).join(', ')}.`,
    );
  return {
    // As long as a redrive is possible.
    since: sinceOf(since ?? '14d'),
    error,
    ...(machine && { machines: [machine as Machine] }),
    ...(report && { machines: [machineOf[reportTypeOf(report)], 'deliver-report'], reportType: report }),
  };
}

/** The moment that `2h` or a date and time means. */
function sinceOf(text: string): Date {
  const [, number, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const minutes = { m: 1, h: 60, d: 24 * 60 }[unit ?? ''];
  const since = minutes ? new Date(Date.now() - Number(number) * minutes * 60_000) : new Date(text);
  if (!minutes && !/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text))
    throw new Stop(exitCodes.usage, `${text} is no time. Use 30m, 2h, 3d, or 2026-11-26T03:00Z.`);
  if (Number.isNaN(since.getTime())) throw new Stop(exitCodes.usage, `${text} is no time.`);
  return since;
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (rate > 0 && rate <= 100) return rate;
  throw new Stop(exitCodes.usage, '--rate is a number of redrives a second, up to 100.');
}

if (import.meta.main)
  process.exitCode = await run(process.argv.slice(2), {
    env: process.env,
    out: console.log,
    err: console.error,
  });
