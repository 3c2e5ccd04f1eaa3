// The outcome of an overlay, row by row in the order of the load file, and its numbers.

import { guarded } from '../../lib/cells/rules.ts';
import { TaskError } from '../../lib/errors.ts';
import { overlayTexts } from '../../lib/texts.ts';
import { type Code, type Finding, levelOf, textOf, findings as texts } from './findings.ts';
import {
  type Applied,
  backupDays,
  backupNames,
  type Check,
  type CheckedRow,
  type Chunk,
  fileNames,
  type Outcome,
  type OverlayJob,
  type Plan,
  type Planned,
} from './job.ts';
import { line } from './lines.ts';
import { duplicatesOf, systemName } from './plan.ts';
import { linesOf, OutputFile } from './storage.ts';

/** The numbers of an overlay: the same in mail, event and manifest. */
export type Counts = {
  rowsRead: number;
  rowsMatched: number;
  documentsUpdated: number;
  documentsUnchanged: number;
  /** Of a dry run. */
  wouldUpdate: number;
  rowsNotMatched: number;
  rowsWithErrors: number;
  /** In the trash, or changed by somebody meanwhile. */
  rowsSkipped: number;
  duplicatesMerged: number;
  /** Because the overlay was cancelled, or the file was not applied. */
  notAttempted: number;
  cellsChanged: number;
  cellsCleared: number;
  cellsSkipped: number;
  choicesCreated: number;
  warnings: Partial<Record<Code, number>>;
};

export type ResultFile = {
  kind: 'results' | 'rejects' | 'backup' | 'mapping';
  bucket: string;
  key: string;
  name: string;
  contentType: string;
  columns: string[];
  rows: number;
  bytes: number;
  sha256: string;
};

export type Results = {
  counts: Counts;
  files: ResultFile[];
  /** Nothing when the overlay was applied as a whole. */
  stopped: Check['stopped'] | 'cancelled';
  fileError: Finding | null;
  warnings: string[];
};

/** The numbers do not add up, so that one of them is wrong. */
export class CountsDiffer extends TaskError {
  override name = 'CountsDiffer';
}

const resultColumns = [
  'Row',
  'Key Field',
  'Key Value',
  'Nextpoint ID',
  'Result',
  'Level',
  'Code',
  'Column',
  'Original Value',
  'Message',
];
const mappingColumns = [
  'Column',
  'Coerced Header',
  'Field',
  'Field Class',
  'Action',
  'Values Found',
  'Sample',
];
const csvType = 'text/csv; charset=utf-8';
const mark = '\ufeff';
const words: Record<Outcome | 'wouldUpdate', string> = {
  updated: 'Updated',
  unchanged: 'Unchanged',
  notMatched: 'Error',
  errored: 'Error',
  skipped: 'Skipped',
  merged: 'Skipped',
  notAttempted: 'Skipped',
  wouldUpdate: 'Would be updated',
};

/**
 * Writes the files for people: results, rejects and mapping.
 * @param plan nothing when nothing was to be written
 * @throws CountsDiffer, FileMissing, StorageUnavailable, UploadFailed
 */
