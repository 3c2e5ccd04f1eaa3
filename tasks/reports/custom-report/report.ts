// Custom reports: the databases of an account, or user activity in them.
import type { AllNpcasesParameters, UserActivityParameters } from '../../../contract/types.ts';
import { count } from '../phrases.ts';
import type { Lines, Report } from '../report.ts';
import { userActivity } from '../user-activity/report.ts';
import databaseUsers from './database-users.sql';
import databases from './databases.sql';

export const custom = {
  type: 'custom',
  title: 'Custom',
  mayNeedApproval: true,

  describe(parameters) {
    return parameters.type === userActivity.type
      ? userActivity.describe(parameters as UserActivityParameters)
      : describeDatabases(parameters as AllNpcasesParameters);
  },

  // The machine hands user activity over to the machine of that report.
  query({ layout, databaseIds }) {
    return {
      rows: layout === 'database_user' ? databaseUsers : databases,
      values: { allDatabases: !databaseIds },
    };
  },
} satisfies Report<AllNpcasesParameters | UserActivityParameters>;

function describeDatabases({ layout, databaseIds, includeArchived }: AllNpcasesParameters): Lines {
  return [
    layout === 'database_user' ? 'Every user of every database' : 'Every database with its users',
    databaseIds && `${count(databaseIds.length, 'chosen database')} only`,
    includeArchived ? 'archived ones too' : 'without archived ones',
  ];
}
