// Made from the schemas beside it by `npm run types`. Do not edit.

/**
 * Turns a request into a schedule, which asks for the report at each slot. In the request of a slot, the service sets it beside eventDetail.
 */
export type Schedule = {
  /**
   * In the syntax of EventBridge Scheduler: cron(…) with six fields, rate(…), or at(…) for a single run.
   */
  expression: string;
  /**
   * IANA name of the expression's time zone.
   */
  timeZone: string;
  /**
   * There are no slots before this time.
   */
  startAt?: string;
  /**
   * There are no slots after this time.
   */
  endAt?: string;
  /**
   * Keeps the schedule, but runs no reports.
   */
  paused?: boolean;
} | null;
export type EventDetail = {
  reportType: ReportType;
  requestedBy: {
    userId: Id;
    email: Email;
  };
  parameters?: {};
  /**
   * The key of a JSON file with the parameters in the reports bucket, below requests/ of the case or account of the report.
   */
  parametersKey?: string | null;
  /**
   * Runs an earlier report of the same case or account again, with its parameters. What the request leaves out of format, time zone and delivery is that of the earlier one.
   */
  repeatOf?: {
    reportType: ReportType;
    jobId: string;
  };
  /**
   * Only checks the request and says what the report would deliver. There is no file and no mail.
   */
  dryRun?: boolean;
  /**
   * The Data Control Admin who approved a custom report. Required if the account requires approval.
   */
  approvedBy?: {
    userId: Id;
    email: Email;
  } | null;
  format?: 'csv' | 'xlsx' | 'pdf';
  /**
   * An IANA zone name.
   */
  timeZone?: string;
  delivery?: {
    mode?: DeliveryMode;
    /**
     * The requester by default. Each recipient gets a separate mail.
     *
     * @minItems 1
     * @maxItems 50
     */
    recipients?: Email[];
    expiresInDays?: number;
  };
  schedule?: Schedule;
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
 * The id of a row in MySQL.
 */
export type Id = number;
export type Email = string;
export type DeliveryMode = 'attachment' | 'link' | 'mail_body' | 'in_app';
/**
 * A whole day, YYYY-MM-DD, from 1900 on.
 */
export type Day = string;
/**
 * RFC 3339, in UTC.
 */
export type Moment = string;
/**
 * Days before the start of the report, or before its slot, in place of from and to.
 */
export type Period =
  | 'previous_day'
  | 'previous_week'
  | 'previous_month'
  | 'previous_quarter'
  | 'last_7_days'
  | 'last_30_days'
  | 'month_to_date'
  | 'year_to_date';
/**
 * Reports on the requester's whole account. Only Dashboard Administrators may ask for them.
 */
export type AccountReportType = 'custom' | 'user_activity';
/**
 * The content of a custom report: the databases of the account, or the users' activity in them.
 */
export type CustomType = 'all_npcases' | 'user_activity';
/**
 * The user's name for the report, shown in the mail.
 */
export type ReportName = string;
export type UserActivityParameters = UserActivityParameters1 & {
  /**
   * The type of a custom report.
   */
  type?: 'user_activity';
  name?: ReportName;
  /**
   * One row per user of each database, or per event.
   */
  layout?: 'summary' | 'detail';
  /**
   * Only these databases; all of the account by default.
   *
   * @minItems 1
   * @maxItems 10000
   */
  databaseIds?: Id[];
  /**
   * Only these users; all by default.
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
   * Only these actions; all by default.
   *
   * @minItems 1
   */
  actions?: UserAction[];
  /**
   * In the summary, include users who have access but did nothing.
   */
  includeZeroActivity?: boolean;
  /**
   * Send the mail even if the report has no rows.
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
  name?: ReportName;
  /**
   * Send the mail even if the report has no rows.
   */
  sendWhenEmpty?: boolean;
  /**
   * The load file: a CSV or DAT file in the reports bucket, under the requests of the own case.
   */
  loadFile?: string;
  /**
   * In place of a load file: the jobId of an earlier overlay of the same case, whose changes are taken back.
   */
  restore?: string;
  /**
   * The jobId of a dry run with this load file. The overlay is refused if the file was changed since.
   */
  checkedBy?: string;
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
   * Coding of a row goes to the other members of the family as well, unless they have a row of their own.
   */
  applyToFamily?: boolean;
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
 * A custom field, by its id.
 */
export type CustomGridField = string;
/**
 * A field that every document has, by its system name.
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
  | 'file_name'
  | 'file_path'
  | 'sent_at'
  | 'received_at'
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
  | 'folders'
  | 'tags'
  | 'notes';
/**
 * Always on S3, named by parametersKey: search terms are attorney work product and stand in no message.
 */
export type DepositionSearchPdfParameters = {
  name?: ReportName;
  /**
   * Send the mail even if the report has no rows.
   */
  sendWhenEmpty?: boolean;
  /**
   * In the order of the report, as typed, in the query syntax of the search.
   *
   * @minItems 1
   * @maxItems 200
   */
  terms?: SearchTerm[];
  /**
   * A single term, in place of the list.
   */
  query?: string;
  /**
   * Which transcripts: depositions, court proceedings, or both.
   */
  scope?: 'deponents' | 'proceedings' | 'both';
  /**
   * Only these deponents; all by default.
   *
   * @minItems 1
   * @maxItems 300
   */
  deponentIds?: Id[];
  /**
   * Only these transcripts; all by default.
   *
   * @minItems 1
   * @maxItems 300
   */
  volumeIds?: Id[];
  /**
   * First transcript date, included.
   */
  dateFrom?: string;
  /**
   * Last transcript date, included.
   */
  dateTo?: string;
  period?: Period;
  /**
   * Lines of testimony before and after each hit.
   */
  contextLines?: number;
  /**
   * Hits beyond are counted, but not shown.
   */
  maxHits?: number;
  /**
   * Transcripts by deponent and then by date, or by date and then by deponent.
   */
  sort?: 'deponent' | 'date';
  /**
   * In the PDF, each hit by itself, or hits whose lines overlap in one passage.
   */
  layout?: 'hits' | 'passages';
  /**
   * Show which exhibits are introduced beside the lines.
   */
  includeExhibits?: boolean;
  /**
   * Show which lines are designated.
   */
  includeDesignations?: boolean;
  paper?: 'letter' | 'a4';
} & DepositionSearchPdfParameters1;
export type DepositionSearchPdfParameters1 = {
  [k: string]: unknown;
};
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
 * A request as the router passes it to the state machine of a report.
 */
export interface ReportRequest {
  /**
   * reportType and jobId identify a report. Rails chooses 1 to 40 characters; the id of a slot is longer.
   */
  jobId: string;
  /**
   * The jobId of the schedule, or of the report that an operator started anew. Set by the service.
   */
  originalJobId?: string;
  /**
   * The timestamp of the schedule, so that a failure does not stop a newer one. Set by the service.
   */
  scheduleTimestamp?: string;
  /**
   * The time of the slot, before which relative periods end. Set by the service.
   */
  scheduledFor?: string;
  schedule?: Schedule;
  /**
   * The id of the case. Null for a report on the requester's whole account.
   */
  caseId: number | null;
  eventDetail: EventDetail;
}
export interface CustomParameters {
  /**
   * The content of a custom report: the databases of the account, or the users' activity in them.
   */
  type?: 'all_npcases' | 'user_activity';
}
export interface AllNpcasesParameters {
  type?: CustomType;
  name?: ReportName;
  /**
   * One row per database, or per user of each database.
   */
  layout?: 'database' | 'database_user';
  /**
   * Only these databases; all of the account by default.
   *
   * @minItems 1
   * @maxItems 1000
   */
  databaseIds?: Id[];
  /**
   * Include archived databases.
   */
  includeArchived?: boolean;
  /**
   * Send the mail even if the report has no rows.
   */
  sendWhenEmpty?: boolean;
}
export interface TranscriptMetadataParameters {
  name?: ReportName;
  /**
   * Send the mail even if the report has no rows.
   */
  sendWhenEmpty?: boolean;
  /**
   * Which transcripts: depositions, court proceedings, or both.
   */
  scope?: 'deponents' | 'proceedings' | 'both';
  /**
   * Only these deponents; all by default.
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
  period?: Period;
  /**
   * A column for each custom Transcript Field.
   */
  includeCustomFields?: boolean;
  /**
   * Only rows that lack a date, a volume or a name.
   */
  onlyMissing?: boolean;
  sort?: 'name' | 'date';
}
export interface DepositionSummaryParameters {
  name?: ReportName;
  /**
   * Send the mail even if the report has no rows.
   */
  sendWhenEmpty?: boolean;
  /**
   * One row per clip, or per deponent and label.
   */
  layout?: 'detail' | 'counts';
  /**
   * Only these deponents; all by default.
   *
   * @minItems 1
   * @maxItems 300
   */
  deponentIds?: Id[];
  /**
   * Only clips with labels of these names; all by default.
   *
   * @minItems 1
   * @maxItems 20
   */
  labels?: string[];
  /**
   * Only clips of these types. By default all, including clips without a label.
   *
   * @minItems 1
   */
  clipTypes?: ('designation' | 'objection' | 'issue')[];
  /**
   * First day on which clips were created or changed, included.
   */
  from?: string;
  /**
   * Last day on which clips were created or changed, included.
   */
  to?: string;
  period?: Period;
  /**
   * By place in the testimony, or by label.
   */
  sort?: 'testimony' | 'label';
  /**
   * Include the testimony; otherwise the column Testimony is empty.
   */
  includeText?: boolean;
  /**
   * Longer testimony is cut and marked.
   */
  maxTextChars?: number;
  /**
   * Include clips of court proceedings.
   */
  includeProceedings?: boolean;
}
/**
 * The documents in these folders, or all, which is the default.
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
  name?: ReportName;
  /**
   * Send the mail even if the report has no rows.
   */
  sendWhenEmpty?: boolean;
  scope?: Scope;
  groupBy?: 'relevancy' | 'privilege' | 'confidentiality' | 'folder';
  /**
   * Include the other members of each document's family.
   */
  includeFamilies?: boolean;
  /**
   * Attach the file to the mail that shows the table.
   */
  attachCsv?: boolean;
}
export interface ReviewLogParameters {
  name?: ReportName;
  /**
   * Send the mail even if the report has no rows.
   */
  sendWhenEmpty?: boolean;
  logType: 'relevancy' | 'privilege' | 'confidentiality';
  /**
   * One row per document, or per change.
   */
  layout?: 'document' | 'history';
  scope?: Scope;
  /**
   * Only documents with one of these statuses, or changes to one of them; any by default.
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
   * The columns in order, with the user's own headers.
   *
   * @minItems 1
   * @maxItems 50
   */
  columns?: {
    field: string;
    header: string;
  }[];
  /**
   * Include the other members of each document's family.
   */
  includeFamilies?: boolean;
  /**
   * Several values in one cell: joined by semicolons, or one per line.
   */
  multiValue?: 'joined' | 'lines';
  sort?: 'bates' | 'date' | 'nextpoint_id';
}
export interface GridDataExportParameters {
  name?: ReportName;
  /**
   * Send the mail even if the report has no rows.
   */
  sendWhenEmpty?: boolean;
  /**
   * The columns of the view, in order. The default header is the title of the field.
   *
   * @minItems 1
   * @maxItems 200
   */
  columns: {
    field: CustomGridField | GridField;
    header?: string;
  }[];
  /**
   * These documents, in the order of the grid, or all.
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
   * Add a leading Nextpoint ID if it is not among the columns.
   */
  includeKey?: boolean;
  /**
   * The headers that users see, or system names with the values as they are stored, for use as an overlay.
   */
  headerStyle?: 'display' | 'system';
  /**
   * Separates several values in one cell.
   */
  multiValueDelimiter?: string;
  /**
   * 2026-11-23, or 11/23/2026.
   */
  dateStyle?: 'iso' | 'us';
  /**
   * Texts of more than 32,767 characters: full, cut, or cut with the full text in a second file. An XLSX treats full as sidecar.
   */
  longText?: 'full' | 'truncate' | 'sidecar';
  /**
   * Put an apostrophe before texts that Excel would run as formulas. By default with display headers only.
   */
  spreadsheetSafe?: boolean;
  /**
   * In the order of the selection, or by id.
   */
  sort?: 'selection' | 'nextpoint_id';
}
/**
 * Always on S3, named by parametersKey: search terms are attorney work product and stand in no message.
 */
export interface SearchHitParameters {
  /**
   * Send the mail even if the report has no rows.
   */
  sendWhenEmpty?: boolean;
  name?: ReportName;
  /**
   * In the order of the report, as typed, in the query syntax of the search.
   *
   * @minItems 1
   * @maxItems 2000
   */
  terms: SearchTerm[];
  scope?: Scope;
  /**
   * One more file, with the counts of each term by custodian.
   */
  byCustodian?: boolean;
  /**
   * One more file, with the counts of each term by month of the document's date.
   */
  byMonth?: boolean;
  /**
   * Only checks the terms; nothing is searched or counted.
   */
  dryRun?: boolean;
}
export interface SearchTerm {
  /**
   * The term's id, as the report prints it.
   */
  id: string;
  term: string;
}

/**
 * An event of the service: the platform's envelope, with the facts of the report in eventDetail.
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
   * Null if the message had no legal jobId.
   */
  jobId: string | null;
  caseId: number | null;
  batchId: null;
  status: 'SUCCESS' | 'FAILED' | 'CANCELLED';
  timestamp: Timestamp;
  eventDetail: Detail;
};
/**
 * RFC 3339, in UTC, with any number of fractional digits.
 */
