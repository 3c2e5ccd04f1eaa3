// `npm run demo`: asks for reports the way Rails would, shows what happens as it happens, and what came of it.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
} from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { machineOf } from '../cdk/machines.ts';
import type { Mail } from './aws/emulators/inbox.ts';
import { addCases, caseIds, caseSchema, connectAsAdmin, emails, userIds } from './database/seed.ts';
import type { TopicEvent } from './rails/rails.ts';
import { startStack } from './stack.ts';

/** A request of the demo: what a user would say of it, and the message that Rails would publish. */
interface Request {
  title: string;
  jobId: string;
  caseId?: unknown;
  detail?: Record<string, unknown>;
  /** In place of the message above, a text that is no JSON. */
  text?: string;
  /** How often it is published. */
  times?: number;
}

const folder = resolve('demo-output');
/** Filled first and then put in place at once, so that two demos side by side never mix what they made. */
const making = `${folder}.${process.pid}`;
const paralegal = { userId: userIds.paralegal, email: emails.paralegal };
const calderAdministrator = { userId: userIds.calderAdministrator, email: emails.calderAdministrator };
const activity = {
  reportType: 'user_activity',
  requestedBy: calderAdministrator,
  parameters: { from: '2026-11-01', to: '2026-11-30' },
};
/** Cases added to the six that the account has. */
const moreCases = 60;
const requests: Request[] = [
  { title: 'All transcripts, attached; published 3 times', jobId: 'rpt-attachment', times: 3 },
  {
    title: 'Gaps in the metadata, as a link, for two people',
    jobId: 'rpt-link',
    detail: {
      parameters: { onlyMissing: true },
      timeZone: 'America/Chicago',
      delivery: { mode: 'link', recipients: [emails.paralegal, emails.attorney] },
    },
  },
  {
    title: 'Proceedings, in the application',
    jobId: 'rpt-in-app',
    detail: { parameters: { scope: 'proceedings' }, delivery: { mode: 'in_app' } },
  },
  {
    title: 'Designations, as a workbook',
    jobId: 'rpt-designations',
    detail: { reportType: 'deposition_summary', format: 'xlsx', delivery: { mode: 'attachment' } },
  },
  {
    title: 'A privilege log',
    jobId: 'rpt-review-log',
    detail: { reportType: 'review_log', parameters: { logType: 'privilege' } },
  },
  {
    title: `User activity in ${moreCases + 6} databases, three of them unreadable`,
    jobId: 'rpt-activity',
    caseId: null,
    detail: activity,
  },
  {
    title: 'The databases of an account, with their users',
    jobId: 'rpt-databases',
    caseId: null,
    detail: {
      reportType: 'custom',
      requestedBy: calderAdministrator,
      parameters: { name: 'Licences', layout: 'database_user' },
    },
  },
  {
    title: 'User activity as a custom report',
    jobId: 'rpt-custom-activity',
    caseId: null,
    detail: {
      ...activity,
      reportType: 'custom',
      parameters: { ...activity.parameters, type: 'user_activity', name: 'Time sheets', layout: 'detail' },
    },
  },
  {
    title: 'A grid with custom fields',
    jobId: 'rpt-grid',
    detail: {
      reportType: 'grid_data_export',
      parameters: {
        columns: ['title', 'author', 'tags', 'custom_field:1', 'custom_field:2'].map((field) => ({ field })),
        selection: { documentIds: [14, 11, 13, 4711] },
      },
    },
  },
  {
    title: 'Pages by relevancy, in the mail',
    jobId: 'rpt-page-count',
    detail: { reportType: 'page_count', parameters: { attachCsv: true } },
  },
  { title: 'A case without transcripts', jobId: 'rpt-empty', caseId: caseIds.empty },
  { title: 'An unknown parameter', jobId: 'rpt-bad-parameter', detail: { parameters: { colour: 'red' } } },
  {
    title: 'A user without access',
    jobId: 'rpt-no-access',
    detail: { requestedBy: { userId: userIds.withoutAccess, email: emails.withoutAccess } },
  },
  { title: 'A case whose database is gone', jobId: 'rpt-missing-case', caseId: caseIds.missing },
  { title: 'A caseId that would be SQL', jobId: 'rpt-sql', caseId: '1001; DROP TABLE users' },
  { title: 'A report that is not built yet', jobId: 'rpt-not-yet', detail: { reportType: 'coding_overlay' } },
  { title: 'A message that is not JSON', jobId: '', text: 'Please send me the transcripts' },
];
const reused: Request = {
  title: 'The first jobId with other content',
  jobId: 'rpt-attachment',
  caseId: caseIds.empty,
};
const cancelled: Request = {
  title: 'Cancelled while its query runs',
  jobId: 'rpt-cancelled',
  caseId: caseIds.large,
};
const acrossOutage: Request = {
  title: 'Across databases while theirs goes down, then redriven',
  jobId: 'rpt-across-outage',
  caseId: null,
  detail: { ...activity, format: 'xlsx' },
};
const duringOutage: Request = { title: 'While the database is down, then redriven', jobId: 'rpt-outage' };

