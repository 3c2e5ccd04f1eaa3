// A report's context: everything that the states after "Load context" know about a request.
import type { DeliveryMode, Forecast, ReportRequest, ReportType } from '../../contract/types.ts';
import type { ParametersInContext } from './parameters.ts';

export type ReportContext = {
  report: ParametersInContext & {
    reportType: ReportType;
    title: string;
    /** The user's own name for the report. */
    name?: string;
    format: NonNullable<ReportRequest['eventDetail']['format']>;
    timeZone: string;
  };
  account: { accountId: number; name: string };
  /** Null for a report on the whole account. */
  case: { caseId: number; name: string } | null;
  /** The database or the account that the report is about, as a mail names it. */
  subject: { label: 'Database' | 'Account'; name: string };
  /** The report's scope and filters in plain English. */
  scopeDescription: string;
  requester: { userId: number; name: string; email: string };
  /** `YYYY-MM-DD HH:MM:SS (zone)`. */
  requestedAt: string;
  /** Of a report that a schedule asked for. */
  schedule?: Slot;
  delivery: {
    mode: DeliveryMode;
    /** Empty when the report is delivered in the application. */
    recipients: Recipient[];
    expiresInDays: number;
    /** Whether a report without rows is mailed. */
    sendWhenEmpty: boolean;
  };
  file: { key: string; name: string; contentType: string };
  /** Of a dry run, which goes no further. */
  dryRun?: Forecast;
};

export type Slot = {
  /** `Weekly`. */
  cadence: string;
  /** The days of the report, or else the day of the slot: `Nov 16 to 22`. */
  days: string;
  /** When the next report comes, ISO 8601; null after the last, missing when it is not known. */
  next?: string | null;
};

/** An outside recipient is not a user of the account, and never gets more than a link. */
export type Recipient = { email: string; name: string; outside: boolean };

/** The values of `npcase_users.access_level`. Administrators of the account count as `advanced`. */
export type AccessLevel = 'view_only' | 'reviewer' | 'basic' | 'standard' | 'advanced';
