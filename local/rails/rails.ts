import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PublishCommand } from '@aws-sdk/client-sns';
import type { Clients } from '../aws/clients.ts';
import { consume, subscribe, type TopicEvent } from './consumer.ts';
import { answerDownload } from './downloads.ts';
import type { MaySee } from './file-access.ts';

export type { TopicEvent } from './consumer.ts';

/** A stand-in for the Rails application: it publishes requests, receives events, and serves the download route. */
export interface Rails {
  url: string;
  /** Subscribes to the topic. The address is known before, since the templates need it. */
  connect(options: ConnectOptions): Promise<void>;
  /** Every event of the service, in order of arrival. */
  events: TopicEvent[];
  /** The same among the requests of Rails. */
  messages: TopicEvent[];
  /** Publishes a message with the attributes that Rails gives it. */
  publish(message: object): Promise<void>;
  /** The first event that fits, past or future. Waits as long as anything moves; rejects when nothing has for 30 seconds. */
  waitFor(fits: (event: TopicEvent) => boolean): Promise<TopicEvent>;
  stop(): Promise<void>;
}

/** The platform that the stand-in connects to. */
export interface ConnectOptions {
  clients: Clients;
  topicArn: string;
  maySee: MaySee;
  /** When anything moved last on the platform, in milliseconds since 1970. */
  movedAt(): number;
}

/** How long nothing must have moved until there is nothing to wait for, in milliseconds. */
const patience = 30_000;

/** Starts the web server of the stand-in, on a free port by default. */
export async function startRails(port = 0): Promise<Rails> {
  const events: TopicEvent[] = [];
  const messages: TopicEvent[] = [];
  const listeners = new Set<(event: TopicEvent) => void>();
  const stopped = new AbortController();
  let consuming: Promise<void> | undefined;
  let connection: ConnectOptions | undefined;

  function hear(event: TopicEvent): void {
    messages.push(event);
    if (event.source !== 'reports') return;
    events.push(event);
    for (const listener of listeners) listener(event);
  }

  const server = createServer((request, response) => {
    if (!connection) return void response.writeHead(503).end();
    const { clients, maySee } = connection;
    const url = new URL(request.url ?? '/', 'http://rails');
    void answerDownload(url, response, { s3: clients.s3, events, maySee });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    messages,
    async connect(options) {
      connection = options;
      const queueUrl = await subscribe(options.clients, options.topicArn);
      consuming = consume(options.clients, queueUrl, stopped.signal, hear);
    },
    async publish(message: { eventType?: unknown; caseId?: unknown }) {
      const { clients, topicArn } = connection!;
      const attribute = (value: unknown) => ({ DataType: 'String', StringValue: String(value) });
      await clients.sns.send(
        new PublishCommand({
          TopicArn: topicArn,
          Message: JSON.stringify(message),
          MessageAttributes: {
            eventType: attribute(message.eventType),
            ...(message.caseId != null && { caseId: attribute(message.caseId) }),
          },
        }),
      );
    },
    waitFor(fits) {
      const past = events.find(fits);
      if (past) return Promise.resolve(past);
      return new Promise((resolve, reject) => {
        let movedAt = Date.now();
        const listener = (event: TopicEvent) => {
          movedAt = Date.now();
          if (!fits(event)) return;
          finish();
          resolve(event);
        };
        const timer = setInterval(() => {
          if (Date.now() - Math.max(movedAt, connection?.movedAt() ?? 0) < patience) return;
          finish();
          const seen = events.map(({ eventType, jobId }) => `${eventType} ${jobId}`).join(', ');
          reject(
            new Error(
              `Nothing has moved for ${patience / 1000} s, and no event fits ${fits}; there were: ${seen || 'none'}`,
            ),
          );
        }, 1000);
        const finish = () => {
          clearInterval(timer);
          listeners.delete(listener);
        };
        listeners.add(listener);
      });
    },
    async stop() {
      stopped.abort();
      await consuming;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
