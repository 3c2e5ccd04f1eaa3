// The review log: which query, and which columns under which headers.
import type { ReviewLogParameters } from '../../../contract/types.ts';
import { clockOf } from '../../lib/time-zone.ts';
import type { ReportQuery } from '../report.ts';
import document from './documents.sql';
import history from './history.sql';

const ids = ['Log Number', 'Nextpoint ID', 'Bates Start', 'Bates End', 'Parent ID', 'Family Role'];

/** Columns of several values. */
const lists = ['Recipients', 'CC', 'BCC', 'Custodians', 'Privilege Codes', 'Redaction Reasons', 'Issues'];

/** What a log of documents shows unless the request says otherwise. */
const fields = {
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

export function reviewLog(parameters: ReviewLogParameters, timeZone: string): ReportQuery {
  const { logType, layout, scope, multiValue } = parameters;
  const defaults = fields[logType].map((field) => ({
    field,
    // In its own log it goes by its full name.
    header: logType === 'confidentiality' && field === 'Confidentiality' ? 'Confidentiality Code' : field,
  }));
  return {
    rows: layout === 'history' ? history : document,
    values: {
      everything: !scope?.folderIds,
      folderIds: scope?.folderIds,
    },
    lists: { columns: lists, delimiter: multiValue === 'lines' ? '\n' : '; ' },
    columns: () => parameters.columns ?? (layout === 'history' ? undefined : defaults),
    notes: [
      `The log shows the state as of ${clockOf(timeZone)(Date.now())} (${timeZone}).`,
      'Notes may themselves be privileged: the file is not ready to be served without review.',
    ],
  };
}
