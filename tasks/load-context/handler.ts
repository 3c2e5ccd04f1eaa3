// Checks a request, and gathers what the other states need to know of it.
import type { Connection } from 'mysql2/promise';
import type { EventDetail, ReportRequest } from '../../contract/types.ts';
import type { AccessLevel, Recipient, ReportContext } from '../lib/context.ts';
import { connect, select } from '../lib/database/connection.ts';
import { readParameters } from '../lib/parameters.ts';
import { coreSchema, setting } from '../lib/settings.ts';
import accessSql from './access.sql';
import approverSql from './approver.sql';
import { strangersIn } from './choice.ts';
import { type Access, describeReport } from './describe.ts';
import { problemsOf } from './parse.ts';
import { deniedOf, unreadableOf } from './permissions.ts';
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

/** Bytes of a request. States hold it up to three times beside names and addresses, and each holds 256 KiB. */
const largest = 64 * 1024;

type RefusalName = 'InvalidRequest' | 'AccessDenied' | 'UserNotFound' | 'CaseNotFound' | 'CaseUnavailable';

/** Why there will be no report. */
class Refusal extends Error {
  readonly error: RefusalName;

  constructor(error: RefusalName, ...causes: string[]) {
    super(causes.join('\n'));
    this.error = error;
  }
}

/**
 * Gives the report's context, or why there will be no report; a refusal is a result, not an error.
 * Throws DatabaseUnavailable, DatabaseOverloaded, ConnectionLost, StorageUnavailable.
 */
export async function handler(event: LoadContextEvent): Promise<LoadContextResult> {
  try {
    return { refusal: null, context: await contextOf(event) };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof Refusal) return { refusal: { error: error.error, cause: message }, context: null };
    throw error;
  }
}

async function contextOf({ request, startedAt }: LoadContextEvent): Promise<ReportContext> {
  const bytes = Buffer.byteLength(JSON.stringify(request) ?? '');
  if (bytes > largest)
    throw new Refusal(
      'InvalidRequest',
      `request: ${bytes} bytes, more than ${largest}: put its parameters on S3 and name them in parametersKey`,
    );
  const { parameters, parametersKey } = request?.eventDetail ?? {};
  if (parametersKey && Object.keys(parameters ?? {}).length > 0)
    throw new Refusal('InvalidRequest', 'parametersKey: give parameters or parametersKey, not both');
  checkForm(request, parametersKey ? 'on S3' : 'there');
  const { caseId, eventDetail } = request;
  const problems = scheduleProblems(eventDetail, startedAt);
  if (problems.length > 0) throw new Refusal('InvalidRequest', ...problems);
  await using core = await connect(coreSchema());
  const { userId } = eventDetail.requestedBy;
  const [access] = await select<Access>(core, accessSql, { userId, caseId });
  checkAccess(access!, caseId, eventDetail);
  await checkApproval(core, access!, eventDetail);
  const sha256 = await takeStoredParameters(access!, request);
  if (caseId === null) await checkChoice(core, access!, eventDetail);
  checkContents(access!, eventDetail);
  const recipients = await recipientsOf(core, access!, request);
  return describeReport(request, startedAt, access!, recipients, sha256);
}

/** Fills in defaults. */
function checkForm(request: ReportRequest, parametersAre: 'there' | 'on S3' = 'there'): void {
  const problems = problemsOf(request, parametersAre);
  if (problems.length > 0) throw new Refusal('InvalidRequest', ...problems);
}

function checkAccess(access: Access, caseId: number | null, { requestedBy }: EventDetail): void {
  const { userId, email } = requestedBy;
  if (access.userEmail === null) throw new Refusal('UserNotFound', `There is no user ${userId}.`);
  if (access.userRemoved) throw new Refusal('UserNotFound', `User ${userId} was removed.`);
  if (!isSame(access.userEmail, email))
    throw new Refusal('InvalidRequest', `requestedBy.email: ${email} is not the address of user ${userId}`);
  if (caseId === null) {
    if (access.accountAdmin) return;
    throw new Refusal(
      'AccessDenied',
      `User ${userId} is no Dashboard Administrator, as reports on a whole account demand.`,
    );
  }
  // One answer for both, so that nobody learns which cases other accounts have.
  if (access.caseName === null || access.caseAccountId !== access.accountId)
    throw new Refusal('CaseNotFound', `There is no case ${caseId} in the account of user ${userId}.`);
  if (!access.mayOpen) throw new Refusal('AccessDenied', `User ${userId} may not open case ${caseId}.`);
  if (access.caseStatus !== 'active')
    throw new Refusal('CaseUnavailable', `Case ${caseId} is ${access.caseStatus}.`);
}

