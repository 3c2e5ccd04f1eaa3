// Made from the schemas beside it by `npm run types`. Do not edit.

export type EventDetail = {
  reportType: ReportType;
  requestedBy: {
    userId: Id;
    email: Email;
  };
  parameters?: {};
  /**
   * In place of parameters: a JSON file with them in the reports bucket, under the requests of the own case or account.
   */
  parametersKey?: string | null;
  /**
   * The Data Control Admin who approved a custom report; required where the account demands it.
   */
  approvedBy?: {
    userId: Id;
    email: Email;
  } | null;
  format?: 'csv' | 'xlsx';
  /**
   * An IANA zone name.
   */
  timeZone?: string;
  delivery?: {
    mode?: DeliveryMode;
    /**
     * The requester when left out. Each gets a mail of their own.
     *
     * @minItems 1
     * @maxItems 50
     */
    recipients?: Email[];
    expiresInDays?: number;
  };
  /**
   * Makes the request a schedule, which asks for the report each time that it comes to one of its slots.
   */
  schedule?: {
    /**
     * As EventBridge Scheduler takes it: cron(…) of six fields, rate(…), or at(…) for once.
     */
    expression: string;
    /**
     * IANA name of the zone that the expression is in.
     */
    timeZone: string;
    /**
     * No slot comes before it.
     */
    startAt?: string;
    /**
     * No slot comes after it.
     */
    endAt?: string;
    /**
     * Kept, but without slots.
     */
    paused?: boolean;
  } | null;
};
export type ReportType =
  | 'custom'
  | 'user_activity'
  | 'transcript_metadata'
  | 'deposition_summary'
  | 'page_count'
  | 'review_log'
  | 'coding_overlay'
  | 'search_hit'
  | 'grid_data_export'
  | 'deposition_search_pdf';
/**
 * A row's id in MySQL.
 */
export type Id = number;
export type Email = string;
export type DeliveryMode = 'attachment' | 'link' | 'mail_body' | 'in_app';
/**
 * A whole day, YYYY-MM-DD, from 1900 on.
 */
export type Day = string;
/**
 * RFC 3339, UTC.
 */
export type Moment = string;
/**
 * Days before the report's start, or before the time its schedule wanted it: in place of from and to.
 */
export type Period = 'previous_day' | 'previous_week' | 'previous_month' | 'month_to_date';
/**
 * Reports on the requester's whole account, for its Dashboard Administrators.
 */
export type AccountReportType = 'custom' | 'user_activity';
/**
 * What a custom report lists: the databases of the account, or what users did in them.
 */
export type CustomType = 'all_npcases' | 'user_activity';
/**
 * What the user calls the report; it becomes part of the mail.
 */
export type ReportName = string;
export type UserActivityParameters = UserActivityParameters1 & {
  /**
   * As a custom report names what it lists.
   */
  type?: 'user_activity';
  name?: ReportName;
  /**
   * A row for each user of each database, or one for each event.
   */
  layout?: 'summary' | 'detail';
  /**
   * Only these databases; all of the account when left out.
   *
   * @minItems 1
   * @maxItems 10000
   */
  databaseIds?: Id[];
  /**
   * Only these users; all when left out.
   *
   * @minItems 1
   * @maxItems 500
   */
  userEmails?: Email[];
  /**
   * First day, included.
   */
  from?: string;
  /**
   * Last day, included.
   */
  to?: string;
  period?: Period;
  /**
   * Only these; all when left out.
   *
   * @minItems 1
   */
  actions?: UserAction[];
  /**
   * In the summary, also users who have access and did nothing.
   */
  includeZeroActivity?: boolean;
  /**
   * Mail also a report without rows.
   */
  sendWhenEmpty?: boolean;
};
export type UserActivityParameters1 = {
  [k: string]: unknown;
};
export type UserAction =
  'login' | 'database_access' | 'document_view' | 'document_review' | 'search' | 'export' | 'download';
/**
 * What several values do to those that a document has.
 */
