import { parse } from 'csv-parse/sync';
import { expect } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin, emails } from '../../local/database/seed.ts';
import { request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

const pageCount = (
  stack: TestStack,
  jobId: string,
  parameters: object = {},
  more: object = {},
  caseId?: number,
) => stack.ask(request(jobId, { reportType: 'page_count', parameters, ...more }, caseId));

it('shows the rows in the mail, as text and as HTML, and links to the file', async ({ stack }) => {
  const { eventDetail } = await pageCount(stack, 'rows');
  const [mail] = await stack.mailsOf('rows', 1);
  expect(mail!.subject).toContain('Yer Page Count report be ready');
  expect(mail!.attachments).toEqual([]);
  expect(mail!.text).toContain(`
Relevancy Status    Documents  Pages  Documents Without Page Count
Responsive                  1      2                             0
Non-Responsive              0      0                             0`);
  expect(mail!.html).toMatch(/<td [^>]*class="right[^>]*>46<\/td>/);
  expect(mail!.text).toContain(eventDetail.file.name);
  const link = /https?:\/\/\S+\/download/.exec(mail!.text!)![0];
  const rows = parse(Buffer.from(await (await fetch(link)).arrayBuffer()), { bom: true });
  expect(rows.at(-1)).toEqual(['Total', '7', '46', '4']);
  expect(eventDetail.delivery).toEqual({
    mode: 'mail_body',
    recipients: [{ email: emails.paralegal, outcome: 'mail_body', messageId: expect.any(String) }],
  });
});

it('escapes the cells of the table', async ({ stack }) => {
  await pageCount(stack, 'folders', { groupBy: 'folder', scope: { folderIds: [2] } });
  const [mail] = await stack.mailsOf('folders', 1);
  expect(mail!.html).toContain('>&lt;b&gt;Key &amp; &quot;sealed&quot;&lt;/b&gt;</th>');
  expect(mail!.text).toContain('\n<b>Key & "sealed"</b>  ');
});

it('attaches the file as well if asked to', async ({ stack }) => {
  const { eventDetail } = await pageCount(stack, 'with-file', { attachCsv: true });
  const [mail] = await stack.mailsOf('with-file', 1);
  expect(mail!.text).toContain('\nTotal  ');
  expect(mail!.attachments.map(({ filename }) => filename)).toEqual([eventDetail.file.name]);
  expect(eventDetail.delivery.recipients).toMatchObject([{ outcome: 'mail_body' }]);
});

it('links to the file if the table is too long for a mail, and says so', async ({ stack }) => {
  const admin = await connectAsAdmin(stack.database, caseSchema(caseIds.large));
  const names = Array.from({ length: 250 }, (_, index) => [caseIds.large, `Folder ${index}`]);
  await admin.query('INSERT INTO folders (npcase_id, name) VALUES ?', [names]);
  await admin.end();
  const { eventDetail } = await pageCount(stack, 'too-long', { groupBy: 'folder' }, {}, caseIds.large);
  const [mail] = await stack.mailsOf('too-long', 1);
  expect(mail!.text).toContain('The table is too long to show in an email.');
  expect(mail!.text).not.toContain('Folder 1');
  expect(eventDetail.delivery.recipients).toMatchObject([{ outcome: 'link' }]);
});

it('fits into a state with the largest possible table', async ({ stack }) => {
  const admin = await connectAsAdmin(stack.database, caseSchema(caseIds.nonLatin));
  const names = Array.from({ length: 80 }, (_, index) => [caseIds.nonLatin, '"'.repeat(250) + index]);
  await admin.query('INSERT INTO folders (npcase_id, name) VALUES ?', [names]);
  await admin.end();
  const { eventDetail } = await pageCount(stack, 'quotes', { groupBy: 'folder' }, {}, caseIds.nonLatin);
  expect(eventDetail.delivery.recipients).toMatchObject([{ outcome: 'mail_body' }]);
  expect((await stack.mailsOf('quotes', 1))[0]!.html).toContain('&quot;79</th>');
});
