// The story of a job: all that its executions did, in order of time.
import { createHash } from 'node:crypto';
import {
  DescribeMapRunCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
} from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { type Machine, machineOf } from '../cdk/machines.ts';
import { executionsOfJob } from './act.ts';
import { causeOf, describeAll, listArns, mayMailTwice, verdictOf } from './executions.ts';
import { summaryOf } from './list.ts';
import type { Result } from './main.ts';
import { type Execution, exitCodes, inTurn, type Service, Stop } from './service.ts';
import { moment } from './table.ts';

/** One line of the story. */
export interface Entry {
  at: Date;
  /** The execution that it happened in, in a word. */
  where: string;
  what: string;
}

/** Of mail problems, so many are looked at. They are rare, and their executions have no names to find them by. */
const mostProblems = 200;

/**
 * Tells the story of a report: its executions and deliveries, its Map Run, the mails, the events, its cancels and
 * announcements. Of a schedule, who created, changed and deleted it. Nothing of the parameters is shown.
 * @throws Stop when nothing has that name
 */
export async function show(
  service: Service,
  reportType: keyof typeof machineOf,
  jobId: string,
): Promise<Result> {
  const [job, again] = [
    await executionsOfJob(service, reportType, jobId),
    await repeats(service, reportType, jobId),
  ];
  const jobs = [...job, ...again.deliveries];
  const since = jobs[0]?.startDate;
  const around = (
    await Promise.all([
      named(
        service,
        'cancel-report',
        (name) => name.startsWith(`${jobId}-`) && name.length === jobId.length + 21,
      ),
      named(service, 'schedule-report', ofSchedule(reportType, jobId)),
      named(service, 'unschedule-report', ofSchedule(reportType, jobId)),
      announcements(service, jobs),
      since ? mailProblems(service, reportType, jobId, since) : [],
    ])
  )
    .flat()
    // The names of cancels do not say the report type.
    .filter(
      ({ machine, input }) => machine !== 'cancel-report' || input.eventDetail.reportType === reportType,
    );
  const executions = [...jobs, ...around];
  if (executions.length === 0) throw new Stop(exitCodes.notFound, await nothing(service, reportType, jobId));
  const entries = (await inTurn(executions, (execution) => entriesOf(service, execution)))
    .flat()
    .sort((a, b) => Number(a.at) - Number(b.at));
  const verdict = conclusion(reportType, jobId, job, again.restarts);
  const [first] = jobs;
  const about = first && {
    caseId: first.input.caseId ?? undefined,
    requestedBy: first.input.eventDetail?.requestedBy?.email as string | undefined,
    originalJobId: first.input.originalJobId ?? undefined,
  };
  const width = Math.max(...entries.map(({ where }) => where.length));
  return {
    json: {
      reportType,
      jobId,
      ...about,
      conclusion: verdict,
      restarts: again.restarts,
      executions: executions.map(summaryOf),
      timeline: entries.map(({ at, ...entry }) => ({ at: at.toISOString(), ...entry })),
    },
    text: [
      `${reportType} ${jobId}`,
      ...(about?.caseId ? [`case ${about.caseId}`] : []),
      ...(about?.requestedBy ? [`requested by ${about.requestedBy}`] : []),
      ...(about?.originalJobId ? [`of ${about.originalJobId}`] : []),
    ].join(', '),
    lines: [
      '',
      ...entries.map(({ at, where, what }) => `${moment(at)}  ${where.padEnd(width)}  ${what}`),
      '',
      ...verdict,
    ],
  };
}

const ofSchedule = (reportType: string, jobId: string) => (name: string) =>
  name.startsWith(`${reportType}-${jobId}-`) &&
  /^\d{12,}$/.test(name.slice(reportType.length + jobId.length + 2));

async function named(service: Service, machine: Machine, fits: (name: string) => boolean) {
  const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;
  return describeAll(service, await listArns(service, [machine], statuses, ({ name }) => fits(name)));
}

/** Executions that operators started anew: deliveries of the job, and jobs of another name. */
async function repeats(service: Service, reportType: keyof typeof machineOf, jobId: string) {
  const deliveries: Execution[] = [];
  const restarts: string[] = [];
  const base = jobId.replace(/-r\d+$/, '');
  for (let number = 2; ; number++) {
    const delivery = await service.find('deliver-report', `${reportType}-${base}-r${number}`);
    // A delivery of a job that was started anew has a name of the same form.
    if (delivery?.input.jobId === jobId && delivery.name !== `${reportType}-${jobId}`)
      deliveries.push(delivery);
    const restarted = await service.find(machineOf[reportType], `${base}-r${number}`);
    if (restarted && restarted.name !== jobId) restarts.push(restarted.name);
    if (!delivery && !restarted) return { deliveries, restarts };
  }
}

