// Custom reports: the databases of an account, or user activity in them.
import type { AllNpcasesParameters, UserActivityParameters } from '../../../contract/types.ts';
import { count } from '../phrases.ts';
import { countOf, type Lines, type Report } from '../report.ts';
import { userActivity } from '../user-activity/report.ts';
import databaseUsers from './database-users.sql';
import databases from './databases.sql';

export const custom = {
  type: 'custom',
  title: 'Custom',
  mayNeedApproval: true,

  meanings: {
    Status: 'Active or Archived.',
    'Created On': 'The day on which the database was created.',
    'Archived On': 'The day on which the database was archived.',
    'Active Data (GB)': 'Size of the data in gigabytes of 1,000,000,000 bytes, as of the last nightly count.',
    Documents: 'Number of documents, as of the last nightly count.',
    Pages: 'Number of pages, as of the last nightly count.',
    'User Count': 'Users who may open the database, guests of other firms included.',
    'User Emails': 'The email addresses of these users.',
    'Guest Of': 'The firm of a guest; blank for users of your own account.',
    'License Type': 'The license of the user.',
  },

  describe(parameters) {
    return parameters.type === userActivity.type
      ? userActivity.describe(parameters as UserActivityParameters)
      : describeDatabases(parameters as AllNpcasesParameters);
  },

  // The machine hands user activity over to the machine of that report.
  query({ type, layout, databaseIds }) {
    const rows = layout === 'database_user' ? databaseUsers : databases;
    return {
      rows,
      count: type === userActivity.type ? undefined : countOf(rows),
      values: { allDatabases: !databaseIds },
      days: ['Created On', 'Archived On'],
    };
  },
} satisfies Report<AllNpcasesParameters | UserActivityParameters>;

function describeDatabases({ layout, databaseIds, includeArchived }: AllNpcasesParameters): Lines {
  return [
    layout === 'database_user' ? 'Every user of every database' : 'Every database with its users',
    databaseIds && `${count(databaseIds.length, 'chosen database')} only`,
    includeArchived ? 'archived databases included' : 'archived databases excluded',
  ];
}
