// Commands that change an execution or start one. Each only says what it would do, unless it is told to do it.
import { setTimeout as sleep } from 'node:timers/promises';
import { RedriveExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Machine, machineOf } from '../cdk/machines.ts';
import {
  bulkVerdicts,
  type Filter,
  failures,
  jobIdOf,
  mayMailTwice,
  reportTypeOf,
  type Verdict,
  verdictOf,
} from './executions.ts';
import { summaryOf } from './list.ts';
import type { Result } from './main.ts';
import { type Execution, exitCodes, type Service, Stop } from './service.ts';
import { count, table } from './table.ts';

type ReportType = keyof typeof machineOf;

/** Options of all commands that change something. */
export interface Doing {
  /** Without it, nothing is changed. */
  yes: boolean;
  /** Does what is refused at first, where that does no harm. */
  force?: boolean;
  /** Redrives a second. */
  rate?: number;
}

const onlySaid = 'Nothing was changed. Add --yes to do it.';

/** The executions of a job that can fail: the report, the one that a custom report passes its work to, and the delivery. */
export async function executionsOfJob(
  service: Service,
  reportType: ReportType,
  jobId: string,
): Promise<Execution[]> {
  const names: [Machine, string][] = [
    [machineOf[reportType], jobId],
    ...(reportType === 'custom' ? [['user-activity', `custom--${jobId}`] as [Machine, string]] : []),
    ['deliver-report', `${reportType}-${jobId}`],
  ];
  const found = await Promise.all(names.map(([machine, name]) => service.find(machine, name)));
  return found.filter((execution) => execution !== undefined);
}

/**
 * Redrives what an operator named: an execution, or the one of a job that failed. Without the report type, the jobId must be
 * that of one report only.
 */
export async function redriveNamed(
  service: Service,
  { arn, reportType, jobId }: { arn?: string; reportType?: ReportType; jobId?: string },
  doing: Doing,
): Promise<Result> {
  const types = reportType ? [reportType] : (Object.keys(machineOf) as ReportType[]);
  const found = arn
    ? [await service.describe(arn)]
    : (await Promise.all(types.map((type) => executionsOfJob(service, type, jobId!)))).flat();
  if (found.length === 0) throw new Stop(exitCodes.notFound, `There is no report ${jobId}.`);
  const named = new Set(found.map(reportTypeOf));
  if (named.size > 1)
    throw new Stop(
      exitCodes.usage,
      `Reports of several types are called ${jobId}: ${[...named].join(', ')}. Name the type too.`,
    );
  const ended = found.filter(({ status }) => !['RUNNING', 'SUCCEEDED'].includes(status));
  if (ended.length === 0)
    throw new Stop(
      exitCodes.refused,
      found
        .map((each) => `${each.machine} ${each.name}: ${(verdictOf(each) as { why: string }).why}.`)
        .join('\n'),
    );
  const decided = ended.map((execution) => ({ execution, verdict: insisted(verdictOf(execution), doing) }));
  const result = await redriveAll(service, decided, doing);
  return {
    ...result,
    code: decided.some(({ verdict }) => verdict.redrive) ? result.code : exitCodes.refused,
  };
}

function insisted(verdict: Verdict, { force }: Doing): Verdict {
  return !verdict.redrive && verdict.mayInsist && force ? { redrive: true } : verdict;
}

/** Redrives all that failed and fit, but nothing that was cancelled, can never work, or needs a look first. */
export async function redriveMany(service: Service, filter: Filter, doing: Doing): Promise<Result> {
  const found = await failures(service, filter);
  if (found.length === 0) throw new Stop(exitCodes.notFound, 'No failed execution fits.');
  const verdicts = await bulkVerdicts(service, found);
  return redriveAll(
    service,
    found.map((execution, index) => ({ execution, verdict: verdicts[index]! })),
    doing,
  );
}

