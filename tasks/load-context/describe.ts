// The third step: the report's context, from a request that was checked.
import type { Period } from '../../contract/types.ts';
import type { ReportContext } from '../lib/context.ts';
import { shortParameters } from '../lib/parameters.ts';
import { setting } from '../lib/settings.ts';
import { clockOf } from '../lib/time-zone.ts';
import { reportOf } from '../reports/index.ts';
import { type Authorised, ownerOf } from './authorise.ts';
import { fileName } from './file-name.ts';
import { daysOf } from './period.ts';

const contentTypes = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/**
 * Gives the context. It follows from the request and its start, so that a state that runs again writes the same file.
 * @param startedAt when the report's execution started, ISO 8601
 */
export function describe(
  { request, parametersSha256, access, recipients }: Authorised,
  startedAt: string,
): ReportContext {
  const { jobId, caseId, eventDetail, scheduledFor } = request;
  const {
    reportType,
    requestedBy,
    parameters: asked,
    parametersKey,
    format,
    timeZone,
    delivery,
  } = eventDetail;
  const report = reportOf(reportType);
  const start = clockOf(timeZone)(Date.parse(startedAt));
  const { period } = asked as { period?: Period };
  const days = period && daysOf(period, scheduledFor ?? startedAt, timeZone);
  const parameters: Record<string, unknown> = { ...asked, ...days };
  const account = { accountId: access.accountId!, name: access.accountName ?? '' };
  const database = caseId === null ? null : { caseId, name: access.caseName! };
  const subject = database
    ? ({ label: 'Database', name: database.name } as const)
    : ({ label: 'Account', name: account.name } as const);
  const owner = ownerOf(request, access);
  const name = `${fileName(reportType, owner, subject.name, start)}.${format}`;
  const stored = parametersKey && { parametersKey, parametersSha256 };
  return {
    report: {
      reportType,
      title: report.title,
      parameters: stored ? shortParameters(parameters) : parameters,
      ...stored,
      format,
      timeZone,
    },
    account,
    case: database,
    subject,
    scopeDescription: report
      .describe(parameters as never)
      .filter(Boolean)
      .join('; '),
    requester: { userId: requestedBy.userId, name: access.userName, email: access.userEmail! },
    requestedAt: `${start} (${timeZone})`,
    delivery: {
      mode: delivery.mode,
      recipients: delivery.mode === 'in_app' ? [] : recipients,
      expiresInDays: delivery.expiresInDays,
      sendWhenEmpty: (parameters.sendWhenEmpty as boolean | undefined) ?? true,
    },
    file: {
      key: `${setting('ENV')}/${owner}/exports/${reportType}-${jobId}/${name}`,
      name,
      contentType: contentTypes[format],
    },
  };
}