export async function writeResults(
  job: OverlayJob,
  check: Check,
  plan: Plan | null,
  expiresInDays: number,
  resultsFile: { key: string; name: string } = { key: `${job.exports}results.csv`, name: 'results.csv' },
): Promise<Results> {
  const { storage, bucket, folder, exports } = job;
  const csvFile = (name: string, key = exports + name) =>
    new OutputFile(storage, { bucket, key, name, contentType: csvType, expiresInDays });
  const results = csvFile(resultsFile.name, resultsFile.key);
  const rejects = csvFile('rejects.csv');
  const counts = emptyCounts(check);
  let resultRows = 0;
  let rejectRows = 0;
  let isCancelled = false;
  const warn = (code: Code) => {
    counts.warnings[code] = (counts.warnings[code] ?? 0) + 1;
  };
  const tell = async (
    row: string,
    key: CheckedRow['key'],
    id: number | null,
    result: string,
    found: Finding[],
  ) => {
    for (const finding of found.length > 0 ? found : [undefined]) {
      if (finding && levelOf(finding.code) === 'warning') warn(finding.code);
      const cells = [
        row,
        key?.field ?? '',
        key?.value ?? '',
        id === null ? '' : `${id}`,
        result,
        finding ? levelOf(finding.code) : '',
        finding?.code ?? '',
        finding?.column ?? '',
        finding?.value ?? '',
        finding ? textOf(finding) : '',
      ];
      await results.write(line(cells.map(guarded)));
      resultRows++;
    }
  };
  try {
    await results.write(mark + line(resultColumns));
    const rejectColumns = ['overlay_error', ...check.header];
    await rejects.write(mark + line(rejectColumns));
    const ofHeader = check.fileError ? [...check.findings, check.fileError] : check.findings;
    if (ofHeader.length > 0) await tell('1', null, null, check.fileError ? 'Error' : '', ofHeader);
    const isDuplicate = await duplicatesOf(job);
    const appliedOf = plan ? await appliedInOrder(job) : undefined;
    for await (const row of linesOf<CheckedRow>(storage, bucket, folder + fileNames.checked)) {
      const duplicate = await isDuplicate(row.row);
      const found = [...row.findings];
      let outcome: Outcome | 'wouldUpdate';
      if (duplicate) {
        outcome = duplicate.code === 'OV-W03' ? 'merged' : 'errored';
        found.push({ code: duplicate.code, row: row.row, detail: `See row ${duplicate.others.join(', ')}.` });
      } else if (row.outcome) outcome = row.outcome;
      else if (appliedOf) {
        const applied = await appliedOf(row.row);
        outcome = applied?.outcome ?? 'unchanged';
        if (outcome === 'skipped') found.push({ code: 'OV-R08', row: row.row });
        if (outcome === 'notAttempted') isCancelled = true;
        if (outcome === 'updated') countCells(counts, applied!.planned);
      } else if (check.stopped === 'dryRun') outcome = row.wouldUpdate ? 'wouldUpdate' : 'unchanged';
      else outcome = 'notAttempted';
      counts[countOf[outcome]]++;
      counts.cellsSkipped += found.filter(({ code }) => levelOf(code) === 'cell').length;
      await tell(`${row.row}`, row.key, row.id, words[outcome], found);
      const problems = found.filter(({ code }) => ['row', 'cell'].includes(levelOf(code)));
      if (problems.length === 0 && outcome !== 'notAttempted') continue;
      const why = problems.map(
        (finding) => `${finding.code} ${finding.column ? `${finding.column}: ` : ''}${textOf(finding)}`,
      );
      if (outcome === 'notAttempted') why.push('Not attempted.');
      await rejects.write(line([why.join(' '), ...row.cells]));
      rejectRows++;
    }
    assertSum(counts);
    const mapping = csvFile('mapping.csv');
    await mapping.write(mark + line(mappingColumns));
    for (const column of check.columns) {
      const field = check.fields.find(({ name }) => name === column.field);
      const kind =
        column.action === 'key'
          ? 'key'
          : field
            ? field.name.startsWith('custom_field:')
              ? 'custom'
              : 'system'
            : '';
      const cells = [
        column.header,
        column.coerced,
        field?.title ?? column.field ?? '',
        kind,
        column.action,
        `${column.valuesFound}`,
        column.sample,
      ];
      await mapping.write(line(cells.map(guarded)));
    }
    const file = async (
      kind: ResultFile['kind'],
      { key, name }: { key: string; name: string },
      output: OutputFile,
      columns: string[],
      rows: number,
    ): Promise<ResultFile> => ({
      kind,
      bucket,
      key,
      name,
      contentType: csvType,
      columns,
      rows,
      ...(await output.close()),
    });
    const named = (name: string) => ({ key: exports + name, name });
    const files = [await file('results', resultsFile, results, resultColumns, resultRows)];
    if (rejectRows > 0)
      files.push(await file('rejects', named('rejects.csv'), rejects, rejectColumns, rejectRows));
    else await rejects.drop();
    if (plan) {
      const columns = ['nextpoint_id', ...check.fields.map(systemName)];
      const backup = named(backupNames.people);
      files.push({ kind: 'backup', bucket, ...backup, contentType: csvType, columns, ...plan.people });
    }
    files.push(await file('mapping', named('mapping.csv'), mapping, mappingColumns, check.columns.length));
    const stopped = isCancelled ? 'cancelled' : check.stopped;
    return {
      counts,
      files,
      stopped,
      fileError: check.fileError,
      warnings: warningsOf(job, counts, stopped, check),
    };
  } catch (error) {
    await results.drop();
    await rejects.drop();
    throw error;
  }
}

