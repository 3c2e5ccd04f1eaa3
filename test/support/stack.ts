// The whole service for the tests of a file, as the fixture `stack`.
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  paginateListExecutions,
  RedriveExecutionCommand,
  TestStateCommand,
} from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { test as base, expect } from 'vitest';
import type { Machine } from '../../cdk/machines.ts';
import { isAbout } from '../../local/aws/emulators/inbox.ts';
import { caseIds, caseSchema, connectAsAdmin } from '../../local/database/seed.ts';
import type { TopicEvent } from '../../local/rails/rails.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { sharedAssembly } from './assembly.ts';
import { type Request, request } from './messages.ts';
import { visited } from './visits.ts';

/**
 * Tests with a stack of their file's own. Its waits are a hundred times shorter than on AWS. The file fails if an event broke
 * the contract, or a role was denied a call.
 */
export const it = base
  .extend('waitTimeScale', { scope: 'file' }, () => 0.01)
  .extend('stack', { scope: 'file' }, async ({ waitTimeScale }, { onCleanup }): Promise<TestStack> => {
    const stack = await startStack({
      waitTimeScale,
      quiet: true,
      assembly: await sharedAssembly(),
      onVisit: (machine, place) => visited(machine.replace('reports-development-', '') as Machine, place),
    });
    onCleanup(async () => {
      await stack.stop();
      expect(stack.violations).toEqual([]);
      expect(stack.calls.filter(({ allowed }) => !allowed)).toEqual([]);
    });
    return { ...stack, ...helpersOf(stack) };
  });

/** A stack, and what tests ask of it again and again. */
export type TestStack = Stack & ReturnType<typeof helpersOf>;

const finalEvents = ['REPORT_COMPLETED', 'REPORT_FAILED', 'REPORT_CANCELLED', 'REPORT_REFUSED'];

