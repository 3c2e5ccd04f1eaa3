// `npm run preview:mail`: writes a page with every kind of mail, sent by the real machines and templates.
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { isAbout } from '../aws/emulators/inbox.ts';
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
    const mail = (await stack.mails()).find((mail) => isAbout(mail, fixture.jobId));
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

/** Widths in pixels: a phone and a window. */
const widths = [360, 800];

/** Pictures of a mail as HTML, made by Chromium: each width, light and dark. */
async function photograph({ jobId, html }: Preview, folder: string): Promise<void> {
  const page = `${folder}/${jobId}.html`;
  await writeFile(page, html);
  for (const width of widths)
    for (const scheme of ['light', 'dark'] as const)
      await screenshot(page, `${folder}/${jobId}-${width}-${scheme}.png`, width, scheme);
}

/** Chromium makes no window narrower than 500 pixels, so the mail stands in a frame of the width. */
async function screenshot(
  page: string,
  picture: string,
  width: number,
  scheme: 'light' | 'dark',
): Promise<void> {
  const frame = `${picture}.html`;
  await writeFile(
    frame,
    `<meta name="color-scheme" content="${scheme}"><body style="margin:0;color-scheme:${scheme}">
<iframe src="${basename(page)}" style="width:${width}px;height:1500px;border:0"></iframe>`,
  );
  const options = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--hide-scrollbars',
  ];
  const dark =
    scheme === 'dark'
      ? ['--blink-settings=preferredColorScheme=0']
      : ['--blink-settings=preferredColorScheme=1'];
  await promisify(execFile)('chromium', [
    ...options,
    ...dark,
    `--window-size=${width},1500`,
    `--screenshot=${picture}`,
    resolve(frame),
  ]);
  await rm(frame);
}

if (import.meta.main) {
  const folder = 'mail-preview';
  const stack = await startStack({ waitTimeScale: 0.01, quiet: true });
  try {
    const mails = await previewMails(stack);
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/index.html`, previewPage(mails));
    const hasChromium = await promisify(execFile)('chromium', ['--version']).then(
      () => true,
      () => false,
    );
    if (hasChromium) for (const mail of mails) await photograph(mail, folder);
    else console.log('Without Chromium, there are no pictures: apt-get install chromium');
  } finally {
    await stack.stop();
  }
  console.log(`${fixtures.length} mails: ${folder}/index.html`);
}
