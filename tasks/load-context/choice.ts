// The databases and users that a report on a whole account was asked to cover.
import type { Connection } from 'mysql2/promise';
import { accountUsers } from '../lib/account-users.ts';
import { select } from '../lib/database/connection.ts';
import accountCasesSql from './account-cases.sql';

type Choice = { databaseIds?: number[]; userEmails?: string[] };

/** Names that the cause of an execution has room for. */
const most = 20;

/**
 * What was chosen and is not the account's, in plain words: to leave it out in silence would make a report that looks
 * complete. One answer for what does not exist and what is another account's, so that nobody learns of the latter.
 */
export async function strangersIn(core: Connection, accountId: number, choice: Choice): Promise<string[]> {
  const { databaseIds, userEmails } = choice;
  const problems: string[] = [];
  if (databaseIds) {
    const cases = await select<{ caseId: number }>(core, accountCasesSql, { accountId });
    const known = new Set(cases.map(({ caseId }) => caseId));
    const unknown = databaseIds.filter((databaseId) => !known.has(databaseId));
    if (unknown.length > 0)
      problems.push(`parameters.databaseIds: the account has no database ${listed(unknown)}`);
  }
  if (userEmails) {
    const known = await accountUsers(core, accountId, userEmails);
    const unknown = userEmails.filter((email) => !known.has(email.toLowerCase()));
    if (unknown.length > 0)
      problems.push(`parameters.userEmails: the account has no user ${listed(unknown)}`);
  }
  return problems;
}

function listed(values: (number | string)[]): string {
  const more = values.length > most ? ` and ${values.length - most} more` : '';
  return values.slice(0, most).join(', ') + more;
}
