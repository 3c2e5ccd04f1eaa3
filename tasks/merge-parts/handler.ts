// Merges the parts of a report across cases into one file, in the order of the case list.
import { Readable } from 'node:stream';
import type { ReportContext } from '../lib/context.ts';
import type { Row } from '../lib/database/rows.ts';
import { AllCasesUnavailable, PartMissing, task } from '../lib/errors.ts';
import type { CaseItem } from '../lib/files/parts.ts';
import { type ReportFile, writeReport } from '../lib/files/report-file.ts';
import { type Limits, limitsOf, type TimeLeft } from '../lib/files/transfer.ts';
import { storageClient, store } from '../lib/files/upload.ts';
import { meaningsOf } from '../reports/index.ts';
import { changesNotes, type Issue, issuesFile, issuesNotes, namesIn } from './issues.ts';
import { Parts } from './parts.ts';
import { manyUnavailable } from './unavailable.ts';

export type MergePartsEvent = {
  context: ReportContext;
  /** The folder of the parts: `{env}/tmp/{reportType}-{jobId}/`. */
  folder: string;
  /** Number of cases in the list. */
  count: number;
};

export type MergePartsResult = ReportFile & {
  /** For the manifest. */
  cases: {
    chosen: number;
    read: number;
    unavailable: number;
    /** A file with a JSON line for the outcome of each case: thousands do not fit a state. */
    outcomesKey: string;
  };
};

/**
 * Gives the file as it lies on S3, with the list of issues beside it when a case could not be read. Throws
 * AllCasesUnavailable, PartMissing, and what `transfer` throws, before a file is there. Throws StorageUnavailable and
 * UploadFailed also when the file is there without the small files beside it; the next run replaces it.
 */
export const handler = task(async (event: MergePartsEvent, lambda: TimeLeft): Promise<MergePartsResult> => {
  // The small files take time too. Thousands of cases without rows in a row are no stall.
  return await mergeParts(event, limitsOf(lambda, { margin: 40_000, stall: 300_000 }));
});

/** The handler with limits of one's own. */
export async function mergeParts(event: MergePartsEvent, limits: Limits): Promise<MergePartsResult> {
  const { context, folder, count } = event;
  using storage = storageClient(limits.request);
  const parts = new Parts(storage, folder);
  const account = await parts.account();
  const issues: Issue[] = [];
  const outcomes: string[] = [];
  const changes = new Map<string, CaseItem[]>();
  const databases: CaseItem[] = [];

  async function* rows(): AsyncGenerator<Row> {
    yield* account.rows;
    for await (const read of parts.cases()) {
      const { item, outcome } = read;
      outcomes.push(`${JSON.stringify({ name: item.name, ...outcome })}\n`);
      if (outcome.status !== 'ok') issues.push({ item, outcome });
      else {
        databases.push(item);
        for (const warning of outcome.warnings ?? []) {
          if (!changes.get(warning)?.push(item)) changes.set(warning, [item]);
        }
        yield* parts.rows(read);
      }
    }
    if (outcomes.length !== count)
      throw new PartMissing(`The list has ${outcomes.length} cases instead of ${count}.`);
    if (issues.length > 0 && issues.length === outcomes.length)
      throw new AllCasesUnavailable(`None of ${issues.length} databases could be read.`);
  }

  const merged = {
    fields: account.fields,
    rows: Readable.from(rows(), { highWaterMark: 256 }),
    readAt: account.readAt,
    meanings: meaningsOf(context.report.reportType),
    databases: () => namesIn(databases),
    notes: () => [...issuesNotes(issues, outcomes.length), ...changesNotes(changes)],
  };
  const { file, expires } = await writeReport(storage, context, merged, limits);

  const { bucket, key, name } = file;
  const { expiresInDays } = context.delivery;
  const besideFile = (other: string) => ({ bucket, key: key.slice(0, -name.length) + other, expiresInDays });
  const outcomesTarget = { ...besideFile('outcomes.jsonl'), contentType: 'application/x-ndjson' };
  await store(storage, outcomes.join(''), outcomesTarget);
  const unavailable = issues.length;
  if (unavailable > 0) {
    const issuesName = name.replace(/\.\w+$/, '-issues.csv');
    const issuesTarget = { ...besideFile(issuesName), name: issuesName };
    await store(storage, await issuesFile(issues), {
      ...issuesTarget,
      contentType: 'text/csv; charset=utf-8',
    });
    file.issues = { key: issuesTarget.key, name: issuesName, cases: unavailable };
  }
  const chosen = outcomes.length;
  if (unavailable > chosen / 10) console.warn(manyUnavailable);
  return {
    file,
    expires,
    cases: { chosen, read: chosen - unavailable, unavailable, outcomesKey: outcomesTarget.key },
  };
}
