// Checks a request and gathers what the other states need to know about it.
import type { ReportRequest, ReportType } from '../../contract/types.ts';
import type { ReportContext } from '../lib/context.ts';
import { connect } from '../lib/database/connection.ts';
import { namesOnly, task } from '../lib/errors.ts';
import { coreSchema } from '../lib/settings.ts';
import { reportOf } from '../reports/index.ts';
import { accessOf, authorise } from './authorise.ts';
import { describe } from './describe.ts';
import { forecast } from './forecast.ts';
import { parse } from './parse.ts';
import { Refusal, type RefusalName } from './refusal.ts';
import { keep, repeated } from './repeat.ts';

export type LoadContextEvent = {
  /** A request as it came, of any form. */
  request: unknown;
  /** When the report's execution started, ISO 8601. */
  startedAt: string;
  /** Whether it is that of a report that runs, and not only looked at: it is kept, and the outcome of a dry run is told. */
  runs?: boolean;
};

export type LoadContextResult =
  | { refusal: null; context: ReportContext }
  | { refusal: { error: RefusalName; cause: string }; context: null };

/**
 * Gives the report's context, or the reason why there will be no report; a refusal is a result, not an error.
 * Throws DatabaseUnavailable, DatabaseOverloaded, ConnectionLost, StorageUnavailable, UploadFailed, AnswerIncomplete.
 */
export const handler = task(async (event: LoadContextEvent): Promise<LoadContextResult> => {
  const { startedAt } = event;
  let request = event.request;
  try {
    let parsed = parse(request, startedAt);
    await using core = await connect(coreSchema());
    const access = await accessOf(core, parsed);
    if (parsed.eventDetail.repeatOf) {
      request = await repeated(request as ReportRequest, access);
      parsed = parse(request, startedAt);
    }
    const authorised = await authorise(core, access, parsed);
    const context = describe(authorised, startedAt);
    if (event.runs) {
      const parametersKey = await keep(authorised);
      // A redrive, days later, must find what was asked for.
      if (parametersKey) context.report.parametersKey = parametersKey;
      if (parsed.eventDetail.dryRun)
        context.dryRun = await forecast(context, authorised.request.eventDetail.parameters);
    }
    return { refusal: null, context };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const detail = (request as { eventDetail?: { reportType?: ReportType; parametersKey?: unknown } } | null)
      ?.eventDetail;
    // A report that says which of its parameters are confidential quotes none of them.
    const isConfidential = detail?.parametersKey && !reportOf(detail.reportType!)?.confidential;
    const cause = isConfidential ? namesOnly(error.message) : error.message;
    return { refusal: { error: error.error, cause }, context: null };
  }
});
