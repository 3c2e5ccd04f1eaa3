import { readFileSync } from 'node:fs';
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
import type { Recipient } from '../../../tasks/lib/context.ts';
import type { Failure } from '../../../tasks/mail-report/failed.ts';
import type { MailReportEvent, MailReportResult } from '../../../tasks/mail-report/handler.ts';
import { largestAttachment } from '../../../tasks/mail-report/limit.ts';
import { failure, finishedReport } from '../../support/letters.ts';
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
      TemplateName: 'reports',
      TemplateContent: {
        Subject: '{{subject}}',
        Text: readFileSync('emails/report.txt', 'utf8'),
        Html: readFileSync('emails/report.html', 'utf8'),
      },
    }),
  );
});
afterAll(async () => {
  ses.close();
  await stop();
});
beforeEach(async () => {
  await storage.reset();
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const settings = {
  ENV: 'development',
  MAIL_TEMPLATE: 'reports',
  MAIL_SENDER: 'Nextpoint Reports <reports@example.com>',
  MAIL_DOMAINS: 'any',
  SUPPORT_ADDRESS: 'support@example.com',
  DOWNLOAD_LINK: 'https://app.example/reports/{reportType}/{jobId}/download',
  CONFIGURATION_SET: 'reports',
};
const file = {
  ...finishedReport().file,
  key: 'development/cases/1001/exports/transcript_metadata-1/report.csv',
  name: 'report.csv',
};
const person = (email: string): Recipient => ({ email, name: 'José', outside: false });
const linkMail: MailReportEvent = {
  report: finishedReport({ mode: 'link' }),
  recipient: person(emails.paralegal),
};
const fileMail = (to: string = emails.paralegal): MailReportEvent => ({
  report: { ...finishedReport({ mode: 'attachment' }), file },
  recipient: person(to),
});
const store = (bytes: Uint8Array | string) => storage.put(file.key, bytes as string);

type Mail = {
  messageId: string;
  subject: string;
  body: { text: string };
  attachments: { content: string }[];
};
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
    const result = (await handler(fileMail())) as { outcome: 'attachment'; messageId: string };
    expect(result.outcome).toBe('attachment');
    const mail = (await mails()).find(({ messageId }) => messageId.includes(result.messageId))!;
    expect(mail).toMatchObject({
      from: settings.MAIL_SENDER,
      destination: { to: [emails.paralegal] },
      replyTo: [settings.SUPPORT_ADDRESS],
    });
    expect(Buffer.from(mail.attachments[0]!.content, 'base64')).toEqual(bytes);
  });

  test('with a file that grew beyond 7 MB is TooLarge', async () => {
    await store(Buffer.alloc(largestAttachment, 'x'));
    await expect(handler(fileMail())).resolves.toMatchObject({ outcome: 'attachment' });
    await store(Buffer.alloc(largestAttachment + 1, 'x'));
    await expect(handler(fileMail())).rejects.toMatchObject({ name: 'TooLarge' });
  });

  test('without contents needs neither database nor storage', async () => {
    vi.stubEnv('RDS_READER_ENDPOINT', '127.0.0.1:1');
    await expect(handler(linkMail)).resolves.toMatchObject({ outcome: 'link' });
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
    await expect(handler(fileMail())).resolves.toMatchObject({ outcome: 'attachment' });
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
  const failed = (redriveCount: number): MailReportEvent => ({
    failure: failure({ error: 'DatabaseUnavailable' }),
    execution: { executionArn: 'arn:aws:states:us-east-1:1:execution:m:n', redriveCount },
  });
  expect(await mailing(failed(0))).toEqual({ outcome: 'superseded' });
  expect(await mailing(failed(1))).toMatchObject({ outcome: 'sent' });
});

describe('A mail about a failure', () => {
  const textOf = async (about: Failure) => {
    const { messageId } = (await handler({ failure: about, execution: null })) as { messageId: string };
    return (await mails()).find((mail) => mail.messageId.includes(messageId))!;
  };

  test('names the database once its requester is known to have access, and only then', async () => {
    const { subject } = await textOf(failure({}));
    expect(subject).toContain(' - Müller v. Acme Pumps, Inc.');
    const stranger = { userId: userIds.withoutAccess, email: emails.withoutAccess };
    for (const about of [
      failure({ requestedBy: stranger, error: 'AccessDenied' }),
      failure({ requestedBy: { userId: userIds.attorney, email: emails.paralegal } }),
      // With the Kelvin sign, which becomes a k in lower case.
      failure({
        requestedBy: { userId: userIds.paralegal, email: emails.paralegal.replace('k', '\u212a') },
      }),
      failure({ caseId: caseIds.otherAccount }),
      failure({ caseId: null }),
    ]) {
      const { subject, body } = await textOf(about);
      expect(subject).not.toContain(' - ');
      expect(body.text).not.toMatch(/^(Database|Account):/m);
    }
  });

  test('names the account to its administrator', async () => {
    const requestedBy = { userId: userIds.dashboardAdministrator, email: emails.dashboardAdministrator };
    const { body } = await textOf(failure({ requestedBy, caseId: null, reportType: 'custom' }));
    expect(body.text).toMatch(/^Account: +Harlow, Pike & Associés LLP$/m);
  });

  test('goes out without the name when the database does not answer', async () => {
    vi.stubEnv('RDS_READER_ENDPOINT', '127.0.0.1:1');
    const { subject } = await textOf(failure({ error: 'DatabaseUnavailable' }));
    expect(subject).not.toContain(' - ');
  });
});

test.each([
  ['a@firm.example', 'firm.example,other.example', true],
  ['a@other.example', 'firm.example,other.example', true],
  ['a@evil.example', 'firm.example', false],
  ['a@sub.firm.example', 'firm.example', false],
  ['a@notfirm.example', 'firm.example', false],
  ['a@FIRM.example', 'firm.example', false],
  ['a@evil.example@firm.example', 'firm.example', false],
])('Mail to %s, where the domains %s get mail: %s', async (email, domains, may) => {
  vi.stubEnv('MAIL_DOMAINS', domains);
  const report = await handler({ ...linkMail, recipient: person(email) } as MailReportEvent);
  const about = { failure: failure({ requestedBy: { userId: 2, email } }), execution: null };
  expect(report.outcome === 'suppressed').toBe(!may);
  expect((await handler(about)).outcome === 'suppressed').toBe(!may);
});
