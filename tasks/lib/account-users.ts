// Users by the addresses that a request names.
import type { Connection } from 'mysql2/promise';
import accountUsersSql from './account-users.sql';
import { lowered } from './addresses.ts';
import { select } from './database/connection.ts';

/** Addresses that fit a statement. */
const most = 50;

/** The ids of those who are users of the account or of one of its databases, removed ones too, by address in lower case. */
export async function accountUsers(
  core: Connection,
  accountId: number,
  emails: string[],
): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (let first = 0; first < emails.length; first += most) {
    const values = { accountId, emails: emails.slice(first, first + most) };
    const users = await select<{ userId: number; email: string }>(core, accountUsersSql, values);
    for (const { userId, email } of users) ids.set(lowered(email), userId);
  }
  return ids;
}
