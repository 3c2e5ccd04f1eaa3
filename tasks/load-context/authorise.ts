// The second step: whether the requester and the recipients may see the report, and whether it can be made.
import type { Connection } from 'mysql2/promise';
import { isSame, lowered } from '../lib/addresses.ts';
import type { AccessLevel, Recipient } from '../lib/context.ts';
import { select } from '../lib/database/connection.ts';
import { oneLine } from '../lib/one-line.ts';
import { readParameters } from '../lib/parameters.ts';
import { setting } from '../lib/settings.ts';
import { reportOf } from '../reports/index.ts';
import { deniedTo, given, type User, usersOf } from '../reports/recipients.ts';
import accessSql from './access.sql';
import approverSql from './approver.sql';
import { type ParsedDetail, type ParsedRequest, withParameters } from './parse.ts';
import { Refusal, refuseIfAny } from './refusal.ts';
import { unknownSelections } from './unknown-selections.ts';

export type Authorised = {
  /** With its parameters, wherever they came from. */
  request: ParsedRequest;
  /** The file of stored parameters, and its hash. */
  parametersText?: string;
  parametersSha256?: string;
  access: Access;
  recipients: Recipient[];
};

/** A row of access.sql. Values are NULL when there is no such user or case; booleans are 0 and 1. */
export type Access = {
  accountId: number | null;
  accountName: string | null;
  allowsOutsideRecipients: 0 | 1 | null;
  requiresApproval: 0 | 1 | null;
  userName: string;
  userEmail: string | null;
  userRemoved: 0 | 1;
  accountAdmin: 0 | 1 | null;
  caseAccountId: number | null;
  caseName: string | null;
  caseStatus: string | null;
  /** Whether this is a newer case, which keeps the values of custom fields on S3. */
  keepsFieldsOnS3: 0 | 1 | null;
  mayOpen: 0 | 1 | null;
  accessLevel: AccessLevel | null;
};

/** What the requester may see. Throws a Refusal when that is nothing, and what `select` throws. */
export async function accessOf(core: Connection, parsed: ParsedRequest): Promise<Access> {
  const { caseId, eventDetail } = parsed;
  const { userId } = eventDetail.requestedBy;
  const [access] = (await select<Access>(core, accessSql, { userId, caseId })) as [Access];
  checkRequester(access, parsed);
  return access;
}

/** Throws a Refusal, StorageUnavailable, and what `select` throws. */
export async function authorise(
  core: Connection,
  access: Access,
  parsed: ParsedRequest,
): Promise<Authorised> {
  await checkApproval(core, access, parsed.eventDetail);
  // Only now may stored parameters be read.
  const complete = await completed(parsed, access);
  await checkSelections(core, access, complete.request);
  checkContents(access, complete.request.eventDetail);
  const recipients = await recipientsOf(core, access, complete.request);
  return { ...complete, access, recipients };
}

function checkRequester(access: Access, { caseId, eventDetail }: ParsedRequest): void {
  const { userId, email } = eventDetail.requestedBy;
  if (access.userEmail === null) throw new Refusal('UserNotFound', `No user has the id ${userId}.`);
  if (access.userRemoved) throw new Refusal('UserNotFound', `User ${userId} was removed.`);
  if (!isSame(access.userEmail, email))
    throw new Refusal('UserNotFound', `requestedBy.email: ${email} is not the address of user ${userId}.`);
  if (caseId === null) {
    if (access.accountAdmin) return;
    throw new Refusal(
      'AdministratorsOnly',
      `Only Dashboard Administrators can run account reports. User ${userId} is not one.`,
    );
  }
  // The answer is the same in both cases, so that nobody learns which cases other accounts have.
  if (access.caseName === null || access.caseAccountId !== access.accountId)
    throw new Refusal('CaseNotFound', `The account of user ${userId} has no case ${caseId}.`);
  if (!access.mayOpen)
    throw new Refusal('AccessDenied', `User ${userId} does not have access to case ${caseId}.`);
  if (access.caseStatus !== 'active')
    throw new Refusal('CaseUnavailable', `Case ${caseId} is ${access.caseStatus}.`);
}

