// The query of each report that is rows of one case.
import type { ReportType } from '../../contract/types.ts';
import transcriptFields from './transcript-fields.sql';
import transcriptMetadata from './transcript-metadata.sql';

export type ReportQuery = {
  /**
   * Column aliases are the file's headers. Named parameters are the report's own and `timeZone`; one that the
   * request left out is NULL. DATETIME columns hold UTC and come out in the report's zone.
   */
  rows: string;
  /**
   * Lists the columns that the case itself defines, as `id, title` in order. Then the last column of `rows` is
   * a JSON object of their values by id.
   */
  customFields?: string;
};

export const queries: Partial<Record<ReportType, ReportQuery>> = {
  transcript_metadata: { rows: transcriptMetadata, customFields: transcriptFields },
};
