import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { CreateEmailTemplateCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { caseIds, connectAsAdmin, emails, userIds } from '../../../local/database/seed.ts';
import type { Database } from '../../../local/database/server.ts';
import { coreSchema } from '../../../local/database/server.ts';
import type { MailReportEvent, MailReportResult } from '../../../tasks/mail-report/handler.ts';
import { largestAttachment } from '../../../tasks/mail-report/limit.ts';
import { type Storage, startSecrets, startSeededDatabase, startStorage } from '../../support/services.ts';

// A CommonJS module, whose default export Node and vitest see under different names.
const inbox = createRequire(import.meta.url)('aws-ses-v2-local');

let database: Database;
let storage: Storage;
let ses: Server;
let stop: () => Promise<void>;
let handler: (event: MailReportEvent) => Promise<MailReportResult>;
beforeAll(async () => {
  database = await startSeededDatabase();
  storage = await startStorage();
  const secrets = await startSecrets(database.service);
  stop = async () => {
    secrets.stop();
    await storage.stop();
    await database.remove();
  };
  ses = await inbox.default({ host: '127.0.0.1', port: 0 });
  process.env.AWS_ENDPOINT_URL_SESV2 = urlOf(ses);
  // The task makes its clients when it is loaded.
  ({ handler } = await import('../../../tasks/mail-report/handler.ts'));
  await new SESv2Client().send(
    new CreateEmailTemplateCommand({
      TemplateName: 'report-ready',
      TemplateContent: {
        Subject: 'Your {{title}} is ready',
        Text: 'Hello {{name}}',
        Html: '<p>{{name}}</p>',
      },
    }),
  );
});
afterAll(async () => {
  ses.close();
  await stop();
});
beforeEach(() => storage.reset());
afterEach(() => vi.unstubAllEnvs());

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const file = {
  key: 'development/cases/1001/exports/transcript_metadata-1/report.csv',
  name: 'report.csv',
  contentType: 'text/csv; charset=utf-8',
};
const context = {
  report: {
    reportType: 'transcript_metadata' as const,
    title: 'Transcript Metadata',
    parameters: { scope: 'both' },
    format: 'csv' as const,
    timeZone: 'UTC',
  },
  account: { accountId: 1, name: 'Harlow' },
  case: { caseId: caseIds.pumps, name: 'Pumps' },
};
const mailTo = (to: string): MailReportEvent['mail'] => ({
  template: 'report-ready',
  data: { title: 'Transcript Metadata', name: 'José' },
  to,
  from: 'reports@example.com',
  replyTo: 'support@example.com',
  configurationSet: 'reports',
  tags: [{ Name: 'jobId', Value: 'rpt-1' }],
});
const linkMail: MailReportEvent = { mail: mailTo(emails.paralegal) };
const fileMail = (to: string = emails.paralegal): MailReportEvent => ({
  mail: mailTo(to),
  contents: { context, file },
});
const store = (bytes: Uint8Array | string) => storage.put(file.key, bytes as string);

type Mail = { messageId: string; attachments: { content: string }[] };
async function mails(): Promise<Mail[]> {
  const response = await fetch(`${urlOf(ses)}/store`);
  return ((await response.json()) as { emails: Mail[] }).emails;
}

/** The handler with another endpoint for SES, in an instance of its own. */
async function handlerWith(endpoint: string) {
  vi.stubEnv('AWS_ENDPOINT_URL_SESV2', endpoint);
  vi.resetModules();
  return (await import('../../../tasks/mail-report/handler.ts')).handler;
}

/** The handler in front of an SES that answers so. */
async function handlerOf(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  return handlerWith(urlOf(server));
}
const answering = (status: number, name: string, message = 'no') =>
  handlerOf((request, response) => {
    request.resume();
    response.writeHead(status, { 'x-amzn-errortype': name, 'content-type': 'application/json' });
    response.end(JSON.stringify({ message }));
  });

describe('A mail', () => {
  test('with a file carries it unchanged', async () => {
    const bytes = Buffer.from('\uFEFFa,b\r\n"é\n",2\r\n');
    await store(bytes);
    const result = (await handler(fileMail())) as { outcome: 'sent'; messageId: string };
    expect(result.outcome).toBe('sent');
    const mail = (await mails()).find(({ messageId }) => messageId.includes(result.messageId))!;
    expect(mail).toMatchObject({
      subject: 'Your Transcript Metadata is ready',
      destination: { to: [emails.paralegal] },
      replyTo: ['support@example.com'],
      body: { text: expect.stringContaining('Hello José') },
    });
    expect(Buffer.from(mail.attachments[0]!.content, 'base64')).toEqual(bytes);
  });

  test('with a file of 7 MB goes out, one with a larger file is TooLarge', async () => {
    await store(Buffer.alloc(largestAttachment, 'x'));
    await expect(handler(fileMail())).resolves.toMatchObject({ outcome: 'sent' });
    await store(Buffer.alloc(largestAttachment + 1, 'x'));
    await expect(handler(fileMail())).rejects.toMatchObject({ name: 'TooLarge' });
  });

  test('without contents needs neither database nor storage', async () => {
    vi.stubEnv('RDS_READER_ENDPOINT', '127.0.0.1:1');
    await expect(handler(linkMail)).resolves.toMatchObject({ outcome: 'sent' });
  });
});

describe('Contents are kept from a recipient', () => {
  beforeEach(() => store('a'));
  const denied = async (to: string) => {
    const before = (await mails()).length;
    expect(await handler(fileMail(to))).toEqual({ outcome: 'access_removed' });
    expect(await mails()).toHaveLength(before);
  };

  test('who was removed, or may not open the case', async () => {
    await denied(emails.removed);
    await denied(emails.withoutAccess);
  });

  test('who belongs to another account, or is unknown', async () => {
    await denied(emails.otherAccount);
    await denied('nobody@harlowpike.example');
  });

  test('whose access to the case was taken after the report was made', async () => {
    await expect(handler(fileMail())).resolves.toMatchObject({ outcome: 'sent' });
    const admin = await connectAsAdmin(database, coreSchema);
    const access = [caseIds.pumps, userIds.paralegal];
    onTestFinished(async () => {
      await admin.query('UPDATE npcase_users SET access_level = ? WHERE npcase_id = ? AND user_id = ?', [
        'standard',
        ...access,
      ]);
      await admin.end();
    });
    await admin.query(
      "UPDATE npcase_users SET access_level = 'view_only' WHERE npcase_id = ? AND user_id = ?",
      access,
    );
    await denied(emails.paralegal);
  });
});

describe('A mail was not accepted', () => {
  test.each([
    [400, 'NotFoundException'],
    [403, 'AccessDeniedException'],
    [403, 'AccountSuspendedException'],
    [429, 'TooManyRequestsException'],
    [503, 'ServiceUnavailable'],
  ])('when SES answers %s %s', async (status, name) => {
    const mailing = await answering(status, name);
    await expect(mailing(linkMail)).rejects.toMatchObject({ name: 'MailNotAccepted' });
  });

  test('when our own sender is refused', async () => {
    const mailing = await answering(
      400,
      'MessageRejected',
      'Email address is not verified: reports@example.com',
    );
    await expect(mailing(linkMail)).rejects.toMatchObject({ name: 'MailNotAccepted' });
  });

  test('when the account is in the sandbox of SES', async () => {
    const mailing = await answering(
      400,
      'MessageRejected',
      'Email address is not verified. The following identities failed the check in region US-EAST-1: bo@firm.example',
    );
    await expect(mailing(linkMail)).rejects.toMatchObject({ name: 'MailNotAccepted' });
  });

  test('when SES cannot be reached or found', async () => {
    for (const endpoint of ['http://127.0.0.1:1', 'http://no-such-host.invalid']) {
      const mailing = await handlerWith(endpoint);
      await expect(mailing(linkMail)).rejects.toMatchObject({ name: 'MailNotAccepted' });
    }
  });

  test('when the connection breaks before it is encrypted', async () => {
    // A plain server does not answer the handshake.
    await handlerOf(() => {});
    const plain = process.env.AWS_ENDPOINT_URL_SESV2!;
    const encrypted = await handlerWith(plain.replace('http:', 'https:'));
    await expect(encrypted(linkMail)).rejects.toMatchObject({ name: 'MailNotAccepted' });
  });
});

describe('Nobody knows whether a mail was sent', () => {
  test('when the connection breaks before the answer', async () => {
    const mailing = await handlerOf((request) => {
      request.resume().on('end', () => request.socket.destroy());
    });
    await expect(mailing(linkMail)).rejects.toMatchObject({ name: 'MailAnswerUnknown' });
  });

  test.each([500, 502, 504])('when SES answers %s', async (status) => {
    const mailing = await answering(status, 'InternalFailure');
    await expect(mailing(linkMail)).rejects.toMatchObject({ name: 'MailAnswerUnknown' });
  });
});

test.each(['MessageRejected', 'BadRequestException'])(
  'A recipient refused with %s is an outcome',
  async (name) => {
    const mailing = await answering(400, name, 'Domain contains dot-dot');
    expect(await mailing(linkMail)).toEqual({ outcome: 'refused', reason: 'Domain contains dot-dot' });
  },
);

test('A file that S3 does not give is StorageUnavailable, whatever S3 calls it', async () => {
  await expect(handler(fileMail())).rejects.toMatchObject({ name: 'StorageUnavailable' });
  storage.interfere = (_, response) => {
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end('<Error><Code>AccessDenied</Code><Message>arn:aws:sts::1:role</Message></Error>');
    return true;
  };
  await expect(handler(fileMail())).rejects.toMatchObject({
    name: 'StorageUnavailable',
    message: expect.not.stringContaining('arn:'),
  });
});

test('A mail about a failure is not sent once its execution was redriven', async () => {
  const step = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify({ redriveCount: 1 }));
  });
  await new Promise<void>((resolve) => step.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void step.close());
  vi.stubEnv('AWS_ENDPOINT_URL_SFN', urlOf(step));
  const mailing = await handlerWith(urlOf(ses));
  const failed = (redriveCount: number) => ({
    ...linkMail,
    failed: { executionArn: 'arn:aws:states:us-east-1:1:execution:m:n', redriveCount },
  });
  expect(await mailing(failed(0))).toEqual({ outcome: 'superseded' });
  expect(await mailing(failed(1))).toMatchObject({ outcome: 'sent' });
});