/** The announcements of the ends of a job, which are named by the hash of the execution and its number of redrives. */
async function announcements(service: Service, jobs: Execution[]): Promise<Execution[]> {
  const ends = jobs.flatMap(({ arn, redriveCount }) =>
    Array.from({ length: redriveCount + 1 }, (_, redrive) =>
      createHash('sha256').update(`${arn} ${redrive}`).digest('hex'),
    ),
  );
  const found = await inTurn(ends, (name) => service.find('announce-failure', name));
  return found.filter((execution) => execution !== undefined);
}

async function mailProblems(service: Service, reportType: string, jobId: string, since: Date) {
  const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;
  const arns = await listArns(
    service,
    ['announce-mail-problem'],
    statuses,
    ({ startDate }) => startDate >= since,
  );
  const problems = await describeAll(service, arns.slice(0, mostProblems));
  return problems.filter(({ input }) => {
    const tags = input.detail?.mail?.tags ?? {};
    return tags.jobId?.[0] === jobId && tags.reportType?.[0] === reportType;
  });
}

async function nothing(service: Service, reportType: string, jobId: string): Promise<string> {
  const { Attributes } = await service.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: await service.queueUrl('intake'),
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  return (
    `There is no report and no schedule ${reportType} ${jobId}. ${Attributes?.ApproximateNumberOfMessages ?? 0} messages wait ` +
    'in the intake queue. A request that was refused leaves no execution: Rails has its REPORT_REFUSED.'
  );
}

/** The state of the job, and what an operator can do. */
function conclusion(
  reportType: string,
  jobId: string,
  job: Execution[],
  restarts: readonly string[],
): string[] {
  const last = job.at(-1);
  if (!last) return ['This is a schedule. Its reports are listed under their own jobIds.'];
  const where = roleOf(last);
  const command = (verb: string) => `npm run ops -- ${verb} ${reportType} ${jobId}`;
  const lines: string[] = [];
  if (last.status === 'RUNNING') lines.push(`The ${where} is running. To end it: ${command('cancel')}`);
  else if (last.status === 'SUCCEEDED')
    lines.push(
      last.machine === 'deliver-report'
        ? 'The report is delivered.'
        : `The ${where} has succeeded, and its successor has not started yet.`,
    );
  else {
    const verdict = verdictOf(last);
    lines.push(`The ${where} ended as ${last.status} with ${last.error}.`);
    if (verdict.redrive) lines.push(`It can be redriven: ${command('redrive')}`);
    else lines.push(`It is not redriven: ${verdict.why}.`);
    if (!verdict.redrive && /use restart/.test(verdict.why)) lines.push(`To ask anew: ${command('restart')}`);
    if (mayMailTwice(last)) lines.push('The mail may have been sent: look for it before you redrive.');
  }
  if (restarts.length > 0) lines.push(`It was started anew as ${restarts.join(', ')}.`);
  return lines;
}

function roleOf({ machine, name }: Execution): string {
  if (machine === 'deliver-report') return /-r\d+$/.test(name) ? 'delivery again' : 'delivery';
  const roles: Partial<Record<Machine, string>> = {
    'cancel-report': 'cancel',
    'schedule-report': 'schedule',
    'unschedule-report': 'schedule',
    'announce-failure': 'announcement',
    'announce-mail-problem': 'mail problem',
  };
  return roles[machine] ?? (name.startsWith('custom--') ? 'user activity' : 'report');
}

