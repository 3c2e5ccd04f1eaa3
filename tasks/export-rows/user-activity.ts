// The rows of user activity in one case: accesses from the core schema, and what was done from the case's.
import { Readable } from 'node:stream';
import type { Connection } from 'mysql2/promise';
import { connect } from '../lib/database.ts';
import { databaseError } from '../lib/errors.ts';
import type { CaseItem } from '../lib/parts.ts';
import { coreSchema } from '../lib/settings.ts';
import {
  type ActivityQuery,
  byName,
  eventRow,
  type Visitor,
  valuesOf,
  visitorOf,
  type Work,
  workRow,
} from '../lib/user-activity.ts';
import { abandon, openRows, type Row } from './rows.ts';
import workSql from './user-activity.sql';
import accessesSql from './user-activity-accesses.sql';
import eventsSql from './user-activity-events.sql';

/**
 * Who may open a case or opened it; in the layout `detail` once for each time. All of them are held in memory, about
 * 300 bytes each.
 */
export async function readVisitors(
  { caseId }: CaseItem,
  query: ActivityQuery,
  timeLimit: number,
): Promise<Visitor[]> {
  const core = await connect(coreSchema());
  try {
    const statement = { sql: accessesSql, values: { ...valuesOf(query), caseId } };
    const { rows } = await openRows(core, statement, timeLimit);
    const visitors: Visitor[] = [];
    for await (const row of rows) visitors.push(visitorOf(row));
    await core.end();
    return visitors;
  } catch (error) {
    abandon(core);
    throw databaseError(error);
  }
}

/** The rows of the case, in their order. The connection serves no other statement afterwards. Throws as openRows does. */
export async function activityRows(
  connection: Connection,
  item: CaseItem,
  query: ActivityQuery,
  visitors: Visitor[],
  timeLimit: number,
): Promise<Readable> {
  const sql = query.layout === 'summary' ? workSql : eventsSql;
  const { rows } = await openRows(connection, { sql, values: valuesOf(query) }, timeLimit);
  const made = query.layout === 'summary' ? summary : detail;
  return Readable.from(made(rows, item, query, visitors), { highWaterMark: 256 });
}

async function* summary(
  rows: AsyncIterable<Row>,
  item: CaseItem,
  query: ActivityQuery,
  visitors: Visitor[],
): AsyncGenerator<Row> {
  const users = new Map(visitors.map((visitor) => [visitor.userId, visitor]));
  const works = new Map<string, Work>();
  for await (const [userId, name, email, firstAt, lastAt, ...counts] of rows) {
    const work = {
      firstAt: firstAt!,
      lastAt: lastAt!,
      counts: counts.slice(0, -1),
      trackedHours: counts.at(-1),
    };
    works.set(userId!, work as Work);
    if (!users.has(userId!)) users.set(userId!, formerUser(userId!, name!, email!));
  }
  for (const user of [...users.values()].sort(byName)) {
    const row = workRow(query, item, user, works.get(user.userId));
    if (row) yield row;
  }
}

async function* detail(
  rows: AsyncIterable<Row>,
  item: CaseItem,
  query: ActivityQuery,
  visitors: Visitor[],
): AsyncGenerator<Row> {
  const users = new Map(visitors.map((visitor) => [visitor.userId, visitor]));
  const chosen = query.actions.includes('database_access');
  const accesses = visitors.filter(({ firstAt }) => chosen && firstAt !== null);
  let next = 0;
  // Both come in order of time.
  const accessesUntil = function* (end: string | null) {
    for (; next < accesses.length && (end === null || accesses[next]!.firstAt! <= end); next++) {
      const user = accesses[next]!;
      yield eventRow(query, item, { at: user.firstAt!, user, action: 'database_access' });
    }
  };
  for await (const [at, userId, name, email, action, ...object] of rows) {
    yield* accessesUntil(at!);
    const user = users.get(userId!) ?? formerUser(userId!, name!, email!);
    yield eventRow(query, item, { at: at!, user, action: action!, object });
  }
  yield* accessesUntil(null);
}

/** Somebody who has no access any more, by name and address as the case last knew them. */
function formerUser(userId: string, name: string | null, email: string | null): Visitor {
  const known = { name: name ?? `User ${userId}`, email };
  return {
    userId,
    ...known,
    accessLevel: 'Removed',
    hasAccess: false,
    count: 0,
    firstAt: null,
    lastAt: null,
  };
}
