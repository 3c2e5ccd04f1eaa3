// The export of a grid: which documents, and which columns under which headers.
import type { GridDataExportParameters, GridField } from '../../../contract/types.ts';
import type { Column, CustomField } from '../../lib/cells/cells.ts';
import { titlesOf, withCustomFields } from '../../lib/documents/custom-fields.ts';
import { customFieldId, documentFields } from '../../lib/documents/document-fields.ts';
import { InvalidRequest } from '../../lib/errors.ts';
import type { ReportQuery } from '../report.ts';
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
  'tags',
];
const key = 'nextpoint_id';

export function gridDataExport(parameters: GridDataExportParameters): ReportQuery {
  const { selection, includeKey, headerStyle, multiValueDelimiter, dateStyle, longText, sort } = parameters;
  const forSystem = headerStyle === 'system';
  const hasKey = parameters.columns.some(({ field }) => field === key);
  const asked = includeKey && !hasKey ? [{ field: key }, ...parameters.columns] : parameters.columns;
  const fields = new Set(asked.map(({ field }) => field));
  const customFieldIds = [...fields].flatMap((field) => customFieldId(field) ?? []);
  const documentIds = selection.documentIds && [...new Set(selection.documentIds)];
  if (sort === 'nextpoint_id') documentIds?.sort((a, b) => a - b);
  const query = withCustomFields(sql, customFieldIds);

  /** The columns with their headers, once the titles of custom fields are known. */
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

/** In lower case, with underlines for all but letters and digits, as an overlay reads it. */
function systemName(field: string, title: string): string {
  if (customFieldId(field) === undefined) return field;
  return title
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Mark}\p{Number}]+/gu, '_')
    .replaceAll(/^_|_$/g, '');
}

/** An overlay could not tell two columns of one name apart, and would take a document field's name for that field. */
function refuseUnclear(columns: Column[]): void {
  const headers = columns.map(({ header }) => header);
  const repeated = headers.filter((header, column) => header && headers.indexOf(header) < column);
  const problems = columns.flatMap(({ field, header }) => {
    if (!header) return `${field}: its system name "" is empty`;
    return field !== header && Object.hasOwn(documentFields, header)
      ? `${field}: its system name "${header}" is a document field's`
      : [];
  });
  if (repeated.length > 0)
    problems.push(`several columns have the system name ${[...new Set(repeated)].join(', ')}`);
  if (problems.length > 0)
    throw new InvalidRequest(problems.map((problem) => `parameters.columns: ${problem}`).join('\n'));
}
