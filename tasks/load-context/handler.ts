// Checks a request, and gathers what the other states need to know of it.
import type { EventDetail, ReportRequest } from '../../contract/types.ts';
import { connect, select } from '../lib/database.ts';
import { coreSchema } from '../lib/settings.ts';
import accessSql from './access.sql';
import { type Access, describeReport, type ReportContext } from './context.ts';
import { problemsOf } from './problems.ts';
import recipientsSql from './recipients.sql';
import { scheduleProblems } from './schedule.ts';

export type LoadContextEvent = {
  request: ReportRequest;
  /** When the report's execution started, ISO 8601. */
  startedAt: string;
};

export type LoadContextResult =
  | { refusal: null; context: ReportContext }
  | { refusal: { error: RefusalName; cause: string }; context: null };

type RefusalName = 'InvalidRequest' | 'AccessDenied' | 'UserNotFound' | 'CaseNotFound' | 'CaseUnavailable';
type Recipient = { email: string; name: string };

/**
 * Gives the report's context, or why there will be no report; a refusal is a result, not an error.
 * Throws DatabaseUnavailable, DatabaseOverloaded, ConnectionLost.
 */
export async function handler({ request, startedAt }: LoadContextEvent): Promise<LoadContextResult> {
  const problems = problemsOf(request);
  if (problems.length === 0) problems.push(...scheduleProblems(request.eventDetail, startedAt));
  if (problems.length > 0) return refuse('InvalidRequest', problems.join('\n'));

  const { caseId, eventDetail } = request;
  await using core = await connect(coreSchema());
  const { userId } = eventDetail.requestedBy;
  const [access] = await select<Access>(core, accessSql, { userId, caseId });
  const refusal = refusalOf(access!, caseId, eventDetail);
  if (refusal) return refusal;

  const emails = eventDetail.delivery?.recipients ?? [access!.userEmail!];
  const users = await select<Recipient>(core, recipientsSql, { caseId, emails });
  const byEmail = new Map(users.map((user) => [user.email.toLowerCase(), user]));
  const strangers = emails.filter((email) => !byEmail.has(email.toLowerCase()));
  if (strangers.length > 0) {
    return refuse(
      'AccessDenied',
      strangers.map((email) => `delivery.recipients: ${email} may not open this case`).join('\n'),
    );
  }
  const recipients = new Set(emails.map((email) => byEmail.get(email.toLowerCase())!));
  return { refusal: null, context: describeReport(request, startedAt, access!, [...recipients]) };
}

function refusalOf(
  access: Access,
  caseId: number,
  { requestedBy }: EventDetail,
): LoadContextResult | undefined {
  const { userId, email } = requestedBy;
  if (access.userEmail === null) return refuse('UserNotFound', `There is no user ${userId}.`);
  if (access.userRemoved) return refuse('UserNotFound', `User ${userId} was removed.`);
  if (access.userEmail.toLowerCase() !== email.toLowerCase())
    return refuse('InvalidRequest', `requestedBy.email: ${email} is not the address of user ${userId}`);
  // One answer for both, so that nobody learns which cases other accounts have.
  if (access.caseName === null || access.caseAccountId !== access.userAccountId)
    return refuse('CaseNotFound', `There is no case ${caseId} in the account of user ${userId}.`);
  if (!access.mayOpen) return refuse('AccessDenied', `User ${userId} may not open case ${caseId}.`);
  if (access.caseStatus !== 'active')
    return refuse('CaseUnavailable', `Case ${caseId} is ${access.caseStatus}.`);
  return undefined;
}

function refuse(error: RefusalName, cause: string): LoadContextResult {
  return { refusal: { error, cause }, context: null };
}