const slot: Request = {
  title: 'Every Monday, the week before: one slot',
  jobId: 'rpt-weekly-20300107T1200Z',
  detail: {
    reportType: 'review_log',
    parameters: { logType: 'relevancy', layout: 'history', period: 'previous_week' },
  },
};

const ends = ['REPORT_COMPLETED', 'REPORT_FAILED', 'REPORT_CANCELLED', 'REPORT_REFUSED'];
const startedAt = Date.now();
const say = (text: string) =>
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`);

const stack = await startStack({ waitTimeScale: 0.02, onProgress: say });
const times = new Map<Request, number>();
const outcomes = new Map<Request, TopicEvent>();
try {
  console.log(`\nAsking for ${requests.length + 4} reports on ${stack.topicArn}\n`);
  const narrator = narrate();
  await addCases(stack.database, moreCases);
  await Promise.all([...requests.map(run), cancel(cancelled)]);
  await run(reused);
  const across = run(acrossOutage);
  await oneCaseIsLeft(acrossOutage);
  say('-- the database goes down, with one case left to read');
  const restore = await stack.outage('database');
  await Promise.all([across, run(duringOutage)]);
  await restore();
  say('-- the database is back; an operator redrives the failed reports');
  await Promise.all([redrive(duringOutage), redrive(acrossOutage)]);
  say('-- a schedule is made, and its clock put forward to the first Monday of 2030');
  await comeRound(slot);
  clearInterval(narrator.timer);
  narrator.tell();

  const mails = await stack.mails();
  await keep(mails);
  await table([...requests, reused, cancelled, acrossOutage, duringOutage, slot], mails);
  console.log(`