export type Timestamp = string;
/**
 * REPORT_STARTED: the execution of the report has started, or has been redriven.
 */
export type Started = Detail;
/**
 * REPORT_PROGRESS: a report across databases has got this far. There are about twenty, of which some may be missing. The last one says that every database has been read and the file is being assembled.
 */
export type Progress = Detail & {
  progress: {
    /**
     * At least this many databases have been read.
     */
    done: number;
    total: number;
  };
};
/**
 * REPORT_COMPLETED: the file is on S3 and has been delivered.
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
 * REPORT_COMPLETED of a dry run: the request was checked. There is no file.
 */
export type CompletedDryRun = Detail & {
  dryRun: true;
  /**
   * The report's own execution.
   */
  reportExecutionArn: string;
  forecast: Forecast;
  startedAt: Timestamp;
  finishedAt: Timestamp;
};
/**
 * REPORT_FAILED: the report, its delivery or its intake failed. If only the delivery failed, the file exists and is named.
 */
export type Failed = Detail & {
  /**
   * The name of the error, as in docs/operations.md.
   */
  error: string;
  /**
   * What went wrong and what to do, in words for the user.
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
 * REPORT_DELIVERY_PROBLEM: a mail that SES had accepted did not reach its reader. The state of the job does not change. caseId and requestedBy are null.
 */
export type DeliveryProblem = Detail & {
  kind: 'bounce' | 'complaint' | 'reject' | 'rendering_failure';
  /**
   * The mail address.
   */
  recipient: string;
  /**
   * The messageId of the recipient in REPORT_COMPLETED.
   */
  messageId: string;
  /**
   * What happened and what to do, in words for the user.
   */
  cause: string;
};
/**
 * REPORT_CANCELLED: a cancel stopped the report or its delivery. Only a coding overlay has a file: its results up to the cancel. With the stage delivery, some recipients may already have got their mail.
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
   * Who cancelled the report, and when.
   */
  cause: string;
  /**
   * The part that was stopped.
   */
  stage: 'report' | 'delivery';
};
/**
 * REPORT_REFUSED: the message had no effect. With job_id_taken, the job of that id is another one and goes on. With unknown_job and already_ended the message was a cancel, with not_taken a cancel or a schedule.
 */