async function checkChoice(
  core: Connection,
  access: Access,
  { parameters = {} }: EventDetail,
): Promise<void> {
  const problems = await strangersIn(core, access.accountId!, parameters);
  if (problems.length > 0) throw new Refusal('AccessDenied', ...problems);
}

/** What the report shows must be for the requester to see, and to be had. */
function checkContents(access: Access, { reportType, parameters }: EventDetail): void {
  const denied = access.accessLevel ? deniedOf(reportType, parameters, access.accessLevel) : [];
  if (denied.length > 0) throw new Refusal('AccessDenied', ...denied);
  const unreadable = access.keepsFieldsOnS3 ? unreadableOf(reportType, parameters) : [];
  if (unreadable.length > 0) throw new Refusal('InvalidRequest', ...unreadable);
}

/** A custom report needs a Data Control Admin's approval where the account demands it. */
async function checkApproval(core: Connection, access: Access, detail: EventDetail): Promise<void> {
  const { reportType, approvedBy } = detail;
  if (!approvedBy) {
    if (reportType !== 'custom' || !access.requiresApproval) return;
    throw new Refusal('AccessDenied', 'approvedBy: the account demands the approval of a Data Control Admin');
  }
  const found = await select(core, approverSql, { ...approvedBy, accountId: access.accountId });
  if (found.length === 0)
    throw new Refusal(
      'AccessDenied',
      `approvedBy: ${approvedBy.email} is no Data Control Admin of the account`,
    );
}

/** The requester, unless the request names others: users who may see the report, and outsiders where the account allows it. */
async function recipientsOf(core: Connection, access: Access, request: ReportRequest): Promise<Recipient[]> {
  const { caseId, eventDetail } = request;
  const emails = eventDetail.delivery?.recipients ?? [access.userEmail!];
  type User = { email: string; name: string; accessLevel: AccessLevel | null; mayOpen: 0 | 1 };
  const users = await select<User>(core, recipientsSql, {
    caseId,
    emails,
    accountId: access.accountId,
  });
  const problemOf = (user?: User) => {
    if (!user)
      return access.allowsOutsideRecipients ? undefined : 'is no user, and the account allows no others';
    if (!user.mayOpen) return `may not ${caseId === null ? 'see this report' : 'open this case'}`;
    const { reportType, parameters } = eventDetail;
    const denied = user.accessLevel && deniedOf(reportType, parameters, user.accessLevel).length > 0;
    return denied ? 'may not see all that this report shows' : undefined;
  };
  const problems: string[] = [];
  const recipients = new Map<string, Recipient>();
  for (const email of emails) {
    const user = users.find((user) => isSame(user.email, email));
    const problem = problemOf(user);
    if (problem) {
      problems.push(`delivery.recipients: ${email} ${problem}`);
      continue;
    }
    const recipient = user ? { email: user.email, name: user.name } : { email, name: '' };
    recipients.set(email.toLowerCase(), { ...recipient, outside: !user });
  }
  // A schedule goes on without those who may not see its report any more.
  const goesOn = request.scheduledFor !== undefined && recipients.size > 0;
  if (problems.length > 0 && !goesOn) throw new Refusal('AccessDenied', ...problems);
  return [...recipients.values()];
}

/** Puts the parameters of a `parametersKey` into the request, checked as those of a message are, and gives their hash. */
async function takeStoredParameters(access: Access, request: ReportRequest): Promise<string | undefined> {
  const { caseId, eventDetail } = request;
  const { parametersKey } = eventDetail;
  if (!parametersKey) return undefined;
  const owner = caseId === null ? `accounts/${access.accountId}` : `cases/${caseId}`;
  const folder = `${setting('ENV')}/${owner}/requests/`;
  if (!parametersKey.startsWith(folder))
    throw new Refusal('InvalidRequest', `parametersKey: ${parametersKey} is not under ${folder}`);
  const { parameters, sha256 } = await readParameters(parametersKey).catch((error) => {
    throw error.name === 'InvalidRequest' ? new Refusal('InvalidRequest', error.message) : error;
  });
  eventDetail.parameters = parameters;
  checkForm(request);
  return sha256;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