const countOf = {
  updated: 'documentsUpdated',
  unchanged: 'documentsUnchanged',
  wouldUpdate: 'wouldUpdate',
  notMatched: 'rowsNotMatched',
  errored: 'rowsWithErrors',
  skipped: 'rowsSkipped',
  merged: 'duplicatesMerged',
  notAttempted: 'notAttempted',
} as const satisfies Record<Outcome | 'wouldUpdate', keyof Counts>;

function emptyCounts(check: Check): Counts {
  return {
    rowsRead: check.counts.rowsRead,
    rowsMatched: check.counts.rowsMatched,
    documentsUpdated: 0,
    documentsUnchanged: 0,
    wouldUpdate: 0,
    rowsNotMatched: 0,
    rowsWithErrors: 0,
    rowsSkipped: 0,
    duplicatesMerged: 0,
    notAttempted: 0,
    cellsChanged: 0,
    cellsCleared: 0,
    cellsSkipped: 0,
    choicesCreated: check.stopped ? 0 : check.counts.choicesCreated,
    warnings: {},
  };
}

/** Every row read has one outcome. */
function assertSum(counts: Counts): void {
  const sum = Object.values(countOf).reduce((total, name) => total + counts[name], 0);
  if (sum !== counts.rowsRead)
    throw new CountsDiffer(`${counts.rowsRead} rows were read, but ${sum} have an outcome.`);
}

function countCells(counts: Counts, { changes }: Planned): void {
  for (const [, after] of Object.values(changes)) {
    const isCleared = after === null || after === '' || (Array.isArray(after) && after.length === 0);
    counts[isCleared ? 'cellsCleared' : 'cellsChanged']++;
  }
}

/** A function that gives the outcome of a row, for rows in the order of the file; nothing for one without changes. */
async function appliedInOrder(
  job: OverlayJob,
): Promise<(row: number) => Promise<(Applied & { planned: Planned }) | undefined>> {
  const { storage, bucket, folder, exports } = job;
  async function* all() {
    const plans = linesOf<Planned>(storage, bucket, exports + backupNames.machine);
    for await (const { chunk } of linesOf<Chunk>(storage, bucket, folder + fileNames.chunks)) {
      for await (const applied of linesOf<Applied>(storage, bucket, folder + fileNames.results(chunk))) {
        const planned = (await plans.next()).value as Planned;
        if (planned.id !== applied.id)
          throw new CountsDiffer(`Chunk ${chunk} has outcomes of other documents.`);
        yield { ...applied, planned };
      }
    }
  }
  const lines = all();
  let next = (await lines.next()).value;
  return async (row) => {
    if (!next || next.row !== row) return undefined;
    const found = next;
    next = (await lines.next()).value;
    return found;
  };
}

function warningsOf(job: OverlayJob, counts: Counts, stopped: Results['stopped'], check: Check): string[] {
  const { parameters } = job;
  const found: string[] = [];
  const reasons = {
    fileError: check.fileError ? overlayTexts.fileError(textOf(check.fileError)) : '',
    maxErrors: overlayTexts.maxErrors(parameters.maxErrors ?? 0),
    unmatched: overlayTexts.unmatched(),
    dryRun: overlayTexts.dryRun(),
    cancelled: overlayTexts.cancelled(),
  };
  if (stopped) found.push(reasons[stopped]);
  for (const [code, count] of Object.entries(counts.warnings))
    found.push(`${code}: ${texts[code as Code]} (${count})`);
  if (parameters.restore) found.push(overlayTexts.noChoicesRemoved());
  else if (!stopped) found.push(overlayTexts.canBeRestored(backupDays));
  return found;
}
