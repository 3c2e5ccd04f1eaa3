// A dry run: what the report would deliver.
import type { Forecast } from '../../contract/types.ts';
import type { ReportContext } from '../lib/context.ts';
import { connect, select } from '../lib/database/connection.ts';
import { setSession } from '../lib/database/rows.ts';
import { caseSchema, coreSchema } from '../lib/settings.ts';
import { dryRunTexts } from '../lib/texts.ts';
import { boundsOf } from '../lib/time-zone.ts';
import { reportOf } from '../reports/index.ts';

/** Milliseconds that counting may take of the function's thirty seconds. */
const timeLimit = 8_000;

/**
 * Counts the rows where that is cheap. Throws what `connect` and `select` throw, except QueryTooLong.
 * @param asked all parameters, those that were stored too
 */
export async function forecast(context: ReportContext, asked: Record<string, unknown>): Promise<Forecast> {
  const { report, scopeDescription, file, delivery } = context;
  const { mode, recipients, expiresInDays } = delivery;
  return {
    title: report.title,
    description: scopeDescription,
    ...(await rowsOf(context, { ...asked, ...report.parameters })),
    file: { name: file.name, contentType: file.contentType },
    delivery: {
      mode,
      recipients: recipients.map(({ email, outside }) => ({ email, outside })),
      expiresInDays,
    },
  };
}

async function rowsOf(
  { report: { reportType, timeZone }, account: { accountId }, case: database }: ReportContext,
  parameters: Record<string, unknown>,
): Promise<Pick<Forecast, 'rows' | 'rowsUnknown'>> {
  const query = reportOf(reportType).query?.(parameters as never, timeZone);
  if (!query?.count) return { rows: null, rowsUnknown: dryRunTexts.notCounted() };
  const { from, to } = parameters as { from?: string; to?: string };
  const values = { ...parameters, ...query.values, ...boundsOf(timeZone, from, to), timeZone, accountId };
  await using connection = await connect(database ? caseSchema(database.caseId) : coreSchema());
  try {
    await setSession(connection, timeLimit);
    const [counted] = await select<{ found: number }>(connection, query.count, values, timeLimit);
    return { rows: Number(counted!.found) };
  } catch (error) {
    if ((error as Error).name !== 'QueryTooLong') throw error;
    return { rows: null, rowsUnknown: dryRunTexts.countedTooLong() };
  }
}