export type MultiValueMode = 'replace' | 'append' | 'remove';
export type CodingOverlayParameters = {
  /**
   * The load file: a CSV or DAT file in the reports bucket, under the requests of the own case.
   */
  loadFile?: string;
  /**
   * In place of a load file: the jobId of an earlier overlay of the same case, whose changes are taken back.
   */
  restore?: string;
  /**
   * The column that locates documents; auto takes the first that is filled, Nextpoint ID before Bates Start.
   */
  documentKey?: 'auto' | 'nextpoint_id' | 'bates_start';
  /**
   * Columns whose header does not name their field; a field of null skips the column.
   *
   * @maxItems 1000
   */
  mapping?: {
    /**
     * The header, as it stands in the file.
     */
    column: string;
    /**
     * A system name, or custom_field:12 for the custom field of id 12.
     */
    field: string | null;
    multiValueMode?: MultiValueMode;
  }[];
  /**
   * A blank cell leaves the value alone, or empties the field.
   */
  blankMeans?: 'skip' | 'clear';
  /**
   * A cell that holds this empties the field.
   */
  clearToken?: string;
  multiValueMode?: MultiValueMode & string;
  /**
   * Separates several values of one cell; a backslash before it makes it part of a value.
   */
  multiValueDelimiter?: string;
  /**
   * 1/5/2024 is January 5, or May 1.
   */
  dateOrder?: 'MDY' | 'DMY';
  /**
   * For files without a byte order mark; auto is UTF-8.
   */
  encoding?: 'auto' | 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  format?: 'auto' | 'csv' | 'dat';
  /**
   * For files with other delimiters than their format has.
   */
  delimiters?: {
    column?: string;
    quote?: string;
    newline?: string;
  };
  /**
   * Removes the apostrophe before a text that Excel would run.
   */
  stripSpreadsheetGuard?: boolean;
  /**
   * Creates choices that do not exist yet; otherwise such a cell is an error.
   */
  createMissingChoices?: boolean;
  /**
   * A text longer than its field is an error, or is cut.
   */
  longText?: 'error' | 'truncate';
  /**
   * A row with a bad cell is not applied at all.
   */
  rowAtomic?: boolean;
  /**
   * Whether a row without a document keeps the whole file from being applied.
   */
  onUnmatched?: 'warn' | 'fail';
  /**
   * With more errors in rows and cells, nothing is applied.
   */
  maxErrors?: number;
  /**
   * Checks and reports, and writes nothing.
   */
  dryRun?: boolean;
  /**
   * Attaches the results to the mail.
   */
  attachCsv?: boolean;
} & CodingOverlayParameters1;
export type CodingOverlayParameters1 = {
  [k: string]: unknown;
};
/**
 * A custom field by its id.
 */
export type CustomGridField = string;
/**
 * A field of every document, by its system name.
 */
export type GridField =
  | 'nextpoint_id'
  | 'bates_start'
  | 'bates_end'
  | 'page_count'
  | 'parent_id'
  | 'title'
  | 'document_date'
  | 'document_type'
  | 'author'
  | 'recipients'
  | 'cc'
  | 'bcc'
  | 'custodians'
  | 'created_at'
  | 'time_zone'
  | 'relevancy_status'
  | 'privilege_status'
  | 'privilege_codes'
  | 'privilege_notes'
  | 'withheld'
  | 'redaction_reasons'
  | 'confidentiality'
  | 'issues'
  | 'tags'
  | 'notes';
export type DocumentField =
  | 'Log Number'
  | 'Nextpoint ID'
  | 'Bates Start'
  | 'Bates End'
  | 'Parent ID'
  | 'Family Role'
  | 'Document Date'
  | 'Document Type'
  | 'Author'
  | 'Recipients'
  | 'CC'
  | 'BCC'
  | 'Title'
  | 'Custodians'
  | 'Privilege Status'
  | 'Privilege Codes'
  | 'Privilege Notes'
  | 'Withheld Or Redacted'
  | 'Redaction Reasons'
  | 'Confidentiality'
  | 'Page Count'
  | 'Relevancy Status'
  | 'Issues'
  | 'Reviewer'
  | 'Reviewed At'
  | 'Set By'
  | 'Set At'
  | 'Time Zone';
export type HistoryField =
  | 'Changed At'
  | 'Time Zone'
  | 'Log Type'
  | 'Nextpoint ID'
  | 'Bates Start'
  | 'Bates End'
  | 'Title'
  | 'Previous Value'
  | 'New Value'
  | 'Notes'
  | 'User Name'
  | 'User Email'
  | 'Change Source'
  | 'In Trash';

/**
 * What Rails asks for, as the router hands it to a report's state machine.
 */
