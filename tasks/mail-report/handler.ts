// Writes and sends every mail about a report. Contents that leave in a mail need a look at the database at that moment, a
// file is too big to pass through a state, and only here can a mail that was surely not sent be told from one that perhaps was.
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Attachment } from '@aws-sdk/client-sesv2';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { File } from '../../contract/types.ts';
import type { Recipient, ReportContext } from '../lib/context.ts';
import { connect } from '../lib/database/connection.ts';
import { MailNotAccepted, StorageUnavailable, TooLarge, task } from '../lib/errors.ts';
import { allParameters } from '../lib/parameters.ts';
import { coreSchema, setting } from '../lib/settings.ts';
import { deniedTo, usersOf } from '../reports/recipients.ts';
import { type Failure, failedLetter, subjectOf } from './failed.ts';
import { type FinishedReport, finishedLetter, type Sending, sendingOf } from './finished.ts';
import { type Letter, templateData } from './letter.ts';
import { largestAttachment } from './limit.ts';
import { type Mail, send } from './send.ts';

/** A mail about a finished report to one of its recipients, or about a failed one to its requester. */
export type MailReportEvent =
  | { report: FinishedReport; recipient: Recipient }
  | {
      failure: Failure;
      /** The execution that failed, after so many redrives; null for a request that started none. */
      execution: { executionArn: string; redriveCount: number } | null;
    };

export type MailReportResult =
  | { outcome: Sending['outcome'] | 'sent'; messageId: string }
  /** Refused by SES. */
  | { outcome: 'refused'; reason: string }
  /**
   * The recipient may no longer see the report, is outside the domains that get mail in this environment, or will hear of a
   * redrive instead.
   */
  | { outcome: 'access_removed' | 'suppressed' | 'superseded' };

const requestHandler = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };
const s3 = new S3Client({ maxAttempts: 2, requestHandler });
const sfn = new SFNClient({ maxAttempts: 2, requestHandler });

/**
 * Sends one mail to one address. Throws MailNotAccepted, StorageUnavailable and what `connect`, `select` and
 * `allParameters` throw when surely nothing was sent; MailAnswerUnknown when nobody knows; TooLarge over 7 MB.
 */
export const handler = task(
  (event: MailReportEvent): Promise<MailReportResult> =>
    'failure' in event
      ? mailFailure(event.failure, event.execution)
      : mailReport(event.report, event.recipient),
);

async function mailReport(report: FinishedReport, recipient: Recipient): Promise<MailReportResult> {
  const { context, file, jobId } = report;
  if (!mayMail(recipient.email)) return { outcome: 'suppressed' };
  const sending = sendingOf(recipient, report);
  if (sending.outcome !== 'link' && !(await maySee(recipient.email, context)))
    return { outcome: 'access_removed' };
  const letter = finishedLetter(report, recipient, sending, addresses());
  const mail = mailOf(letter, recipient.email, { jobId, reportType: context.report.reportType });
  const result = await send(mail, sending.attach ? [await attachmentOf(file)] : []);
  return result.outcome === 'sent' ? { ...result, outcome: sending.outcome } : result;
}

async function mailFailure(
  failure: Failure,
  execution: { executionArn: string; redriveCount: number } | null,
): Promise<MailReportResult> {
  const { email } = failure.requestedBy;
  if (!mayMail(email)) return { outcome: 'suppressed' };
  const letter = failedLetter(failure, await subjectOf(failure), addresses());
  // A redrive has an end of its own, which another mail tells.
  if (execution && (await wasRedriven(execution))) return { outcome: 'superseded' };
  const reportType = String(failure.reportType);
  const tags = {
    jobId: failure.jobId ?? 'unknown',
    reportType: /^\w+$/.test(reportType) ? reportType : 'unknown',
  };
  return await send(mailOf(letter, email, tags), []);
}

function mailOf(letter: Letter, to: string, tags: { jobId: string; reportType: string }): Mail {
  return {
    from: setting('MAIL_SENDER'),
    replyTo: setting('SUPPORT_ADDRESS'),
    to,
    template: setting('MAIL_TEMPLATE'),
    data: templateData(letter, setting('ENV')),
    configurationSet: setting('CONFIGURATION_SET'),
    tags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
  };
}

function addresses() {
  return { downloadLink: setting('DOWNLOAD_LINK'), supportAddress: setting('SUPPORT_ADDRESS') };
}

/** Outside production, copied data may contain addresses of real clients. Case matters, as in the condition of the role. */
function mayMail(email: string): boolean {
  const domains = setting('MAIL_DOMAINS');
  return domains === 'any' || domains.split(',').includes(email.replace(/^[^@]*@/, ''));
}

async function wasRedriven({ executionArn, redriveCount }: { executionArn: string; redriveCount: number }) {
  const execution = await sfn.send(new DescribeExecutionCommand({ executionArn })).catch((error: Error) => {
    throw new MailNotAccepted(`The failed execution could not be read (${error.name}).`);
  });
  return execution.redriveCount! > redriveCount;
}

/** Whether the recipient may see the report now, by the rule by which it was made. */
async function maySee(email: string, { report, account, case: database }: ReportContext): Promise<boolean> {
  const parameters = await allParameters(report);
  await using core = await connect(coreSchema());
  const userOf = await usersOf(core, account.accountId, database?.caseId ?? null, [email]);
  const user = userOf(email);
  if (!user?.mayOpen) return false;
  return deniedTo(user.accessLevel, { reportType: report.reportType, parameters }).length === 0;
}

async function attachmentOf({ key, name, contentType }: File) {
  const content = await readFile(key).catch((error: Error) => {
    throw new StorageUnavailable(`S3 did not give the file ${key} (${error.name}).`);
  });
  if (!content) throw new TooLarge('The file is larger than 7 MB.');
  return {
    FileName: name,
    ContentType: contentType,
    ContentDisposition: 'ATTACHMENT',
    ContentTransferEncoding: 'BASE64',
    RawContent: content,
  } satisfies Attachment;
}

/** The file, or null when it is too large to attach. */
async function readFile(key: string): Promise<Uint8Array | null> {
  const object = new GetObjectCommand({ Bucket: setting('REPORTS_BUCKET'), Key: key });
  const { ContentLength, Body } = await s3.send(object);
  return ContentLength! > largestAttachment ? null : await Body!.transformToByteArray();
}
