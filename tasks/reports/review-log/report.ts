// Review logs: the documents of a case by their review status, or the changes of it.
import type { ReviewLogParameters } from '../../../contract/types.ts';
import { clockOf } from '../../lib/time-zone.ts';
import { assignedFoldersOnly, viewOnlyMayNotSee } from '../access.ts';
import { count, days, documentsIn } from '../phrases.ts';
import type { Report } from '../report.ts';
import documents from './documents.sql';
import history from './history.sql';

const names = { privilege: 'Privilege', relevancy: 'Relevancy', confidentiality: 'Confidentiality' };

const ids = ['Log Number', 'Nextpoint ID', 'Bates Start', 'Bates End', 'Parent ID', 'Family Role'];

/** Columns of several values. */
const lists = ['Recipients', 'CC', 'BCC', 'Custodians', 'Privilege Codes', 'Redaction Reasons', 'Issues'];

/** The columns of a log of documents when the request chooses none. */
const defaultFields = {
  privilege: [
    ...ids,
    'Document Date',
    'Document Type',
    'Author',
    'Recipients',
    'CC',
    'BCC',
    'Title',
    'Custodians',
    'Privilege Status',
    'Privilege Codes',
    'Privilege Notes',
    'Withheld Or Redacted',
    'Redaction Reasons',
    'Confidentiality',
    'Page Count',
  ],
  relevancy: [
    ...ids,
    'Document Date',
    'Document Type',
    'Author',
    'Title',
    'Relevancy Status',
    'Issues',
    'Reviewer',
    'Reviewed At',
    'Time Zone',
  ],
  confidentiality: [...ids, 'Confidentiality', 'Set By', 'Set At', 'Time Zone'],
};

export const reviewLog = {
  type: 'review_log',
  title: 'Review Log',

  describe({ logType, layout, scope, statuses, from, to, columns, includeFamilies, sort }) {
    return [
      `${names[logType]} log, one row for each ${layout === 'history' ? 'change' : 'document'}`,
      documentsIn(scope),
      statuses && `${statuses.length === 1 ? '1 chosen status' : `${statuses.length} chosen statuses`} only`,
      days('changed', from, to),
      includeFamilies && 'with families',
      columns && count(columns.length, 'chosen column'),
      `sorted by ${sort!.replace('_', ' ')}`,
    ];
  },

  denied: (accessLevel, { scope }) => [
    viewOnlyMayNotSee(accessLevel, 'coding and metadata') ??
      assignedFoldersOnly(accessLevel, 'scope', 'folders', scope?.folderIds),
  ],

  query({ logType, layout, scope, multiValue, columns }, timeZone) {
    const defaults = defaultFields[logType].map((field) => ({
      field,
      // In its own log the code goes by its full name.
      header: logType === 'confidentiality' && field === 'Confidentiality' ? 'Confidentiality Code' : field,
    }));
    return {
      rows: layout === 'history' ? history : documents,
      values: {
        everything: !scope?.folderIds,
        folderIds: scope?.folderIds,
      },
      lists: { columns: lists, delimiter: multiValue === 'lines' ? '\n' : '; ' },
      columns: () => columns ?? (layout === 'history' ? undefined : defaults),
      notes: [
        `The log shows the state as of ${clockOf(timeZone)(Date.now())} (${timeZone}).`,
        'Notes may themselves be privileged: the file is not ready to be served without review.',
      ],
    };
  },
} satisfies Report<ReviewLogParameters>;
