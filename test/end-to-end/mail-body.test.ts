import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin, emails } from '../../local/database/seed.ts';
import type { Stack } from '../../local/stack.ts';
import { ask, mailsOf, request, startTestStack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const pageCount = (jobId: string, parameters: object = {}, more: object = {}, caseId?: number) =>
  ask(stack, request(jobId, { reportType: 'page_count', parameters, ...more }, caseId));

it('brings the rows in the mail, as text and as HTML, and the file by a link', async () => {
  const { eventDetail } = await pageCount('rows');
  const [mail] = await mailsOf(stack, 'rows', 1);
  expect(mail!.subject).toContain('Yer Page Count report be ready');
  expect(mail!.attachments).toEqual([]);
  expect(mail!.text).toContain(`
Group               Documents  Pages  Documents Without Page Count
Responsive                  1      2                             0
Non-Responsive              0      0                             0`);
  expect(mail!.html).toMatch(/<td [^>]*align="right"[^>]*>46<\/td>/);
  expect(mail!.text).toContain(eventDetail.file.name);
  const link = /https?:\/\/\S+\/download/.exec(mail!.text!)![0];
  const rows = parse(Buffer.from(await (await fetch(link)).arrayBuffer()), { bom: true });
  expect(rows.at(-1)).toEqual(['Total', '7', '46', '4']);
  expect(eventDetail.delivery).toEqual({
    mode: 'mail_body',
    recipients: [{ email: emails.paralegal, outcome: 'mail_body', messageId: expect.any(String) }],
  });
});

it('escapes what stands in the table', async () => {
  await pageCount('folders', { groupBy: 'folder', scope: { folderIds: [2] } });
  const [mail] = await mailsOf(stack, 'folders', 1);
  expect(mail!.html).toContain('>&lt;b&gt;Key &amp; &quot;sealed&quot;&lt;/b&gt;</td>');
  expect(mail!.text).toContain('\n<b>Key & "sealed"</b>  ');
});

it('brings the file as well when asked to', async () => {
  const { eventDetail } = await pageCount('with-file', { attachCsv: true });
  const [mail] = await mailsOf(stack, 'with-file', 1);
  expect(mail!.text).toContain('\nTotal  ');
  expect(mail!.attachments.map(({ filename }) => filename)).toEqual([eventDetail.file.name]);
  expect(eventDetail.delivery.recipients).toMatchObject([{ outcome: 'mail_body' }]);
});

it('brings a link when the table is too long for a mail, and says so', async () => {
  const admin = await connectAsAdmin(stack.database, caseSchema(caseIds.large));
  const names = Array.from({ length: 250 }, (_, index) => [caseIds.large, `Folder ${index}`]);
  await admin.query('INSERT INTO folders (npcase_id, name) VALUES ?', [names]);
  await admin.end();
  const { eventDetail } = await pageCount('too-long', { groupBy: 'folder' }, {}, caseIds.large);
  const [mail] = await mailsOf(stack, 'too-long', 1);
  expect(mail!.text).toContain('The table is too long for a mail.');
  expect(mail!.text).not.toContain('Folder 1');
  expect(eventDetail.delivery.recipients).toMatchObject([{ outcome: 'link' }]);
});

it('fits the states with the worst that a table may hold', async () => {
  const admin = await connectAsAdmin(stack.database, caseSchema(caseIds.nonLatin));
  const names = Array.from({ length: 80 }, (_, index) => [caseIds.nonLatin, '"'.repeat(250) + index]);
  await admin.query('INSERT INTO folders (npcase_id, name) VALUES ?', [names]);
  await admin.end();
  const { eventDetail } = await pageCount('quotes', { groupBy: 'folder' }, {}, caseIds.nonLatin);
  expect(eventDetail.delivery.recipients).toMatchObject([{ outcome: 'mail_body' }]);
  expect((await mailsOf(stack, 'quotes', 1))[0]!.html).toContain('&quot;79</td>');
});

it('publishes nothing that breaks the contract', () => {
  expect(stack.violations).toEqual([]);
});