Files, mails and events: ${relative('.', folder)}/   (open ${relative('.', folder)}/inbox.html for the mails)
The same stack, left running, with its inbox page and endpoints: npm run local`);
  if (stack.violations.length > 0)
    throw new Error(`${stack.violations.length} events broke the contract, see above`);
} finally {
  await rm(making, { recursive: true, force: true });
  await stack.stop();
}

/** Does what an operator does to a report that failed for a passing reason. */
async function redrive(request: Request): Promise<void> {
  const failed = outcomes.get(request)!;
  const { executionArn } = failed.eventDetail;
  await stack.clients.sfn.send(new RedriveExecutionCommand({ executionArn }));
  const completed = await stack.rails.waitFor(
    (event) => event.eventType === 'REPORT_COMPLETED' && event.jobId === request.jobId,
    120_000,
  );
  outcomes.set(request, completed);
}

/** Holds up one case of a report across cases until the database goes down, and waits until all others are done. */
async function oneCaseIsLeft({ jobId }: Request): Promise<void> {
  const lock = await connectAsAdmin(stack.database, caseSchema(caseIds.northgate));
  lock.on('error', () => {});
  await lock.query('LOCK TABLES activities WRITE');
  const { eventDetail } = await stack.rails.waitFor((event) => event.jobId === jobId);
  const { executionArn } = eventDetail;
  for (let left = Number.POSITIVE_INFINITY; left > 1; await sleep(100)) {
    const { mapRuns } = await stack.clients.sfn.send(new ListMapRunsCommand({ executionArn }));
    const [mapRun] = mapRuns!;
    if (!mapRun) continue;
    const { mapRunArn } = mapRun;
    const { itemCounts } = await stack.clients.sfn.send(new DescribeMapRunCommand({ mapRunArn }));
    left = itemCounts!.total! === 0 ? left : itemCounts!.total! - itemCounts!.succeeded!;
  }
}

/** Makes the schedule that the slot is of, and comes to the slot. */
async function comeRound(request: Request): Promise<void> {
  const timeZone = 'America/Chicago';
  const schedule = { expression: 'cron(0 6 ? * MON *)', timeZone, startAt: '2030-01-01T00:00:00Z' };
  await publish({ ...request, jobId: 'rpt-weekly', detail: { ...request.detail, schedule } });
  await stack.rails.waitFor(({ eventDetail }) => eventDetail.change === 'created');
  const begin = Date.now();
  await stack.scheduler.runUntil('2030-01-07T12:00:00Z');
  const end = await stack.rails.waitFor(
    ({ eventType, jobId }) => ends.includes(eventType) && jobId === request.jobId,
    120_000,
  );
  times.set(request, Date.now() - begin);
  outcomes.set(request, end);
}

/** Asks for a report whose query is made to wait, and cancels it. */
async function cancel(request: Request): Promise<void> {
  const admin = await connectAsAdmin(stack.database, caseSchema(caseIds.large));
  await admin.query('LOCK TABLES deposition_volumes WRITE');
  const ended = run(request);
  await stack.rails.waitFor((event) => event.jobId === request.jobId);
  say(`-- the requester cancels ${request.jobId}`);
  await publish(request, 'REPORT_CANCEL_REQUESTED');
  await ended;
  await admin.end();
}

/** Publishes the request and waits for the event that ends it. */
async function run(request: Request): Promise<void> {
  const begin = Date.now();
  const seen = stack.rails.events.length;
  for (let time = 0; time < (request.times ?? 1); time++) await publish(request);
  const end = await stack.rails.waitFor(
    (event) =>
      ends.includes(event.eventType) &&
      event.jobId === (request.jobId || null) &&
      stack.rails.events.indexOf(event) >= seen,
    120_000,
  );
  times.set(request, Date.now() - begin);
  outcomes.set(request, end);
}

async function publish(
  { jobId, caseId = caseIds.pumps, detail, text }: Request,
  eventType = 'REPORT_REQUESTED',
): Promise<void> {
  if (text !== undefined) {
    const MessageAttributes = { eventType: { DataType: 'String', StringValue: eventType } };
    await stack.clients.sns.send(
      new PublishCommand({ TopicArn: stack.topicArn, Message: text, MessageAttributes }),
    );
    return;
  }
  await stack.rails.publish({
    source: 'rails',
    eventType,
    jobId,
    caseId,
    batchId: null,
    status: 'SUCCESS',
    timestamp: new Date().toISOString(),
    eventDetail: { reportType: 'transcript_metadata', requestedBy: paralegal, ...detail },
  });
}

/** Prints each event when it arrives. */
function narrate() {
  let told = 0;
  const tell = () => {
    for (; told < stack.rails.events.length; told++) {
      const { eventType, jobId, eventDetail } = stack.rails.events[told]!;
      const more =
        eventDetail.cause ??
        eventDetail.message ??
        eventDetail.change ??
        (eventDetail.file && `${eventDetail.file.rows} rows`) ??
        (eventDetail.progress && bar(eventDetail.progress)) ??
        '';
      say(`${eventType.padEnd(23)} ${(jobId ?? '(no jobId)').padEnd(25)} ${more}`);
    }
  };
  return { tell, timer: setInterval(tell, 50) };
}

function bar({ done, total }: { done: number; total: number }): string {
  const full = Math.floor((30 * done) / total);
  return `${'█'.repeat(full)}${'░'.repeat(30 - full)} ${done} of ${total} databases`;
}

/** Writes the files, mails and events to demo-output/. */
async function keep(mails: Mail[]): Promise<void> {
  await Promise.all(['files', 'mails'].map((name) => mkdir(join(making, name), { recursive: true })));
  for (const { jobId, eventDetail } of stack.rails.events) {
    if (!eventDetail.file) continue;
    const { bucket, issues } = eventDetail.file;
    await mkdir(join(making, 'files', jobId!), { recursive: true });
    for (const { key, name } of [eventDetail.file, ...(issues ? [issues] : [])]) {
      const { Body } = await stack.clients.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      await writeFile(join(making, 'files', jobId!, name), await Body!.transformToByteArray());
    }
  }
  for (const [index, mail] of mails.entries()) {
    const path = join(making, 'mails', String(index + 1).padStart(2, '0'));
    await writeFile(`${path}.html`, mail.html ?? '');
    await writeFile(`${path}.eml`, await new MailComposer(mail).compile().build());
  }
  const frames = mails.map(
    (mail, index) =>
      `<h2>${escapeHtml(mail.subject)}</h2><p>to ${escapeHtml(mail.to.join())}${mail.attachments
        .map(({ filename }) => `, with ${escapeHtml(filename)}`)
        .join('')}</p><iframe src="mails/${String(index + 1).padStart(2, '0')}.html"></iframe>`,
  );
  const style =
    'body{font:15px sans-serif;margin:2em auto;max-width:760px}iframe{width:100%;height:640px;border:1px solid #ccc}';
  await writeFile(
    join(making, 'inbox.html'),
    `<!doctype html><meta charset="utf-8"><title>Inbox of the demo</title><style>${style}</style>${frames.join('\n')}\n`,
  );
  await writeFile(join(making, 'events.json'), JSON.stringify(stack.rails.events, null, 2));
  await rm(folder, { recursive: true, force: true });
  await rename(making, folder);
}

/** What became of each request. */
async function table(all: Request[], mails: Mail[]): Promise<void> {
  const rows = await Promise.all(
    all.map(async (request) => {
      const { eventType, eventDetail } = outcomes.get(request)!;
      const refused = eventType === 'REPORT_REFUSED';
      const { file, error, reason, delivery } = eventDetail;
      const own = mails.filter(({ text }) => text?.includes(`job ${request.jobId}.`));
      const sent: { messageId?: string; outcome: string }[] = delivery?.recipients ?? [];
      const kinds = own.map(
        (mail) => sent.find(({ messageId }) => messageId === mail.messageId)?.outcome ?? 'failure',
      );
      return {
        Request: request.title,
        'State machine': refused ? 'report-router' : machineFor(request),
        Execution: refused ? 'SUCCEEDED' : (await executions(request)).join(', delivery '),
        Rows: file?.rows ?? '',
        File: file ? `${(file.bytes / 1024).toFixed(1)} KB` : '',
        Mail: refused ? '' : kinds.join(', '),
        Event: eventType + (error || reason ? ` (${error ?? reason})` : ''),
        Time: `${(times.get(request)! / 1000).toFixed(1)} s`,
      };
    }),
  );
  console.log(`\n${plainTable(rows)}`);
}

function reportTypeOf({ detail }: Request): string {
  return String(detail?.reportType ?? 'transcript_metadata');
}

function machineFor(request: Request): string {
  return machineOf[reportTypeOf(request) as keyof typeof machineOf];
}

/** The executions of a request with their status. */
async function executions(request: Request): Promise<string[]> {
  const delivery = `${reportTypeOf(request)}-${request.jobId}`;
  const wanted = { [machineFor(request)]: request.jobId, 'deliver-report': delivery };
  const found = Object.entries(wanted).map(async ([machine, name]) => {
    const arn = stack.stateMachines[`reports-development-${machine}`]!.replace(
      ':stateMachine:',
      ':execution:',
    );
    const command = new DescribeExecutionCommand({ executionArn: `${arn}:${name}` });
    const execution = await stack.clients.sfn.send(command).catch(() => undefined);
    return execution?.status;
  });
  return (await Promise.all(found)).filter((text) => text !== undefined);
}

function plainTable(rows: Record<string, unknown>[]): string {
  const names = Object.keys(rows[0]!);
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)));
  const line = (cells: unknown[]) =>
    cells
      .map((cell, index) => String(cell).padEnd(widths[index]!))
      .join('  ')
      .trimEnd();
  return [
    line(names),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map((row) => line(Object.values(row))),
  ].join('\n');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
