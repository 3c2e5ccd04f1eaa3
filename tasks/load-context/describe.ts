// The third step: the report's context, from a request that was checked.
import type { Period } from '../../contract/types.ts';
import type { ReportContext } from '../lib/context.ts';
import { oneLine } from '../lib/one-line.ts';
import { shortParameters } from '../lib/parameters.ts';
import { setting } from '../lib/settings.ts';
import { clockOf } from '../lib/time-zone.ts';
import { reportOf } from '../reports/index.ts';
import { type Authorised, ownerOf } from './authorise.ts';
import { fileName } from './file-name.ts';
import { daysOf } from './period.ts';
import { slotOf } from './slot.ts';

const contentTypes = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pdf: 'application/pdf',
};

/**
 * Gives the context. It follows from the request and its start, so that a state that runs again writes the same file.
 * @param startedAt when the report's execution started, ISO 8601
 */
export function describe(
  { request, parametersSha256, access, recipients }: Authorised,
  startedAt: string,
): ReportContext {
  const { jobId, caseId, eventDetail, scheduledFor, schedule } = request;
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
  const [first, last] = report.days ?? ['from', 'to'];
  const parameters: Record<string, unknown> = {
    ...asked,
    ...(days && { [first]: days.from, [last]: days.to }),
  };
  const account = { accountId: access.accountId!, name: oneLine(access.accountName ?? '') };
  const database = caseId === null ? null : { caseId, name: oneLine(access.caseName!) };
  const subject = database
    ? ({ label: 'Database', name: database.name } as const)
    : ({ label: 'Account', name: account.name } as const);
  const owner = ownerOf(request, access);
  const title = report.titleOf?.(parameters as never) ?? report.title;
  // The name that a user gave may be confidential where the parameters are.
  const ownName = parametersKey ? undefined : oneLine((asked as { name?: string }).name ?? '') || undefined;
  const kind = [report.titleOf ? title : reportType, ownName].filter(Boolean).join(' ');
  const name = `${fileName(kind, owner, subject.name, start)}.${format}`;
  const stored = parametersKey && { parametersKey, parametersSha256 };
  return {
    report: {
      reportType,
      title,
      ...(ownName && { name: ownName }),
      parameters: stored ? shortParameters(parameters, report.confidential) : parameters,
      ...stored,
      format,
      timeZone,
    },
    account,
    case: database,
    subject,
    // Stored parameters may be confidential: a mail names them, and quotes no value, unless the report says which ones are.
    scopeDescription:
      parametersKey && !report.confidential
        ? `stored parameters: ${Object.keys(asked).sort().join(', ')}`
        : report
            .describe(onOneLine(parameters) as never)
            .filter(Boolean)
            .join('; '),
    requester: { userId: requestedBy.userId, name: oneLine(access.userName), email: access.userEmail! },
    requestedAt: `${start} (${timeZone})`,
    ...(schedule && scheduledFor && { schedule: slotOf(schedule, scheduledFor, timeZone, days) }),
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

function onOneLine(parameters: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(parameters), (_, value) =>
    typeof value === 'string' ? oneLine(value) : value,
  );
}