export interface ReportRequest {
  /**
   * (reportType, jobId) is the identity of a report. Rails chooses 1 to 40 characters; a schedule's slot has more.
   */
  jobId: string;
  /**
   * The job that this one came from: its schedule's. The service's own to set.
   */
  originalJobId?: string;
  /**
   * The timestamp of the schedule that asked, so that a failure stops that one only. The service's own to set.
   */
  scheduleTimestamp?: string;
  /**
   * When the schedule wanted this report; relative periods end before it. The service's own to set.
   */
  scheduledFor?: string;
  /**
   * The case to report on; null for a report on the requester's whole account.
   */
  caseId: number | null;
  eventDetail: EventDetail;
}
export interface CustomParameters {
  /**
   * What a custom report lists: the databases of the account, or what users did in them.
   */
  type?: 'all_npcases' | 'user_activity';
}
export interface AllNpcasesParameters {
  type?: CustomType;
  name?: ReportName;
  /**
   * A row for each database, or one for each user of each database.
   */
  layout?: 'database' | 'database_user';
  /**
   * Only these databases; all of the account when left out.
   *
   * @minItems 1
   * @maxItems 1000
   */
  databaseIds?: Id[];
  /**
   * Archived databases too.
   */
  includeArchived?: boolean;
  /**
   * Mail also a report without rows.
   */
  sendWhenEmpty?: boolean;
}
export interface TranscriptMetadataParameters {
  /**
   * Which transcripts: depositions, court proceedings, or both.
   */
  scope?: 'deponents' | 'proceedings' | 'both';
  /**
   * Only these deponents; all when left out.
   *
   * @minItems 1
   * @maxItems 1000
   */
  deponentIds?: Id[];
  /**
   * First transcript date, included.
   */
  dateFrom?: string;
  /**
   * Last transcript date, included.
   */
  dateTo?: string;
  /**
   * One more column per custom Transcript Field.
   */
  includeCustomFields?: boolean;
  /**
   * Only rows that lack a date, a volume or a name.
   */
  onlyMissing?: boolean;
  sort?: 'name' | 'date';
}
export interface DepositionSummaryParameters {
  /**
   * A row for each clip, or one for each deponent and label.
   */
  layout?: 'detail' | 'counts';
  /**
   * Only these deponents; all when left out.
   *
   * @minItems 1
   * @maxItems 300
   */
  deponentIds?: Id[];
  /**
   * Only clips under labels of these names; all when left out.
   *
   * @minItems 1
   * @maxItems 20
   */
  labels?: string[];
  /**
   * Only clips of these types; all when left out, those without a label included.
   *
   * @minItems 1
   */
  clipTypes?: ('designation' | 'objection' | 'issue')[];
  /**
   * The words of each clip; false leaves the column Testimony empty.
   */
  includeText?: boolean;
  /**
   * Longer testimony is cut, and says so.
   */
  maxTextChars?: number;
  /**
   * Clips of court proceedings too.
   */
  includeProceedings?: boolean;
}
/**
 * The documents of these folders, or all, also when left out.
 */
export interface Scope {
  /**
   * @minItems 1
   * @maxItems 300
   */
  folderIds?: Id[];
  all?: true;
}
export interface PageCountParameters {
  scope?: Scope;
  groupBy?: 'relevancy' | 'privilege' | 'confidentiality' | 'folder';
  /**
   * The other members of each document's family too.
   */
  includeFamilies?: boolean;
  /**
   * The file attached to the mail that shows the table.
   */
  attachCsv?: boolean;
}
export interface ReviewLogParameters {
  logType: 'relevancy' | 'privilege' | 'confidentiality';
  /**
   * A row for each document, or one for each change.
   */
  layout?: 'document' | 'history';
  scope?: Scope;
  /**
   * Only documents that have, or changes that set, one of these; any when left out.
   *
   * @minItems 1
   * @maxItems 20
   */
  statuses?: string[];
  /**
   * First day of changes, included.
   */
  from?: string;
  /**
   * Last day of changes, included.
   */
  to?: string;
  period?: Period;
  /**
   * The columns of the file, in order, under headers of the user's own.
   *
   * @minItems 1
   * @maxItems 50
   */
  columns?: {
    field: string;
    header: string;
  }[];
  /**
   * The other members of each document's family too.
   */
  includeFamilies?: boolean;
  /**
   * Several values of one cell: joined by semicolons, or one a line.
   */
  multiValue?: 'joined' | 'lines';
  sort?: 'bates' | 'date' | 'nextpoint_id';
}
export interface GridDataExportParameters {
  /**
   * The columns of the view, in order. A header that is left out is the field's title.
   *
   * @minItems 1
   * @maxItems 200
   */
  columns: {
    field: CustomGridField | GridField;
    header?: string;
  }[];
  /**
   * These documents, in the grid's order, or all.
   */
  selection: {
    /**
     * @minItems 1
     * @maxItems 1000000
     */
    documentIds?: Id[];
    all?: true;
  };
  /**
   * A leading Nextpoint ID when it is not among the columns.
   */
  includeKey?: boolean;
  /**
   * The headers that users see, or the system's names with the values as they are stored, to come back as an overlay.
   */
  headerStyle?: 'display' | 'system';
  /**
   * Stands between several values of one cell.
   */
  multiValueDelimiter?: string;
  /**
   * 2026-11-23, or 11/23/2026.
   */
  dateStyle?: 'iso' | 'us';
  /**
   * Texts of more than 32,767 characters: whole (in an XLSX as with sidecar), cut, or cut with the whole in a file beside it.
   */
  longText?: 'full' | 'truncate' | 'sidecar';
  /**
   * An apostrophe before texts that Excel would run as formulas; when left out, with display headers only.
   */
  spreadsheetSafe?: boolean;
  /**
   * In the order of the selection, or by id.
   */
  sort?: 'selection' | 'nextpoint_id';
}

