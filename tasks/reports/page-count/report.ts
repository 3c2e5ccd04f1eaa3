// The documents and pages of a case, counted by status or folder.
import type { PageCountParameters } from '../../../contract/types.ts';
import { assignedFoldersOnly, viewOnlyMayNotSee } from '../access.ts';
import { documentsIn } from '../phrases.ts';
import type { Report } from '../report.ts';
import byFolder from './by-folder.sql';
import byStatus from './by-status.sql';

/** Statuses that have a row even when no document has them. The last is for documents without any; the query takes four. */
const statuses = {
  relevancy: ['Responsive', 'Non-Responsive', 'Requires Follow-up', 'Not Reviewed'],
  privilege: ['Privileged', 'Not Privileged', 'Not Reviewed'],
  confidentiality: ['No Code'],
  folder: [],
};

export const pageCount = {
  type: 'page_count',
  title: 'Page Count',

  describe: ({ scope, groupBy, includeFamilies }) => [
    `Documents and pages by ${groupBy}`,
    documentsIn(scope),
    includeFamilies && 'with families',
    'without the trash',
  ],

  meanings: {
    Group: 'The status or the folder of the documents.',
    Documents: 'Number of documents.',
    'Documents Without Page Count': 'Documents whose number of pages is unknown; Pages leaves them out.',
  },

  denied: (accessLevel, { scope }) => [
    viewOnlyMayNotSee(accessLevel, 'coding') ??
      assignedFoldersOnly(accessLevel, 'scope', 'folders', scope?.folderIds),
  ],

  query({ scope, groupBy }) {
    const listed = statuses[groupBy!];
    return {
      rows: groupBy === 'folder' ? byFolder : byStatus,
      values: {
        everything: !scope?.folderIds,
        folderIds: scope?.folderIds,
        folderCount: scope?.folderIds?.length ?? 0,
        statuses: listed,
        // The platform's own statuses are known however they are capitalized.
        lowerCaseStatuses: listed.map((status) => status.toLowerCase()),
        unset: listed.at(-1),
      },
      totals: 1,
    };
  },
} satisfies Report<PageCountParameters>;