async function redriveAll(
  { sfn, progress }: Service,
  decided: { execution: Execution; verdict: Verdict }[],
  { yes, rate = 2 }: Doing,
): Promise<Result> {
  const results: { execution: Execution; outcome: string; note: string }[] = [];
  const due = decided.filter(({ verdict }) => verdict.redrive).length;
  let done = 0;
  for (const { execution, verdict } of decided) {
    const add = (outcome: string, note = '') => results.push({ execution, outcome, note });
    if (!verdict.redrive) {
      add('left', `${verdict.why}${verdict.mayInsist ? '; redrive it by its name' : ''}`);
      continue;
    }
    const note = mayMailTwice(execution) ? 'a recipient may get a second mail' : '';
    if (!yes) {
      add('to redrive', note);
      continue;
    }
    if (done > 0) await sleep(1000 / rate);
    try {
      await sfn.send(new RedriveExecutionCommand({ executionArn: execution.arn }));
      add('redriven', note);
    } catch (error) {
      add('failed', (error as Error).message);
    }
    done++;
    if (due > 1) progress(`${done} of ${due}: ${reportTypeOf(execution)} ${jobIdOf(execution)}`);
  }
  const numberOf = (outcome: string) => results.filter((each) => each.outcome === outcome).length;
  const summary = ['redriven', 'to redrive', 'left', 'failed']
    .filter((outcome) => numberOf(outcome) > 0)
    .map((outcome) => `${numberOf(outcome)} ${outcome}`);
  return {
    json: {
      changed: yes,
      executions: results.map(({ execution, outcome, note }) => ({
        ...summaryOf(execution),
        outcome,
        note: note || undefined,
      })),
    },
    text: [
      table(
        ['outcome', 'report', 'job', 'machine', 'error', 'note'],
        results.map(({ execution, outcome, note }) => [
          outcome,
          reportTypeOf(execution),
          jobIdOf(execution),
          execution.machine,
          execution.error,
          note,
        ]),
      ),
      `${count(results.length, 'execution')}: ${summary.join(', ')}.`,
      ...(yes || due === 0 ? [] : [onlySaid]),
    ].join('\n'),
    code: numberOf('failed') > 0 ? exitCodes.failed : exitCodes.done,
  };
}

/**
 * Asks for a report anew, with the request of one that cannot be redriven: its job is called `<jobId>-r2`, or the next free
 * number, and its events carry the first jobId as `originalJobId`. Takes the machine as it is deployed now.
 * @throws Stop when the report runs, succeeded, was cancelled, is an overlay, or (unless forced) can never work
 */
export async function restart(
  service: Service,
  reportType: ReportType,
  jobId: string,
  { yes, force }: Doing,
): Promise<Result> {
  const [report, ...others] = await executionsOfJob(service, reportType, jobId);
  if (report?.machine !== machineOf[reportType])
    throw new Stop(exitCodes.notFound, `There is no report ${reportType} ${jobId}.`);
  const verdicts = [report, ...others].map((execution) => ({ execution, verdict: verdictOf(execution) }));
  const refuse = (why: string) => {
    throw new Stop(exitCodes.refused, `${reportType} ${jobId} is not started anew: ${why}.`);
  };
  if (reportType === 'coding_overlay')
    refuse('its case waits for it; redrive it, or have Rails ask for an overlay or a restore');
  for (const { execution, verdict } of verdicts) {
    if (verdict.redrive) continue;
    if (/running|cancelled/.test(verdict.why)) refuse(`${execution.machine}: ${verdict.why}`);
    if (verdict.mayInsist && !force)
      refuse(`${verdict.why}, so it would fail again. --force starts it all the same`);
  }
  if (verdicts.every(({ execution }) => execution.status === 'SUCCEEDED'))
    refuse('it has succeeded; redeliver mails it again');
  const newId = await freeName(service, machineOf[reportType], jobId);
  const input = { ...report.input, jobId: newId, originalJobId: report.input.originalJobId ?? jobId };
  return start(service, machineOf[reportType], newId, input, yes, {
    jobId: newId,
    originalJobId: input.originalJobId,
    text: `${reportType} ${jobId} as ${newId}`,
  });
}

/**
 * Mails a finished report again, to all its recipients or one of them. The delivery asks anew who may see the report.
 * @throws Stop when there is no delivery, or it runs, was cancelled, or can be redriven
 */
