// Rows to CSV, for people with Excel.
import { stringify } from 'csv-stringify';

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

// The same, one by one.

export function csvHeader(headers: string[]): string {
  return `\ufeff${csvRow(headers)}`;
}

export function csvRow(cells: (string | null)[]): string {
  return `${cells.map(csvCell).join(',') || '""'}\r\n`;
}

const needsQuotes = /^$|[",;\t\r\n]/;

export function csvCell(text: string | null): string {
  if (text === null) return '';
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
