// The rows of user activity in one case: accesses from the core schema, and what was done from the case's.
import { Readable } from 'node:stream';
import type { Connection } from 'mysql2/promise';
import { connect, select } from '../../lib/database/connection.ts';
import { abandon, openRows, type Row } from '../../lib/database/rows.ts';
import { databaseError } from '../../lib/errors.ts';
import type { CaseItem } from '../../lib/files/parts.ts';
import { coreSchema } from '../../lib/settings.ts';
import accessesSql from './accesses.sql';
import workSql from './case-activity.sql';
import eventsSql from './case-events.sql';
import usersSql from './case-users.sql';
import {
  type ActivityQuery,
  byName,
  eventRow,
  type Visitor,
  valuesOf,
  visitorOf,
  type Work,
  workRow,
} from './report.ts';

/**
 * Who may open a case, opened it or is of the account; in the layout `detail` once for each access. All of them are held in memory, about
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
  const users = new Users(await select(connection, usersSql, {}), visitors);
  const sql = query.layout === 'summary' ? workSql : eventsSql;
  const { rows } = await openRows(connection, { sql, values: valuesOf(query) }, timeLimit);
  const made = query.layout === 'summary' ? summary : detail;
  return Readable.from(made(rows, item, query, users), { highWaterMark: 256 });
}

async function* summary(
  rows: AsyncIterable<Row>,
  item: CaseItem,
  query: ActivityQuery,
  users: Users,
): AsyncGenerator<Row> {
  const works = new Map<string, Work>();
  for await (const row of rows) {
    const [userId, firstAt, lastAt, views, documentsViewed, documentsReviewed, searches, exports, hours] =
      row;
    works.set(userId!, {
      firstAt: firstAt!,
      lastAt: lastAt!,
      views: views!,
      documentsViewed: documentsViewed!,
      documentsReviewed: documentsReviewed!,
      searches: searches!,
      exports: exports!,
      trackedHours: hours!,
    });
  }
  const others = [...works.keys()].filter((userId) => !users.has(userId));
  for (const user of [...users.visitors, ...others.map((userId) => users.get(userId))].sort(byName)) {
    const row = workRow(query, item, user, works.get(user.userId));
    if (row) yield row;
  }
}

async function* detail(
  rows: AsyncIterable<Row>,
  item: CaseItem,
  query: ActivityQuery,
  users: Users,
): AsyncGenerator<Row> {
  const chosen = query.actions.includes('database_access');
  const accesses = users.visitors.filter(({ firstAt }) => chosen && firstAt !== null);
  let next = 0;
  // Both come in order of time.
  const accessesUntil = function* (end: string | null) {
    for (; next < accesses.length && (end === null || accesses[next]!.firstAt! <= end); next++) {
      const user = accesses[next]!;
      yield eventRow(query, item, { at: user.firstAt!, user, action: 'database_access' });
    }
  };
  for await (const [at, userId, action, ...object] of rows) {
    yield* accessesUntil(at!);
    yield eventRow(query, item, { at: at!, user: users.get(userId!), action: action!, object });
  }
  yield* accessesUntil(null);
}

type CaseUser = { userId: number; name: string; email: string };

/** Users by name and address as the core schema has them, or else as the case last did. */
class Users {
  readonly visitors: Visitor[];
  readonly #caseUsers: Map<string, CaseUser>;
  readonly #visitors: Map<string, Visitor>;

  constructor(caseUsers: CaseUser[], visitors: Visitor[]) {
    this.#caseUsers = new Map(caseUsers.map((user) => [String(user.userId), user]));
    this.visitors = visitors.map((visitor) => this.#named(visitor));
    this.#visitors = new Map(this.visitors.map((visitor) => [visitor.userId, visitor]));
  }

  has(userId: string): boolean {
    return this.#visitors.has(userId);
  }

  get(userId: string): Visitor {
    return this.#visitors.get(userId) ?? this.#named({ userId, ...removed });
  }

  #named(visitor: Visitor): Visitor {
    if (visitor.name) return visitor;
    const { name, email } = this.#caseUsers.get(visitor.userId) ?? { name: `User ${visitor.userId}` };
    return { ...visitor, name, email: visitor.email ?? email ?? null };
  }
}

/** Somebody whom the core schema does not know any more. */
const removed = {
  name: '',
  email: null,
  accessLevel: 'Removed',
  hasAccess: false,
  count: 0,
  firstAt: null,
  lastAt: null,
};
