// Lists the cases of user activity for the children of its Map Run, and writes the part that belongs to no case.
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { UserActivityParameters } from '../../contract/types.ts';
import { accountUsers } from '../lib/account-users.ts';
import { lowered } from '../lib/addresses.ts';
import type { ReportContext } from '../lib/context.ts';
import { connect } from '../lib/database/connection.ts';
import { abandon, openRows, type Row, type Statement } from '../lib/database/rows.ts';
import { InvalidRequest, task } from '../lib/errors.ts';
import { type CaseItem, Counter, keys, partOf } from '../lib/files/parts.ts';
import { type Limits, limitsOf, type TimeLeft, transfer, type Writer } from '../lib/files/transfer.ts';
import { storageClient, type UploadTarget } from '../lib/files/upload.ts';
import { allParameters } from '../lib/parameters.ts';
import { coreSchema, setting } from '../lib/settings.ts';
import { accountRows, loginsStatement } from '../reports/user-activity/account-rows.ts';
import { type ActivityQuery, activityQuery, coversCases, valuesOf } from '../reports/user-activity/query.ts';
import { fieldsOf } from '../reports/user-activity/rows.ts';
import casesSql from './cases.sql';

export type ListCasesEvent = {
  context: Pick<ReportContext, 'report' | 'account'>;
  /** The folder of the parts: `{env}/tmp/{reportType}-{jobId}/`. */
  folder: string;
};

export type ListCasesResult = {
  /** The list: a JSON line for each case. */
  bucket: string;
  key: string;
  count: number;
  /** For the export of each case. */
  query: ActivityQuery;
};

/** Throws InvalidRequest and what `connect` and `transfer` throw; then the Map Run does not begin. */
export const handler = task(async (event: ListCasesEvent, lambda: TimeLeft): Promise<ListCasesResult> => {
  return await listCases(event, limitsOf(lambda));
});

/** The handler with limits of one's own. */
export async function listCases(event: ListCasesEvent, limits: Limits): Promise<ListCasesResult> {
  const { context, folder } = event;
  const { report, account } = context;
  const deadline = Date.now() + limits.time;
  const rest = () => ({ ...limits, time: deadline - Date.now() });
  const parameters: UserActivityParameters = await allParameters(report);
  const { databaseIds, userEmails } = parameters;
  const { accountId } = account;
  const userIds = userEmails ? await userIdsOf(accountId, userEmails) : null;
  const query = activityQuery(parameters, accountId, report.timeZone, userIds);
  using storage = storageClient(limits.request);
  const target = { bucket: setting('REPORTS_BUCKET'), contentType: 'application/x-ndjson' };

  const chosen = databaseIds && new Set(databaseIds);
  const isListed = ({ caseId }: CaseItem) => coversCases(query) && (!chosen || chosen.has(caseId));
  let count = 0;
  async function* lines(rows: AsyncIterable<Row>): AsyncGenerator<Buffer> {
    for await (const row of rows) {
      const item = caseItem(count, row);
      if (!isListed(item)) continue;
      count++;
      yield Buffer.from(`${JSON.stringify(item)}\n`);
    }
  }
  const list = { ...target, key: keys.cases(folder) };
  await writeRows(storage, { sql: casesSql, values: valuesOf(query) }, lines, list, rest());

  const accountPart = { ...target, key: keys.account(folder) };
  await writeRows(storage, loginsStatement(query), partOf(fieldsOf(query)), accountPart, rest(), (rows) =>
    accountRows(rows, query),
  );
  return { bucket: target.bucket, key: list.key, count, query };
}

async function userIdsOf(accountId: number, emails: string[]): Promise<number[]> {
  await using core = await connect(coreSchema());
  const users = await accountUsers(core, accountId);
  // Load context knew them all, but an address may have changed since. An empty list of ids would be no SQL.
  const unknown = emails.filter((email) => !users.has(lowered(email)));
  if (unknown.length > 0)
    throw new InvalidRequest(
      `parameters.userEmails: The account has no user ${unknown.slice(0, 20).join(', ')}.`,
    );
  const ids = new Set(emails.map((email) => users.get(lowered(email))!));
  return [...ids].sort((one, other) => one - other);
}

/** Writes the rows of a statement on the core schema to a file. */
async function writeRows(
  storage: S3Client,
  statement: Statement,
  write: Writer,
  target: UploadTarget,
  limits: Limits,
  convert: (rows: AsyncIterable<Row>) => AsyncIterable<Row> = (rows) => rows,
): Promise<void> {
  const core = await connect(coreSchema());
  try {
    const { rows } = await openRows(core, statement, limits.time);
    const converted = Readable.from(convert(rows), { highWaterMark: 256 });
    await transfer(storage, { rows: converted, cells: new Counter(), write }, target, limits);
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
