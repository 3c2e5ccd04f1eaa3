import { readFileSync } from 'node:fs';
import { GetExecutionHistoryCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, vi } from 'vitest';
import type { machineOf } from '../../cdk/machines.ts';
import schema from '../../contract/request.schema.json' with { type: 'json' };
import { caseIds, emails, userIds } from '../../local/database/seed.ts';
import type { TopicEvent } from '../../local/rails.ts';
import { type Stack, startStack } from '../../local/stack.ts';

export const administrator = { userId: userIds.dashboardAdministrator, email: emails.dashboardAdministrator };
export const paralegal = { userId: userIds.paralegal, email: emails.paralegal };

/** The whole stack, with waits a hundred times shorter than on AWS. */
export const startTestStack = () => startStack({ waitTimeScale: 0.01, quiet: true });

/** Parameters to ask each report with. */
export const parametersOf: Record<keyof typeof machineOf, object> = {
  custom: {},
  transcript_metadata: {},
  deposition_summary: {},
  page_count: {},
  review_log: { logType: 'privilege' },
  grid_data_export: { columns: [{ field: 'title' }], selection: { documentIds: [14, 11] } },
};

/** Whether a report is on the whole account, so that only an administrator may ask for it, without a case. */
export const isOnAccount = (reportType: string) => schema.$defs.AccountReportType.enum.includes(reportType);

/** The message that Rails publishes, with `more` in its eventDetail. */
export function request(jobId: unknown, more: Record<string, unknown> = {}, caseId: unknown = caseIds.pumps) {
  return {
    source: 'rails',
    eventType: 'REPORT_REQUESTED',
    jobId,
    caseId,
    batchId: null,
    status: 'SUCCESS',
    timestamp: new Date().toISOString(),
    eventDetail: { reportType: 'transcript_metadata', requestedBy: paralegal, ...more },
  };
}

/** The message with which Rails cancels a report, with `more` in its eventDetail. */
export function cancel(jobId: string, more: Record<string, unknown> = {}) {
  const { reportType, requestedBy } = request(jobId, more).eventDetail;
  return {
    ...request(jobId),
    eventType: 'REPORT_CANCEL_REQUESTED',
    eventDetail: { reportType, requestedBy },
  };
}

const ends = ['REPORT_COMPLETED', 'REPORT_FAILED', 'REPORT_CANCELLED', 'REPORT_REFUSED'];

/** Publishes a request and waits for the first event that ends it. */
export async function ask(stack: Stack, message: ReturnType<typeof request>): Promise<TopicEvent> {
  await stack.rails.publish(message);
  return ended(stack, message.jobId);
}

/** The first event that ends the job. */
export function ended(stack: Stack, jobId: unknown): Promise<TopicEvent> {
  return stack.rails.waitFor((event) => ends.includes(event.eventType) && event.jobId === jobId);
}

/** The types of the events of a job, in order of arrival. */
export function eventTypes(stack: Stack, jobId: string): string[] {
  return stack.rails.events.filter((event) => event.jobId === jobId).map((event) => event.eventType);
}

/** The mails that name the job, once there are so many; the mail of a failure comes after its event. */
export function mailsOf(stack: Stack, jobId: string, count: number) {
  return vi.waitFor(async () => {
    const mails = (await stack.mails()).filter(({ text }) => text?.includes(`job ${jobId}.`));
    expect(mails).toHaveLength(count);
    return mails;
  }, 20_000);
}

/** How many messages a queue holds, those in work included. */
export async function messagesIn(stack: Stack, queue: string): Promise<number> {
  const { Attributes } = await stack.clients.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: stack.queues[`reports-development-${queue}`],
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes!).reduce((sum, count) => sum + Number(count), 0);
}

export const machineArn = (stack: Stack, machine: string) =>
  stack.stateMachines[`reports-development-${machine}`]!;

/** The executions of a machine, newest first. */
export async function executions(stack: Stack, machine: string) {
  const command = new ListExecutionsCommand({ stateMachineArn: machineArn(stack, machine) });
  return (await stack.clients.sfn.send(command)).executions!;
}

/** The states that the executions of a machine entered. */
export async function statesEntered(stack: Stack, machine: string): Promise<Set<string>> {
  const entered = new Set<string>();
  for (const { executionArn } of await executions(stack, machine)) {
    const { events } = await stack.clients.sfn.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
    );
    for (const event of events!)
      if (event.stateEnteredEventDetails) entered.add(event.stateEnteredEventDetails.name!);
  }
  return entered;
}

/** The names of all states of a machine. */
export function stateNames(machine: string): string[] {
  const names: string[] = [];
  JSON.parse(readFileSync(`state-machines/${machine}.asl.json`, 'utf8'), (key, value) => {
    if (key === 'States') names.push(...Object.keys(value));
    return value;
  });
  return names;
}
