// The page count: which query, and which statuses it shows even when no document has them.
import type { PageCountParameters } from '../../../contract/types.ts';
import type { ReportQuery } from '../report.ts';
import byFolder from './by-folder.sql';
import byStatus from './by-status.sql';

/** The last is that of documents without any. The query has room for four. */
const statuses = {
  relevancy: ['Responsive', 'Non-Responsive', 'Requires Follow-up', 'Not Reviewed'],
  privilege: ['Privileged', 'Not Privileged', 'Not Reviewed'],
  confidentiality: ['No Code'],
};

export function pageCount({ scope, groupBy }: PageCountParameters): ReportQuery {
  const listed = groupBy === 'folder' ? [] : statuses[groupBy!];
  return {
    rows: groupBy === 'folder' ? byFolder : byStatus,
    values: {
      everything: !scope?.folderIds,
      folderIds: scope?.folderIds,
      folderCount: scope?.folderIds?.length ?? 0,
      statuses: listed,
      unset: listed.at(-1),
    },
    hasTotal: true,
  };
}
