// What each report is called and how its parameters read in words.
import type {
  AllNpcasesParameters,
  DepositionSummaryParameters,
  GridDataExportParameters,
  PageCountParameters,
  ReportType,
  ReviewLogParameters,
  TranscriptMetadataParameters,
  UserActivityParameters,
} from '../../contract/types.ts';
import { codingOverlay } from './coding-overlay/report.ts';

export type Report = {
  title: string;
  /**
   * What the report covers: its scope and filters, in plain words, from parameters with defaults applied; nothing for those
   * that do not hold.
   */
  describe(parameters: never): (string | false | 0 | undefined)[];
};

const scopes = {
  both: 'Depositions and court proceedings',
  deponents: 'Depositions',
  proceedings: 'Court proceedings',
};

const transcriptMetadata: Report = {
  title: 'Transcript Metadata',
  describe(parameters: Required<TranscriptMetadataParameters>) {
    const { scope, deponentIds, dateFrom, dateTo, includeCustomFields, onlyMissing, sort } = parameters;
    return [
      scopes[scope],
      deponentIds && `${count(deponentIds.length, 'chosen deponent')} only`,
      dateFrom && dateTo && `transcripts dated ${dateFrom} to ${dateTo}`,
      dateFrom && !dateTo && `transcripts dated ${dateFrom} or later`,
      dateTo && !dateFrom && `transcripts dated ${dateTo} or earlier`,
      onlyMissing && 'only those that lack a date, a volume or a name',
      includeCustomFields ? 'with custom fields' : 'without custom fields',
      `sorted by ${sort}`,
    ];
  },
};

const depositionSummary: Report = {
  // Users know AI summaries of transcripts, and a Clip Summary Report, by their own names.
  title: 'Designation Summary',
  describe(parameters: DepositionSummaryParameters) {
    const { layout, deponentIds, labels, clipTypes, includeText, maxTextChars, includeProceedings } =
      parameters;
    const detail = layout === 'detail';
    return [
      detail ? 'Every clip' : 'Clips counted by deponent and label',
      includeProceedings ? 'depositions and court proceedings' : 'depositions',
      deponentIds && `${count(deponentIds.length, 'chosen deponent')} only`,
      labels && `labels ${labels.join(', ')}`,
      clipTypes && `only of type ${clipTypes.join(', ')}`,
      detail && !includeText && 'without testimony',
      detail && includeText && maxTextChars && `testimony cut at ${count(maxTextChars, 'character')}`,
    ];
  },
};

const reviewLog: Report = {
  title: 'Review Log',
  describe(parameters: ReviewLogParameters) {
    const { logType, layout, scope, statuses, from, to, columns, includeFamilies, sort } = parameters;
    const names = { privilege: 'Privilege', relevancy: 'Relevancy', confidentiality: 'Confidentiality' };
    return [
      `${names[logType]} log, one row for each ${layout === 'history' ? 'change' : 'document'}`,
      scope?.folderIds ? `documents of ${count(scope.folderIds.length, 'folder')}` : 'all documents',
      statuses && `status ${statuses.join(', ')}`,
      from && to && `changed ${from} to ${to}`,
      from && !to && `changed ${from} or later`,
      to && !from && `changed ${to} or earlier`,
      includeFamilies && 'with families',
      columns && `${count(columns.length, 'chosen column')}`,
      `sorted by ${sort!.replace('_', ' ')}`,
    ];
  },
};

const gridDataExport: Report = {
  title: 'Grid Export',
  describe(parameters: GridDataExportParameters) {
    const { columns, selection, headerStyle, longText, sort } = parameters;
    return [
      selection.documentIds ? count(new Set(selection.documentIds).size, 'chosen document') : 'All documents',
      count(columns.length, 'chosen column'),
      headerStyle === 'system' && 'with system names, to come back as an overlay',
      longText === 'truncate' && 'long texts cut',
      longText === 'sidecar' && 'long texts in a file of their own',
      sort === 'nextpoint_id' && 'sorted by nextpoint id',
    ];
  },
};

const pageCount: Report = {
  title: 'Page Count',
  describe({ scope, groupBy, includeFamilies }: PageCountParameters) {
    return [
      `Documents and pages by ${groupBy}`,
      scope?.folderIds ? `documents of ${count(scope.folderIds.length, 'folder')}` : 'all documents',
      includeFamilies && 'with families',
      'without the trash',
    ];
  },
};

const userActivity: Report = {
  title: 'User Activity',
  describe(parameters: UserActivityParameters) {
    const { name, layout, databaseIds, userEmails, from, to, actions, includeZeroActivity } = parameters;
    return [
      name,
      layout === 'detail' ? 'Every event' : 'Activity by user and database',
      `${from} to ${to}`,
      databaseIds ? count(databaseIds.length, 'chosen database') : 'all databases of the account',
      userEmails ? count(userEmails.length, 'chosen user') : 'all users',
      actions && `only ${actions.join(', ').replaceAll('_', ' ')}`,
      layout === 'summary' && (includeZeroActivity ? 'idle users too' : 'without idle users'),
    ];
  },
};

const allNpcases: Report['describe'] = ({
  name,
  layout,
  databaseIds,
  includeArchived,
}: AllNpcasesParameters) => [
  name,
  layout === 'database_user' ? 'Every user of every database' : 'Every database with its users',
  databaseIds && `${count(databaseIds.length, 'chosen database')} only`,
  includeArchived ? 'archived ones too' : 'without archived ones',
];

const custom: Report = {
  title: 'Custom',
  describe: (parameters: AllNpcasesParameters | UserActivityParameters) =>
    (parameters.type === 'user_activity' ? userActivity.describe : allNpcases)(parameters as never),
};

/** The reports there are; the contract names more. */
export const reports: Partial<Record<ReportType, Report>> = {
  custom,
  user_activity: userActivity,
  transcript_metadata: transcriptMetadata,
  deposition_summary: depositionSummary,
  page_count: pageCount,
  review_log: reviewLog,
  grid_data_export: gridDataExport,
  coding_overlay: codingOverlay,
};

/** What a report covers, as a mail says it. */
export function contentsOf(reportType: ReportType, parameters: object): string {
  return reports[reportType]!.describe(parameters as never)
    .filter(Boolean)
    .join('; ');
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
