// Users by their addresses, which are the same when only their capitals differ. A collation would take other letters for the
// same, and a column may not be able to hold all that a request names: so no address of a request reaches the database.
import type { Connection } from 'mysql2/promise';
import accountUsersSql from './account-users.sql';
import { lowered } from './addresses.ts';
import { select } from './database/connection.ts';

/** The ids of all users of the account or of one of its databases, removed ones too, by address in lower case. */
export async function accountUsers(core: Connection, accountId: number): Promise<Map<string, number>> {
  const users = await select<{ userId: number; email: string }>(core, accountUsersSql, { accountId });
  return new Map(users.map(({ userId, email }) => [lowered(email), userId]));
}
