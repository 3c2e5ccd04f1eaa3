// What somebody should know who finds the file years later.

import type { ReportContext } from '../../load-context/describe.ts';
import type { Cells } from '../cells/cells.ts';
import { clockOf } from '../time-zone.ts';

/**
 * Lines of a subject and what there is to say of it.
 * @param readAt milliseconds since 1970
 */
export function readMe(
  {
    report,
    case: database,
    place,
    requester,
    words,
  }: Pick<ReportContext, 'report' | 'case' | 'place' | 'requester' | 'words'>,
  { rows, warnings }: Pick<Cells, 'rows' | 'warnings'>,
  readAt: number,
): [string, string][] {
  return [
    ['Report', report.title],
    ['Contents', words.contents],
    [place.label, database ? `${place.name} (${database.caseId})` : place.name],
    ['Requested By', `${requester.name} <${requester.email}>`],
    ['Requested At', words.requestedAt],
    ['Data As Of', `${clockOf(report.timeZone)(readAt)} (${report.timeZone})`],
    ['Time Zone', report.timeZone],
    ['Rows', rows.toLocaleString('en')],
    ...warnings.map((warning): [string, string] => ['Please Note', warning]),
  ];
}
