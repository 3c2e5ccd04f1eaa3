// The documents of a grid, with the columns of its view.
import type { GridDataExportParameters, GridField } from '../../../contract/types.ts';
import type { CustomField } from '../../lib/cells/columns.ts';
import { titlesOf, withCustomFields } from '../../lib/documents/custom-fields.ts';
import { customFieldId, documentFields } from '../../lib/documents/document-fields.ts';
import { coerced, fieldNamed } from '../../lib/documents/headers.ts';
import { assignedFoldersOnly } from '../access.ts';
import { meanings } from '../meanings.ts';
import { count } from '../phrases.ts';
import type { Report, ReportQuery } from '../report.ts';
import countSql from './count.sql';
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
      sort === 'nextpoint_id' && 'sorted by Nextpoint ID',
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
    return asked.map(({ field, header }: { field: string; header?: string }) => ({
      field,
      header: forSystem ? systemName(field, customFields) : (header ?? titleOf(field)),
    }));
  }

  return {
    ...query,
    values: {
      ...query.values,
      everything: !documentIds,
      ...Object.fromEntries([...lists, 'privilege_notes'].map((field) => [field, fields.has(field)])),
    },
    // Chosen documents may be a million, and the description says how many they are.
    count: documentIds ? undefined : countSql,
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

/**
 * The header by which an overlay knows the field. A custom field is called by its title, or by its id when the title means
 * another field too, or none.
 */
function systemName(field: string, customFields: CustomField[]): string {
  const id = customFieldId(field);
  if (id === undefined) return field;
  const name = coerced(customFields.find((customField) => customField.id === id)!.title);
  const isUnclear =
    name === '' ||
    name.startsWith('custom_field_') ||
    Object.hasOwn(documentFields, fieldNamed(name)) ||
    customFields.some(({ id: other, title }) => other !== id && coerced(title) === name);
  return isUnclear ? coerced(field) : name;
}
