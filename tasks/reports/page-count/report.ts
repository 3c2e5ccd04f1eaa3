// The page count: which query, and which statuses it shows even when no document has them.
import type { PageCountParameters } from '../../../contract/types.ts';
import { lowerCase, statuses } from '../../lib/documents/statuses.ts';
import type { ReportQuery } from '../report.ts';
import byFolder from './by-folder.sql';
import byStatus from './by-status.sql';

export function pageCount({ scope, groupBy }: PageCountParameters): ReportQuery {
  const listed = groupBy === 'folder' ? [] : statuses[groupBy!];
  return {
    rows: groupBy === 'folder' ? byFolder : byStatus,
    values: {
      everything: !scope?.folderIds,
      folderIds: scope?.folderIds,
      folderCount: scope?.folderIds?.length ?? 0,
      statuses: listed,
      lowerCaseStatuses: lowerCase(listed),
      unset: listed.at(-1),
    },
    hasTotal: true,
  };
}
