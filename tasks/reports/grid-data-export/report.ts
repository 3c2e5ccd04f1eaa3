// The documents of a grid, with the columns of its view.
import type { GridDataExportParameters, GridField } from '../../../contract/types.ts';
import type { ChosenColumn, CustomField } from '../../lib/cells/columns.ts';
import { titlesOf, withCustomFields } from '../../lib/documents/custom-fields.ts';
import { customFieldId, documentFields } from '../../lib/documents/document-fields.ts';
import { InvalidRequest } from '../../lib/errors.ts';
import { assignedFoldersOnly } from '../access.ts';
import { meanings } from '../meanings.ts';
import { count } from '../phrases.ts';
import type { Report, ReportQuery } from '../report.ts';
import sql from './documents.sql';

/** Fields of several values. */
const lists = [
  'recipients',
  'cc',
  'bcc',
  'custodians',
  'privilege_codes',
  'redaction_reasons',
  'issues',
  'folders',
  'tags',
];
const key = 'nextpoint_id';

export const gridDataExport = {
  type: 'grid_data_export',
  title: 'Grid Export',

  meanings: Object.fromEntries(
    Object.entries(documentFields).map(([field, { title }]) => [field, meanings[title]!]),
  ),

  describe({ columns, selection, headerStyle, longText, sort }) {
    const { documentIds } = selection;
    return [
      documentIds ? count(new Set(documentIds).size, 'chosen document') : 'All documents',
      count(columns.length, 'chosen column'),
      headerStyle === 'system' && 'with system names, to come back as an overlay',
      longText === 'truncate' && 'long texts cut',
      longText === 'sidecar' && 'long texts in a file of their own',
      sort === 'nextpoint_id' && 'sorted by nextpoint id',
    ];
  },

  denied(accessLevel, { columns, selection }) {
    const fields = new Set(columns.map(({ field }) => field));
    const hidden = accessLevel === 'view_only' ? [...fields].filter(isHiddenFromViewOnly) : [];
    return [
      ...hidden.map((field) => `parameters.columns: View-only users can't see ${field}.`),
      assignedFoldersOnly(accessLevel, 'selection', 'documents', selection.documentIds),
    ];
  },

  unreadableInNewerCases: ({ columns }) =>
    columns.map(
      ({ field }) =>
        customFieldId(field) &&
        `parameters.columns: ${field} can't be exported from this case, which keeps its custom fields on S3. Leave it out.`,
    ),

  query: queryOf,
} satisfies Report<GridDataExportParameters>;

function isHiddenFromViewOnly(field: string): boolean {
  return customFieldId(field) !== undefined || documentFields[field as GridField].kind !== 'document';
}

function queryOf(parameters: GridDataExportParameters): ReportQuery {
  const { selection, includeKey, headerStyle, multiValueDelimiter, dateStyle, longText, sort } = parameters;
  const forSystem = headerStyle === 'system';
  const hasKey = parameters.columns.some(({ field }) => field === key);
  const asked = includeKey && !hasKey ? [{ field: key }, ...parameters.columns] : parameters.columns;
  const fields = new Set(asked.map(({ field }) => field));
  const customFieldIds = [...fields].flatMap((field) => customFieldId(field) ?? []);
  const documentIds = selection.documentIds && [...new Set(selection.documentIds)];
  if (sort === 'nextpoint_id') documentIds?.sort((a, b) => a - b);
  const query = withCustomFields(sql, customFieldIds);

  /** Gives the columns their headers, once the titles of custom fields are known. */
  function columns(customFields: CustomField[]) {
    const titles = titlesOf(customFieldIds, customFields);
    const titleOf = (field: string) =>
      titles.get(customFieldId(field)!) ?? documentFields[field as GridField].title;
    const named = asked.map(({ field, header }: { field: string; header?: string }) => ({
      field,
      header: forSystem ? systemName(field, titleOf(field)) : (header ?? titleOf(field)),
    }));
    if (forSystem) refuseUnclear(named);
    return named;
  }

  return {
    ...query,
    values: {
      ...query.values,
      everything: !documentIds,
      ...Object.fromEntries([...lists, 'privilege_notes'].map((field) => [field, fields.has(field)])),
    },
    documentIds,
    columns,
    lists: { columns: lists, delimiter: multiValueDelimiter! },
    html: forSystem ? [] : ['notes'],
    raw: forSystem,
    guarded: parameters.spreadsheetSafe ?? !forSystem,
    dateStyle,
    longText,
  };
}

/** The header of a column that an overlay reads: lower case, with underscores for all but letters and digits. */
function systemName(field: string, title: string): string {
  if (customFieldId(field) === undefined) return field;
  return title
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Mark}\p{Number}]+/gu, '_')
    .replaceAll(/^_|_$/g, '');
}

/**
 * Refuses headers that mislead an overlay: it could not tell two columns of one name apart, and would take a document
 * field's name for that field.
 */
function refuseUnclear(columns: ChosenColumn[]): void {
  const headers = columns.map(({ header }) => header);
  const repeated = headers.filter((header, column) => header && headers.indexOf(header) < column);
  const problems = columns.flatMap(({ field, header }) => {
    if (!header) return `${field} has no system name, since its title has no letters or digits.`;
    return field !== header && Object.hasOwn(documentFields, header)
      ? `${field} has the system name "${header}", which is a document field's.`
      : [];
  });
  if (repeated.length > 0)
    problems.push(`Several columns have the system name ${[...new Set(repeated)].join(', ')}.`);
  if (problems.length > 0)
    throw new InvalidRequest(problems.map((problem) => `parameters.columns: ${problem}`).join('\n'));
}
