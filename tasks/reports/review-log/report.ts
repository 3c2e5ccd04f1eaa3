// Review logs: the documents of a case by their review status, or the changes of it.
import type { ReviewLogParameters } from '../../../contract/types.ts';
import { askedTexts, warningTexts } from '../../lib/texts.ts';
import { momentInWords } from '../../lib/words.ts';
import { assignedFoldersOnly, viewOnlyMayNotSee } from '../access.ts';
import { count, days, documentsIn } from '../phrases.ts';
import type { Report } from '../report.ts';
import asked from './asked.sql';
import documents from './documents.sql';
import history from './history.sql';

const names = { privilege: 'Privilege', relevancy: 'Relevancy', confidentiality: 'Confidentiality' };

const sortKeys = { bates: 'Bates number', date: 'date', nextpoint_id: 'Nextpoint ID' };

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
  confidentiality: [
    ...ids,
    'Document Date',
    'Document Type',
    'Title',
    'Confidentiality',
    'Set By',
    'Set At',
    'Time Zone',
  ],
};

/** A privilege log that names no statuses is of what is kept from the other side. */
function isOfWithheld({ logType, layout, statuses }: Partial<ReviewLogParameters>): boolean {
  return logType === 'privilege' && layout !== 'history' && !statuses;
}

export const reviewLog = {
  type: 'review_log',
  title: 'Review Log',
  // A request that failed may ask for a log that does not exist.
  titleOf: ({ logType }) => `${Object.hasOwn(names, logType) ? names[logType] : 'Review'} Log`,

  describe({ logType, layout, scope, statuses, from, to, columns, includeFamilies, sort }) {
    return [
      `One row for each ${layout === 'history' ? 'change' : 'document'}`,
      documentsIn(scope),
      isOfWithheld({ logType, layout, statuses }) && 'only those withheld, redacted or privileged',
      statuses && 'selected statuses only',
      days('changed', from, to),
      includeFamilies && 'with families',
      columns && count(columns.length, 'chosen column'),
      `sorted by ${sortKeys[sort!]}`,
    ];
  },

  denied: (accessLevel, { scope }) => [
    viewOnlyMayNotSee(accessLevel, 'coding and metadata') ??
      assignedFoldersOnly(accessLevel, 'scope', 'folders', scope?.folderIds),
  ],

  query({ logType, layout, scope, statuses, multiValue, columns }, timeZone) {
    const defaults = defaultFields[logType].map((field) => ({ field, header: field }));
    const status = logType === 'confidentiality' ? 'confidentiality code' : `${logType} status`;
    return {
      rows: layout === 'history' ? history : documents,
      values: {
        everything: !scope?.folderIds,
        folderIds: scope?.folderIds,
        withheldOnly: isOfWithheld({ logType, layout, statuses }),
      },
      asked: {
        found: asked,
        names: [
          { kind: 'folder', values: scope?.folderIds },
          {
            kind: 'status',
            values: statuses,
            none: layout === 'history' ? askedTexts.noChange(status) : askedTexts.noDocument(status),
          },
        ],
      },
      lists: { columns: lists, delimiter: multiValue === 'lines' ? '\n' : '; ' },
      columns: () => columns ?? (layout === 'history' ? undefined : defaults),
      notes: [warningTexts.asOf(momentInWords(Date.now(), timeZone)), warningTexts.notesMayBePrivileged()],
    };
  },
} satisfies Report<ReviewLogParameters>;
