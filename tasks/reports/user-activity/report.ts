// What users did in the databases of an account. Its parts are made by list-cases and export-case: the rows of the account,
// and those of each case.
import type { UserActivityParameters } from '../../../contract/types.ts';
import { count } from '../phrases.ts';
import type { Report } from '../report.ts';

export const userActivity = {
  type: 'user_activity',
  title: 'User Activity',

  describe: ({ layout, databaseIds, userEmails, from, to, actions, includeZeroActivity }) => [
    layout === 'detail' ? 'Every event' : 'Activity by user and database',
    `${from} to ${to}`,
    databaseIds ? count(databaseIds.length, 'chosen database') : 'all databases of the account',
    userEmails ? count(userEmails.length, 'chosen user') : 'all users',
    actions && `only ${actions.join(', ').replaceAll('_', ' ')}`,
    layout === 'summary' && (includeZeroActivity ? 'idle users too' : 'without idle users'),
  ],
} satisfies Report<UserActivityParameters>;
