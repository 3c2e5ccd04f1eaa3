// The dead-letter queues.
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { type Doing, sendToIntake } from './act.ts';
import type { Result } from './main.ts';
import { exitCodes, type Service, Stop } from './service.ts';
import { count, moment, table } from './table.ts';

/** The use of a message of each queue; null where nothing can take it. */
const replays: Record<string, ((service: Service, message: Message) => Promise<unknown>) | null> = {
  // A pipe has these two answered. They hold messages only while it is stopped.
  'intake-dead-letters': (service, { Body }) => sendToIntake(service, Body!),
  'intake-unreadable': null,
  // EventBridge's event for a machine. The name ensures that a message that is replayed twice starts one execution.
  'failure-dead-letters': ({ sfn }, { Body, MessageId, MessageAttributes }) =>
    sfn.send(
      new StartExecutionCommand({
        stateMachineArn: MessageAttributes!.TARGET_ARN!.StringValue!,
        name: `replay-${MessageId}`,
        input: Body,
      }),
    ),
  'schedule-dead-letters': (service, { Body }) => sendToIntake(service, Body!),
};
const answeredByPipe = ['intake-dead-letters', 'intake-unreadable'];
export const deadLetterQueues = Object.keys(replays);

/** Seconds for which nobody else sees the messages that are looked at. */
const lookingSeconds = 60;
const mostMessages = 1000;

/**
 * Lists dead letters: of the named queue, or of all whose messages wait for an operator, beside the depth of every queue. A
 * message that is listed counts as received once more.
 */
export async function listDeadLetters(service: Service, queue: string | undefined): Promise<Result> {
  const looked = queue ? [queue] : deadLetterQueues.filter((name) => !answeredByPipe.includes(name));
  const depths = Object.fromEntries(
    await Promise.all(deadLetterQueues.map(async (name) => [name, await depthOf(service, name)] as const)),
  );
  const messages: ReturnType<typeof summaryOf>[] = [];
  for (const name of looked) {
    const found = await receive(service, name);
    messages.push(...found.map((message) => summaryOf(name, message)));
    await release(service, name, found);
  }
  return {
    json: { depths, messages },
    text: [
      table(['queue', 'messages'], Object.entries(depths)),
      '',
      table(
        ['queue', 'message', 'sent (UTC)', 'event', 'report', 'job', 'error'],
        messages.map((each) => [
          each.queue,
          each.messageId,
          moment(each.sentAt),
          each.eventType,
          each.reportType,
          each.jobId,
          each.error,
        ]),
      ),
      count(messages.length, 'message'),
    ].join('\n'),
  };
}

/** Passes messages on to where they did not arrive, and then deletes them; or only deletes them. `ids` is empty for all. */
export async function treatDeadLetters(
  service: Service,
  action: 'replay' | 'drop',
  queue: string,
  ids: readonly string[],
  { yes }: Doing,
): Promise<Result> {
  const replay = replays[queue];
  if (action === 'replay' && !replay)
    throw new Stop(
      exitCodes.refused,
      `A message of ${queue} is too long for any execution: it can only be dropped.`,
    );
  const all = await receive(service, queue);
  const chosen = all.filter(({ MessageId }) => ids.length === 0 || ids.includes(MessageId!));
  const results: { messageId: string; outcome: string; note?: string; body?: string }[] = [];
  const kept = all.filter((message) => !yes || !chosen.includes(message));
  const QueueUrl = await service.queueUrl(queue);
  for (const message of chosen) {
    const { MessageId: messageId, ReceiptHandle, Body: body } = message as Required<Message>;
    if (!yes) {
      results.push({ messageId, outcome: `to ${action}` });
      continue;
    }
    try {
      if (action === 'replay') await replay!(service, message);
      await service.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      // A dropped message exists nowhere else.
      results.push({
        messageId,
        ...(action === 'drop' ? { outcome: 'dropped', body } : { outcome: 'replayed' }),
      });
    } catch (error) {
      results.push({ messageId, outcome: 'failed', note: (error as Error).message });
      kept.push(message);
    }
  }
  await release(service, queue, kept);
  const missing = ids.filter((id) => !chosen.some(({ MessageId }) => MessageId === id));
  if (chosen.length === 0)
    throw new Stop(
      exitCodes.notFound,
      missing.length ? `Not in ${queue}: ${missing.join(', ')}` : `${queue} is empty.`,
    );
  const failed = results.some(({ outcome }) => outcome === 'failed') || missing.length > 0;
  return {
    json: { changed: yes, queue, messages: results, missing },
    text: [
      table(
        ['outcome', 'message', 'note'],
        results.map(({ outcome, messageId, note, body }) => [outcome, messageId, note ?? body]),
      ),
      ...(missing.length ? [`Not in ${queue}: ${missing.join(', ')}`] : []),
      ...(yes ? [] : ['Nothing was changed. Add --yes to do it.']),
    ].join('\n'),
    code: failed ? exitCodes.failed : exitCodes.done,
  };
}

async function depthOf(service: Service, queue: string): Promise<number> {
  const { Attributes } = await service.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: await service.queueUrl(queue),
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes ?? {}).reduce((sum, number) => sum + Number(number), 0);
}

/** Takes the messages of a queue, up to a thousand; nobody else sees them for a minute. */
async function receive(service: Service, queue: string): Promise<Message[]> {
  const QueueUrl = await service.queueUrl(queue);
  const found: Message[] = [];
  while (found.length < mostMessages) {
    const { Messages = [] } = await service.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: lookingSeconds,
        // A long poll asks every server of the queue.
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      }),
    );
    if (Messages.length === 0) break;
    found.push(...Messages);
    service.progress(`Read ${count(found.length, 'message')} of ${queue}`);
  }
  return found;
}

async function release(service: Service, queue: string, messages: readonly Message[]): Promise<void> {
  const QueueUrl = await service.queueUrl(queue);
  for (const { ReceiptHandle } of messages)
    await service.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: ReceiptHandle!, VisibilityTimeout: 0 }),
    );
}

function summaryOf(queue: string, { MessageId, Body = '', Attributes, MessageAttributes }: Message) {
  const body = parsed(Body);
  // EventBridge sends a status event, whose input is the request.
  const request = typeof body.detail?.input === 'string' ? parsed(body.detail.input) : body;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    queue,
    messageId: MessageId!,
    sentAt: new Date(Number(Attributes?.SentTimestamp)),
    received: Number(Attributes?.ApproximateReceiveCount),
    eventType: text(body.eventType) ?? text(body['detail-type']),
    reportType: text(request.eventDetail?.reportType),
    jobId: text(request.jobId) ?? text(request.scheduleId),
    error: MessageAttributes?.ERROR_MESSAGE?.StringValue ?? MessageAttributes?.ERROR_CODE?.StringValue,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a dead letter can be anything.
function parsed(text: string): any {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
