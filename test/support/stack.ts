import { readFileSync } from 'node:fs';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import {
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  TestStateCommand,
} from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, vi } from 'vitest';
import { definitionFile, type Machine, type machineOf } from '../../cdk/machines.ts';
import schema from '../../contract/request.schema.json' with { type: 'json' };
import { caseIds, caseSchema, connectAsAdmin, emails, userIds } from '../../local/database/seed.ts';
import type { TopicEvent } from '../../local/rails/rails.ts';
import { type Stack, startStack } from '../../local/stack.ts';

export const administrator = { userId: userIds.dashboardAdministrator, email: emails.dashboardAdministrator };
export const paralegal = { userId: userIds.paralegal, email: emails.paralegal };

/** The whole stack, with waits a hundred times shorter than on AWS. */
export const startTestStack = () => startStack({ waitTimeScale: 0.01, quiet: true });

/** Parameters to ask each report with. */
export const parametersOf: Record<keyof typeof machineOf, object> = {
  custom: {},
  transcript_metadata: {},
  user_activity: { from: '2026-11-01', to: '2026-11-30' },
  deposition_summary: {},
  page_count: {},
  review_log: { logType: 'privilege' },
  coding_overlay: { loadFile: 'development/cases/1001/requests/overlay.csv' },
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

/** A report on user activity across the cases of its account, with `more` in its eventDetail. */
export function acrossCases(jobId: string, { parameters = {}, ...more }: Record<string, unknown> = {}) {
  const requestedBy = { userId: userIds.calderAdministrator, email: emails.calderAdministrator };
  const days = parametersOf.user_activity;
  const detail = {
    reportType: 'user_activity',
    requestedBy,
    parameters: { ...days, ...(parameters as object) },
  };
  return request(jobId, { ...detail, ...more }, null);
}

/** The same as a custom report. */
export function customAcrossCases(
  jobId: string,
  { parameters = {}, ...more }: Record<string, unknown> = {},
): ReturnType<typeof request> {
  const type = 'user_activity';
  return acrossCases(jobId, {
    reportType: 'custom',
    parameters: { type, ...(parameters as object) },
    ...more,
  });
}

/** The keys under a prefix in the reports bucket. */
export async function keysUnder(stack: Stack, prefix: string): Promise<string[]> {
  const list = new ListObjectsV2Command({ Bucket: stack.bucket, Prefix: `development/${prefix}` });
  return ((await stack.clients.s3.send(list)).Contents ?? []).map(({ Key }) => Key!);
}

/**
 * Asks for a report across cases, and lets the database go down when one case is left: it is held up by a lock. When
 * the report has failed, the database is there again. Gives the event that ended the report.
 */
export async function failOnOneCase(stack: Stack, message: ReturnType<typeof request>, caseId: number) {
  const lock = await connectAsAdmin(stack.database, caseSchema(caseId));
  lock.on('error', () => {});
  await lock.query('LOCK TABLES activities WRITE');
  await stack.rails.publish(message);
  const folder = `tmp/${message.eventDetail.reportType}-${message.jobId}/`;
  await vi.waitFor(async () => {
    const results = await keysUnder(stack, `${folder}outcomes/`);
    const { eventDetail } = stack.rails.events.findLast(({ jobId }) => jobId === message.jobId)!;
    const list = await stack.clients.s3.send(
      new GetObjectCommand({ Bucket: stack.bucket, Key: `development/${folder}cases.jsonl` }),
    );
    const cases = (await list.Body!.transformToString()).trim().split('\n');
    expect(eventDetail.error).toBeUndefined();
    expect(results).toHaveLength(cases.length - 1);
  }, 20_000);
  const restore = await stack.outage('database');
  const failed = await ended(stack, message.jobId);
  await restore();
  return failed;
}

/** Redrives an execution as an operator does, and waits for the event that ends its job this time. */
export async function redrive(
  stack: Stack,
  machine: string,
  jobId: string,
  name = jobId,
): Promise<TopicEvent> {
  const seen = stack.rails.events.length;
  const executionArn = `${machineArn(stack, machine).replace(':stateMachine:', ':execution:')}:${name}`;
  await stack.clients.sfn.send(new RedriveExecutionCommand({ executionArn }));
  return stack.rails.waitFor(
    (event) =>
      event.jobId === jobId && ends.includes(event.eventType) && stack.rails.events.indexOf(event) >= seen,
  );
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

/** What a state does when its call fails with this error, after so many retries. */
export async function onError(
  stack: Stack,
  machine: string,
  stateName: string,
  error: string,
  variables: object,
  retries = 0,
) {
  const stateMachineArn = machineArn(stack, machine);
  const { definition } = await stack.clients.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  return stack.clients.sfn.send(
    new TestStateCommand({
      definition,
      stateName,
      input: '{}',
      variables: JSON.stringify(variables),
      mock: { errorOutput: { error, cause: 'As it happens' } },
      stateConfiguration: { retrierRetryCount: retries },
      inspectionLevel: 'DEBUG',
    }),
  );
}

/** The names of all states of a machine. */
export function stateNames(machine: Machine): string[] {
  const names: string[] = [];
  JSON.parse(readFileSync(definitionFile(machine), 'utf8'), (key, value) => {
    if (key === 'States') names.push(...Object.keys(value));
    return value;
  });
  return names;
}
