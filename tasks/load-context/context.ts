// The report's context: all that the states after "Load context" know of the request.
import type { DeliveryMode, Period, ReportRequest, ReportType } from '../../contract/types.ts';
import { reports } from '../lib/reports.ts';
import { setting } from '../lib/settings.ts';
import { clockOf } from '../lib/time-zone.ts';
import { fileName } from './file-name.ts';
import { daysOf } from './period.ts';

export type ReportContext = {
  report: {
    reportType: ReportType;
    title: string;
    /** With defaults, and the days of a relative period. */
    parameters: Record<string, unknown>;
    format: NonNullable<ReportRequest['eventDetail']['format']>;
    timeZone: string;
  };
  account: { accountId: number; name: string };
  case: { caseId: number; name: string };
  requester: { userId: number; name: string; email: string };
  delivery: {
    mode: DeliveryMode;
    recipients: { email: string; name: string }[];
    expiresInDays: number;
  };
  file: { key: string; name: string; contentType: string };
  /** Texts for the mail. */
  words: {
    /** The report's scope and filters. */
    contents: string;
    /** `YYYY-MM-DD HH:MM:SS (zone)`. */
    requestedAt: string;
  };
};

const contentTypes = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** A row of access.sql; NULL where there is no such user or case. Booleans are 0 and 1. */
export type Access = {
  userAccountId: number | null;
  userName: string;
  userEmail: string | null;
  userRemoved: 0 | 1;
  caseAccountId: number | null;
  caseName: string | null;
  caseStatus: string | null;
  accountName: string | null;
  mayOpen: 0 | 1 | null;
};

/**
 * The context of a request that was checked and found good. The same request and start give the same context,
 * so that a state that runs again writes the same file.
 */
export function describeReport(
  { jobId, caseId, eventDetail, scheduledFor }: ReportRequest,
  startedAt: string,
  access: Access,
  recipients: { email: string; name: string }[],
): ReportContext {
  const {
    reportType,
    requestedBy,
    parameters: given = {},
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
  const name = `${fileName(reportType, caseId, access.caseName!, clock(started))}.${format}`;
  return {
    report: { reportType, title: report.title, parameters, format, timeZone },
    account: { accountId: access.caseAccountId!, name: access.accountName ?? '' },
    case: { caseId, name: access.caseName! },
    requester: { userId: requestedBy.userId, name: access.userName, email: access.userEmail! },
    delivery: {
      mode: delivery!.mode!,
      recipients,
      expiresInDays,
    },
    file: {
      key: `${setting('ENV')}/cases/${caseId}/exports/${reportType}-${jobId}/${name}`,
      name,
      contentType: contentTypes[format],
    },
    words: {
      contents: report.describe(parameters as never),
      requestedAt: `${clock(started)} (${timeZone})`,
    },
  };
}
