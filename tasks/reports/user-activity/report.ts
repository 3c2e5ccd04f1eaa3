// What users did in the databases of an account. Its parts are made by list-cases and export-case: the rows of the account,
// and those of each case.
import type { UserActivityParameters } from '../../../contract/types.ts';
import { daysInWords } from '../../lib/words.ts';
import { count } from '../phrases.ts';
import type { Report } from '../report.ts';

export const userActivity = {
  type: 'user_activity',
  title: 'User Activity',

  meanings: {
    'Database Name': 'The name of the database; (account) for logins, which belong to no database.',
    'First Activity': 'The first activity in the period.',
    'Last Activity': 'The last activity in the period.',
    Logins: 'Logins to the account; blank in rows of a database.',
    'Database Accesses': 'How often the user opened the database.',
    'Document Views': 'How often the user opened a document.',
    'Unique Documents Viewed': 'Documents that the user opened, each counted once.',
    'Documents Reviewed': 'Documents that the user coded, each counted once.',
    Searches: 'Searches that the user ran.',
    'Exports and Downloads': 'Exports and downloads by the user.',
    'Tracked Hours': 'Hours of the review timers that were stopped, as far as they lie in the period.',
    'Occurred At': 'When it happened.',
    Action: 'What the user did.',
    'Object Type': 'Document or Transcript.',
    'Nextpoint ID': 'The number of the document or the transcript in its database.',
    Details: 'More about it, such as the words of a search.',
  },

  describe: ({ layout, databaseIds, userEmails, from, to, actions, includeZeroActivity }) => [
    layout === 'detail' ? 'Every event' : 'Activity by user and database',
    daysInWords(from!, to!),
    databaseIds ? count(databaseIds.length, 'chosen database') : 'all databases of the account',
    userEmails ? count(userEmails.length, 'chosen user') : 'all users',
    actions && `only ${actions.join(', ').replaceAll('_', ' ')}`,
    layout === 'summary' && (includeZeroActivity ? 'idle users included' : 'idle users excluded'),
  ],
} satisfies Report<UserActivityParameters>;