function helpersOf(stack: Stack) {
  const { rails, clients } = stack;
  const { s3, sfn, sqs } = clients;
  const queueUrl = (queue: string) => stack.queues[`reports-development-${queue}`]!;

  /** Publishes a request and waits for the first event that ends its job, past ones included. */
  async function ask(message: Request): Promise<TopicEvent> {
    await rails.publish(message);
    return ended(message.jobId);
  }

  /** The first event that ends the job. */
  function ended(jobId: unknown): Promise<TopicEvent> {
    return rails.waitFor((event) => finalEvents.includes(event.eventType) && event.jobId === jobId);
  }

  /** Does something, and waits for the first new event that fits. */
  async function nextEvent(
    act: () => Promise<unknown>,
    fits: (event: TopicEvent) => boolean = () => true,
  ): Promise<TopicEvent> {
    const seen = rails.events.length;
    await act();
    return rails.waitFor((event) => rails.events.indexOf(event) >= seen && fits(event));
  }

  /** The types of the events of a job, in order of arrival. */
  function eventTypes(jobId: string): string[] {
    return rails.events.filter((event) => event.jobId === jobId).map((event) => event.eventType);
  }

  /** Waits until the check passes, as long as anything moves. Throws its error when nothing has for 20 seconds. */
  async function waitFor<T>(check: () => T | Promise<T>): Promise<T> {
    for (const begun = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 50)))
      try {
        return await check();
      } catch (error) {
        if (Date.now() - Math.max(begun, stack.movedAt()) > 20_000) throw error;
      }
  }

  /** Waits until so many mails name the job. The mail about a failure follows its event. */
  function mailsOf(jobId: string, count: number) {
    return waitFor(async () => {
      const mails = (await stack.mails()).filter((mail) => isAbout(mail, jobId));
      expect(mails).toHaveLength(count);
      return mails;
    });
  }

  /** The number of messages in a queue, those in flight included. */
  async function messagesIn(queue: string): Promise<number> {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl(queue),
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Object.values(Attributes!).reduce((sum, count) => sum + Number(count), 0);
  }

  /** Waits until the router has taken every message. */
  const intakeIsEmpty = () => waitFor(async () => expect(await messagesIn('intake')).toBe(0));

  /** Sends a message to a queue. */
  function send(queue: string, message: object | string) {
    const MessageBody = typeof message === 'string' ? message : JSON.stringify(message);
    return sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(queue), MessageBody }));
  }

  /** The keys under a prefix in the reports bucket. */
  async function keysUnder(prefix: string): Promise<string[]> {
    const list = new ListObjectsV2Command({ Bucket: stack.bucket, Prefix: `development/${prefix}` });
    return ((await s3.send(list)).Contents ?? []).map(({ Key }) => Key!);
  }

  /** The text of a file in the reports bucket. */
  async function textOf(Key: string): Promise<string> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key }));
    return await Body!.transformToString();
  }

  const machineArn = (machine: string) => stack.stateMachines[`reports-development-${machine}`]!;
  const executionArn = (machine: string, name: string) =>
    `${machineArn(machine).replace(':stateMachine:', ':execution:')}:${name}`;

  /** An execution by its name; undefined if there is none. */
  function describeExecution(machine: string, name: string) {
    const command = new DescribeExecutionCommand({ executionArn: executionArn(machine, name) });
    return sfn.send(command).catch(() => undefined);
  }

  /** The executions of a machine, newest first. */
  async function executions(machine: string) {
    const found: ExecutionListItem[] = [];
    const pages = paginateListExecutions({ client: sfn }, { stateMachineArn: machineArn(machine) });
    for await (const { executions = [] } of pages) found.push(...executions);
    return found;
  }

  /** How often a function has been invoked. */
  function invocations(task: string): number {
    return stack.calls.filter(
      ({ action, resource }) =>
        action === 'lambda:InvokeFunction' && resource.endsWith(`:reports-development-${task}`),
    ).length;
  }

  /** The names of the states that executions of a machine have entered. */
  async function statesEntered(machine: Machine): Promise<Set<string>> {
    const entered = new Set<string>();
    for (const { executionArn } of await executions(machine)) {
      const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
      for (const event of events!)
        if (event.stateEnteredEventDetails) entered.add(event.stateEnteredEventDetails.name!);
    }
    return entered;
  }

  /** Runs one state whose call fails with this error after so many retries. */
  async function onError(machine: Machine, stateName: string, error: string, variables: object, retries = 0) {
    const stateMachineArn = machineArn(machine);
    const { definition } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const tested = await sfn.send(
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
    const { retryIndex, catchIndex } = tested.inspectionData?.errorDetails ?? {};
    if (retryIndex !== undefined) visited(machine, `${stateName}/Retry[${retryIndex}]`);
    if (catchIndex !== undefined) visited(machine, `${stateName}/Catch[${catchIndex}]`);
    return tested;
  }

  /** Stores parameters as Rails does, and returns a request for the hits of these terms. */
  async function searchHits(
    jobId: string,
    terms: string[],
    more: object = {},
    detail: Record<string, unknown> = {},
  ): Promise<Request> {
    const Key = `development/cases/${caseIds.pumps}/requests/${jobId}.json`;
    const parameters = { terms: terms.map((term, index) => ({ id: `T${index + 1}`, term })), ...more };
    await s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body: JSON.stringify(parameters) }));
    return request(jobId, { reportType: 'search_hit', parametersKey: Key, ...detail });
  }

  /** Redrives an execution as an operator does, and waits for the event that ends its job this time. */
  function redrive(machine: string, jobId: string, name = jobId): Promise<TopicEvent> {
    return nextEvent(
      () => sfn.send(new RedriveExecutionCommand({ executionArn: executionArn(machine, name) })),
      (event) => event.jobId === jobId && finalEvents.includes(event.eventType),
    );
  }

  /**
   * Asks for a report across cases and takes the database down when a lock holds up the last case. Brings it back when the
   * report has failed, and returns the event that ended it.
   */
  async function failOnOneCase(message: Request, caseId: number): Promise<TopicEvent> {
    const lock = await connectAsAdmin(stack.database, caseSchema(caseId));
    lock.on('error', () => {});
    await lock.query('LOCK TABLES activities WRITE');
    await rails.publish(message);
    const folder = `tmp/${message.eventDetail.reportType}-${message.jobId}/`;
    await waitFor(async () => {
      const outcomes = await keysUnder(`${folder}outcomes/`);
      const { eventDetail } = rails.events.findLast(({ jobId }) => jobId === message.jobId)!;
      const cases = (await textOf(`development/${folder}cases.jsonl`)).trim().split('\n');
      expect(eventDetail.error).toBeUndefined();
      expect(outcomes).toHaveLength(cases.length - 1);
    });
    const restore = await stack.outage('database');
    const failed = await ended(message.jobId);
    await restore();
    return failed;
  }

  return {
    ask,
    ended,
    waitFor,
    nextEvent,
    eventTypes,
    mailsOf,
    messagesIn,
    intakeIsEmpty,
    send,
    keysUnder,
    textOf,
    machineArn,
    executionArn,
    describeExecution,
    executions,
    invocations,
    statesEntered,
    onError,
    searchHits,
    redrive,
    failOnOneCase,
  };
}