export async function redeliver(
  service: Service,
  reportType: ReportType,
  jobId: string,
  to: string | undefined,
  { yes }: Doing,
): Promise<Result> {
  const name = `${reportType}-${jobId}`;
  const delivery = await service.find('deliver-report', name);
  if (!delivery) throw new Stop(exitCodes.notFound, `There is no delivery ${name}.`);
  const verdict = verdictOf(delivery);
  if (verdict.redrive)
    throw new Stop(
      exitCodes.refused,
      'The delivery failed and can be redriven, which mails only what is missing.',
    );
  if (/running|cancelled/.test(verdict.why)) throw new Stop(exitCodes.refused, `${name}: ${verdict.why}.`);
  const { context } = delivery.input;
  const recipients = (context.delivery.recipients as { email: string }[]).filter(
    ({ email }) => to === undefined || email === to,
  );
  if (recipients.length === 0)
    throw new Stop(
      exitCodes.notFound,
      to ? `${to} is no recipient of ${name}.` : `${name} was mailed to nobody.`,
    );
  const input = { ...delivery.input, context: { ...context, delivery: { ...context.delivery, recipients } } };
  const newName = await freeName(service, 'deliver-report', name);
  return start(service, 'deliver-report', newName, input, yes, {
    jobId,
    recipients: recipients.map(({ email }) => email),
    text: `the delivery of ${reportType} ${jobId} to ${recipients.map(({ email }) => email).join(', ')}`,
  });
}

/** The first of `<name>-r2`, `<name>-r3` … that no execution has. A restart of a restart counts on. */
async function freeName(service: Service, machine: Machine, name: string): Promise<string> {
  const base = name.replace(/-r\d+$/, '');
  for (let number = 2; ; number++) {
    const free = `${base}-r${number}`;
    if (free.length > 80)
      throw new Stop(exitCodes.refused, `${free} is too long for the name of an execution.`);
    if (!(await service.find(machine, free))) return free;
  }
}

async function start(
  { sfn, machineArn }: Service,
  machine: Machine,
  name: string,
  input: object,
  yes: boolean,
  { text, ...json }: { text: string; [field: string]: unknown },
): Promise<Result> {
  if (!yes) return { json: { changed: false, ...json }, text: `Would start ${text}.\n${onlySaid}` };
  const command = { stateMachineArn: machineArn(machine), name, input: JSON.stringify(input) };
  const { executionArn } = await sfn.send(new StartExecutionCommand(command));
  return { json: { changed: true, ...json, executionArn }, text: `Started ${text}.\n${executionArn}` };
}

/**
 * Cancels a report as Rails does, through the intake queue, in the name of the support address. The events tell Rails.
 * @throws Stop when there is no such report
 */
export async function cancel(
  service: Service,
  reportType: ReportType,
  jobId: string,
  { yes }: Doing,
): Promise<Result> {
  const [report, ...others] = await executionsOfJob(service, reportType, jobId);
  if (!report) throw new Stop(exitCodes.notFound, `There is no report ${reportType} ${jobId}.`);
  if (![report, ...others].some(({ status }) => status === 'RUNNING'))
    throw new Stop(exitCodes.refused, `${reportType} ${jobId} has ended; there is nothing to cancel.`);
  if (yes) {
    const { caseId, eventDetail } = report.input;
    const message = {
      source: 'operations',
      eventType: 'REPORT_CANCEL_REQUESTED',
      jobId,
      caseId,
      batchId: null,
      status: 'SUCCESS',
      timestamp: new Date().toISOString(),
      // Only the requester, or whoever may ask for the report, may cancel one of an account.
      eventDetail: {
        reportType,
        requestedBy: { userId: eventDetail.requestedBy.userId, email: service.config.supportAddress },
      },
    };
    await sendToIntake(service, JSON.stringify(message));
  }
  return {
    json: { changed: yes, reportType, jobId },
    text: yes
      ? `Asked to cancel ${reportType} ${jobId}. Follow it with show.`
      : `Would cancel ${reportType} ${jobId}: stop it and its delivery, and delete its file.\n${onlySaid}`,
  };
}

/** Sends a message to the intake queue, where the router takes it as one of Rails. */
export async function sendToIntake(service: Service, MessageBody: string): Promise<void> {
  await service.sqs.send(new SendMessageCommand({ QueueUrl: await service.queueUrl('intake'), MessageBody }));
}
