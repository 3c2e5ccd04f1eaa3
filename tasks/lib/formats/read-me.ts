// The lines of the sheet Read Me, for somebody who finds the file years later.
import type { Cells } from '../cells/cells.ts';
import type { Columns } from '../cells/columns.ts';
import type { ReportContext } from '../context.ts';
import { customFieldId } from '../documents/document-fields.ts';
import { clockOf } from '../time-zone.ts';

export type Facts = {
  /** When reading began, in milliseconds since 1970. */
  readAt: number;
  /** The day on which the file is deleted. */
  expires: string;
  /** The number of rows at the end that are totals of the others. */
  totals: number;
  /** A description of each column, by field. */
  meanings: Record<string, string>;
  /** The databases that were read, by name, in a report on several. */
  databases: string[];
};

/** The part of the written cells that the sheet tells of. */
export type Told = Pick<Cells, 'rows' | 'lastRows' | 'warnings'> & {
  columns: Pick<Columns, 'fields' | 'headers' | 'kinds'>;
};

/** Lines of a label and a text; to be asked for after the last row. */
export function readMe(
  { report, case: database, subject, scopeDescription, requester, requestedAt, file }: ReportContext,
  cells: Told,
  { readAt, expires, totals, meanings, databases }: Facts,
): [string, string][] {
  const { fields, headers, kinds } = cells.columns;
  // The folder of the file is called after the report and its job.
  const reference = file.key
    .split('/')
    .at(-2)!
    .slice(report.reportType.length + 1);
  const totalLines = totals > 0 ? cells.lastRows.slice(-totals) : [];
  return [
    ['Report', report.name ? `${report.title}: ${report.name}` : report.title],
    ['Contents', scopeDescription],
    [subject.label, database ? `${subject.name} (${database.caseId})` : subject.name],
    ...(databases.length > 0 ? [['Databases', databases.join('\n')] as [string, string]] : []),
    ['Requested By', `${requester.name} <${requester.email}>`],
    ['Requested At', requestedAt],
    ['Data As Of', `${clockOf(report.timeZone)(readAt)} (${report.timeZone})`],
    ['Time Zone', report.timeZone],
    ['Rows', (cells.rows - totals).toLocaleString('en')],
    ...totalLines.map((row): [string, string] => [
      row.find((_, column) => kinds[column] === 'text') ?? 'Total',
      row
        .flatMap((text, column) => (kinds[column] === 'number' && text ? `${headers[column]}: ${text}` : []))
        .join('; '),
    ]),
    ['Reference', reference],
    ['Available Until', expires],
    ...cells.warnings.map((warning): [string, string] => ['Please Note', warning]),
    ['', ''],
    ['Column', 'What it holds'],
    ...fields.map((field, column): [string, string] => [
      headers[column]!,
      meanings[field] ?? (customFieldId(field) === undefined ? '' : 'A custom field of this database.'),
    ]),
  ];
}
