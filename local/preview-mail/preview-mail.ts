// `npm run preview:mail`: writes a page with every kind of mail, sent by the real machines and templates.
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type Stack, startStack } from '../stack.ts';
import { type Fixture, fixtures } from './fixtures.ts';

/** A mail, its fixture, and the execution that sent it. */
export interface Preview extends Fixture {
  executionArn: string;
  subject: string;
  html: string;
  text: string;
  attachments: string[];
}

/** Sends the mail of every fixture with the machines of a stack. Returns the mails in order. Throws if one is missing. */
export async function previewMails(stack: Stack): Promise<Preview[]> {
  const machine = (name: string) => stack.stateMachines[`reports-development-${name}`]!;
  const sent = [];
  for (const fixture of fixtures) {
    const input = fixture.input(machine);
    const { file } = input as { file?: { key: string } };
    if (file)
      await stack.clients.s3.send(
        new PutObjectCommand({ Bucket: stack.bucket, Key: file.key, Body: 'Group,Documents\r\n' }),
      );
    const { executionArn } = await stack.clients.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: machine(fixture.machine),
        name: fixture.jobId,
        input: JSON.stringify(input),
      }),
    );
    await succeeded(stack, executionArn!);
    const mail = (await stack.mails()).find(({ text }) => text?.includes(`job ${fixture.jobId}.`));
    if (!mail) throw new Error(`There is no mail for "${fixture.title}".`);
    const { subject, html = '', text = '' } = mail;
    const attachments = mail.attachments.map(({ filename }) => filename);
    sent.push({ ...fixture, executionArn: executionArn!, subject, html, text, attachments });
  }
  return sent;
}

/** The HTML page: each mail as HTML, with its text next to it. */
export function previewPage(mails: Preview[]): string {
  const sections = mails.map(
    ({ title, subject, html, text, attachments }) => `<section>
<h2>${escapeHtml(title)}</h2>
<p><b>${escapeHtml(subject)}</b>${attachments.map((name) => `<br>Attached: ${escapeHtml(name)}`).join('')}</p>
<div><iframe srcdoc="${escapeHtml(html)}" onload="this.style.height = this.contentDocument.body.scrollHeight + 50 + 'px'"></iframe>
<pre dir="auto">${escapeHtml(text)}</pre></div>
</section>`,
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Mails of the report service</title>
<style>
body { font: 15px sans-serif; margin: 24px }
section { margin-bottom: 48px }
div { display: flex; gap: 24px }
iframe { flex: 0 0 700px; border: 1px solid #ccc }
pre { flex: 1; margin: 0; padding: 16px; border: 1px solid #ccc; overflow: auto }
</style>
<h1>Mails of the report service</h1>
<p>These are the mails of the development environment. In production, subjects are not in pirate speak.</p>
${sections.join('\n')}
</html>
`;
}

async function succeeded({ clients }: Stack, executionArn: string): Promise<void> {
  for (;;) {
    const { status, error, cause } = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return;
    if (status !== 'RUNNING') throw new Error(`${executionArn} ended as ${status}: ${error} ${cause}`);
    await sleep(50);
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

if (import.meta.main) {
  const file = 'mail-preview.html';
  const stack = await startStack({ waitTimeScale: 0.01, quiet: true });
  try {
    await writeFile(file, previewPage(await previewMails(stack)));
  } finally {
    await stack.stop();
  }
  console.log(`${fixtures.length} mails: ${file}`);
}
