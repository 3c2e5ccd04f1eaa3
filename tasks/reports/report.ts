// The query of each report that is the rows of one statement, on its case or, without one, on the core schema.
import type { AllNpcasesParameters, DepositionSummaryParameters, ReportType } from '../../contract/types.ts';
import type { Column, CustomField } from '../lib/cells/cells.ts';
import customReport from './custom-report/databases.sql';
import customReportUsers from './custom-report/users.sql';
import depositionSummary from './deposition-summary/clips.sql';
import depositionSummaryCounts from './deposition-summary/counts.sql';
import { gridDataExport } from './grid-data-export/report.ts';
import { pageCount } from './page-count/report.ts';
import { reviewLog } from './review-log/report.ts';
import transcriptFields from './transcript-metadata/transcript-fields.sql';
import transcriptMetadata from './transcript-metadata/transcripts.sql';

export type ReportQuery = {
  /**
   * Column aliases are the file's headers. Named parameters are the report's own, `timeZone`, `accountId`, and `fromUtc` and
   * `beforeUtc` for the days from `from` to `to`; one that the request left out is NULL. DATETIME columns hold UTC and
   * come out in the report's zone.
   */
  rows: string;
  /** More named parameters. */
  values?: Record<string, unknown>;
  /**
   * Lists the columns that the case itself defines, as `id, title` in order. Then the last column of `rows` is
   * a JSON list of pairs: the id of such a column, and a value.
   */
  customFields?: string;
  /**
   * Documents to read in this order; `rows` is run with as many as fit at a time, as the JSON list `documentIds`. Those
   * that give no row were deleted since they were chosen.
   */
  documentIds?: number[];
  /**
   * Which columns of `rows` the file has, by alias or as `custom_field:<id>`, and their headers; all when left out. One
   * called `Warnings` is never in the file: what it says, line by line, is a warning.
   */
  columns?: (customFields: CustomField[]) => Column[] | undefined;
  /** Columns of several values, which `rows` joins by U+001F, and what joins them in the file. */
  lists?: { columns: string[]; delimiter: string };
  /** Columns of HTML, which becomes plain text. */
  html?: string[];
  /** Texts as they are stored, line breaks and control characters included; not in an XLSX. */
  raw?: boolean;
  /** Whether a CSV has an apostrophe before texts that Excel would run; it has when left out. */
  guarded?: boolean;
  /** How days are written; ISO when left out. */
  dateStyle?: 'iso' | 'us';
  /**
   * What a CSV does with long texts: whole, cut, or cut with the whole in a file beside it; whole when left out. An XLSX
   * never has them whole, and has them beside it unless they are to be cut.
   */
  longText?: 'full' | 'truncate' | 'sidecar';
  /** Warnings that hold whatever the rows are. */
  notes?: string[];
  /** The last row is the total of the others. */
  hasTotal?: boolean;
};

/** By the report's parameters, with defaults, and its zone. */
type QueryOf = (parameters: never, timeZone: string) => ReportQuery;

export const queries: Partial<Record<ReportType, QueryOf>> = {
  custom: ({ layout, databaseIds }: AllNpcasesParameters) => ({
    rows: layout === 'database_user' ? customReportUsers : customReport,
    values: { allDatabases: !databaseIds },
  }),
  transcript_metadata: () => ({ rows: transcriptMetadata, customFields: transcriptFields }),
  deposition_summary: ({ layout }: DepositionSummaryParameters) => ({
    rows: layout === 'counts' ? depositionSummaryCounts : depositionSummary,
  }),
  page_count: pageCount,
  review_log: reviewLog,
  grid_data_export: gridDataExport,
};
