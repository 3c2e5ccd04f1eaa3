// Reads a folder of load files whose right reading is known: npm run load-files -- FOLDER
// Prints each that differs; ends with 1 when one does. `cases.json` lists the files, their options and what to expect.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LoadFileError } from '../tasks/reports/coding-overlay/findings.ts';
import { type ReadOptions, readRows } from '../tasks/reports/coding-overlay/load-file/read.ts';

type Expected = {
  rows?: string[][];
  errors?: { code: string; row: number }[];
  fileError?: string | true;
  row?: number;
  /** An error for some row, or for the file. */
  rowsOrFileError?: true;
};
type Case = { file: string; options: ReadOptions; expect: Expected };
type Reading = {
  rows: string[][];
  errors: { code: string; row: number }[];
  fileError?: string;
  row?: number;
};

/** Everything that the reader makes of a file. */
async function readingOf(bytes: Buffer, options: ReadOptions): Promise<Reading> {
  const reading: Reading = { rows: [], errors: [] };
  // In pieces, so that each kind of cut is met.
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  })();
  try {
    for await (const rows of readRows(chunks, options)) {
      for (const { row, cells, error } of rows) {
        if (error) reading.errors.push({ code: error, row });
        else reading.rows.push(cells);
      }
    }
  } catch (error) {
    if (!(error instanceof LoadFileError)) throw error;
    const { code, row } = error.finding;
    reading.fileError = code;
    reading.row = row;
  }
  return reading;
}

function isRight(reading: Reading, expected: Expected): boolean {
  const { rows, errors = [], fileError, row, rowsOrFileError } = expected;
  if (rowsOrFileError) return reading.fileError !== undefined || reading.errors.length > 0;
  if (fileError !== undefined) {
    const isCode = fileError === true ? reading.fileError !== undefined : reading.fileError === fileError;
    return isCode && (row === undefined || reading.row === row);
  }
  return !reading.fileError && isDeepStrictEqual([reading.rows, reading.errors], [rows, errors]);
}

/** The cases of a folder that the reader reads in another way than expected, and how many there are in all. */
export async function check(folder: string) {
  const cases: Case[] = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8'));
  const wrong: { file: string; expected: Expected; reading: Reading }[] = [];
  for (const { file, options, expect } of cases) {
    const reading = await readingOf(readFileSync(join(folder, 'files', file)), options ?? {});
    if (!isRight(reading, expect)) wrong.push({ file, expected: expect, reading });
  }
  return { count: cases.length, wrong };
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (!folder) {
    console.error('Usage: npm run load-files -- FOLDER');
    process.exit(2);
  }
  const { count, wrong } = await check(folder);
  for (const { file, expected, reading } of wrong) {
    console.log(`${file}\n  expected ${JSON.stringify(expected)}\n  read     ${JSON.stringify(reading)}`);
  }
  console.log(`${count - wrong.length} of ${count} load files are read as they should be.`);
  process.exitCode = wrong.length > 0 || count === 0 ? 1 : 0;
}
