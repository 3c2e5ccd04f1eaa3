// The file of a report: its rows, written in the format that was asked for, and its facts for Rails and the reader.
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { File } from '../../../contract/types.ts';
import { Cells } from '../cells/cells.ts';
import { type Choice, Columns, type Field } from '../cells/columns.ts';
import { MailRows, type MailTable } from '../cells/mail-table.ts';
import { type Format, rulesOf, type Style } from '../cells/rules.ts';
import { Warnings } from '../cells/warnings.ts';
import type { ReportContext } from '../context.ts';
import type { Row } from '../database/rows.ts';
import { csv } from '../formats/csv.ts';
import { readMe } from '../formats/read-me.ts';
import { propertiesOf, xlsx } from '../formats/xlsx.ts';
import { setting } from '../settings.ts';
import { clockOf } from '../time-zone.ts';
import { CsvWriter } from '../transcoder/csv-writer.ts';
import type { Plan } from '../transcoder/transcoder.ts';
import { Sidecar, sidecarOf } from './sidecar.ts';
import { type Limits, transfer } from './transfer.ts';

/** The rows of a report as they come from the database, and how the report wants them written. */
export type ReportRows = Choice & {
  fields: Field[];
  rows: Readable;
  /** Whether the rows are the server's bytes; for a CSV. */
  arePackets?: boolean;
  /** When reading began, in milliseconds since 1970. */
  readAt: number;
  style?: Style;
  /** The number of documents that the request names, if it names any. */
  chosenDocuments?: number;
  /** Warnings of the report's own, asked for after the last row. */
  notes?: () => string[];
  /** The number of rows at the end that are totals of the others. */
  totals?: number;
  /** A description of each column for the Read Me, by field. */
  meanings?: Record<string, string>;
  /** The databases that were read, by name, in a report on several; asked for after the last row. */
  databases?: () => string[];
};

export type ReportFile = {
  file: File;
  /** The day on which the file is deleted, `YYYY-MM-DD (zone)`. */
  expires: string;
};

/**
 * Writes the file of a report to S3. Throws what `transfer` throws; then there is no file.
 * @returns also the rows for a mail that shows them; null for other deliveries, and when there are too many for a mail
 */
export async function writeReport(
  storage: S3Client,
  context: ReportContext,
  {
    fields,
    rows,
    readAt,
    style = {},
    customFields,
    columns: chosen,
    totals = 0,
    meanings = {},
    databases,
    arePackets = false,
    ...report
  }: ReportRows,
  limits: Limits,
): Promise<ReportFile & { table: MailTable | null }> {
  const { timeZone } = context.report;
  const { target, lifetime, expiry, dayOf } = lifeOf(context);
  // A document is no file of rows: the one report that has it writes it by itself.
  const format = context.report.format as Format;
  const { mode } = context.delivery;

  const rules = rulesOf(format, timeZone, style, (column) => warnings.addAmbiguous(column));
  const { longText } = rules;
  const warnings = new Warnings({
    ...report,
    format,
    lists: style.lists,
    longText,
    sidecarName: sidecarOf(target).name,
  });
  const columns = new Columns(fields, rules, style, { customFields, columns: chosen });
  const mail = mode === 'mail_body' ? new MailRows(columns, totals > 0) : null;
  const sidecar = longText === 'sidecar' ? new Sidecar(storage, target) : null;
  const cells = new Cells(columns, rules, warnings, { mail, sidecar });
  const { headers, kinds } = columns;
  const sheet = {
    headers,
    kinds,
    dateStyle: style.dateStyle,
    totals,
    properties: propertiesOf(context, readAt),
  };
  const facts = () => ({
    readAt,
    // Not later than the day on which S3 deletes it, and the same however often the file is written.
    expires: dayOf(readAt + lifetime),
    totals,
    meanings,
    databases: databases?.() ?? [],
  });
  const write =
    format === 'csv'
      ? csv(headers)
      : (all: AsyncIterable<Row>) => xlsx(all, sheet, () => readMe(context, cells, facts()));
  const written = await transfer(
    storage,
    arePackets
      ? { rows, cells: new CsvWriter(cells, planOf(fields, columns, style, timeZone)), sidecar }
      : { rows, cells, write, sidecar },
    target,
    limits,
  );
  const { bucket, key, name, contentType } = target;
  return {
    file: {
      bucket,
      key,
      name,
      contentType,
      rows: cells.rows,
      bytes: written.bytes,
      sha256: written.sha256,
      columns: headers,
      expiresAt: new Date(expiry).toISOString(),
      warnings: cells.warnings,
      sidecar: written.sidecar,
    },
    expires: dayOf(expiry),
    table: mail?.table ?? null,
  };
}

function planOf(fields: Field[], columns: Columns, style: Style, timeZone: string): Plan {
  const { raw = false, guarded = true, dateStyle = 'iso' } = style;
  return {
    columns: columns.plan(guarded),
    columnTypes: fields.map(({ columnType }) => columnType),
    toldField: columns.warningsField,
    isRaw: raw,
    dateStyle,
    clock: clockOf(timeZone),
  };
}

/** A document that is not made of cells. */
export type ReportDocument<Part> = {
  /** Each counts as a row. */
  parts: AsyncIterable<Part>;
  write(parts: AsyncIterable<Part>): AsyncIterable<Buffer>;
  /** Asked for after the last part. */
  warnings(): string[];
};

/** Writes a document to S3. Throws what `transfer` throws; then there is no file. */
export async function writeDocument<Part>(
  storage: S3Client,
  context: ReportContext,
  { parts, write, warnings }: ReportDocument<Part>,
  limits: Limits,
): Promise<ReportFile> {
  const { target, expiry, dayOf } = lifeOf(context);
  let count = 0;
  const cells = {
    get rows() {
      return count;
    },
    format(part: Part) {
      count++;
      return part;
    },
  };
  const written = await transfer(storage, { rows: Readable.from(parts), cells, write }, target, limits);
  const { bucket, key, name, contentType } = target;
  const { bytes, sha256 } = written;
  return {
    file: {
      bucket,
      key,
      name,
      contentType,
      rows: count,
      bytes,
      sha256,
      columns: [],
      expiresAt: new Date(expiry).toISOString(),
      warnings: warnings(),
      sidecar: null,
    },
    expires: dayOf(expiry),
  };
}

/** Where the file of a report goes, and for how long. */
function lifeOf({ report: { timeZone }, delivery: { expiresInDays }, file }: ReportContext) {
  // S3 counts from the beginning of the upload, which a redrive may do days after the request.
  const lifetime = expiresInDays * 24 * 60 * 60 * 1000;
  return {
    target: { bucket: setting('REPORTS_BUCKET'), ...file, expiresInDays },
    lifetime,
    expiry: Date.now() + lifetime,
    dayOf: (moment: number) => `${clockOf(timeZone)(moment).slice(0, 10)} (${timeZone})`,
  };
}
