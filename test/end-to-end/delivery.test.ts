import { GetObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import type { RowDataPacket } from 'mysql2';
import { expect } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin, emails, fillCase, userIds } from '../../local/database/seed.ts';
import { administrator, request } from '../support/messages.ts';
import { it } from '../support/stack.ts';

it('mails an attachment with the rows of the database', async ({ stack }) => {
  const { eventDetail } = await stack.ask(request('attachment'));
  const [mail] = await stack.mailsOf('attachment', 1);
  expect(mail).toMatchObject({
    to: [emails.paralegal],
    subject: 'Ahoy! Yer Transcript Metadata report be ready - Müller v. Acme Pumps, Inc. (Trial)',
  });
  const [attachment] = mail!.attachments;
  expect(attachment!.filename).toBe(eventDetail.file.name);
  const rows: Record<string, string>[] = parse(attachment!.content, { columns: true, bom: true });
  const database = await connectAsAdmin(stack.database, caseSchema(caseIds.pumps));
  const [expected] = await database.query<RowDataPacket[]>(
    'SELECT page_count FROM depositions RIGHT JOIN deposition_volumes AS volumes ON depositions.id = deposition_id',
  );
  await database.end();
  const pages = (list: unknown[]) =>
    list
      .map(Number)
      .filter(Boolean)
      .sort((a, b) => a - b);
  expect(pages(rows.map((row) => row['Page Count']))).toEqual(pages(expected.map((row) => row.page_count)));
  expect(eventDetail.file.rows).toBe(rows.length);
  expect(eventDetail.delivery.recipients).toEqual([
    { email: emails.paralegal, outcome: 'attachment', messageId: expect.any(String) },
  ]);
});

it('writes a manifest next to the file', async ({ stack }) => {
  const { eventDetail } = await stack.ask(request('manifest', { delivery: { mode: 'in_app' } }));
  const { bucket, key, name } = eventDetail.file;
  const { Body, ContentType } = await stack.clients.s3.send(
    new GetObjectCommand({ Bucket: bucket, Key: key.replace(name, 'manifest.json') }),
  );
  expect(ContentType).toBe('application/json');
  expect(JSON.parse(await Body!.transformToString())).toMatchObject({
    schemaVersion: 1,
    request: { jobId: 'manifest', caseId: caseIds.pumps },
    report: { reportType: 'transcript_metadata', timeZone: 'UTC', parameters: { scope: 'both' } },
    file: eventDetail.file,
    truncated: false,
  });
});

it('mails a link that leads to the file through the application', async ({ stack }) => {
  const { eventDetail } = await stack.ask(request('link', { delivery: { mode: 'link' } }));
  const [mail] = await stack.mailsOf('link', 1);
  const link = /https?:\/\/\S+\/download/.exec(mail!.text!)![0];
  expect(link).toBe(`${stack.railsUrl}/reports/transcript_metadata/link/download`);
  expect(mail!.html).toContain(`href="${link}"`);
  const response = await fetch(link);
  expect(response.headers.get('content-disposition')).toContain(eventDetail.file.name);
  expect((await response.arrayBuffer()).byteLength).toBe(eventDetail.file.bytes);
});

it('answers an unknown link and an expired link with a page that says so', async ({ stack }) => {
  const unknown = await fetch(`${stack.railsUrl}/reports/transcript_metadata/never-asked/download`);
  expect([unknown.status, await unknown.text()]).toEqual([
    404,
    expect.stringContaining('We do not know this report'),
  ]);

  const completed = await stack.ask(request('expired', { delivery: { mode: 'link' } }));
  completed.eventDetail.file.expiresAt = '2026-01-01T00:00:00Z';
  const expired = await fetch(`${stack.railsUrl}/reports/transcript_metadata/expired/download`);
  expect([expired.status, await expired.text()]).toEqual([410, expect.stringContaining('has expired')]);
});

it('opens a link for the requester, the recipients and administrators, and for nobody else', async ({
  stack,
}) => {
  await stack.ask(request('opened', { delivery: { mode: 'link', recipients: [emails.attorney] } }));
  const more = { reportType: 'custom', requestedBy: administrator };
  await stack.ask(request('opened-account', more, null));
  const statusFor = async (path: string, user: string | number) => {
    const url = `${stack.railsUrl}/reports/${path}/download?as=${user}`;
    return (await fetch(url, { redirect: 'manual' })).status;
  };
  const onCase = (user: string | number) => statusFor('transcript_metadata/opened', user);
  const onAccount = (user: string | number) => statusFor('custom/opened-account', user);
  const { attorney, dashboardAdministrator, otherAccount, paralegal, removed, reviewer, withoutAccess } =
    userIds;
  expect(await Promise.all([paralegal, attorney, dashboardAdministrator].map(onCase))).toEqual([
    302, 302, 302,
  ]);
  // The reviewer sees assigned folders only. The user of another account is an administrator there, and was given access to
  // the case once.
  const strangers = [reviewer, withoutAccess, removed, otherAccount, 999, 'nobody', "1' OR 1=1"];
  expect(await Promise.all(strangers.map(onCase))).toEqual(strangers.map(() => 403));
  expect(await Promise.all([dashboardAdministrator, paralegal, otherAccount].map(onAccount))).toEqual([
    302, 403, 403,
  ]);
});

