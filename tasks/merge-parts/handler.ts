// Merges the parts of a report across cases into one file, in the order of the case list.
import { Readable } from 'node:stream';
import { Cells } from '../lib/cells/cells.ts';
import type { ReportContext } from '../lib/context.ts';
import type { Row } from '../lib/database/rows.ts';
import { AllCasesUnavailable, PartMissing } from '../lib/errors.ts';
import { type ReportFile, writeReport } from '../lib/files/report-file.ts';
import { besideOf } from '../lib/files/sidecar.ts';
import type { Limits } from '../lib/files/transfer.ts';
import { storageClient, store } from '../lib/files/upload.ts';
import { setting } from '../lib/settings.ts';
import { type Issue, issuesFile, issuesNotes } from './issues.ts';
import { Parts } from './parts.ts';

export type MergePartsEvent = {
  context: ReportContext;
  /** Where the parts are: `{env}/tmp/{reportType}-{jobId}/`. */
  folder: string;
  /** How many cases were listed. */
  count: number;
};

export type MergePartsResult = ReportFile & {
  /** For the manifest. */
  cases: {
    chosen: number;
    read: number;
    unavailable: number;
    /** A JSON line for each case with what became of it: thousands do not fit a state. */
    outcomesKey: string;
  };
};

/** Kept back for the small files, for clearing up and for answering. */
const margin = 40_000;

/**
 * Gives the file as it lies on S3, with the list of issues beside it when a case could not be read. Throws
 * AllCasesUnavailable, PartMissing, and what `transfer` throws, before a file is there; StorageUnavailable and UploadFailed
 * also when it is there without the small files, and the next run replaces it.
 */
export async function handler(
  event: MergePartsEvent,
  lambda: { getRemainingTimeInMillis(): number },
): Promise<MergePartsResult> {
  const time = Math.max(1, lambda.getRemainingTimeInMillis() - margin);
  // Thousands of cases without rows in a row are no stall.
  return await mergeParts(event, { time, stall: 300_000, request: 60_000, grace: 10_000 });
}

/** The handler with limits of one's own. */
export async function mergeParts(event: MergePartsEvent, limits: Limits): Promise<MergePartsResult> {
  const { context, folder, count } = event;
  const { report, file, delivery } = context;
  const { expiresInDays } = delivery;
  const storage = storageClient(limits.request);
  try {
    const parts = new Parts(storage, folder);
    const account = await parts.account();
    const issues: Issue[] = [];
    const outcomes: string[] = [];

    async function* rows(): AsyncGenerator<Row> {
      yield* account.rows;
      for await (const read of parts.cases()) {
        const { item, outcome } = read;
        outcomes.push(`${JSON.stringify({ name: item.name, ...outcome })}\n`);
        if (outcome.status === 'ok') yield* parts.rows(read);
        else issues.push({ item, outcome });
      }
      if (outcomes.length !== count)
        throw new PartMissing(`The list has ${outcomes.length} cases in place of ${count}.`);
      if (issues.length > 0 && issues.length === outcomes.length)
        throw new AllCasesUnavailable(`None of ${issues.length} databases could be read.`);
      // Before the end of the rows, because the Read Me comes right after them.
      cells.note(issuesNotes(issues, outcomes.length));
    }

    const target = { bucket: setting('REPORTS_BUCKET'), ...file, expiresInDays };
    const style = { fullTextsName: besideOf(target).name };
    const cells = new Cells(account.fields as never, report.timeZone, undefined, report.format, style);
    const source = Readable.from(rows(), { highWaterMark: 256 });
    const { file: merged, expires } = await writeReport(
      context,
      source,
      cells,
      account.readAt,
      target,
      limits,
    );

    const { bucket, key, name } = target;
    const beside = (other: string) => key.slice(0, -name.length) + other;
    const outcomesKey = beside('outcomes.jsonl');
    const lines = { bucket, key: outcomesKey, contentType: 'application/x-ndjson', expiresInDays };
    await store(storage, outcomes.join(''), lines);
    const issuesName = name.replace(/\.\w+$/, '-issues.csv');
    const issuesTarget = {
      bucket,
      key: beside(issuesName),
      name: issuesName,
      contentType: 'text/csv; charset=utf-8',
      expiresInDays,
    };
    if (issues.length > 0) await store(storage, await issuesFile(issues), issuesTarget);

    const unavailable = issues.length;
    if (unavailable > 0) merged.issues = { key: issuesTarget.key, name: issuesName, cases: unavailable };
    return {
      file: merged,
      expires,
      cases: { chosen: outcomes.length, read: outcomes.length - unavailable, unavailable, outcomesKey },
    };
  } finally {
    storage.destroy();
  }
}
