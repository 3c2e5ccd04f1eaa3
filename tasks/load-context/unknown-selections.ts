// The databases and users that a report on a whole account was asked to cover.
import type { Connection } from 'mysql2/promise';
import { accountUsers } from '../lib/account-users.ts';
import { lowered } from '../lib/addresses.ts';
import { select } from '../lib/database/connection.ts';
import accountCasesSql from './account-cases.sql';

type Selections = { databaseIds?: number[]; userEmails?: string[] };

/** A problem lists so many values: the cause of an execution has no room for thousands. */
const maxListed = 20;

/**
 * Says which selected databases and users are not the account's: a report that left them out in silence would look complete.
 * The answer is the same for what does not exist and for what belongs to another account, so that nobody learns of the latter.
 */
export async function unknownSelections(
  core: Connection,
  accountId: number,
  selections: Selections,
): Promise<string[]> {
  const { databaseIds, userEmails } = selections;
  const problems: string[] = [];
  if (databaseIds) {
    const cases = await select<{ caseId: number }>(core, accountCasesSql, { accountId });
    const known = new Set(cases.map(({ caseId }) => caseId));
    const unknown = databaseIds.filter((databaseId) => !known.has(databaseId));
    if (unknown.length > 0)
      problems.push(`parameters.databaseIds: The account has no database ${listed(unknown)}.`);
  }
  if (userEmails) {
    const known = await accountUsers(core, accountId);
    const unknown = userEmails.filter((email) => !known.has(lowered(email)));
    if (unknown.length > 0)
      problems.push(`parameters.userEmails: The account has no user ${listed(unknown)}.`);
  }
  return problems;
}

function listed(values: (number | string)[]): string {
  const more = values.length > maxListed ? ` and ${values.length - maxListed} more` : '';
  return values.slice(0, maxListed).join(', ') + more;
}
