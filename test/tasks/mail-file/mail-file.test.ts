import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateEmailTemplateCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { afterAll, beforeEach, expect, vi } from 'vitest';
import type { MailFileEvent } from '../../../tasks/mail-file/handler.ts';
import { largestAttachment } from '../../../tasks/mail-file/limit.ts';
import { storage, itWithStorage as test } from '../../support/fixtures.ts';

// A CommonJS module, whose default export Node and vitest see under different names.
const inbox = createRequire(import.meta.url)('aws-ses-v2-local');

let ses: Server;
let handler: (event: MailFileEvent) => Promise<{ messageId: string }>;
// Storage has to start first, because it sets region and credentials.
test.beforeAll(async ({ storage: _ }) => {
  ses = await inbox.default({ host: '127.0.0.1', port: 0 });
  process.env.AWS_ENDPOINT_URL_SESV2 = `http://127.0.0.1:${(ses.address() as AddressInfo).port}`;
  // The task makes its clients when it is loaded.
  ({ handler } = await import('../../../tasks/mail-file/handler.ts'));
  await new SESv2Client().send(
    new CreateEmailTemplateCommand({
      TemplateName: 'report-attached',
      TemplateContent: {
        Subject: 'Your {{title}} is ready',
        Text: 'Hello {{name}}',
        Html: '<p>{{name}}</p>',
      },
    }),
  );
});
afterAll(() => void ses.close());
beforeEach(() => storage.reset());

const event: MailFileEvent = {
  key: 'development/cases/1001/exports/transcript_metadata-1/report.csv',
  name: 'report.csv',
  contentType: 'text/csv; charset=utf-8',
  mail: {
    template: 'report-attached',
    data: { title: 'Transcript Metadata', name: 'José' },
    to: 'priya.raman@harlowpike.example',
    from: 'reports@example.com',
    replyTo: 'support@example.com',
    configurationSet: 'reports',
    tags: [{ Name: 'jobId', Value: 'rpt-1' }],
  },
};

async function store(bytes: Uint8Array) {
  await new S3Client().send(new PutObjectCommand({ Bucket: storage.bucket, Key: event.key, Body: bytes }));
}

type Mail = { messageId: string; attachments: { content: string }[] };

async function mails() {
  const response = await fetch(`${process.env.AWS_ENDPOINT_URL_SESV2}/store`);
  return ((await response.json()) as { emails: Mail[] }).emails;
}

test('The file goes out unchanged, as an attachment to the filled template', async () => {
  const bytes = Buffer.from('\uFEFFa,b\r\n"é\n",2\r\n');
  await store(bytes);
  const { messageId } = await handler(event);
  const mail = (await mails()).find((mail) => mail.messageId.includes(messageId))!;
  expect(mail).toMatchObject({
    subject: 'Your Transcript Metadata is ready',
    destination: { to: [event.mail.to] },
    replyTo: [event.mail.replyTo],
    from: event.mail.from,
    body: { text: expect.stringContaining('Hello José') },
  });
  expect(mail.attachments).toHaveLength(1);
  expect(mail.attachments[0]).toMatchObject({
    filename: 'report.csv',
    contentType: expect.stringMatching(/^text\/csv/),
  });
  expect(Buffer.from(mail.attachments[0]!.content, 'base64')).toEqual(bytes);
});

test('A file of 7 MB goes out, a larger one is TooLarge and does not', async () => {
  await store(Buffer.alloc(largestAttachment, 'x'));
  await expect(handler(event)).resolves.toHaveProperty('messageId');
  const sent = (await mails()).length;
  await store(Buffer.alloc(largestAttachment + 1, 'x'));
  await expect(handler(event)).rejects.toMatchObject({ name: 'TooLarge' });
  expect(await mails()).toHaveLength(sent);
});

test.each(['MessageRejected', 'TooManyRequestsException', 'BadRequestException'])(
  'The error %s of SES keeps its name',
  async (name) => {
    // The emulator's own errors have no names.
    const refusing = createServer((_, response) => {
      response.writeHead(400, { 'x-amzn-errortype': name, 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('AWS_ENDPOINT_URL_SESV2', `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`);
    vi.resetModules();
    const { handler } = await import('../../../tasks/mail-file/handler.ts');
    await store(Buffer.from('a'));
    await expect(handler(event)).rejects.toMatchObject({ name });
    vi.unstubAllEnvs();
    refusing.close();
  },
);

test('A file that is gone is NoSuchKey', async () => {
  await expect(handler(event)).rejects.toMatchObject({ name: 'NoSuchKey' });
});
