// The rows of user activity that belong to no case: logins are account-wide.
import type { Row } from '../../lib/database/rows.ts';
import loginsSql from './logins.sql';
import { type ActivityQuery, valuesOf } from './query.ts';
import { accessOf, byName, type CaseAccess, eventRow, loginsRow } from './rows.ts';

/** The statement on logins, for the core schema. */
export function loginsStatement(query: ActivityQuery) {
  return { sql: loginsSql, values: valuesOf(query) };
}

/** @param rows of `loginsStatement` */
export async function* accountRows(rows: AsyncIterable<Row>, query: ActivityQuery): AsyncGenerator<Row> {
  if (!query.actions.includes('login')) return;
  const users: CaseAccess[] = [];
  for await (const row of rows) {
    const user = accessOf(row);
    if (query.layout === 'summary') users.push(user);
    else if (user.firstAt) yield eventRow(query, null, { at: user.firstAt, user, action: 'login' });
  }
  for (const user of users.sort(byName)) {
    const row = loginsRow(query, user);
    if (row) yield row;
  }
}