/**
 * What the service publishes: the platform's envelope, with the facts of the report in eventDetail.
 */
export type ReportEvent = {
  source: 'reports';
  eventType:
    | 'REPORT_STARTED'
    | 'REPORT_PROGRESS'
    | 'REPORT_COMPLETED'
    | 'REPORT_FAILED'
    | 'REPORT_CANCELLED'
    | 'REPORT_REFUSED'
    | 'REPORT_SCHEDULE_CHANGED'
    | 'REPORT_DELIVERY_PROBLEM';
  /**
   * Null when the message had no legal one.
   */
  jobId: string | null;
  caseId: number | null;
  batchId: null;
  status: 'SUCCESS' | 'FAILED' | 'CANCELLED';
  timestamp: Timestamp;
  eventDetail: Detail;
};
/**
 * RFC 3339, UTC; any number of fractional digits.
 */
export type Timestamp = string;
/**
 * REPORT_STARTED: the report's execution began, or began again.
 */
export type Started = Detail;
/**
 * REPORT_PROGRESS: a report across databases has come so far. Some twenty come in all, some may not; the last says that all are done and the file is made.
 */
export type Progress = Detail & {
  progress: {
    /**
     * So many databases at least.
     */
    done: number;
    total: number;
  };
};
/**
 * REPORT_COMPLETED: the file is on S3 and was delivered.
 */
export type Completed = Detail & {
  /**
   * The report's own execution.
   */
  reportExecutionArn: string;
  file: File;
  delivery: Delivery;
  startedAt: Timestamp;
  finishedAt: Timestamp;
};
/**
 * REPORT_FAILED: the report, its delivery, or its intake failed. A failed delivery names the file: it exists, only the mail is missing.
 */
export type Failed = Detail & {
  /**
   * The error's name, from docs/operations.md.
   */
  error: string;
  /**
   * What went wrong and what to do, in plain words.
   */
  cause: string;
  stage: 'intake' | 'schedule' | 'report' | 'delivery';
  /**
   * Whether an operator's redrive can help.
   */
  redrivable: boolean;
  file?: File;
};
/**
 * REPORT_DELIVERY_PROBLEM: a mail that SES had accepted did not reach its reader after all. The job's state stays what it was; caseId and requestedBy are null.
 */
export type DeliveryProblem = Detail & {
  kind: 'bounce' | 'complaint' | 'reject' | 'rendering_failure';
  /**
   * The address.
   */
  recipient: string;
  /**
   * As in delivery.recipients of REPORT_COMPLETED.
   */
  messageId: string;
  /**
   * What happened and what to do, in plain words.
   */
  cause: string;
};
/**
 * REPORT_CANCELLED: the report or its delivery was stopped on request. There will be no file, except of a coding overlay, which tells how far it came; with stage delivery, some recipients may have got their mail.
 */
export type Cancelled = Detail & {
  /**
   * The report's own execution.
   */
  reportExecutionArn?: string;
  file?: File;
  startedAt?: Timestamp;
  finishedAt?: Timestamp;
  delivery?: Delivery;
  /**
   * Who cancelled it, and when.
   */
  cause: string;
  /**
   * What was stopped.
   */
  stage: 'report' | 'delivery';
};
/**
 * REPORT_REFUSED: the message changed nothing. With job_id_taken, the job of that id is another one and goes on; with unknown_job and already_ended it was a cancel that came to nothing, with not_taken a cancel or schedule.
 */
