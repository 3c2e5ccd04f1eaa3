// Writes the files of a search hit report from what Athena counted.
import { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse';
import { type FieldPacket, Types } from 'mysql2';
import type { File, SearchHitParameters } from '../../contract/types.ts';
import { Cells } from '../lib/cells/cells.ts';
import type { ReportContext } from '../lib/context.ts';
import type { Row } from '../lib/database/rows.ts';
import { SearchResultMissing, StorageUnavailable } from '../lib/errors.ts';
import { type ReportFile, writeReport } from '../lib/files/report-file.ts';
import { besideOf } from '../lib/files/sidecar.ts';
import { limitsOf, type TimeLeft } from '../lib/files/transfer.ts';
import { allParameters } from '../lib/parameters.ts';
import { setting } from '../lib/settings.ts';
import {
  breakdowns,
  checkColumns,
  checkRows,
  countColumns,
  countRows,
  type HitColumn,
  notesOf,
  outcomesOf,
  type SearchManifest,
} from '../reports/search-hit/report.ts';

export type ExportHitsEvent = {
  context: ReportContext;
  /** Of the search. */
  manifestKey: string;
  /** Keys of what was counted, by query; none when the terms were checked only. */
  results: { terms?: string; custodians?: string; months?: string };
};

export type ExportHitsResult = ReportFile & { table: null };

const storage = new S3Client({ maxAttempts: 3 });

/**
 * Gives the file of the report as it lies on S3, with those beside it.
 * Throws InvalidRequest when the terms are no longer what was asked for, SearchResultMissing, StorageUnavailable, and what
 * `writeReport` throws.
 */
export async function handler(event: ExportHitsEvent, lambda: TimeLeft): Promise<ExportHitsResult> {
  const { context, manifestKey, results } = event;
  const deadline = Date.now() + limitsOf(lambda).time;
  const parameters = (await allParameters(context.report)) as unknown as SearchHitParameters;
  const manifest = JSON.parse(await readText(manifestKey)) as SearchManifest;
  if (manifest.requestHash !== context.report.parametersSha256)
    throw new SearchResultMissing(`${manifestKey} belongs to other terms.`);
  const outcomes = outcomesOf(parameters, manifest);
  const notes = notesOf(outcomes, manifest, !results.terms);
  const searchedAt = Date.parse(manifest.searchedAt);

  const write = (
    rows: Readable,
    columns: readonly HitColumn[],
    file: ReportContext['file'],
    notes: string[],
  ) => {
    const target = {
      bucket: setting('REPORTS_BUCKET'),
      ...file,
      expiresInDays: context.delivery.expiresInDays,
    };
    const style = { notes, fullTextsName: besideOf(target).name };
    const { format, timeZone } = context.report;
    const cells = new Cells(columns.map(fieldOf), timeZone, undefined, format, style);
    const limits = { ...limitsOf(lambda), time: deadline - Date.now() };
    return writeReport(context, rows, cells, searchedAt, target, limits);
  };

  const beside: NonNullable<File['breakdowns']> = {};
  for (const name of ['custodians', 'months'] as const) {
    const key = results[name];
    if (!key) continue;
    const { columns, suffix, none } = breakdowns[name];
    const rows = Readable.from(breakdownRows(key, parameters, none));
    const written = (await write(rows, columns, sibling(context.file, suffix), [])).file;
    const { bytes, sha256 } = written;
    beside[name] = { key: written.key, name: written.name, rows: written.rows, bytes, sha256 };
  }
  const rows = results.terms
    ? countRows(parameters, outcomes, await Readable.from(readCsv(results.terms)).toArray())
    : checkRows(parameters, outcomes);
  const columns = results.terms ? countColumns : checkColumns;
  const { file, expires } = await write(Readable.from(rows), columns, context.file, notes);
  return {
    file: { ...file, ...(Object.keys(beside).length > 0 && { breakdowns: beside }) },
    expires,
    table: null,
  };
}

async function* breakdownRows(
  key: string,
  { terms }: SearchHitParameters,
  none: string,
): AsyncGenerator<Row> {
  for await (const [number, value, documents, withFamily] of readCsv(key)) {
    const term = terms[Number(number) - 1];
    if (!term) throw new SearchResultMissing(`${key} counts a term ${number} that nobody asked for.`);
    yield [term.id, term.term, value || none, documents!, withFamily!];
  }
}

/** The rows of a result of Athena, without its header. */
async function* readCsv(key: string): AsyncGenerator<string[]> {
  const lines = (await read(key)).pipe(parse({ from: 2, relax_column_count: true }));
  try {
    for await (const line of lines) yield line;
  } catch (error) {
    throw new StorageUnavailable(`${key} could not be read to its end (${(error as Error).name}).`);
  }
}

async function readText(key: string): Promise<string> {
  return (await (await read(key)).toArray()).join('');
}

async function read(Key: string): Promise<Readable> {
  try {
    const { Body } = await storage.send(new GetObjectCommand({ Bucket: setting('REPORTS_BUCKET'), Key }));
    const body = Body as Readable;
    return body.setEncoding('utf8');
  } catch (error) {
    const { name } = error as Error;
    // Without the right to list the bucket, S3 calls a file that is not there forbidden.
    if (['NoSuchKey', 'AccessDenied'].includes(name))
      throw new SearchResultMissing(`There is no file ${Key}.`);
    throw new StorageUnavailable(`S3 did not give the file ${Key} (${name}).`);
  }
}

function sibling({ key, name, contentType }: ReportContext['file'], suffix: string): ReportContext['file'] {
  const named = (text: string) => text.replace(/(\.\w+)$/, `-${suffix}$1`);
  return { key: named(key), name: named(name), contentType };
}

/** Cells reads no more of a field than its name and whether it is a number. */
function fieldOf({ name, kind }: HitColumn): FieldPacket {
  return { name, columnType: kind === 'number' ? Types.LONGLONG : Types.VAR_STRING } as FieldPacket;
}
