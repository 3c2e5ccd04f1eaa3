// The outcome of an overlay, row by row in the order of the load file, and its numbers.
import { TaskError } from '../../lib/errors.ts';
import type { UploadTarget } from '../../lib/files/upload.ts';
import type { Told } from '../../lib/formats/read-me.ts';
import type { Properties } from '../../lib/formats/xlsx.ts';
import { overlayTexts } from '../../lib/texts.ts';
import {
  afterOverlay,
  afterRestore,
  type Code,
  type Finding,
  levelOf,
  textOf,
  findings as texts,
} from './findings.ts';
import {
  type Applied,
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
import { duplicatesOf } from './plan.ts';
import { RowsFile, RowsWorkbook } from './rows-file.ts';
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
  /** Members of families that have no row of their own. */
  familyUpdated: number;
  /** Of a dry run. */
  familyWouldUpdate: number;
  familySkipped: number;
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

/** The file of the results; a CSV when no workbook is described. */
export type ResultsTarget = {
  key: string;
  name: string;
  contentType: string;
  workbook?: { properties: Properties; readMe: (results: Told) => [string, string][] };
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
  { workbook, ...resultsFile }: ResultsTarget = {
    key: `${job.exports}results.csv`,
    name: 'results.csv',
    contentType: csvType,
  },
): Promise<Results> {
  const { storage, bucket, folder, exports } = job;
  const target = (name: string) => ({ bucket, key: exports + name, name, contentType: csvType });
  const output = (file: UploadTarget) => new OutputFile(storage, { ...file, expiresInDays });
  const counts = emptyCounts(check);
  const whatToDo = job.parameters.restore ? afterRestore : afterOverlay;
  let isCancelled = false;
  const stopped = () => (isCancelled ? 'cancelled' : check.stopped);
  const warnings = () => warningsOf(job, counts, stopped(), check);
  const kinds = resultColumns.map(() => 'text' as const);
  const sheet = { fields: resultColumns, headers: resultColumns, kinds };
  const ofResults = output({ bucket, ...resultsFile });
  const results: RowsFile | RowsWorkbook = workbook
    ? new RowsWorkbook(ofResults, resultColumns, {
        properties: workbook.properties,
        readMe: () =>
          workbook.readMe({ rows: results.rows, lastRows: [], warnings: warnings(), columns: sheet }),
      })
    : new RowsFile(ofResults, resultColumns);
  const rejects = new RowsFile(output(target('rejects.csv')), ['overlay_error', ...check.header], true);
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
      await results.write(cells);
    }
  };
  try {
    const ofHeader = check.fileError ? [...check.findings, check.fileError] : check.findings;
    if (ofHeader.length > 0) await tell('1', null, null, check.fileError ? 'Error' : '', ofHeader);
    const isDuplicate = await duplicatesOf(job);
    const appliedOf = plan ? await appliedInOrder(job) : undefined;
    for await (const row of linesOf<CheckedRow>(storage, bucket, folder + fileNames.checked)) {
      const duplicate = await isDuplicate(row);
      if (duplicate?.code === null) continue;
      const found = [...row.findings];
      let outcome: Outcome | 'wouldUpdate';
      if (duplicate) {
        outcome = duplicate.code === 'OV-W03' ? 'merged' : 'errored';
        const others = duplicate.others.join(', ');
        const detail = row.isFamily ? `Its family is in rows ${row.row}, ${others}.` : `See row ${others}.`;
        found.push({ code: duplicate.code, row: row.row, detail });
      } else if (row.outcome) outcome = row.outcome;
      else if (appliedOf) {
        const applied = await appliedOf(row);
        outcome = applied?.outcome ?? 'unchanged';
        if (outcome === 'skipped') found.push({ code: 'OV-R08', row: row.row, detail: whatToDo });
        if (outcome === 'notAttempted') isCancelled = true;
        if (outcome === 'updated') countCells(counts, applied!.planned);
      } else if (check.stopped === 'dryRun') outcome = row.wouldUpdate ? 'wouldUpdate' : 'unchanged';
      else outcome = 'notAttempted';
      if (row.isFamily && outcome === 'unchanged' && found.length === 0) continue;
      const count = (row.isFamily ? familyCountOf : countOf)[outcome];
      if (count) counts[count]++;
      counts.cellsSkipped += found.filter(({ code }) => levelOf(code) === 'cell').length;
      await tell(`${row.row}`, row.key, row.id, words[outcome], found);
      if (row.isFamily) continue;
      const problems = found.filter(({ code }) => ['row', 'cell'].includes(levelOf(code)));
      if (problems.length === 0 && outcome !== 'notAttempted') continue;
      const why = problems.map(
        (finding) => `${finding.code} ${finding.column ? `${finding.column}: ` : ''}${textOf(finding)}`,
      );
      if (outcome === 'notAttempted') why.push('Not attempted.');
      await rejects.write([why.join(' '), ...row.cells]);
    }
    assertSum(counts);
    const mapping = new RowsFile(output(target('mapping.csv')), mappingColumns);
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
      await mapping.write(cells);
    }
    const files: ResultFile[] = [{ kind: 'results', bucket, ...resultsFile, ...(await results.close()) }];
    if (rejects.rows > 0)
      files.push({ kind: 'rejects', ...target('rejects.csv'), ...(await rejects.close()) });
    else await rejects.drop();
    if (plan) files.push({ kind: 'backup', ...target(backupNames.people), ...plan.people });
    files.push({ kind: 'mapping', ...target('mapping.csv'), ...(await mapping.close()) });
    return { counts, files, stopped: stopped(), fileError: check.fileError, warnings: warnings() };
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

/** Nothing for a member that stays as it is. */
const familyCountOf: Partial<Record<Outcome | 'wouldUpdate', keyof Omit<Counts, 'warnings'>>> = {
  updated: 'familyUpdated',
  wouldUpdate: 'familyWouldUpdate',
  errored: 'familySkipped',
  skipped: 'familySkipped',
  notAttempted: 'familySkipped',
};

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
    familyUpdated: 0,
    familyWouldUpdate: 0,
    familySkipped: 0,
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

/** A function that gives the outcome of a row, for rows in the order of `checked.jsonl`; nothing for one without changes. */
async function appliedInOrder(
  job: OverlayJob,
): Promise<(row: CheckedRow) => Promise<(Applied & { planned: Planned }) | undefined>> {
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
  return async ({ row, id }) => {
    if (!next || next.row !== row || next.id !== id) return undefined;
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
    found.push(`${code}, ${count === 1 ? 'once' : `${count} times`}: ${texts[code as Code]}`);
  if (parameters.restore) found.push(overlayTexts.noChoicesRemoved());
  else if (counts.documentsUpdated + counts.familyUpdated > 0)
    found.push(overlayTexts.canBeRestored(job.backupDays));
  return found;
}
