// Inputs of the machines that send mail: every kind of mail, and names that are hard to display.
import type { File } from '../../contract/types.ts';
import { MailRows } from '../../tasks/lib/cells/mail-table.ts';
import type { ReportContext } from '../../tasks/lib/context.ts';
import { searchTexts, warningTexts } from '../../tasks/lib/texts.ts';
import { caseIds, emails, userIds } from '../database/seed.ts';

export interface Fixture {
  title: string;
  jobId: string;
  machine: 'deliver-report' | 'announce-failure';
  /** @param machine returns the ARN of a machine by name */
  input(machine: (name: string) => string): object;
}

const caseId = caseIds.pumps;
const requester = { userId: userIds.paralegal, name: 'Priya Raman', email: emails.paralegal };
/** Reads what is on the whole account. */
const administrator = {
  userId: userIds.dashboardAdministrator,
  name: 'Dana Whitfield',
  email: emails.dashboardAdministrator,
};
const requestedBy = { userId: requester.userId, email: requester.email };

/** Properties of a finished report that differ from the usual. */
interface Finished {
  mode?: ReportContext['delivery']['mode'];
  title?: string;
  reportType?: ReportContext['report']['reportType'];
  parameters?: object;
  database?: string;
  requesterName?: string;
  outside?: boolean;
  scopeDescription?: string;
  fileName?: string;
  bytes?: number;
  warnings?: string[];
  sidecar?: File['sidecar'];
  issues?: File['issues'];
  breakdowns?: File['breakdowns'];
  table?: object | null;
}

function finished(title: string, jobId: string, more: Finished): Fixture {
  const reportType = more.reportType ?? 'transcript_metadata';
  const name = more.fileName ?? 'transcript-metadata_muller-v-acme-pumps-inc-trial_20261123-110405.csv';
  const database = more.database ?? 'Müller v. Acme Pumps, Inc. (Trial)';
  const key = `development/cases/${caseId}/exports/${reportType}-${jobId}/${name}`;
  const contentType = 'text/csv; charset=utf-8';
  const account = { accountId: 1, name: 'Harlow, Pike & Associés LLP' };
  const isOnAccount = reportType === 'user_activity';
  const reader = isOnAccount ? administrator : requester;
  const context: ReportContext = {
    report: {
      reportType,
      title: more.title ?? 'Transcript Metadata',
      parameters: { ...more.parameters },
      format: 'csv',
      timeZone: 'America/Chicago',
    },
    account,
    case: isOnAccount ? null : { caseId, name: database },
    subject: isOnAccount ? { label: 'Account', name: account.name } : { label: 'Database', name: database },
    scopeDescription:
      more.scopeDescription ?? 'Depositions and court proceedings; with custom fields; sorted by name',
    requester: { ...reader, name: more.requesterName ?? reader.name },
    requestedAt: '2026-11-23 11:04:05 (America/Chicago)',
    delivery: {
      mode: more.mode ?? 'link',
      recipients: [{ email: reader.email, name: reader.name, outside: more.outside ?? false }],
      expiresInDays: 7,
      sendWhenEmpty: true,
    },
    file: { key, name, contentType },
  };
  const file: File = {
    bucket: 'reports',
    key,
    name,
    contentType,
    rows: 1204,
    bytes: more.bytes ?? 312_400,
    sha256: '0'.repeat(64),
    columns: ['Deponent'],
    expiresAt: '2026-11-30T17:04:05Z',
    warnings: more.warnings ?? [],
    sidecar: more.sidecar ?? null,
    ...(more.issues && { issues: more.issues }),
    ...(more.breakdowns && { breakdowns: more.breakdowns }),
  };
  const input = {
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:aws:states:us-east-1:000000000000:execution:preview:1',
    jobId,
    caseId,
    eventDetail: { reportType, requestedBy },
    startedAt: '2026-11-23T17:04:05Z',
    context,
    file,
    table: more.table ?? null,
  };
  return { title, jobId, machine: 'deliver-report', input: () => input };
}

