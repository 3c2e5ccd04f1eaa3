// Writes the demo's files, mails and events to a folder.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import type { Mail } from '../aws/emulators/inbox.ts';
import type { Stack } from '../stack.ts';

/**
 * Writes files/, mails/, inbox.html and events.json, and replaces the folder. They are written to another folder first, so
 * that two demos at the same time do not mix their output.
 */
export async function writeOutput(stack: Stack, mails: Mail[], folder: string): Promise<void> {
  const own = `${folder}.${process.pid}`;
  try {
    await mkdir(join(own, 'mails'), { recursive: true });
    await writeFiles(stack, join(own, 'files'));
    for (const [index, mail] of mails.entries()) {
      const path = join(own, 'mails', numberOf(index));
      await writeFile(`${path}.html`, mail.html ?? '');
      await writeFile(`${path}.eml`, await new MailComposer(mail).compile().build());
    }
    await writeFile(join(own, 'inbox.html'), inboxPage(mails));
    await writeFile(join(own, 'events.json'), JSON.stringify(stack.rails.events, null, 2));
    await rm(folder, { recursive: true, force: true });
    await rename(own, folder);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** Writes each report's files to a folder named after the job. */
async function writeFiles({ rails, clients }: Stack, folder: string): Promise<void> {
  for (const { jobId, eventDetail } of rails.events) {
    const { file } = eventDetail;
    if (!file) continue;
    await mkdir(join(folder, jobId!), { recursive: true });
    const beside = [file.issues, ...Object.values(file.breakdowns ?? {})].filter(Boolean);
    for (const { key, name } of [file, ...beside]) {
      const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: file.bucket, Key: key }));
      await writeFile(join(folder, jobId!, name), await Body!.transformToByteArray());
    }
  }
}

const numberOf = (index: number) => String(index + 1).padStart(2, '0');

function inboxPage(mails: Mail[]): string {
  const style =
    'body{font:15px sans-serif;margin:2em auto;max-width:760px}iframe{width:100%;height:640px;border:1px solid #ccc}';
  const sections = mails.map(({ subject, to, attachments }, index) => {
    const attached = attachments.map(({ filename }) => `, with ${escapeHtml(filename)}`).join('');
    return `<h2>${escapeHtml(subject)}</h2><p>to ${escapeHtml(to.join())}${attached}</p><iframe src="mails/${numberOf(index)}.html"></iframe>`;
  });
  return `<!doctype html><meta charset="utf-8"><title>Inbox of the demo</title><style>${style}</style>${sections.join('\n')}\n`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