/** The lines of one execution. */
async function entriesOf(service: Service, execution: Execution): Promise<Entry[]> {
  const history: HistoryEvent[] = [];
  const pages = paginateGetExecutionHistory(
    { client: service.sfn, pageSize: 1000 },
    { executionArn: execution.arn, includeExecutionData: true },
  );
  for await (const { events = [] } of pages) history.push(...events);
  const where = roleOf(execution);
  const states = new Map<number, string>();
  /** The call of a state's present attempt. */
  const calls = new Map<string, { resource: string; arguments: Json; at: Date }>();
  const attempts = new Map<string, number>();
  const entries: Entry[] = [];
  let redrives = 0;
  for (const event of history) {
    const { type = '', timestamp: at = new Date(0), id = 0, previousEventId = 0 } = event;
    const tell = (what: string) => entries.push({ at, where, what });
    const entered = event.stateEnteredEventDetails;
    // Events of a state follow its entry, or one another.
    const name = entered?.name ?? states.get(previousEventId) ?? '';
    states.set(id, name);
    if (entered) attempts.delete(name);
    if (type === 'ExecutionStarted') tell(`${execution.machine} started: ${execution.name}`);
    else if (type === 'ExecutionRedriven')
      tell(`redriven, ${++redrives === 1 ? 'once' : `${redrives} times`} so far`);
    else if (type === 'ExecutionSucceeded') tell('succeeded');
    else if (type === 'ExecutionFailed' || type === 'ExecutionTimedOut' || type === 'ExecutionAborted') {
      const { error, cause = '' } =
        event.executionFailedEventDetails ??
        event.executionTimedOutEventDetails ??
        event.executionAbortedEventDetails ??
        {};
      tell([type.slice('Execution'.length).toUpperCase(), error, causeOf(cause)].filter(Boolean).join(' '));
    } else if (type === 'WaitStateEntered') tell(`${name}: waits`);
    else if (type === 'TaskScheduled') {
      const { resourceType = '', resource = '', parameters } = event.taskScheduledEventDetails!;
      calls.set(name, { resource: `${resourceType}:${resource}`, arguments: json(parameters), at });
      attempts.set(name, (attempts.get(name) ?? 0) + 1);
    } else if (/^(Task|Activity|LambdaFunction).*(Failed|TimedOut)$/.test(type)) {
      const { error, cause = '' } =
        event.taskFailedEventDetails ??
        event.taskTimedOutEventDetails ??
        event.taskSubmitFailedEventDetails ??
        event.taskStartFailedEventDetails ??
        {};
      const attempt = attempts.get(name) ?? 1;
      tell(
        `${name}: ${error ?? 'States.Timeout'}${attempt > 1 ? `, attempt ${attempt}` : ''} ${causeOf(cause)}`.trim(),
      );
    } else if (type === 'TaskSucceeded') {
      tell(`${name}: ${doneBy(calls.get(name), json(event.taskSucceededEventDetails?.output), at)}`);
    } else if (/^MapRun(Started|Redriven)$/.test(type)) {
      const { mapRunArn } = event.mapRunStartedEventDetails ?? event.mapRunRedrivenEventDetails ?? {};
      tell(`${name}: Map Run ${type === 'MapRunStarted' ? 'started' : 'redriven'}`);
      if (type === 'MapRunStarted') entries.push(...(await mapRunEntries(service, mapRunArn!, where, name)));
    }
  }
  return entries;
}

// biome-ignore lint/suspicious/noExplicitAny: arguments and results of any service.
type Json = any;
const json = (text: string | undefined): Json => {
  try {
    return JSON.parse(text ?? 'null') ?? {};
  } catch {
    return {};
  }
};

/** The effect of a call, in words: an event, a mail, an execution that was started; otherwise that it is done. */
function doneBy(
  call: { resource: string; arguments: Json; at: Date } | undefined,
  output: Json,
  at: Date,
): string {
  const { resource = '', arguments: given = {} } = call ?? {};
  if (resource === 'sns:publish') {
    const message = typeof given.Message === 'string' ? json(given.Message) : given.Message;
    return `event ${message?.eventType}`;
  }
  const to = given.Payload?.recipient?.email ?? given.Payload?.failure?.requestedBy.email;
  if (to) {
    const { messageId, outcome, reason } = output.Payload ?? {};
    return `mail to ${to} ${messageId ? 'sent' : String(outcome).replaceAll('_', ' ')}${reason ? ` (${reason})` : ''}`;
  }
  if (resource.startsWith('states:startExecution'))
    return `started ${String(output.ExecutionArn).split(':').slice(6).join(' ')}`;
  return call ? `done in ${((Number(at) - Number(call.at)) / 1000).toFixed(1)} s` : 'done';
}

/** The number of children of a Map Run by their end, and the errors of those that failed. */
async function mapRunEntries(
  service: Service,
  mapRunArn: string,
  where: string,
  name: string,
): Promise<Entry[]> {
  const run = await service.sfn.send(new DescribeMapRunCommand({ mapRunArn }));
  const counts = Object.entries(run.executionCounts ?? {})
    .filter(([key, number]) => key !== 'resultsWritten' && (number ?? 0) > 0)
    .map(([key, number]) => `${number} ${key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`);
  const at = run.stopDate ?? new Date();
  const { executions = [] } = await service.sfn.send(
    new ListExecutionsCommand({ mapRunArn, statusFilter: 'FAILED', maxResults: 10 }),
  );
  const failed = await inTurn(executions, async ({ executionArn, stopDate }) => {
    const { error, cause } = await service.describe(executionArn!);
    return { at: stopDate!, where, what: `${name}: child failed with ${error} ${causeOf(cause)}` };
  });
  return [...failed, { at, where, what: `${name}: Map Run ${run.status}: ${counts.join(', ')}` }];
}