/** The EventBridge event of an execution that failed: of a report, or of its delivery. */
function failed(
  title: string,
  jobId: string,
  ended: { error: string; cause?: string },
  stage: 'intake' | 'report' | 'delivery' = 'report',
): Fixture {
  const request = { jobId, caseId, eventDetail: { reportType: 'transcript_metadata', requestedBy } };
  return {
    title,
    jobId,
    machine: 'announce-failure',
    input: (machine) => ({
      execution: {
        // There is no execution that could be described.
        executionArn: null,
        redriveCount: 0,
        redriveStatus: 'REDRIVABLE',
        stage,
        cause: '',
        occurredAt: '2026-11-23T17:04:05.000Z',
        ...ended,
      },
      request: stage === 'delivery' ? finished('', jobId, {}).input(machine) : request,
    }),
  };
}

function tableOf(rows: string[][]): object {
  const headers = ['Relevancy Status', 'Documents', 'Pages', 'Documents Without Page Count'];
  const mail = new MailRows({ headers, kinds: ['text', 'number', 'number', 'number'] }, true);
  for (const row of rows) mail.add(row);
  return mail.table!;
}

const pageCount: Finished = {
  mode: 'mail_body',
  reportType: 'page_count',
  title: 'Page Count',
  scopeDescription: 'Documents and pages by relevancy; all documents; trash excluded',
  fileName: 'page-count_muller-v-acme-pumps-inc-trial_20261123-110405.csv',
  table: tableOf([
    ['Responsive', '1204', '18377', '3'],
    ['Non-Responsive', '8010', '61226', '41'],
    ['Requires Follow-up', '12', '377', '0'],
    ['Not Reviewed', '5551', '70102', '612'],
    ['Total', '14777', '150082', '656'],
  ]),
};
const strangeTable = tableOf([
  ['<img src=x onerror=alert(1)> & "quotes"', '1', '3', '0'],
  ['תיקייה חשובה', '2', '41', '1'],
  ['東京の書類 📁', '30', '1200', '0'],
  [`Folder${'-with-a-long-name'.repeat(10)}`, '4', '77', '2'],
  ['Total', '37', '1321', '3'],
]);

