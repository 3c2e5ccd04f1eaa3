// The report's context: all that the states after "Load context" know of the request.
import type { Period, ReportRequest } from '../../contract/types.ts';
import type { AccessLevel, Recipient, ReportContext } from '../lib/context.ts';
import { shortParameters } from '../lib/parameters.ts';
import { setting } from '../lib/settings.ts';
import { clockOf } from '../lib/time-zone.ts';
import { contentsOf, reports } from '../reports/index.ts';
import { fileName } from './file-name.ts';
import { daysOf } from './period.ts';

const contentTypes = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** A row of access.sql; NULL where there is no such user or case. Booleans are 0 and 1. */
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
  /** Of the newer kind, which keeps the values of custom fields on S3. */
  keepsFieldsOnS3: 0 | 1 | null;
  mayOpen: 0 | 1 | null;
  /** In the case; administrators of the account see all. */
  accessLevel: AccessLevel | null;
};

/**
 * The context of a request that was checked and found good. The same request and start give the same context,
 * so that a state that runs again writes the same file.
 */
export function describeReport(
  { jobId, caseId, eventDetail, scheduledFor }: ReportRequest,
  startedAt: string,
  access: Access,
  recipients: Recipient[],
  parametersSha256?: string,
): ReportContext {
  const {
    reportType,
    requestedBy,
    parameters: given = {},
    parametersKey,
    format = 'csv',
    timeZone = 'UTC',
    delivery,
  } = eventDetail;
  const report = reports[reportType]!;
  const clock = clockOf(timeZone);
  const started = Date.parse(startedAt);
  const { period } = given as { period?: Period };
  const days = period && daysOf(period, scheduledFor ?? startedAt, timeZone);
  const parameters = { ...given, ...days };
  const expiresInDays = delivery!.expiresInDays!;
  const accountName = access.accountName ?? '';
  const subject =
    caseId === null
      ? ({ label: 'Account', name: accountName } as const)
      : ({ label: 'Database', name: access.caseName! } as const);
  const owner = caseId === null ? `accounts/${access.accountId}` : `cases/${caseId}`;
  const name = `${fileName(reportType, owner, subject.name, clock(started))}.${format}`;
  const stored = parametersKey && { parametersKey, parametersSha256 };
  return {
    report: {
      reportType,
      title: report.title,
      parameters: stored ? shortParameters(parameters, report.confidential) : parameters,
      ...stored,
      format,
      timeZone,
    },
    account: { accountId: access.accountId!, name: accountName },
    case: caseId === null ? null : { caseId, name: subject.name },
    subject,
    scopeDescription: contentsOf(reportType, parameters),
    requester: { userId: requestedBy.userId, name: access.userName, email: access.userEmail! },
    requestedAt: `${clock(started)} (${timeZone})`,
    delivery: {
      mode: delivery!.mode!,
      recipients: delivery!.mode === 'in_app' ? [] : recipients,
      expiresInDays,
      sendWhenEmpty: (parameters as { sendWhenEmpty?: boolean }).sendWhenEmpty ?? true,
    },
    file: {
      key: `${setting('ENV')}/${owner}/exports/${reportType}-${jobId}/${name}`,
      name,
      contentType: contentTypes[format],
    },
  };
}
