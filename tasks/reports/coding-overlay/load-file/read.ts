// A load file as rows of cells, read in a stream: memory does not grow with the file.

import { coerced, fieldNamed, keyFields } from '../../../lib/documents/headers.ts';
import { type Code, LoadFileError } from '../findings.ts';
import { Decoder, type Encoding, EncodingError, encodingOf } from './decode.ts';
import {
  csvDelimiters,
  type Delimiters,
  datDelimiters,
  delimitersOf,
  type Record,
  Records,
} from './records.ts';

export type ReadOptions = {
  encoding?: Encoding;
  format?: 'auto' | 'csv' | 'dat';
  delimiters?: Partial<Delimiters>;
  /** False when the first record is a row like the others. */
  header?: boolean;
  /** A field by which documents are found, beside the usual ones. */
  documentKey?: string;
  /** Fields by header, where the header's own name is not meant; null skips the column. */
  mapping?: ReadonlyMap<string, string | null>;
};

/** A row in error has the cells as they were read, so that it can be given back. */
export type Row = Record & { error?: Code };

/** Beyond these a file is split. */
export const limits = { rows: 2_000_000, columns: 1_000, bytes: 2 * 1024 ** 3 };

/** A column of failed rows that are sent again. */
export const errorColumn = 'overlay_error';

/**
 * The rows of a load file, some at a time; the first row is the header.
 * Columns without a name are dropped. Rows in error are among the others.
 * @throws LoadFileError OV-F01, OV-F02, OV-F03, OV-F04, OV-F05, OV-F06, OV-F08, OV-F09
 */
export async function* readRows(
  chunks: AsyncIterable<Buffer>,
  options: ReadOptions = {},
): AsyncGenerator<Row[]> {
  let width = 0;
  /** The columns that have a name; nothing while all have one. */
  let named: number[] | undefined;
  let count = 0;
  for await (const records of recordsOf(chunks, options)) {
    const rows: Row[] = [];
    for (const record of records) {
      count++;
      if (width === 0) {
        width = record.cells.length;
        if (options.header !== false) named = checkHeader(record, options);
      }
      rows.push(checkRow(record, width, named));
    }
    if (count > limits.rows) tooLarge(`It has more than ${limits.rows} rows.`);
    if (rows.length > 0) yield rows;
  }
  if (count < (options.header === false ? 1 : 2)) throw new LoadFileError({ code: 'OV-F01' });
}

async function* recordsOf(chunks: AsyncIterable<Buffer>, options: ReadOptions): AsyncGenerator<Record[]> {
  let decoder: Decoder | undefined;
  let records: Records | undefined;
  /** The text that was read before the delimiters were known. */
  let start = '';
  let bytes = 0;
  const read = (text: string, isLast = false): Record[] => {
    if (records) return isLast ? records.push(text).concat(records.end()) : records.push(text);
    start = (start + text).replace(/^\ufeff+/, '');
    // The first record should be whole; a longer one is looked at as far as this goes.
    if (!isLast && start.length < 65_536) return [];
    records = new Records(chosenDelimiters(start, options));
    const found = records.push(start);
    return isLast ? found.concat(records.end()) : found;
  };
  try {
    for await (const chunk of withStart(chunks)) {
      if (!decoder) {
        refuseOthers(chunk);
        decoder = new Decoder(encodingOf(chunk, options.encoding));
      }
      bytes += chunk.length;
      if (bytes > limits.bytes) tooLarge(`It has more than ${limits.bytes} bytes.`);
      yield read(decoder.push(chunk));
    }
    decoder?.end();
    yield read('', true);
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    // The row counts those that are complete before the byte.
    if (error.before) yield read(error.before);
    if (!records) {
      records = new Records(chosenDelimiters(start, options));
      yield records.push(start);
    }
    const row = records.count + 1;
    const detail = `${error.message} (row ${row}, byte ${error.byte})`;
    throw new LoadFileError({ code: 'OV-F02', row, detail });
  }
}

/** The chunks, the first of which has at least 8 bytes when the file does: enough to tell its kind by. */
async function* withStart(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (!first) yield chunk;
    else {
      first = Buffer.concat([first, chunk]);
      if (first.length < 8) continue;
      yield first;
      first = undefined;
    }
  }
  if (first?.length) yield first;
}

/** Beginnings of files that people take for CSV: ZIP (XLSX), OLE (XLS), PDF, gzip, 7z, RAR, RTF. */
const otherFiles = /^(504b(0304|0506|0708)|d0cf11e0|25504446|1f8b|377abcaf271c|52617221|7b5c727466)/;

function refuseOthers(start: Buffer): void {
  const isMarkup = /^(\ufeff)?\s*<(!doctype|html|\?xml|table)/i.test(start.toString('utf8', 0, 64));
  if (isMarkup || otherFiles.test(start.toString('hex', 0, 8))) throw new LoadFileError({ code: 'OV-F03' });
}

function chosenDelimiters(start: string, options: ReadOptions): Delimiters {
  const { format = 'auto', delimiters, documentKey } = options;
  const isKey = (cell: string) => [...keyFields, documentKey].includes(fieldNamed(cell));
  const found = delimitersOf(start, isKey);
  const isDat = found.newline !== undefined;
  const chosen =
    format === 'csv' && isDat ? csvDelimiters : format === 'dat' && !isDat ? datDelimiters : found;
  return { ...chosen, ...delimiters };
}

/** The columns that have a name, or nothing when all have one. */
function checkHeader({ cells, problem }: Record, options: ReadOptions): number[] | undefined {
  if (problem) throw new LoadFileError({ code: 'OV-F06', row: 1, detail: problem });
  if (cells.length > limits.columns) tooLarge(`It has more than ${limits.columns} columns.`);
  const named = cells.flatMap((cell, column) => (coerced(cell) === '' ? [] : column));
  const fields = named.map((column) => fieldOf(cells[column]!, options));
  for (const [index, field] of fields.entries()) {
    const first = fields.indexOf(field);
    if (field === null || first === index) continue;
    const detail = `"${cells[named[first]!]}" and "${cells[named[index]!]}" are both ${field}.`;
    throw new LoadFileError({ code: 'OV-F05', row: 1, detail });
  }
  const keys = options.documentKey ? [options.documentKey, ...keyFields] : keyFields;
  if (!fields.some((field) => keys.includes(field!))) throw new LoadFileError({ code: 'OV-F04', row: 1 });
  return named.length < cells.length ? named : undefined;
}

/** The field that a column maps to; null when it is skipped. */
export function fieldOf(header: string, { mapping }: ReadOptions): string | null {
  if (mapping?.has(header)) return mapping.get(header)!;
  const field = fieldNamed(header);
  return field === errorColumn ? null : field;
}

function checkRow(record: Record, width: number, named: number[] | undefined): Row {
  const { cells, problem, row } = record;
  if (problem) return { ...record, error: 'OV-R06' };
  if (cells.length !== width)
    return { ...record, error: 'OV-R06', problem: `It has ${cells.length} cells, the header ${width}.` };
  if (!named) return record;
  const filled = cells.findIndex((cell, column) => cell.trim() !== '' && !named.includes(column));
  if (filled >= 0 && row > 1) {
    const detail = `Column ${filled + 1} has no name, but a value in row ${row}.`;
    throw new LoadFileError({ code: 'OV-F08', row, detail });
  }
  return { ...record, cells: named.map((column) => cells[column]!) };
}

function tooLarge(detail: string): never {
  throw new LoadFileError({ code: 'OV-F09', detail });
}
