// Writes the files of a search hit report from what Athena counted.
import { Readable } from 'node:stream';
import type { File, SearchHitParameters } from '../../contract/types.ts';
import type { Field } from '../lib/cells/columns.ts';
import type { ReportContext } from '../lib/context.ts';
import { SearchResultMissing, task } from '../lib/errors.ts';
import { type ReportFile, writeReport } from '../lib/files/report-file.ts';
import { readCsv, readText } from '../lib/files/search-files.ts';
import { limitsOf, type TimeLeft } from '../lib/files/transfer.ts';
import { storageClient } from '../lib/files/upload.ts';
import { allParameters } from '../lib/parameters.ts';
import { meaningsOf } from '../reports/index.ts';
import {
  breakdownRows,
  breakdowns,
  checkColumns,
  checkRows,
  countColumns,
  countRows,
  notesOf,
  outcomesOf,
  type SearchManifest,
} from '../reports/search-hit/rows.ts';

export type ExportHitsEvent = {
  context: ReportContext;
  /** The key of the search's manifest. */
  manifestKey: string;
  /** Keys of what was counted, by query; none when the terms were checked only. */
  results: { terms?: string; custodians?: string; months?: string };
};

export type ExportHitsResult = ReportFile & { table: null };

/**
 * Gives the file of the report as it lies on S3, with those beside it.
 * Throws InvalidRequest when the terms are no longer what was asked for, SearchResultMissing, StorageUnavailable, and what
 * `writeReport` throws.
 */
export const handler = task(async (event: ExportHitsEvent, lambda: TimeLeft): Promise<ExportHitsResult> => {
  const { context, manifestKey, results } = event;
  const limits = limitsOf(lambda);
  const deadline = Date.now() + limits.time;
  using storage = storageClient(limits.request);
  const parameters = (await allParameters(context.report)) as unknown as SearchHitParameters;
  const manifest = JSON.parse(await readText(storage, manifestKey)) as SearchManifest;
  if (manifest.requestHash !== context.report.parametersSha256)
    throw new SearchResultMissing(`${manifestKey} belongs to other terms.`);
  const outcomes = outcomesOf(parameters, manifest);
  const notes = notesOf(outcomes, manifest, context.report.timeZone, !results.terms);

  const write = (
    file: ReportContext['file'],
    fields: Field[],
    rows: Readable,
    notes: string[] = [],
    totals = 0,
  ) => {
    const written = {
      fields,
      rows,
      readAt: Date.parse(manifest.searchedAt),
      notes: () => notes,
      totals,
      meanings: meaningsOf(context.report.reportType),
    };
    return writeReport(storage, { ...context, file }, written, { ...limits, time: deadline - Date.now() });
  };

  const beside: NonNullable<File['breakdowns']> = {};
  for (const name of ['custodians', 'months'] as const) {
    const key = results[name];
    if (!key) continue;
    const { columns, suffix, none } = breakdowns[name];
    const counted = breakdownRows(readCsv(storage, key), parameters, none);
    const { file } = await write(sibling(context.file, suffix), columns, Readable.from(counted));
    const { rows, bytes, sha256 } = file;
    beside[name] = { key: file.key, name: file.name, rows, bytes, sha256 };
  }
  const [fields, rows] = results.terms
    ? [
        countColumns,
        countRows(parameters, outcomes, await Readable.from(readCsv(storage, results.terms)).toArray()),
      ]
    : [checkColumns, checkRows(parameters, outcomes)];
  const { file, expires } = await write(
    context.file,
    fields,
    Readable.from(rows),
    notes,
    results.terms ? 2 : 0,
  );
  if (Object.keys(beside).length > 0) file.breakdowns = beside;
  return { file, expires, table: null };
});

function sibling({ key, name, contentType }: ReportContext['file'], suffix: string): ReportContext['file'] {
  const named = (text: string) => text.replace(/(\.\w+)$/, `-${suffix}$1`);
  return { key: named(key), name: named(name), contentType };
}
