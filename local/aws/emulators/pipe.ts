import { setTimeout as sleep } from 'node:timers/promises';
import { StartExecutionCommand, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Clients } from '../clients.ts';
import { pseudoParameters } from '../template/intrinsics.ts';
import type { Resource } from '../template/resources.ts';

/** Options of a pipe. */
export interface PipeOptions {
  pipe: Resource;
  /** URL of the source queue. */
  queueUrl: string;
  /** Clients with the pipe's role. */
  clients: Clients;
  administrator: Clients;
  waitTimeScale: number;
  log(line: string): void;
}

/** The back-off doubles this many times. */
const longestBackOff = 5;

/** Messages that the pipe handles at the same time; AWS starts with as many. */
const pollers = 5;

/** Runs a pipe from a queue to a state machine. Returns a function that stops it. */
export function startPipe(options: PipeOptions): () => Promise<void> {
  const { pipe, queueUrl: QueueUrl, clients, administrator, waitTimeScale, log } = options;
  const { Source, SourceParameters, Target, TargetParameters } = pipe.properties;
  const invocationType = TargetParameters?.StepFunctionStateMachineParameters?.InvocationType;
  refuseUnsupported(pipe);
  const stopped = new AbortController();
  const abortSignal = stopped.signal;

  async function deliver(message: Message): Promise<void> {
    const record = recordOf(message, Source);
    const { InputTemplate } = TargetParameters;
    const input = `[${InputTemplate ? fill(InputTemplate, record) : JSON.stringify(record)}]`;
    const target = { stateMachineArn: Target, input };
    if (invocationType === 'FIRE_AND_FORGET') {
      await clients.sfn.send(new StartExecutionCommand(target), { abortSignal });
      return;
    }
    const { status, error, cause } = await clients.sfn.send(new StartSyncExecutionCommand(target), {
      abortSignal,
    });
    if (status !== 'SUCCEEDED') throw new Error(`${Target} ended as ${status}: ${error} ${cause}`);
  }

  async function take(message: Message): Promise<void> {
    const ReceiptHandle = message.ReceiptHandle!;
    try {
      await deliver(message);
      await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }), { abortSignal });
    } catch (error) {
      if (abortSignal.aborted) return;
      log(`${pipe.name}: ${error}`);
      // On AWS the message returns after its visibility timeout of minutes, here after a scaled back-off.
      const attempt = Math.min(Number(message.Attributes?.ApproximateReceiveCount), longestBackOff);
      await sleep(1000 * 2 ** attempt * waitTimeScale, undefined, { signal: abortSignal });
      const visible = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
      await administrator.sqs.send(new ChangeMessageVisibilityCommand(visible), { abortSignal });
    }
  }

  async function poll(): Promise<void> {
    const receive = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: SourceParameters.SqsQueueParameters.BatchSize,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
      WaitTimeSeconds: 20,
    });
    while (!abortSignal.aborted)
      try {
        const { Messages = [] } = await clients.sqs.send(receive, { abortSignal });
        for (const message of Messages) await take(message);
      } catch (error) {
        if (abortSignal.aborted) return;
        log(`${pipe.name}: ${error}`);
        await sleep(200, undefined, { signal: abortSignal }).catch(() => undefined);
      }
  }

  const running = Array.from({ length: pollers }, poll);
  return async () => {
    stopped.abort();
    await Promise.allSettled(running);
  };
}

function refuseUnsupported(pipe: Resource): void {
  const { SourceParameters, TargetParameters, Enrichment, Source, Target } = pipe.properties;
  const queue = SourceParameters?.SqsQueueParameters;
  const refuse = (what: string) => {
    throw new Error(`${pipe.logicalId}: the local stack does not support a pipe with ${what}`);
  };
  if (!Source.startsWith('arn:aws:sqs:') || !Target.startsWith('arn:aws:states:'))
    refuse('anything but a queue as source and a state machine as target');
  if (queue?.BatchSize !== 1) refuse('a batch size other than 1');
  if (SourceParameters.FilterCriteria) refuse('FilterCriteria');
  const template = TargetParameters?.InputTemplate ?? '';
  if (template.replaceAll(placeholder, '').includes('<'))
    refuse('an InputTemplate of anything but JSON with placeholders such as <$.body>');
  if (Enrichment) refuse('an enrichment');
}

/** A path in the record, outside quotes. */
const placeholder = /(?<!")<\$((?:\.\w+)+)>(?!")/g;

/** The text for one record. Pipes writes a value as JSON, and leaves out a path that the record lacks. */
function fill(template: string, record: object): string {
  return template.replaceAll(placeholder, (_, path: string) => {
    const value = path
      .slice(1)
      .split('.')
      .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], record);
    return value === undefined ? '' : JSON.stringify(value);
  });
}

/** The record that EventBridge Pipes passes to a target for a message. */
function recordOf(message: Message, eventSourceARN: string): object {
  const attributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      attributes.map(([name, { DataType, StringValue }]) => [
        name,
        { stringValue: StringValue, stringListValues: [], binaryListValues: [], dataType: DataType },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: pseudoParameters['AWS::Region'],
  };
}
