// The files of a report that is made of one part per case, under `{env}/tmp/{reportType}-{jobId}/`. Every key follows from
// the case's place in the list, so that whoever runs again writes the same file.
import type { Field } from '../cells/columns.ts';
import type { Row } from '../database/rows.ts';

/** A line of the case list: what the export of one case needs. */
export type CaseItem = {
  /** From 0 on; the place of the case in the report. */
  index: number;
  caseId: number;
  name: string;
  /** Discovery or Litigation. */
  type: string;
  status: string;
  projectName: string | null;
  clientNumber: string | null;
  matterNumber: string | null;
};

/** The outcome of a case, beside its part and written after it. */
export type Outcome = { caseId: number } /** Warnings are those of the server, in plain English. */ & (
  | { status: 'ok'; rows: number; bytes: number; warnings?: string[] }
  | { status: 'unavailable'; problem: string; whatToDo: string; lacks?: string[] }
);

const digits = 6;
const numbered = (index: number) => String(index).padStart(digits, '0');

/** Each below the report's folder, which ends in a slash. */
export const keys = {
  cases: (folder: string) => `${folder}cases.jsonl`,
  /** Rows that belong to no case; they stand first. */
  account: (folder: string) => `${folder}parts/account.jsonl`,
  part: (folder: string, index: number) => `${folder}parts/${numbered(index)}.jsonl`,
  outcome: (folder: string, index: number) => `${folder}outcomes/${numbered(index)}.json`,
};

/** JSON lines: the columns, then each row as the server's own texts. What a cell looks like, the merge decides. */
export function partOf(fields: Field[]) {
  return async function* (rows: AsyncIterable<Row>): AsyncGenerator<Buffer> {
    let text = `${JSON.stringify(fields)}\n`;
    for await (const row of rows) {
      text += `${JSON.stringify(row)}\n`;
      if (text.length < 128 * 1024) continue;
      yield Buffer.from(text);
      text = '';
    }
    yield Buffer.from(text);
  };
}

/** Passes rows on as they are, and counts them. */
export class Counter {
  rows = 0;

  format(row: Row): Row {
    this.rows++;
    return row;
  }
}