async function checkApproval(
  core: Connection,
  access: Access,
  { reportType, approvedBy }: ParsedDetail,
): Promise<void> {
  if (!approvedBy) {
    if (!reportOf(reportType).mayNeedApproval || !access.requiresApproval) return;
    throw new Refusal(
      'ApprovalMissing',
      'approvedBy: This account requires the approval of a Data Control Admin.',
    );
  }
  const { userId, email } = approvedBy;
  const [approver] = await select<{ email: string }>(core, approverSql, {
    userId,
    accountId: access.accountId,
  });
  if (!approver || !isSame(approver.email, email))
    throw new Refusal('ApprovalMissing', `approvedBy: ${email} is not a Data Control Admin of this account.`);
}

/** Gives the request with the parameters that its `parametersKey` names, if it has one, and with their hash. */
async function completed(
  request: ParsedRequest,
  access: Access,
): Promise<Omit<Authorised, 'access' | 'recipients'>> {
  const { parametersKey } = request.eventDetail;
  if (!parametersKey) return { request };
  const folder = `${setting('ENV')}/${ownerOf(request, access)}/requests/`;
  if (!parametersKey.startsWith(folder))
    throw new Refusal('InvalidRequest', `parametersKey: ${parametersKey} is not under ${folder}.`);
  const { parameters, sha256, text } = await readParameters(parametersKey).catch((error) => {
    throw error.name === 'InvalidRequest' ? new Refusal('InvalidRequest', error.message) : error;
  });
  return { request: withParameters(request, parameters), parametersText: text, parametersSha256: sha256 };
}

/** The folder of the case or the account that a report belongs to: `cases/1001` or `accounts/7`. */
export function ownerOf({ caseId }: Pick<ParsedRequest, 'caseId'>, { accountId }: Access): string {
  return caseId === null ? `accounts/${accountId}` : `cases/${caseId}`;
}

async function checkSelections(
  core: Connection,
  access: Access,
  { caseId, eventDetail }: ParsedRequest,
): Promise<void> {
  if (caseId !== null) return;
  refuseIfAny('InvalidRequest', await unknownSelections(core, access.accountId!, eventDetail.parameters));
}

function checkContents(access: Access, detail: ParsedDetail): void {
  refuseIfAny('AccessLevelTooLow', deniedTo(access.accessLevel, detail));
  const { unreadableInNewerCases } = reportOf(detail.reportType);
  if (access.keepsFieldsOnS3)
    refuseIfAny('InvalidRequest', given(unreadableInNewerCases?.(detail.parameters as never)));
}

/** The requester, or the users and outsiders whom the request names. A schedule goes on without those who lost access. */
async function recipientsOf(
  core: Connection,
  access: Access,
  { caseId, eventDetail, scheduledFor }: ParsedRequest,
): Promise<Recipient[]> {
  const emails = eventDetail.delivery.recipients ?? [access.userEmail!];
  const userOf = await usersOf(core, access.accountId!, caseId, emails);
  const problemOf = (user?: User) => {
    if (user && !user.mayOpen)
      return caseId === null ? 'is not a Dashboard Administrator.' : 'does not have access to this case.';
    if (user)
      return deniedTo(user.accessLevel, eventDetail).length > 0 && 'may not see everything in this report.';
    return (
      !access.allowsOutsideRecipients &&
      'is not a user of this account, which does not allow outside recipients.'
    );
  };
  const problems: string[] = [];
  const recipients = new Map<string, Recipient>();
  for (const email of emails) {
    const user = userOf(email);
    const problem = problemOf(user);
    if (problem) problems.push(`delivery.recipients: ${email} ${problem}`);
    else
      recipients.set(lowered(email), {
        email: user?.email ?? email,
        name: oneLine(user?.name ?? ''),
        outside: !user,
      });
  }
  const goesOn = scheduledFor !== undefined && recipients.size > 0;
  if (!goesOn) refuseIfAny('RecipientDenied', problems);
  return [...recipients.values()];
}