export const fixtures: Fixture[] = [
  finished('The file attached', 'attachment', { mode: 'attachment' }),
  finished('A link', 'link', {}),
  finished('A file too large to attach', 'too-large', { mode: 'attachment', bytes: 8_912_345 }),
  finished('Things the reader should know', 'warnings', {
    title: 'Privilege Log',
    reportType: 'review_log',
    scopeDescription:
      'One row for each document; documents of selected folders; only those withheld, redacted or privileged; sorted by Bates number',
    fileName: 'privilege-log_muller-v-acme-pumps-inc-trial_20261123-110405.csv',
    warnings: [
      warningTexts.asOf('November 23, 2026, 11:04 AM Central'),
      warningTexts.notesMayBePrivileged(),
      warningTexts.longCells(3),
    ],
  }),
  finished('Cells that were cut', 'full-texts', {
    title: 'Grid Export',
    reportType: 'grid_data_export',
    scopeDescription: '1,204 selected documents; 6 columns',
    fileName: 'grid-data-export_muller-v-acme-pumps-inc-trial_20261123-110405.xlsx',
    warnings: [warningTexts.cutCellsWithFile(3, 'grid-full-texts.csv')],
    sidecar: {
      key: 'development/cases/1001/exports/grid_data_export-full-texts/grid-full-texts.csv',
      name: 'grid-full-texts.csv',
      bytes: 120_000,
      sha256: '0'.repeat(64),
      cells: 3,
    },
  }),
  finished('Databases that were left out', 'issues', {
    mode: 'attachment',
    title: 'User Activity',
    reportType: 'user_activity',
    scopeDescription:
      'Activity by user and database; November 1 to 30, 2026; all databases of the account; all users',
    fileName: 'user-activity_harlow-pike-associes-llp_20261123-110405.csv',
    warnings: [warningTexts.leftOut(38, 40, 'Lost Matter (1003), Old Matter (1004)')],
    issues: {
      key: 'issues.csv',
      name: 'user-activity_harlow-pike-associes-llp_20261123-110405-issues.csv',
      cases: 2,
    },
  }),
  finished('Search hits in three files', 'search-hits', {
    title: 'Search Hits',
    reportType: 'search_hit',
    scopeDescription: 'Hits of 12 search terms; all documents; by custodian; by month; trash excluded',
    fileName: 'search-hit_muller-v-acme-pumps-inc-trial_20261123-110405.csv',
    warnings: [searchTexts.failedTerms(1)],
    breakdowns: {
      custodians: {
        key: 'by-custodian.csv',
        name: 'by-custodian.csv',
        rows: 34,
        bytes: 1_200,
        sha256: '0'.repeat(64),
      },
      months: { key: 'by-month.csv', name: 'by-month.csv', rows: 57, bytes: 2_100, sha256: '0'.repeat(64) },
    },
  }),
  finished('Rows in the mail', 'rows', pageCount),
  finished('Rows in the mail, and the file attached', 'rows-and-file', {
    ...pageCount,
    parameters: { attachCsv: true },
  }),
  finished('Rows with names that are hard to show', 'strange-rows', {
    ...pageCount,
    scopeDescription: 'Documents and pages by folder; documents of selected folders; trash excluded',
    table: strangeTable,
    warnings: [
      '2 documents are in several of these folders. Each folder counts them; the total counts them once.',
    ],
  }),
  finished('Too many rows for a mail', 'too-long', { ...pageCount, table: null }),
  finished('Somebody outside the account', 'outside', { ...pageCount, outside: true }),
  finished('Long names', 'long-names', {
    database: `In re ${'Multi-District Consolidated Pump Products Liability Litigation, '.repeat(4)}No. II`,
    requesterName: 'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh '.repeat(2).trim(),
    scopeDescription: `Clips; labels ${Array.from({ length: 20 }, (_, index) => `Plaintiff designation ${index}`).join(', ')}`,
    fileName: `${'transcript-metadata_'.repeat(9)}20261123-110405.csv`,
  }),
  finished('Right-to-left names', 'right-to-left', {
    database: 'שלום נגד חברת המשאבות (2024)',
    requesterName: 'דנה לוי',
    scopeDescription: 'Depositions; labels عربي, עברית',
  }),
  finished('Emoji in names', 'emoji', { database: '🚰 Pumps v. 💧 Water 👩‍⚖️', requesterName: 'Zoë 🦊 Fox' }),
  finished('HTML in names', 'html', {
    database: '<script>alert("x")</script> & <b>Sons</b>',
    requesterName: '"><img src=x onerror=alert(1)>',
    scopeDescription: 'Labels {{link}}, </td></table><h1>free</h1>',
    warnings: ['</p><a href="https://evil.example">Sign in again</a>'],
  }),
  failed('A request that can not work', 'bad-request', {
    error: 'InvalidRequest',
    cause:
      'parameters.colour: unknown parameter\nparameters.scope: "<b>all</b>" is not one of deponents, both',
  }),
  failed('A report that failed', 'failed', {
    error: 'DatabaseUnavailable',
    cause: '{"errorMessage":"internal"}',
  }),
  failed('A report that ran out of time', 'timed-out', { error: 'States.Timeout' }),
  failed('A report that somebody stopped', 'stopped', { error: 'Aborted' }),
  failed('A delivery that failed', 'not-mailed', { error: 'MailNotAccepted' }, 'delivery'),
  failed('A request that never started', 'not-started', { error: 'NotStarted' }, 'intake'),
];
