// Writes the demo's files, mails and events to a folder.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import type { Mail } from '../aws/emulators/inbox.ts';
import type { Stack } from '../stack.ts';
import type { Ending } from './watch.ts';

/**
 * Writes files/, mails/, index.html and events.json, and replaces the folder. They are written to another folder first, so
 * that two demos at the same time do not mix their output.
 */
export async function writeOutput(
  stack: Stack,
  endings: Ending[],
  mails: Mail[],
  folder: string,
): Promise<void> {
  const own = `${folder}.${process.pid}`;
  try {
    await mkdir(join(own, 'mails'), { recursive: true });
    const files = await writeFiles(stack, own);
    for (const [index, mail] of mails.entries()) {
      const path = join(own, 'mails', numberOf(index));
      await writeFile(`${path}.html`, withLocalLinks(mail.html ?? '', stack.railsUrl, files));
      await writeFile(`${path}.eml`, await new MailComposer(mail).compile().build());
    }
    await writeFile(join(own, 'index.html'), page(endings, mails, files));
    await writeFile(join(own, 'events.json'), JSON.stringify(stack.rails.events, null, 2));
    await rm(folder, { recursive: true, force: true });
    await rename(own, folder);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** A report's files by the part of the download route that leads to them; its main file is the part ''. */
type Files = Map<string, Record<string, string>>;

const keyOf = (reportType: string, jobId: string | null) => `${reportType}/${jobId}`;

/** Writes each report's files to a folder named after the job, and gives their paths by report. */
async function writeFiles({ rails, clients }: Stack, folder: string): Promise<Files> {
  const written: Files = new Map();
  for (const { jobId, eventDetail } of rails.events) {
    const { file, reportType } = eventDetail;
    if (!file) continue;
    await mkdir(join(folder, 'files', jobId!), { recursive: true });
    const parts = { '': file, 'full-texts': file.sidecar, issues: file.issues, ...file.breakdowns };
    const paths: Record<string, string> = {};
    for (const [part, object] of Object.entries<{ key: string; name: string } | undefined>(parts)) {
      if (!object) continue;
      const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: file.bucket, Key: object.key }));
      paths[part] = `files/${jobId}/${object.name}`;
      await writeFile(join(folder, paths[part]), await Body!.transformToByteArray());
    }
    written.set(keyOf(reportType, jobId), paths);
  }
  return written;
}

/** The mail with links to the files beside it in place of the download route, which ends with the stack. */
function withLocalLinks(html: string, railsUrl: string, files: Files): string {
  const route = /\/reports\/([^/"]+)\/([^/"]+)\/download(?:\?part=([\w-]+))?/g;
  return html.replaceAll(railsUrl, '').replaceAll(route, (link, reportType, jobId, part = '') => {
    const path = files.get(keyOf(reportType, jobId))?.[part];
    return path ? `../${path}` : link;
  });
}

const numberOf = (index: number) => String(index + 1).padStart(2, '0');

function page(endings: Ending[], mails: Mail[], files: Files): string {
  const style = `body{font:15px/1.5 sans-serif;margin:2em auto;max-width:960px;padding:0 1em}
table{border-collapse:collapse}td,th{padding:4px 10px;text-align:left;vertical-align:top;border-bottom:1px solid #ddd}
iframe{width:100%;height:640px;border:1px solid #ccc}`;
  const rows = endings.map(({ request, event, came, asIntended, facts }) => {
    const paths = Object.values(files.get(keyOf(event.eventDetail.reportType, event.jobId)) ?? {});
    const links = paths.map(
      (path) => `<a href="${escapeHtml(path)}">${escapeHtml(path.split('/').at(-1)!)}</a>`,
    );
    const why = request.why ? `: ${request.why}` : '';
    return `<tr><td>${asIntended ? '✓' : '✗'}<td>${escapeHtml(request.title)}<td>${escapeHtml(request.expected + why)}\
<td>${escapeHtml(came)}<br><small>${escapeHtml(facts)}</small><td>${links.join('<br>')}`;
  });
  const sections = mails.map(({ subject, to, attachments }, index) => {
    const attached = attachments.map(({ filename }) => `, with ${escapeHtml(filename)}`).join('');
    const path = `mails/${numberOf(index)}`;
    return `<h3>${escapeHtml(subject)}</h3><p>to ${escapeHtml(to.join())}${attached} (<a href="${path}.eml">as a file</a>)</p>
<iframe src="${path}.html" title="${escapeHtml(subject)}"></iframe>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>The demo of the report service</title><style>${style}</style>
<h1>The demo of the report service</h1>
<p>${endings.filter(({ asIntended }) => asIntended).length} of ${endings.length} requests ended as intended. <a href="events.json">All events</a></p>
<table><tr><th><th>Request<th>Expected<th>Came<th>Files
${rows.join('\n')}
</table>
<h2>Mails</h2>
${sections.join('\n')}
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