it('sends no mail for a report that stays in the application', async ({ stack }) => {
  const { eventDetail } = await stack.ask(request('in-app', { delivery: { mode: 'in_app' } }));
  expect(eventDetail.delivery).toMatchObject({ mode: 'in_app', recipients: [] });
  expect(eventDetail.file.rows).toBeGreaterThan(0);
  expect(await stack.mailsOf('in-app', 0)).toEqual([]);
});

it('sends each recipient a separate mail', async ({ stack }) => {
  const recipients = [emails.paralegal, emails.attorney];
  const { eventDetail } = await stack.ask(request('two-people', { delivery: { recipients } }));
  const mails = await stack.mailsOf('two-people', 2);
  expect(mails.map(({ to }) => to).sort()).toEqual([[emails.attorney], [emails.paralegal]]);
  expect(eventDetail.delivery.recipients.map(({ email }: { email: string }) => email)).toEqual(recipients);
});

it('sends outside recipients a link only, if the account allows them', async ({ stack }) => {
  const requestedBy = { userId: userIds.otherAccount, email: emails.otherAccount };
  const delivery = { mode: 'attachment', recipients: [emails.otherAccount, emails.outside] };
  const { eventDetail } = await stack.ask(
    request('outside', { requestedBy, delivery }, caseIds.otherAccount),
  );
  expect(eventDetail.delivery.recipients).toMatchObject([
    { email: emails.otherAccount, outcome: 'attachment' },
    { email: emails.outside, outcome: 'link' },
  ]);
  const mails = await stack.mailsOf('outside', 2);
  const mail = mails.find(({ to }) => to[0] === emails.outside)!;
  expect(mail.attachments).toEqual([]);
  expect(mail.text).not.toContain('too large');
});

it('names a report on an account after the account, for its administrator', async ({ stack }) => {
  const more = { reportType: 'custom', requestedBy: administrator };
  const { caseId, eventDetail } = await stack.ask(request('account', more, null));
  expect([caseId, eventDetail.file.rows]).toEqual([null, 7]);
  expect(eventDetail.file.key).toMatch(
    /^development\/accounts\/1\/exports\/custom-account\/custom_harlow-pike/,
  );
  const [mail] = await stack.mailsOf('account', 1);
  expect(mail!.subject).toBe('Ahoy! Yer Custom report be ready - Harlow, Pike & Associés LLP');
  expect(mail!.text).toMatch(/^Account: +Harlow, Pike & Associés LLP$/m);
});

it('mails no report without rows if the request says so', async ({ stack }) => {
  const parameters = { includeArchived: false, databaseIds: [caseIds.archived], sendWhenEmpty: false };
  const more = { reportType: 'custom', requestedBy: administrator, parameters };
  const { eventDetail } = await stack.ask(request('nothing-to-say', more, null));
  expect([eventDetail.file.rows, eventDetail.delivery.recipients]).toEqual([0, []]);
});

it('keeps two report types with one jobId apart: two files, two mails', async ({ stack }) => {
  const first = await stack.ask(request('same-id', { delivery: { mode: 'link' } }));
  const more = { reportType: 'deposition_summary', delivery: { mode: 'link' } };
  await stack.rails.publish(request('same-id', more));
  const second = await stack.rails.waitFor(
    ({ eventType, jobId, eventDetail }) =>
      eventType === 'REPORT_COMPLETED' && jobId === 'same-id' && eventDetail.reportType === more.reportType,
  );
  expect(second.eventDetail.file.key).not.toBe(first.eventDetail.file.key);
  const mails = await stack.mailsOf('same-id', 2);
  expect(mails.map(({ subject }) => subject.split(' report')[0]).sort()).toEqual([
    'Ahoy! Yer Designation Summary',
    'Ahoy! Yer Transcript Metadata',
  ]);
});

it('suppresses mails outside the domains of the environment, and says so', async ({ stack }) => {
  const recipients = [emails.copied, emails.paralegal];
  const { eventDetail } = await stack.ask(request('copied-data', { delivery: { recipients } }));
  expect(eventDetail.delivery.recipients).toEqual([
    { email: emails.copied, outcome: 'suppressed' },
    { email: emails.paralegal, outcome: 'attachment', messageId: expect.any(String) },
  ]);
  expect((await stack.mailsOf('copied-data', 1))[0]!.to).toEqual([emails.paralegal]);
});

it('falls back to a link for a file over 7 MB, and says why', async ({ stack }) => {
  await fillCase(stack.database, caseIds.large, 50_000);
  const { eventDetail } = await stack.ask(request('too-big', {}, caseIds.large));
  expect(eventDetail.file.bytes).toBeGreaterThan(7_000_000);
  expect(eventDetail.delivery).toMatchObject({ mode: 'attachment', recipients: [{ outcome: 'link' }] });
  const [mail] = await stack.mailsOf('too-big', 1);
  expect(mail!.attachments).toEqual([]);
  expect(mail!.text).toContain('too large to attach');
});

it('delivers a report on an empty case, with headers and no rows', async ({ stack }) => {
  const { eventDetail } = await stack.ask(request('empty', {}, caseIds.empty));
  expect(eventDetail.file.rows).toBe(0);
  const [mail] = await stack.mailsOf('empty', 1);
  expect(mail!.text).toContain('(0 rows, ');
});

it('publishes REPORT_STARTED and REPORT_COMPLETED', ({ stack }) => {
  expect(stack.eventTypes('attachment')).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
});
