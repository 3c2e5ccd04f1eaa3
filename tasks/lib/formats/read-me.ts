// The lines of the sheet Read Me, for somebody who finds the file years later.
import type { Cells } from '../cells/cells.ts';
import type { ReportContext } from '../context.ts';
import { clockOf } from '../time-zone.ts';

/**
 * Lines of a label and a text.
 * @param readAt milliseconds since 1970
 */
export function readMe(
  { report, case: database, subject, scopeDescription, requester, requestedAt }: ReportContext,
  { rows, warnings }: Pick<Cells, 'rows' | 'warnings'>,
  readAt: number,
): [string, string][] {
  return [
    ['Report', report.title],
    ['Contents', scopeDescription],
    [subject.label, database ? `${subject.name} (${database.caseId})` : subject.name],
    ['Requested By', `${requester.name} <${requester.email}>`],
    ['Requested At', requestedAt],
    ['Data As Of', `${clockOf(report.timeZone)(readAt)} (${report.timeZone})`],
    ['Time Zone', report.timeZone],
    ['Rows', rows.toLocaleString('en')],
    ...warnings.map((warning): [string, string] => ['Please Note', warning]),
  ];
}
