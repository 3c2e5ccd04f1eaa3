// Rows to CSV, for people with Excel.
import { stringify } from 'csv-stringify';

export function csv(headers: string[]) {
  return stringify({
    bom: true,
    header: true,
    columns: headers.map((header) => ({ key: header, header })),
    record_delimiter: '\r\n',
    // Without it, a line break within a cell is quoted only when it is CRLF.
    quote_record_delimiter: true,
    // An empty text is written as "", so that it differs from an unknown value.
    quoted_match: /^$/,
  });
}
