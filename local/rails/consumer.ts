import { setTimeout as sleep } from 'node:timers/promises';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Clients } from '../aws/clients.ts';
import { arn } from '../aws/template/resource-types.ts';

/** An event as it is published to the topic. */
export interface TopicEvent {
  source: string;
  eventType: string;
  jobId: string | null;
  caseId: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: contract/event.schema.json says what is in it.
  eventDetail: Record<string, any>;
  [field: string]: unknown;
}

/** Subscribes a new queue to the topic. Returns its URL. */
export async function subscribe({ sqs, sns }: Clients, topicArn: string): Promise<string> {
  const QueueName = 'rails-events';
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: arn('sqs', QueueName),
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  return QueueUrl!;
}

/** Passes each event of the service, and each message of Rails, to `hear` until the signal aborts. Survives outages of SQS. */
export async function consume(
  { sqs }: Clients,
  QueueUrl: string,
  abortSignal: AbortSignal,
  hear: (event: TopicEvent) => void,
): Promise<void> {
  const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 });
  while (!abortSignal.aborted)
    try {
      const { Messages = [] } = await sqs.send(receive, { abortSignal });
      for (const message of Messages) {
        const event = parse(message);
        if (event?.source === 'reports' || event?.source === 'rails') hear(event);
        const { ReceiptHandle } = message;
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }), { abortSignal });
      }
    } catch {
      await sleep(200, undefined, { signal: abortSignal }).catch(() => undefined);
    }
}

/** The topic is shared, so a message may hold anything. */
function parse({ Body }: Message): TopicEvent | undefined {
  try {
    return JSON.parse(Body!);
  } catch {
    return undefined;
  }
}
