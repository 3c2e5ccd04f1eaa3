// What a user may not ask for though they may open the case.
import type {
  GridDataExportParameters,
  GridField,
  PageCountParameters,
  ReportType,
  ReviewLogParameters,
} from '../../contract/types.ts';
import { customFieldId, documentFields } from '../lib/documents/document-fields.ts';

/** What `npcase_users.access_level` says. */
export type AccessLevel = 'view_only' | 'reviewer' | 'basic' | 'standard' | 'advanced';

/** What reports on a case show that users who view only do not see. */
const shown: Partial<Record<ReportType, string>> = {
  transcript_metadata: 'metadata',
  deposition_summary: 'coding',
  page_count: 'coding',
  review_log: 'coding and metadata',
};

/**
 * What the user may not see of what the report would show, one line a place; empty when there is no such thing. Users who
 * view only see neither coding nor metadata, and together with reviewers only the folders that they were assigned. Which
 * those are Rails knows: what a request names is taken for assigned.
 * @param parameters checked against the contract
 */
export function deniedOf(
  reportType: ReportType,
  parameters: object = {},
  accessLevel: AccessLevel,
): string[] {
  const viewsOnly = accessLevel === 'view_only';
  if (viewsOnly && shown[reportType])
    return [`reportType: a user who views only may not see ${shown[reportType]}`];
  const seesAll = !viewsOnly && accessLevel !== 'reviewer';
  switch (reportType) {
    case 'grid_data_export': {
      const { columns, selection } = parameters as GridDataExportParameters;
      const hidden = viewsOnly ? columns.map(({ field }) => field).filter(isHidden) : [];
      return [
        ...new Set(hidden.map((field) => `parameters.columns: a user who views only may not see ${field}`)),
        ...(selection.all && !seesAll ? [assignedOnly('selection', 'documents')] : []),
      ];
    }
    case 'coding_overlay':
      return accessLevel === 'advanced'
        ? []
        : ['reportType: only users with Advanced access may overlay documents'];
    case 'page_count':
    case 'review_log': {
      const { scope } = parameters as PageCountParameters | ReviewLogParameters;
      return scope?.folderIds || seesAll ? [] : [assignedOnly('scope', 'folders')];
    }
    default:
      return [];
  }
}

function assignedOnly(parameter: string, what: string): string {
  return `parameters.${parameter}: this user sees assigned folders only; name the ${what}`;
}

/** Columns that can't be read in a case of the newer kind, one line each. */
export function unreadableOf(reportType: ReportType, parameters: object = {}): string[] {
  if (reportType !== 'grid_data_export') return [];
  const { columns } = parameters as GridDataExportParameters;
  return columns
    .filter(({ field }) => customFieldId(field))
    .map(
      ({ field }) =>
        `parameters.columns: ${field} is kept on S3 in this case, where reports do not read yet; leave it out`,
    );
}

function isHidden(field: string): boolean {
  return customFieldId(field) !== undefined || documentFields[field as GridField].kind !== 'document';
}