export type Refused = Detail & {
  reason:
    | 'not_json'
    | 'too_large'
    | 'illegal_job_id'
    | 'unknown_event_type'
    | 'unknown_report_type'
    | 'not_available'
    | 'job_id_taken'
    | 'unknown_job'
    | 'already_ended'
    | 'not_taken'
    | 'invalid_schedule'
    | 'unknown_schedule';
  /**
   * What was wrong and what to do.
   */
  message: string;
  /**
   * What arrived, cut at 100 characters.
   */
  received: string;
};
/**
 * REPORT_SCHEDULE_CHANGED: a schedule is there, or is gone. Its jobId is the schedule's.
 */
export type ScheduleChanged = Detail & {
  /**
   * Stopped is deleted by the service itself.
   */
  change: 'created' | 'replaced' | 'deleted' | 'stopped';
  /**
   * The schedule as it is, or as it was.
   */
  schedule: {
    expression: string;
    timeZone: string;
    paused: boolean;
  };
  /**
   * Why the service stopped it, in plain words.
   */
  cause?: string;
};

/**
 * What every event carries. Events may overtake each other: the greatest occurredAt wins.
 */
export interface Detail {
  reportType: string | null;
  requestedBy: RequestedBy | null;
  /**
   * In the events of a job that a schedule asked for: the schedule's jobId.
   */
  originalJobId?: string;
  /**
   * The execution that speaks; null when none was started.
   */
  executionArn: string | null;
  redriveCount: number;
  occurredAt: Timestamp;
}
export interface RequestedBy {
  userId: number;
  email: string;
}
export interface File {
  overlay?: Overlay;
  bucket: string;
  key: string;
  name: string;
  contentType: string;
  rows: number;
  bytes: number;
  sha256: string;
  columns: string[];
  /**
   * In a report across databases that leaves some out: a CSV beside the file that names each, with what to do.
   */
  issues?: {
    key: string;
    name: string;
    cases: number;
  };
  /**
   * What the reader of the file should know, in plain words.
   */
  warnings: string[];
  expiresAt: Timestamp;
  sidecar: Sidecar | null;
}
/**
 * The outcome of a coding overlay. rowsRead is the sum of documentsUpdated, documentsUnchanged, wouldUpdate, rowsNotMatched, rowsWithErrors, rowsSkipped, duplicatesMerged and notAttempted.
 */
export interface Overlay {
  /**
   * The jobId of the overlay that was taken back; null when a load file was applied.
   */
  restores: string | null;
  /**
   * Why it was not applied as a whole: an error of the file, more errors than allowed, rows without a document, a dry run, or a cancel. Null when it was.
   */
  stopped: 'fileError' | 'maxErrors' | 'unmatched' | 'dryRun' | 'cancelled' | null;
  counts: {
    rowsRead: number;
    rowsMatched: number;
    documentsUpdated: number;
    documentsUnchanged: number;
    wouldUpdate: number;
    rowsNotMatched: number;
    rowsWithErrors: number;
    rowsSkipped: number;
    duplicatesMerged: number;
    notAttempted: number;
    cellsChanged: number;
    cellsCleared: number;
    cellsSkipped: number;
    choicesCreated: number;
    /**
     * By code.
     */
    warnings: {
      [k: string]: number;
    };
  };
  /**
   * The files beside the results, in the same bucket: failed rows to mend and send again, the values before, and what became of each column. The backup is kept longer than the others.
   */
  files: {
    kind: 'rejects' | 'backup' | 'mapping';
    key: string;
    name: string;
    rows: number;
    bytes: number;
    sha256: string;
  }[];
}
/**
 * The full texts of cells that had to be cut, in a CSV in the same bucket that expires with the file.
 */
export interface Sidecar {
  key: string;
  name: string;
  bytes: number;
  sha256: string;
  cells: number;
}
export interface Delivery {
  /**
   * As asked for.
   */
  mode: 'attachment' | 'link' | 'mail_body' | 'in_app';
  recipients: {
    email: string;
    /**
     * What the recipient was sent (a link also when an attachment was too big, or a table too long), or why not: refused by SES, suppressed outside production.
     */
    outcome: 'attachment' | 'link' | 'mail_body' | 'refused' | 'suppressed';
    messageId?: string;
    /**
     * Why SES refused this recipient.
     */
    reason?: string;
  }[];
}
