// Rows to the file of a report, as Rails and the reader hear of it.
import type { Readable } from 'node:stream';
import type { File } from '../../../contract/types.ts';
import type { Cells } from '../cells/cells.ts';
import type { ReportContext } from '../context.ts';
import type { Row } from '../database/rows.ts';
import { csv } from '../formats/csv.ts';
import { readMe } from '../formats/read-me.ts';
import { xlsx } from '../formats/xlsx.ts';
import { clockOf } from '../time-zone.ts';
import { type Limits, transfer } from './transfer.ts';
import type { UploadTarget } from './upload.ts';

export type ReportFile = {
  file: File;
  /** The day on which the file goes, `YYYY-MM-DD (zone)`. */
  expires: string;
};

/**
 * Writes the file in the format of the report. Throws what `transfer` throws; then no file was written.
 * @param readAt when reading began, in milliseconds since 1970
 */
export async function writeReport(
  context: ReportContext,
  rows: Readable,
  cells: Cells,
  readAt: number,
  target: Required<UploadTarget>,
  limits: Limits,
): Promise<ReportFile> {
  const { format, timeZone } = context.report;
  const write =
    format === 'csv'
      ? csv(cells.headers)
      : (all: AsyncIterable<Row>) => xlsx(all, cells, () => readMe(context, cells, readAt));
  const { bytes, sha256, sidecar } = await transfer(rows, cells, write, target, limits);
  const { bucket, key, name, contentType, expiresInDays } = target;
  // S3 counts from the upload on, which a redrive may do days after the request.
  const expiry = Date.now() + expiresInDays * 24 * 60 * 60 * 1000;
  return {
    file: {
      bucket,
      key,
      name,
      contentType,
      rows: cells.rows,
      bytes,
      sha256,
      columns: cells.headers,
      expiresAt: new Date(expiry).toISOString(),
      warnings: cells.warnings,
      sidecar,
    },
    expires: `${clockOf(timeZone)(expiry).slice(0, 10)} (${timeZone})`,
  };
}
