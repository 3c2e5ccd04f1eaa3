// The rows of user activity in one case: accesses come from the core schema, everything else from the case's own.
import { Readable } from 'node:stream';
import type { Connection } from 'mysql2/promise';
import { connect, select } from '../../lib/database/connection.ts';
import { abandon, openRows, type Row } from '../../lib/database/rows.ts';
import { databaseError } from '../../lib/errors.ts';
import type { CaseItem } from '../../lib/files/parts.ts';
import { coreSchema } from '../../lib/settings.ts';
import accessesSql from './accesses.sql';
import activitySql from './case-activity.sql';
import eventsSql from './case-events.sql';
import usersSql from './case-users.sql';
import missingSql from './missing-columns.sql';
import { type ActivityQuery, valuesOf } from './query.ts';
import { accessOf, activityRow, byName, type CaseAccess, type CaseActivity, eventRow } from './rows.ts';

/**
 * The users who may open a case, opened it, or belong to the account; in the layout `detail` one for each access. All are
 * held in memory, about 300 bytes each.
 */
export async function readAccesses(
  { caseId }: CaseItem,
  query: ActivityQuery,
  timeLimit: number,
): Promise<CaseAccess[]> {
  const core = await connect(coreSchema());
  try {
    const statement = { sql: accessesSql, values: { ...valuesOf(query), caseId } };
    const { rows } = await openRows(core, statement, timeLimit);
    const accesses: CaseAccess[] = [];
    for await (const row of rows) accesses.push(accessOf(row));
    await core.end();
    return accesses;
  } catch (error) {
    abandon(core);
    throw databaseError(error);
  }
}

/**
 * The rows of the case, in the order of the report. The connection serves no other statement afterwards. Throws as openRows
 * does.
 * @param warnings of the report, for those of the server; complete when the rows have ended
 */
export async function caseRows(
  connection: Connection,
  item: CaseItem,
  query: ActivityQuery,
  accesses: CaseAccess[],
  timeLimit: number,
  warnings: string[],
): Promise<Readable> {
  const users = new Users(await select(connection, usersSql, {}, timeLimit, warnings), accesses);
  const sql = query.layout === 'summary' ? activitySql : eventsSql;
  const { rows } = await openRows(connection, { sql, values: valuesOf(query) }, timeLimit, warnings);
  const made = query.layout === 'summary' ? summary : detail;
  return Readable.from(made(rows, item, query, users), { highWaterMark: 256 });
}

/**
 * The columns that the report reads and a case with an outdated schema lacks, as `table.column`. When there are none, a
 * statement that was refused is a fault of ours.
 */
export async function missingColumns(schema: string, query: ActivityQuery): Promise<string[]> {
  await using connection = await connect(schema);
  const rows = await select<{ missing: string }>(connection, missingSql, valuesOf(query));
  return rows.map(({ missing }) => missing);
}

async function* summary(
  rows: AsyncIterable<Row>,
  item: CaseItem,
  query: ActivityQuery,
  users: Users,
): AsyncGenerator<Row> {
  const activities = new Map<string, CaseActivity>();
  for await (const row of rows) {
    const [userId, firstAt, lastAt, views, documentsViewed, documentsReviewed, searches, exports, hours] =
      row;
    activities.set(userId!, {
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
  const others = [...activities.keys()].filter((userId) => !users.has(userId));
  for (const user of [...users.accesses, ...others.map((userId) => users.get(userId))].sort(byName)) {
    const row = activityRow(query, item, user, activities.get(user.userId));
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
  const accesses = users.accesses.filter(({ firstAt }) => chosen && firstAt !== null);
  let next = 0;
  // Accesses and events both come in order of time.
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

/** Users with name and address as the core schema has them, or else as the case last did. */
class Users {
  readonly accesses: CaseAccess[];
  readonly #caseUsers: Map<string, CaseUser>;
  readonly #accesses: Map<string, CaseAccess>;

  constructor(caseUsers: CaseUser[], accesses: CaseAccess[]) {
    this.#caseUsers = new Map(caseUsers.map((user) => [String(user.userId), user]));
    this.accesses = accesses.map((access) => this.#named(access));
    this.#accesses = new Map(this.accesses.map((access) => [access.userId, access]));
  }

  has(userId: string): boolean {
    return this.#accesses.has(userId);
  }

  get(userId: string): CaseAccess {
    return this.#accesses.get(userId) ?? this.#named({ userId, ...removed });
  }

  #named(access: CaseAccess): CaseAccess {
    if (access.name) return access;
    const { name, email } = this.#caseUsers.get(access.userId) ?? { name: `User ${access.userId}` };
    return { ...access, name, email: access.email ?? email ?? null };
  }
}

/** A user whose record is missing from the core schema. */
const removed = {
  name: '',
  email: null,
  accessLevel: 'Removed',
  hasAccess: false,
  count: 0,
  firstAt: null,
  lastAt: null,
};
