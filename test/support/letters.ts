// Finished reports and failures that mails tell of.
import type { File } from '../../contract/types.ts';
import { caseIds, emails, userIds } from '../../local/database/seed.ts';
import type { MailTable } from '../../tasks/lib/cells/mail-table.ts';
import type { ReportContext } from '../../tasks/lib/context.ts';
import type { Failure } from '../../tasks/mail-report/failed.ts';
import type { FinishedReport } from '../../tasks/mail-report/finished.ts';

export type Asked = {
  mode?: ReportContext['delivery']['mode'];
  parameters?: object;
  table?: MailTable | null;
  file?: Partial<File>;
  context?: Partial<ReportContext>;
};

/** A report that Priya Raman, a paralegal, asked for. */
export function finishedReport({
  mode = 'link',
  parameters,
  table = null,
  file,
  context,
}: Asked = {}): FinishedReport {
  return {
    jobId: 'rpt-7',
    startedAt: '2026-11-25T18:30:00Z',
    context: {
      report: {
        reportType: 'transcript_metadata',
        title: 'Transcript Metadata',
        parameters: { scope: 'both', ...parameters },
        format: 'csv',
        timeZone: 'America/Chicago',
      },
      account: { accountId: 1, name: 'Harlow, Pike & Associés LLP' },
      case: { caseId: caseIds.pumps, name: 'Müller v. Acme Pumps' },
      subject: { label: 'Database', name: 'Müller v. Acme Pumps' },
      scopeDescription: 'Depositions',
      requester: { userId: userIds.paralegal, name: 'Priya Raman', email: emails.paralegal },
      requestedAt: '2026-11-25 12:30:00 (America/Chicago)',
      delivery: { mode, recipients: [], expiresInDays: 7, sendWhenEmpty: true },
      file: { key: 'k', name: 'report.csv', contentType: 'text/csv; charset=utf-8' },
      ...context,
    },
    file: {
      bucket: 'reports',
      key: 'k',
      name: 'report.csv',
      contentType: 'text/csv; charset=utf-8',
      rows: 1204,
      bytes: 8_700,
      sha256: '0'.repeat(64),
      columns: ['Deponent'],
      expiresAt: '2026-12-02T18:30:20Z',
      warnings: [],
      sidecar: null,
      ...file,
    },
    table,
  };
}

export function failure(more: Partial<Failure>): Failure {
  return {
    error: 'DatabaseUnavailable',
    stage: 'report',
    jobId: 'rpt-7',
    caseId: caseIds.pumps,
    requestedBy: { userId: userIds.paralegal, email: emails.paralegal },
    reportType: 'transcript_metadata',
    ...more,
  };
}
