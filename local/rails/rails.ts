import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Clients } from '../aws/clients.ts';
import { arn } from '../aws/template/resource-types.ts';
import type { MaySee } from './sign-in.ts';

/** An event as it stands on the topic. */
export interface TopicEvent {
  source: string;
  eventType: string;
  jobId: string | null;
  caseId: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: contract/event.schema.json says what is in it.
  eventDetail: Record<string, any>;
  [field: string]: unknown;
}

/** The stand-in for the Rails application: it asks for reports, hears what became of them, and hands out files. */
export interface Rails {
  url: string;
  /** Subscribes to the topic; before that, it only has its address. */
  connect(options: ConnectOptions): Promise<void>;
  /** Every event of the service, in order of arrival. */
  events: TopicEvent[];
  /** Publishes a request as Rails would. */
  publish(request: Record<string, unknown>): Promise<void>;
  /** The first event that fits, past or to come; rejects after the time, 30 seconds unless told. */
  waitFor(fits: (event: TopicEvent) => boolean, milliseconds?: number): Promise<TopicEvent>;
  stop(): Promise<void>;
}

/** What the stand-in needs to do its work. */
export interface ConnectOptions {
  clients: Clients;
  topicArn: string;
  maySee: MaySee;
}

/** The route of the download, as the links in mails have it. */
export const downloadPath = '/reports/{reportType}/{jobId}/download';

const linkLifetimeSeconds = 5 * 60;

/** Starts the web server of the stand-in. */
export async function startRails(port = 0): Promise<Rails> {
  const events: TopicEvent[] = [];
  const listeners = new Set<(event: TopicEvent) => void>();
  const stopped = new AbortController();
  const abortSignal = stopped.signal;
  let listening: Promise<void> | undefined;
  let connection: ConnectOptions | undefined;

  function hear({ Body }: Message): void {
    // The topic is shared, and anybody may write anything to it.
    const event = parseEvent(Body!);
    if (event?.source !== 'reports') return;
    events.push(event);
    for (const listener of listeners) listener(event);
  }

  async function listen({ sqs }: Clients, QueueUrl: string): Promise<void> {
    const receive = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 20,
    });
    while (!abortSignal.aborted)
      try {
        const { Messages = [] } = await sqs.send(receive, { abortSignal });
        for (const message of Messages) {
          hear(message);
          const { ReceiptHandle } = message;
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }), { abortSignal });
        }
      } catch {
        // An outage, or the end.
        await sleep(200, undefined, { signal: abortSignal }).catch(() => undefined);
      }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://rails');
    const route = /^\/reports\/([^/]+)\/([^/]+)\/download$/.exec(pathname);
    const [reportType, jobId] = (route?.slice(1) ?? []).map(decodeURIComponent);
    const completed = events.findLast(
      (event) =>
        (event.eventType === 'REPORT_COMPLETED' || event.eventDetail.file) &&
        event.jobId === jobId &&
        event.eventDetail.reportType === reportType,
    );
    if (!connection || !completed)
      return page(response, 404, 'We do not know this report', 'Check the link, or run the report again.');
    const { file, requestedBy, delivery } = completed.eventDetail;
    const recipients = delivery.recipients.map(({ email }: { email: string }) => email);
    // In place of a session: whoever `?as=` names by user id is signed in, or else who asked for the report.
    const userId = Number(searchParams.get('as') ?? requestedBy.userId);
    const { caseId } = completed;
    if (!(await connection.maySee(userId, { caseId, requesterId: requestedBy.userId, recipients })))
      return page(
        response,
        403,
        'You may not see this report',
        'It goes to those it was made for, as long as they have access to the database. Ask for a report of your own.',
      );
    const parts: Record<string, { key: string } | undefined> = {
      'full-texts': file.sidecar,
      issues: file.issues,
      ...Object.fromEntries(
        (file.overlay?.files ?? []).map((part: { kind: string; key: string }) => [part.kind, part]),
      ),
    };
    const wanted = searchParams.get('part');
    const part = wanted ? parts[wanted] : file;
    if (!part)
      return page(
        response,
        404,
        'There is no such file',
        'No cell of this report was too long for its file, and no database was left out.',
      );
    const { s3 } = connection.clients;
    const object = { Bucket: file.bucket, Key: part.key };
    const exists = await s3.send(new HeadObjectCommand(object)).catch(() => undefined);
    if (!exists || Date.parse(file.expiresAt) < Date.now())
      return page(
        response,
        410,
        'This file has expired',
        'Report files are kept for some days only. Run the report again.',
      );
    const location = await getSignedUrl(s3, new GetObjectCommand(object), { expiresIn: linkLifetimeSeconds });
    response.writeHead(302, { location }).end();
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() =>
      page(response, 500, 'Something went wrong', 'Try again in a minute.'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    async connect(options) {
      connection = options;
      const { clients, topicArn } = options;
      const QueueName = 'rails-events';
      const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName }));
      await clients.sns.send(
        new SubscribeCommand({
          TopicArn: topicArn,
          Protocol: 'sqs',
          Endpoint: arn('sqs', QueueName),
          Attributes: { RawMessageDelivery: 'true' },
        }),
      );
      listening = listen(clients, QueueUrl!);
    },
    async publish(request) {
      const { clients, topicArn } = connection!;
      const attribute = (value: unknown) => ({ DataType: 'String', StringValue: String(value) });
      await clients.sns.send(
        new PublishCommand({
          TopicArn: topicArn,
          Message: JSON.stringify(request),
          MessageAttributes: {
            eventType: attribute(request.eventType),
            ...(request.caseId != null && { caseId: attribute(request.caseId) }),
          },
        }),
      );
    },
    waitFor(fits, milliseconds = 30_000) {
      const past = events.find(fits);
      if (past) return Promise.resolve(past);
      return new Promise((resolve, reject) => {
        const listener = (event: TopicEvent) => {
          if (!fits(event)) return;
          finish();
          resolve(event);
        };
        const timer = setTimeout(() => {
          finish();
          const seen = events.map(({ eventType, jobId }) => `${eventType} ${jobId}`).join(', ');
          reject(new Error(`No such event within ${milliseconds} ms; there were: ${seen || 'none'}`));
        }, milliseconds);
        const finish = () => {
          clearTimeout(timer);
          listeners.delete(listener);
        };
        listeners.add(listener);
      });
    },
    async stop() {
      stopped.abort();
      await listening;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parseEvent(text: string): TopicEvent | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function page(response: ServerResponse, status: number, title: string, text: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1><p>${text}</p></html>`,
  );
}
