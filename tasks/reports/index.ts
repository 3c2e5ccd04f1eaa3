// The reports that there are.
import type { ReportType } from '../../contract/types.ts';
import { codingOverlay } from './coding-overlay/report.ts';
import { custom } from './custom-report/report.ts';
import { depositionSearchPdf } from './deposition-search-pdf/report.ts';
import { depositionSummary } from './deposition-summary/report.ts';
import { gridDataExport } from './grid-data-export/report.ts';
import { meanings } from './meanings.ts';
import { pageCount } from './page-count/report.ts';
import type { Report } from './report.ts';
import { reviewLog } from './review-log/report.ts';
import { searchHit } from './search-hit/report.ts';
import { transcriptMetadata } from './transcript-metadata/report.ts';
import { userActivity } from './user-activity/report.ts';

const reports: Report[] = [
  custom,
  userActivity,
  transcriptMetadata,
  depositionSummary,
  pageCount,
  reviewLog,
  gridDataExport,
  searchHit,
  codingOverlay,
  depositionSearchPdf,
];
const byType = new Map(reports.map((report) => [report.type, report]));

/** The report of a type. */
export function reportOf(type: ReportType): Report {
  return byType.get(type)!;
}

/** A description of each column of a report, by field. */
export function meaningsOf(type: ReportType): Record<string, string> {
  return { ...meanings, ...reportOf(type).meanings };
}
