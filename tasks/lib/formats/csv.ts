// Rows to CSV, for people with Excel.
import { stringify } from 'csv-stringify';
import type { Shape } from '../transcoder/row-writer.ts';

export function csv(headers: string[]) {
  return stringify({
    bom: true,
    header: true,
    // By place: a header may be empty.
    columns: headers.map((header, column) => ({ key: `${column}`, header })),
    record_delimiter: '\r\n',
    // Without it, a line break within a cell is quoted only when it is CRLF.
    quote_record_delimiter: true,
    // An empty text is written as "", so that it differs from an unknown value. Programs that split at semicolons and tabs,
    // too, find the same cells.
    quoted_match: /^$|[;\t]/,
    // In a file of one column an unknown value would be an empty line, which readers skip.
    quoted_empty: headers.length === 1 || undefined,
  });
}

/** Cells and rows as `csv` writes them, one by one. */
export const csvShape: Shape = {
  cell: (_, text) => csvCell(text),
  row(cells) {
    const line = cells.map(csvCell).join(',');
    return `${line || '""'}\r\n`;
  },
};

const needsQuotes = /[",\r\n]/;

function csvCell(text: string | null): string {
  if (text === null) return '';
  return text === '' || needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
