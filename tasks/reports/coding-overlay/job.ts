// One overlay: what was asked for, and where its files lie.
import type { S3Client } from '@aws-sdk/client-s3';
import type { Field, Value } from './fields.ts';
import type { Finding } from './findings.ts';
import type { Encoding } from './load-file/decode.ts';
import type { Delimiters } from './load-file/records.ts';
import type { Change, ValueOptions } from './values.ts';

export type OverlayParameters = ValueOptions & {
  /** The load file on S3, under the case's own prefix; nothing for a restore. */
  loadFile?: string;
  /** The earlier overlay whose changes are taken back. */
  restore?: string;
  checkedBy?: string;
  documentKey: 'auto' | 'nextpoint_id' | 'bates_start';
  /** `field: null` skips the column. */
  mapping: { column: string; field: string | null; multiValueMode?: ValueOptions['multiValueMode'] }[];
  encoding: Encoding;
  format: 'auto' | 'csv' | 'dat';
  delimiters?: Partial<Delimiters>;
  rowAtomic: boolean;
  /** Coding goes to the other members of the family as well, unless they have a row of their own. */
  applyToFamily: boolean;
  onUnmatched: 'warn' | 'fail';
  /** Errors of rows and cells with which documents are still written; no limit when left out. */
  maxErrors?: number;
  dryRun: boolean;
};

export type OverlayJob = {
  jobId: string;
  caseId: number;
  userId: number;
  /** Newer cases keep the values of custom fields on S3, where an overlay cannot write. */
  keepsFieldsOnS3: boolean;
  parameters: OverlayParameters;
  bucket: string;
  /** Of what is passed from state to state: `development/tmp/coding_overlay-…/`. */
  folder: string;
  /** Of what people get: `development/cases/1001/exports/coding_overlay-…/`. */
  exports: string;
  /** Of the overlays of this case: the folder of another is this and its job id. */
  overlays: string;
  storage: S3Client;
  /** For how long a backup is kept, whatever the report's own time. */
  backupDays: number;
};

/** The use of a column of the load file. */
export type ColumnUse = {
  header: string;
  coerced: string;
  /** `key` locates the document, `write` changes it. */
  action: 'key' | 'write' | 'skip';
  /** The name of the field, when there is one. */
  field: string | null;
  multiValueMode?: ValueOptions['multiValueMode'];
  valuesFound: number;
  sample: string;
};

/** The outcome of a row, once it is known. */
export type Outcome =
  | 'updated'
  | 'unchanged'
  | 'notMatched'
  | 'errored'
  | 'skipped'
  | 'merged'
  | 'notAttempted';

/** A row of the load file after the check: a line of `checked.jsonl`, in the file's order. */
export type CheckedRow = {
  row: number;
  cells: string[];
  key: { field: string; value: string } | null;
  id: number | null;
  /** Nothing while it depends on the database. */
  outcome: Outcome | null;
  findings: Finding[];
  /** By field name. */
  changes: Record<string, Change>;
  /** Whether the changes were any when the row was checked. */
  wouldUpdate?: boolean;
  /** It is no row, but another member of the family of the row before. */
  isFamily?: true;
  /** Of a restore: the values without which the document is left as it is, by field name. */
  expected?: Record<string, Value>;
};

/** The result of the check: `check.json`. */
export type Check = {
  columns: ColumnUse[];
  fields: Field[];
  header: string[];
  fileError: Finding | null;
  /** Findings of the header. */
  findings: Finding[];
  counts: CheckCounts;
  /** Of a load file that was read to its end: whose it is, and its hash. */
  read?: { caseId: number; sha256: string };
  /** Why nothing is to be written, or nothing. */
  stopped: 'fileError' | 'dryRun' | 'maxErrors' | 'unmatched' | null;
};

export type CheckCounts = {
  rowsRead: number;
  rowsMatched: number;
  notMatched: number;
  errored: number;
  skipped: number;
  merged: number;
  /** Errors of rows and cells. */
  errors: number;
  choicesCreated: number;
  /** Of a dry run: documents that would be changed. */
  wouldUpdate: number;
  wouldStay: number;
};

/** A document of the backup: a line of `backup.jsonl`. The order is that of the load file. */
export type Planned = {
  /** Of the load file; of a restore the row of the earlier one. */
  row: number;
  id: number;
  /** By field name: the value before, and the value to write. */
  changes: Record<string, [before: Value, after: Value]>;
  /** Somebody changed the document, so that it is not written. */
  isConflict?: true;
};

/** A part of `backup.jsonl` that is written in one transaction: a line of `chunks.jsonl`. */
export type Chunk = { chunk: number; offset: number; length: number; documents: number };

/** The outcome of a document, in the order of the backup. */
export type Applied = {
  row: number;
  id: number;
  outcome: 'updated' | 'unchanged' | 'skipped' | 'notAttempted';
};

/** The facts of the backup: `plan.json`. */
export type Plan = {
  documents: number;
  chunks: number;
  bytes: number;
  sha256: string;
  fencingNumber: number;
  /** Of `backup.csv`, which has every document that was matched. */
  people: { columns: string[]; rows: number; bytes: number; sha256: string };
};

/** Files of a job that pass from state to state. */
export const fileNames = {
  checked: 'checked.jsonl',
  duplicates: 'duplicates.jsonl',
  check: 'check.json',
  plan: 'plan.json',
  chunks: 'chunks.jsonl',
  cancel: 'cancel.json',
  results: (chunk: number) => `results/${String(chunk).padStart(6, '0')}.json`,
};
/** In the folder of exports: what a restore reads, and what people read. */
export const backupNames = { machine: 'backup.jsonl', people: 'backup.csv' };
