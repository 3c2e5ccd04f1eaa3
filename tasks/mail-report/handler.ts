// Sends every mail about a report. Contents that leave in a mail need a look at the database at that moment, a file is too
// big to pass through a state, and only here can a mail that was surely not sent be told from one that perhaps was.
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Attachment } from '@aws-sdk/client-sesv2';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { ReportContext } from '../lib/context.ts';
import { connect } from '../lib/database/connection.ts';
import { MailNotAccepted, StorageUnavailable, TooLarge, task } from '../lib/errors.ts';
import { allParameters } from '../lib/parameters.ts';
import { coreSchema, setting } from '../lib/settings.ts';
import { deniedTo, usersOf } from '../reports/recipients.ts';
import { largestAttachment } from './limit.ts';
import { type Mail, type MailReportResult, send } from './send.ts';

export type { MailReportResult };

export type MailReportEvent = {
  mail: Mail;
  /** For a mail that contains rows or a file of the report: who may see it, and the file to attach. */
  contents?: {
    context: Pick<ReportContext, 'report' | 'account' | 'case'>;
    file: { key: string; name: string; contentType: string } | null;
  } | null;
  /** For a mail about a failure: the execution that failed, after so many redrives. */
  failed?: { executionArn: string; redriveCount: number } | null;
};

const requestHandler = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };
const s3 = new S3Client({ maxAttempts: 2, requestHandler });
const sfn = new SFNClient({ maxAttempts: 2, requestHandler });

/**
 * Sends one mail to one address. Throws MailNotAccepted, StorageUnavailable and what `connect`, `select` and
 * `allParameters` throw when surely nothing was sent; MailAnswerUnknown when nobody knows; TooLarge over 7 MB.
 */
export const handler = task(
  async ({ mail, contents, failed }: MailReportEvent): Promise<MailReportResult> => {
    if (failed && (await wasRedriven(failed))) return { outcome: 'superseded' };
    if (contents && !(await maySee(mail.to, contents.context))) return { outcome: 'access_removed' };
    return await send(mail, contents?.file ? [await attachmentOf(contents.file)] : []);
  },
);

async function wasRedriven({ executionArn, redriveCount }: { executionArn: string; redriveCount: number }) {
  const execution = await sfn.send(new DescribeExecutionCommand({ executionArn })).catch((error: Error) => {
    throw new MailNotAccepted(`The failed execution could not be read (${error.name}).`);
  });
  return execution.redriveCount! > redriveCount;
}

/** Whether the recipient may see the report now, by the rule by which it was made. */
async function maySee(
  email: string,
  { report, account, case: database }: Pick<ReportContext, 'report' | 'account' | 'case'>,
): Promise<boolean> {
  const parameters = await allParameters(report);
  await using core = await connect(coreSchema());
  const userOf = await usersOf(core, account.accountId, database?.caseId ?? null, [email]);
  const user = userOf(email);
  if (!user?.mayOpen) return false;
  return deniedTo(user.accessLevel, { reportType: report.reportType, parameters }).length === 0;
}

async function attachmentOf({ key, name, contentType }: { key: string; name: string; contentType: string }) {
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
