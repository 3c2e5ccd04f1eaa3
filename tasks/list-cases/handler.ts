// Lists the cases of a report across cases, for the children of its Map Run, and writes the part that belongs to no case.
import { Readable } from 'node:stream';
import type { QueryValues } from 'mysql2/promise';
import type { UserActivityParameters } from '../../contract/types.ts';
import { accountUsers } from '../lib/account-users.ts';
import type { ReportContext } from '../lib/context.ts';
import { connect } from '../lib/database/connection.ts';
import { abandon, openRows, type Row } from '../lib/database/rows.ts';
import { InvalidRequest } from '../lib/errors.ts';
import { type CaseItem, Counter, keys, partOf } from '../lib/files/parts.ts';
import { type Limits, transfer, type Writer } from '../lib/files/transfer.ts';
import { allParameters } from '../lib/parameters.ts';
import { coreSchema, setting } from '../lib/settings.ts';
import loginsSql from '../reports/user-activity/logins.sql';
import {
  type ActivityQuery,
  allActions,
  byName,
  eventRow,
  fieldsOf,
  loginsRow,
  type Visitor,
  valuesOf,
  visitorOf,
} from '../reports/user-activity/report.ts';
import casesSql from './cases.sql';

export type ListCasesEvent = {
  context: Pick<ReportContext, 'report' | 'account'>;
  /** Where the parts go: `{env}/tmp/{reportType}-{jobId}/`. */
  folder: string;
};

export type ListCasesResult = {
  /** The list: a JSON line for each case. */
  bucket: string;
  key: string;
  count: number;
  /** What the export of each case is told. */
  query: ActivityQuery;
};

/** Kept back for clearing up and for answering. */
const margin = 20_000;

/** Throws InvalidRequest and what `connect` and `transfer` throw; then the Map Run does not begin. */
export async function handler(
  event: ListCasesEvent,
  lambda: { getRemainingTimeInMillis(): number },
): Promise<ListCasesResult> {
  const time = Math.max(1, lambda.getRemainingTimeInMillis() - margin);
  return await listCases(event, { time, stall: 120_000, request: 60_000, grace: 10_000 });
}

/** The handler with limits of one's own. */
export async function listCases(event: ListCasesEvent, limits: Limits): Promise<ListCasesResult> {
  const { context, folder } = event;
  const { report, account } = context;
  const deadline = Date.now() + limits.time;
  const parameters = (await allParameters(report)) as unknown as UserActivityParameters;
  const { databaseIds, userEmails, actions = allActions, layout, from, to, includeZeroActivity } = parameters;
  const { accountId } = account;
  const query: ActivityQuery = {
    accountId,
    layout: layout!,
    // Load context has put the days in place of a period.
    from: from!,
    to: to!,
    timeZone: report.timeZone,
    userIds: userEmails ? await userIdsOf(accountId, userEmails) : null,
    actions,
    includeZeroActivity: includeZeroActivity!,
  };
  const bucket = setting('REPORTS_BUCKET');
  const contentType = 'application/x-ndjson';
  const rest = () => ({ ...limits, time: deadline - Date.now() });

  const chosen = databaseIds && new Set(databaseIds);
  // Logins belong to no case; a summary tells of hours and of idle users, too.
  const isOnAccountAlone = layout === 'detail' && actions.every((action) => action === 'login');
  const isChosen = ({ caseId }: CaseItem) => !isOnAccountAlone && (!chosen || chosen.has(caseId));
  let count = 0;
  async function* lines(rows: AsyncIterable<Row>): AsyncGenerator<Buffer> {
    for await (const row of rows) {
      const item = caseItem(count, row);
      if (!isChosen(item)) continue;
      count++;
      yield Buffer.from(`${JSON.stringify(item)}\n`);
    }
  }
  const key = keys.cases(folder);
  await fromCore(casesSql, valuesOf(query), lines, { bucket, key, contentType }, rest());

  const target = { bucket, key: keys.account(folder), contentType };
  await fromCore(loginsSql, valuesOf(query), partOf(fieldsOf(query)), target, rest(), (rows) =>
    logins(rows, query),
  );
  return { bucket, key, count, query };
}

async function userIdsOf(accountId: number, emails: string[]): Promise<number[]> {
  await using core = await connect(coreSchema());
  const ids = await accountUsers(core, accountId, emails);
  // Load context knew them all, but some address may have changed since. No ids at all would be no SQL.
  const unknown = emails.filter((email) => !ids.has(email.toLowerCase()));
  if (unknown.length > 0)
    throw new InvalidRequest(
      `parameters.userEmails: the account has no user ${unknown.slice(0, 20).join(', ')}`,
    );
  return [...ids.values()].sort((one, other) => one - other);
}

/** The rows of one statement on the core schema, to a file. */
async function fromCore(
  sql: string,
  values: QueryValues,
  write: Writer,
  target: { bucket: string; key: string; contentType: string },
  limits: Limits,
  made: (rows: AsyncIterable<Row>) => AsyncIterable<Row> = (rows) => rows,
): Promise<void> {
  const core = await connect(coreSchema());
  try {
    const { rows } = await openRows(core, { sql, values }, limits.time);
    await transfer(Readable.from(made(rows), { highWaterMark: 256 }), new Counter(), write, target, limits);
    await core.end();
  } catch (error) {
    abandon(core);
    throw error;
  }
}

function caseItem(index: number, row: Row): CaseItem {
  const [caseId, name, type, status, projectName, clientNumber, matterNumber] = row as string[];
  return {
    index,
    caseId: Number(caseId),
    name: name!,
    type: type!,
    status: status!,
    projectName: projectName!,
    clientNumber: clientNumber!,
    matterNumber: matterNumber!,
  };
}

async function* logins(rows: AsyncIterable<Row>, query: ActivityQuery): AsyncGenerator<Row> {
  if (!query.actions.includes('login')) return;
  const users: Visitor[] = [];
  for await (const row of rows) {
    const user = visitorOf(row);
    if (query.layout === 'summary') users.push(user);
    else if (user.firstAt) yield eventRow(query, null, { at: user.firstAt, user, action: 'login' });
  }
  for (const user of users.sort(byName)) {
    const row = loginsRow(query, user);
    if (row) yield row;
  }
}
