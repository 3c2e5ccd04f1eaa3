import { DescribeMapRunCommand, GetExecutionHistoryCommand, ListMapRunsCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { machines } from '../cdk/machines.ts';
import {
  bulkVerdicts,
  causeOf,
  describeAll,
  type Filter,
  failures,
  jobIdOf,
  jobMachines,
  listArns,
  reportTypeOf,
} from './executions.ts';
import type { Result } from './main.ts';
import { type Execution, inTurn, type Service } from './service.ts';
import { count, moment, table } from './table.ts';

/** Lists executions that failed, or only those that a bulk redrive would take. */
export async function listFailed(service: Service, filter: Filter, redrivableOnly: boolean): Promise<Result> {
  const found = await failures(service, filter);
  const verdicts = await bulkVerdicts(service, found);
  const all = found.map((execution, index) => ({ execution, verdict: verdicts[index]! }));
  const shown = redrivableOnly ? all.filter(({ verdict }) => verdict.redrive) : all;
  return {
    json: shown.map(({ execution, verdict }) => ({ ...summaryOf(execution), ...verdict })),
    text: [
      table(
        ['ended (UTC)', 'report', 'job', 'machine', 'error', 'redrive', 'cause'],
        shown.map(({ execution, verdict }) => [
          moment(execution.stopDate),
          reportTypeOf(execution),
          jobIdOf(execution),
          execution.machine,
          execution.error,
          verdict.redrive ? 'yes' : `no: ${verdict.why}`,
          causeOf(execution.cause),
        ]),
      ),
      count(shown.length, redrivableOnly ? 'redrivable execution' : 'failed execution'),
    ].join('\n'),
  };
}

/** Lists running executions with what each is doing; of those, `waiting` ones wait for something. */
export async function listRunning(
  service: Service,
  { machines: chosen }: Filter,
  waitingOnly: boolean,
): Promise<Result> {
  const arns = await listArns(service, chosen ?? jobMachines, ['RUNNING']);
  const running = await inTurn(await describeAll(service, arns), async (execution) => ({
    execution,
    ...(await doing(service, execution)),
  }));
  const shown = running.filter(({ waits }) => waits || !waitingOnly);
  const intake = waitingOnly ? await waitingRequests(service) : undefined;
  return {
    json: {
      ...(waitingOnly && { requestsWaiting: intake }),
      executions: shown.map(({ execution, text }) => ({ ...summaryOf(execution), doing: text })),
    },
    text: [
      ...(waitingOnly ? [`${count(intake!, 'request')} in the intake queue`] : []),
      table(
        ['started (UTC)', 'report', 'job', 'machine', 'doing'],
        shown.map(({ execution, text }) => [
          moment(execution.startDate),
          reportTypeOf(execution),
          jobIdOf(execution),
          execution.machine,
          text,
        ]),
      ),
      count(shown.length, waitingOnly ? 'waiting execution' : 'running execution'),
    ].join('\n'),
  };
}

/** What of an execution goes into JSON: nothing of its input but its identity. */
export function summaryOf(execution: Execution) {
  const { arn, machine, status, startDate, stopDate, redriveCount, error, cause } = execution;
  return {
    executionArn: arn,
    machine,
    reportType: reportTypeOf(execution),
    jobId: jobIdOf(execution),
    status,
    startedAt: startDate.toISOString(),
    endedAt: stopDate?.toISOString(),
    redriveCount,
    error,
    ...(error && { cause: causeOf(cause) }),
  };
}

async function waitingRequests(service: Service): Promise<number> {
  const { Attributes } = await service.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: await service.queueUrl('intake'),
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}

/** The present state of a running execution: a state that waits for its next attempt, for a time, or for free children. */
async function doing(
  { sfn }: Service,
  { arn, machine }: Execution,
): Promise<{ text: string; waits: boolean }> {
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true, maxResults: 100 }),
  );
  const [last] = events;
  const state = events.find(({ type }) => type?.endsWith('StateEntered'))?.stateEnteredEventDetails?.name;
  if (machines[machine]?.fanOut && events.some(({ type }) => /^MapRun(Started|Redriven)$/.test(type!))) {
    const { mapRuns = [] } = await sfn.send(new ListMapRunsCommand({ executionArn: arn }));
    const run = mapRuns.find(({ stopDate }) => !stopDate);
    if (run) {
      const { executionCounts: counts } = await sfn.send(
        new DescribeMapRunCommand({ mapRunArn: run.mapRunArn }),
      );
      const text = `${state}: ${counts!.succeeded} of ${counts!.total} done, ${counts!.running} running, ${counts!.pending} waiting`;
      return { text, waits: counts!.running === 0 };
    }
  }
  if (last?.type === 'WaitStateEntered') return { text: `waits in ${state}`, waits: true };
  if (/(Failed|TimedOut)$/.test(last?.type ?? '')) {
    const details = last!.taskFailedEventDetails ?? last!.taskTimedOutEventDetails;
    return { text: `${state}: repeats after ${details?.error ?? 'an error'}`, waits: true };
  }
  return { text: state ?? 'starting', waits: false };
}
