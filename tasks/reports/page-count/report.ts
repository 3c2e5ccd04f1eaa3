// The documents and pages of a case, counted by status or folder.
import type { PageCountParameters } from '../../../contract/types.ts';
import type { ChosenColumn } from '../../lib/cells/columns.ts';
import { assignedFoldersOnly, viewOnlyMayNotSee } from '../access.ts';
import { documentsIn } from '../phrases.ts';
import type { Report } from '../report.ts';
import asked from './asked.sql';
import byFolder from './by-folder.sql';
import byStatus from './by-status.sql';

/** Statuses that have a row even when no document has them. The last is for documents without any; the query takes four. */
const statuses = {
  relevancy: ['Responsive', 'Non-Responsive', 'Requires Follow-up', 'Not Reviewed'],
  privilege: ['Privileged', 'Not Privileged', 'Not Reviewed'],
  confidentiality: ['No Code'],
  folder: [],
};

/** The header over statuses, which is what the rest of the product calls them. */
const titles = {
  relevancy: 'Relevancy Status',
  privilege: 'Privilege Status',
  confidentiality: 'Confidentiality',
};

function counted(header: string): ChosenColumn[] {
  const counts = ['Documents', 'Pages', 'Documents Without Page Count'];
  return [{ field: 'Group', header }, ...counts.map((field) => ({ field, header: field }))];
}

export const pageCount = {
  type: 'page_count',
  title: 'Page Count',

  describe: ({ scope, groupBy, includeFamilies }) => [
    `Documents and pages by ${groupBy}`,
    documentsIn(scope),
    includeFamilies && 'with families',
    'trash excluded',
  ],

  meanings: {
    Group: 'The status that reviewers chose.',
    Folder: 'The folder that the documents are in.',
    'Folder ID': 'The number of the folder.',
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
        statuses: listed,
        // The platform's own statuses are known however they are capitalized.
        lowerCaseStatuses: listed.map((status) => status.toLowerCase()),
        unset: listed.at(-1),
      },
      columns: groupBy === 'folder' ? undefined : () => counted(titles[groupBy!]),
      totals: 1,
      asked: { found: asked, names: [{ kind: 'folder', values: scope?.folderIds }] },
    };
  },
} satisfies Report<PageCountParameters>;