export type Refused = Detail & {
  reason:
    | 'not_json'
    | 'too_large'
    | 'too_deep'
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
   * The first 100 characters of the message.
   */
  received: string;
};
/**
 * REPORT_SCHEDULE_CHANGED: a schedule was created, replaced, deleted or stopped. The jobId is that of the schedule.
 */
export type ScheduleChanged = Detail & {
  /**
   * Stopped means deleted by the service.
   */
  change: 'created' | 'replaced' | 'deleted' | 'stopped';
  /**
   * The schedule as it is now, or as it was before its deletion.
   */
  schedule: {
    expression: string;
    timeZone: string;
    paused: boolean;
  };
  /**
   * Why the service stopped the schedule, in words for the user.
   */
  cause?: string;
};

/**
 * The fields of every event. Events may arrive out of order: the one with the greatest occurredAt is current.
 */
export interface Detail {
  reportType: string | null;
  requestedBy: RequestedBy | null;
  /**
   * In the events of a slot: the jobId of its schedule. In those of a report that an operator started anew: the jobId that Rails chose.
   */
  originalJobId?: string;
  /**
   * The execution that the event is about. Null if none was started.
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
   * If a report across databases leaves some out: a CSV next to the file that lists them and what to do.
   */
  issues?: {
    key: string;
    name: string;
    cases: number;
  };
  /**
   * In a search hit report that was asked for them: files beside the file, with the counts of each term by custodian and by month.
   */
  breakdowns?: {
    custodians?: Breakdown;
    months?: Breakdown;
  };
  /**
   * Things that the reader of the file should know.
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
    familyUpdated: number;
    familyWouldUpdate: number;
    familySkipped: number;
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
export interface Breakdown {
  key: string;
  name: string;
  rows: number;
  bytes: number;
  sha256: string;
}
/**
 * A CSV with the full texts of cells that were cut. It is in the same bucket and expires with the file.
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
   * As requested.
   */
  mode: 'attachment' | 'link' | 'mail_body' | 'in_app';
  recipients: {
    email: string;
    /**
     * What the recipient was sent, or why not: refused by SES, suppressed outside production, or access_removed because the recipient may no longer see the report. If an attachment is too large or a table too long, it is a link.
     */
    outcome: 'attachment' | 'link' | 'mail_body' | 'refused' | 'suppressed' | 'access_removed';
    messageId?: string;
    /**
     * Why SES refused the recipient.
     */
    reason?: string;
  }[];
}
/**
 * What a report would deliver.
 */
export interface Forecast {
  title: string;
  /**
   * Scope and filters in plain English.
   */
  description: string;
  /**
   * Null when counting them would take as long as the report.
   */
  rows: number | null;
  /**
   * Why rows is null, in words for the user.
   */
  rowsUnknown?: string;
  file: {
    name: string;
    contentType: string;
  };
  delivery: {
    mode: 'attachment' | 'link' | 'mail_body' | 'in_app';
    recipients: {
      email: string;
      /**
       * No user of the account, and gets a link only.
       */
      outside: boolean;
    }[];
    expiresInDays: number;
  };
}
