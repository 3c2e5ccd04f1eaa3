// The check of a load file: every row is read, matched with its document, and its cells become changes. Nothing is
// written but the outcome of the check.
import { createHash } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { guarded } from '../../lib/cells/rules.ts';
import { storedText } from '../../lib/cells/several-values.ts';
import { keyFields } from '../../lib/documents/headers.ts';
import { columnsOf, loadChoices } from './columns.ts';
import { type Document, readDocuments } from './documents.ts';
import { type Field, isSame } from './fields.ts';
import { type Finding, LoadFileError, levelOf } from './findings.ts';
import {
  type Check,
  type CheckCounts,
  type CheckedRow,
  type ColumnUse,
  fileNames,
  type OverlayJob,
} from './job.ts';
import { type ReadOptions, type Row, readRows } from './load-file/read.ts';
import findDocuments from './sql/find-documents.sql';
import findDocumentsByBytes from './sql/find-documents-by-bytes.sql';
import findFamilies from './sql/find-families.sql';
import { portions, run } from './statements.ts';
import { bytesOf, FileMissing, OutputFile } from './storage.ts';
import { addChoice, type Choices, changed, damageOf, oneBreak, readCell } from './values.ts';

/** Issues that a database may have. */
const mostIssues = 63;
/** Rows that are matched at a time. */
const rowsAtATime = 500;
/** Characters of a value in a finding. */
const longestValue = 200;

/**
 * Checks a load file and leaves `checked.jsonl`, `duplicates.jsonl` and `check.json` in the job's folder.
 * A file that cannot be used is an outcome, not an error.
 * @throws StorageUnavailable, UploadFailed, or the driver's error
 */
export async function checkLoadFile(connection: Connection, job: OverlayJob): Promise<Check> {
  const checker = new Checker(connection, job);
  const { bucket, storage, folder } = job;
  const output = new OutputFile(storage, {
    bucket,
    key: folder + fileNames.checked,
    contentType: 'application/jsonl',
  });
  try {
    for await (const rows of checker.rows())
      await output.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  } catch (error) {
    if (!(error instanceof LoadFileError)) {
      await output.drop();
      throw error;
    }
    checker.fileError = error.finding;
  }
  await output.close();
  const duplicates = new OutputFile(storage, {
    bucket,
    key: folder + fileNames.duplicates,
    contentType: 'application/jsonl',
  });
  for (const line of checker.duplicates()) await duplicates.write(`${JSON.stringify(line)}\n`);
  await duplicates.close();
  const check = checker.outcome();
  const summary = new OutputFile(storage, {
    bucket,
    key: folder + fileNames.check,
    contentType: 'application/json',
  });
  await summary.write(JSON.stringify(check));
  await summary.close();
  return check;
}

/** A row whose document is that of another row: `merged` when both are the same, else in error. */
export type Duplicate = { row: number; code: 'OV-W03' | 'OV-R05'; others: number[]; wouldUpdate: boolean };

class Checker {
  fileError: Finding | null = null;
  readonly #connection: Connection;
  readonly #job: OverlayJob;
  #header: string[] = [];
  #columns: ColumnUse[] = [];
  #fields: Field[] = [];
  #byName = new Map<string, Field>();
  #findings: Finding[] = [];
  #choices = new Map<string, Choices>();
  readonly #newChoices = new Map<string, Set<string>>();
  readonly #counts: CheckCounts = {
    rowsRead: 0,
    rowsMatched: 0,
    notMatched: 0,
    errored: 0,
    skipped: 0,
    merged: 0,
    errors: 0,
    choicesCreated: 0,
    wouldUpdate: 0,
    wouldStay: 0,
  };
  /** Of matched rows: the document with the place in these lists, the row, its hash, whether it would change anything. */
  readonly #places: number[] = [];
  readonly #rows: number[] = [];
  readonly #hashes: number[] = [];
  readonly #changing: boolean[] = [];

  constructor(connection: Connection, job: OverlayJob) {
    this.#connection = connection;
    this.#job = job;
  }

  async *rows(): AsyncGenerator<CheckedRow[]> {
    const { parameters, storage, bucket } = this.#job;
    const options: ReadOptions = {
      ...parameters,
      documentKey: parameters.documentKey === 'auto' ? undefined : parameters.documentKey,
      mapping: new Map(parameters.mapping.map(({ column, field }) => [column, field])),
    };
    const file = bytesOf(storage, bucket, parameters.loadFile!);
    let waiting: Row[] = [];
    try {
      for await (const rows of readRows(file, options)) {
        if (this.#columns.length === 0) await this.#takeHeader(rows.shift()!.cells, options);
        waiting.push(...rows);
        for (; waiting.length >= rowsAtATime; waiting = waiting.slice(rowsAtATime))
          yield await this.#check(waiting.slice(0, rowsAtATime));
      }
    } catch (error) {
      if (error instanceof FileMissing) throw new LoadFileError({ code: 'OV-F01', detail: error.message });
      // What was read before the fault is told as well.
      if (error instanceof LoadFileError && this.#columns.length > 0) yield await this.#check(waiting);
      throw error;
    }
    yield await this.#check(waiting);
    this.#checkIssues();
  }

  async #takeHeader(header: string[], options: ReadOptions): Promise<void> {
    this.#header = header;
    const found = await columnsOf(this.#connection, header, this.#job, options);
    this.#columns = found.columns;
    this.#fields = found.fields;
    this.#findings = found.findings;
    this.#byName = new Map(found.fields.map((field) => [field.name, field]));
    this.#choices = await loadChoices(this.#connection, found.fields);
  }

  async #check(rows: Row[]): Promise<CheckedRow[]> {
    const keyed = rows.map((row) => ({ row, keys: row.error ? [] : this.#keysOf(row) }));
    const numbers = new Set<number>();
    const bates = new Set<string>();
    for (const { keys } of keyed) {
      const [key] = keys;
      if (key?.field === 'nextpoint_id') {
        const id = idOf(key.value);
        if (id !== undefined) numbers.add(id);
      } else if (key) bates.add(key.value);
    }
    const byBates = await this.#findByBates([...bates]);
    for (const found of byBates.values()) for (const { id } of found) numbers.add(id);
    const documents = new Map<number, Document>();
    const ids = [...numbers];
    for (let at = 0; at < ids.length; at += rowsAtATime)
      for (const [id, document] of await readDocuments(
        this.#connection,
        ids.slice(at, at + rowsAtATime),
        this.#fields,
      ))
        documents.set(id, document);
    const checked = keyed.map(({ row, keys }) => this.#checkRow(row, keys, documents, byBates));
    await this.#warnOfFamilies(checked, documents);
    return checked;
  }

  /** Compares coding with that of the family, after the rows of this portion: families mostly stand together in a file. */
  async #warnOfFamilies(rows: CheckedRow[], documents: Map<number, Document>): Promise<void> {
    const coding = this.#fields.filter(({ isCoding }) => isCoding).map(({ name }) => name);
    const written = rows.filter(
      ({ wouldUpdate, changes }) => wouldUpdate && coding.some((name) => changes[name]),
    );
    if (written.length === 0) return;
    const headOf = (id: number) => documents.get(id)!.parentId ?? id;
    const heads = [...new Set(written.map(({ id }) => headOf(id!)))];
    const members = await run<{ id: number; head: number }>(this.#connection, findFamilies, { heads });
    const families = Map.groupBy(members, ({ head }) => head);
    const others = members.map(({ id }) => id).filter((id) => !documents.has(id));
    for (let at = 0; at < others.length; at += rowsAtATime) {
      const some = others.slice(at, at + rowsAtATime);
      for (const [id, document] of await readDocuments(this.#connection, some, this.#fields))
        documents.set(id, document);
    }
    const changesOf = new Map(rows.filter(({ outcome }) => !outcome).map(({ id, changes }) => [id, changes]));
    const after = (id: number, name: string) => {
      const current = documents.get(id)?.values[name] ?? null;
      const change = changesOf.get(id)?.[name];
      return change ? changed(current, change) : current;
    };
    for (const { id, row, changes, findings } of written) {
      for (const name of coding) {
        if (!changes[name]) continue;
        const family = families.get(headOf(id!)) ?? [];
        const other = family.find((member) => !isSame(after(member.id, name), after(id!, name)));
        const column = this.#columns.find(({ field }) => field === name)!.header;
        if (other)
          findings.push({ code: 'OV-W06', row, column, detail: `Document ${other.id} has another value.` });
      }
    }
  }

  #keysOf({ cells }: Row): { field: string; value: string; column: string }[] {
    const { documentKey } = this.#job.parameters;
    const order =
      documentKey === 'auto' ? keyFields : [documentKey, ...keyFields.filter((key) => key !== documentKey)];
    return order.flatMap((field) => {
      const place = this.#columns.findIndex((column) => column.action === 'key' && column.field === field);
      const value = cells[place]?.trim() ?? '';
      return value === '' ? [] : { field, value, column: this.#header[place]! };
    });
  }

  /** Several documents may have one Bates number. */
  async #findByBates(keys: string[]): Promise<Map<string, { id: number; isTrashed: boolean }[]>> {
    const found = new Map<string, { id: number; isTrashed: boolean }[]>(keys.map((key) => [key, []]));
    type Found = { id: number; bates_start: string; is_trashed: 0 | 1 };
    // Only plain texts are in every character set. Others cannot use the index.
    const isPlain = (key: string) => /^[ -~]*$/.test(key);
    for (const [sql, some] of [
      [findDocuments, keys.filter(isPlain)],
      [findDocumentsByBytes, keys.filter((key) => !isPlain(key))],
    ] as const)
      for (const portion of portions(some))
        for (const document of await run<Found>(this.#connection, sql, { keys: portion }))
          found
            .get(document.bates_start.trim())
            ?.push({ id: document.id, isTrashed: document.is_trashed === 1 });
    return found;
  }

  #checkRow(
    row: Row,
    keys: { field: string; value: string; column: string }[],
    documents: Map<number, Document>,
    byBates: Map<string, { id: number; isTrashed: boolean }[]>,
  ): CheckedRow {
    const counts = this.#counts;
    counts.rowsRead++;
    const [key] = keys;
    const checked: CheckedRow = {
      row: row.row,
      cells: row.cells,
      key: key ? { field: key.field, value: key.value } : null,
      id: null,
      outcome: null,
      findings: [],
      changes: {},
    };
    const end = (outcome: 'errored' | 'notMatched' | 'skipped', finding: Omit<Finding, 'row'>) => {
      checked.outcome = outcome;
      checked.findings.push({ ...finding, row: row.row });
      counts[outcome]++;
      if (outcome === 'errored') counts.errors++;
      return checked;
    };
    if (row.error) return end('errored', { code: row.error, detail: row.problem });
    if (!key) return end('errored', { code: 'OV-R01' });
    const about = { column: key.column, value: key.value.slice(0, longestValue) };
    const damage = damageOf(key.value, null);
    if (damage) checked.findings.push({ code: 'OV-W05', row: row.row, ...about, detail: damage });

    let id = key.field === 'nextpoint_id' ? idOf(key.value) : undefined;
    if (key.field === 'bates_start') {
      const found = byBates.get(key.value)!;
      const live = found.filter(({ isTrashed }) => !isTrashed);
      if (live.length > 1) return end('errored', { code: 'OV-R03', ...about });
      id = (live[0] ?? found[0])?.id;
    }
    const document = id === undefined ? undefined : documents.get(id);
    if (!document) return end('notMatched', { code: 'OV-R02', ...about });
    checked.id = document.id;
    const disagreeing = keys.find(({ field, value }) =>
      field === 'nextpoint_id' ? idOf(value) !== document.id : !isBates(value, document),
    );
    if (disagreeing)
      return end('errored', {
        code: 'OV-R04',
        column: disagreeing.column,
        value: disagreeing.value.slice(0, longestValue),
      });
    if (document.isTrashed) return end('skipped', { code: 'OV-R07', ...about });
    counts.rowsMatched++;
    return this.#checkCells(row, document, checked);
  }

  #checkCells(row: Row, document: Document, checked: CheckedRow): CheckedRow {
    const { parameters } = this.#job;
    let faults = 0;
    let changes = false;
    for (const [place, column] of this.#columns.entries()) {
      const cell = row.cells[place]!;
      if (cell.trim() !== '') {
        column.valuesFound++;
        if (column.sample === '') column.sample = cell.slice(0, longestValue);
      }
      if (column.action !== 'write') continue;
      const field = this.#byName.get(column.field!)!;
      const current = document.values[field.name]!;
      const options = { ...parameters, multiValueMode: column.multiValueMode ?? parameters.multiValueMode };
      const reading = readCell(cell, field, current, this.#choices.get(field.name), options);
      const about = { row: row.row, column: column.header, value: cell.slice(0, longestValue) };
      if (row.newlines?.includes(place)) checked.findings.push({ ...about, code: 'OV-W08' });
      for (const finding of reading.findings) {
        checked.findings.push({ ...about, ...finding });
        if (levelOf(finding.code) === 'cell') faults++;
      }
      if (!reading.change) continue;
      checked.changes[field.name] = reading.change;
      changes ||= !isSame(current, changed(current, reading.change));
      for (const choice of reading.newChoices ?? []) {
        const known = this.#newChoices.get(field.name) ?? new Set();
        this.#newChoices.set(field.name, known.add(choice));
        // The next row that has it, in whatever case, means the same choice.
        addChoice(this.#choices.get(field.name)!, choice, field.store === 'column');
      }
    }
    this.#counts.errors += faults;
    if (faults > 0 && (parameters.rowAtomic || Object.keys(checked.changes).length === 0)) {
      checked.changes = {};
      checked.outcome = 'errored';
      this.#counts.errored++;
      return checked;
    }
    checked.wouldUpdate = changes;
    this.#remember(document.id, row, changes);
    if (changes) this.#counts.wouldUpdate++;
    else this.#counts.wouldStay++;
    return checked;
  }

  #remember(id: number, row: Row, changes: boolean): void {
    // The greatest id and the greatest number of rows fit a double.
    this.#places.push(id * 2 ** 21 + this.#rows.length);
    this.#rows.push(row.row);
    const cells = this.#columns.flatMap(({ action }, place) => (action === 'write' ? row.cells[place]! : []));
    this.#hashes.push(createHash('sha256').update(JSON.stringify(cells)).digest().readUIntBE(0, 6));
    this.#changing.push(changes);
  }

  #checkIssues(): void {
    const added = this.#newChoices.get('issues')?.size ?? 0;
    const known = (this.#choices.get('issues')?.exact.size ?? 0) - added;
    if (added === 0 || known + added <= mostIssues) return;
    throw new LoadFileError({ code: 'OV-F10', detail: `There are ${known}, and ${added} would be added.` });
  }

  /** Rows of a document that other rows name too, in the order of the file; counts them. */
  duplicates(): Duplicate[] {
    const places = Float64Array.from(this.#places).sort();
    const found: Duplicate[] = [];
    for (let first = 0, next: number; first < places.length; first = next) {
      const id = Math.floor(places[first]! / 2 ** 21);
      next = first + 1;
      while (next < places.length && Math.floor(places[next]! / 2 ** 21) === id) next++;
      if (next - first === 1) continue;
      const group = [...places.subarray(first, next)].map((place) => place % 2 ** 21).sort((a, b) => a - b);
      const isSameRow = group.every((index) => this.#hashes[index] === this.#hashes[group[0]!]);
      // Of rows that are the same the first one is written.
      const told = isSameRow ? group.slice(1) : group;
      for (const index of told) {
        const wouldUpdate = this.#changing[index]!;
        const others = group.filter((other) => other !== index).map((other) => this.#rows[other]!);
        const code = isSameRow ? 'OV-W03' : 'OV-R05';
        found.push({ row: this.#rows[index]!, code, others: others.slice(0, 5), wouldUpdate });
        this.#counts[wouldUpdate ? 'wouldUpdate' : 'wouldStay']--;
        this.#counts[isSameRow ? 'merged' : 'errored']++;
        if (!isSameRow) this.#counts.errors++;
      }
    }
    return found.sort((one, other) => one.row - other.row);
  }

  outcome(): Check {
    const counts = this.#counts;
    for (const names of this.#newChoices.values()) counts.choicesCreated += names.size;
    const { dryRun, maxErrors, onUnmatched } = this.#job.parameters;
    const stops: [boolean, Exclude<Check['stopped'], null>][] = [
      [this.fileError !== null, 'fileError'],
      [maxErrors !== undefined && counts.errors > maxErrors, 'maxErrors'],
      [onUnmatched === 'fail' && counts.notMatched > 0, 'unmatched'],
      [dryRun, 'dryRun'],
    ];
    return {
      columns: this.#columns,
      fields: this.#fields,
      header: this.#header,
      fileError: this.fileError,
      findings: this.#findings,
      counts,
      stopped: stops.find(([holds]) => holds)?.[1] ?? null,
    };
  }
}

/** As it is, or as our own export writes it. */
function isBates(text: string, { batesStart }: Document): boolean {
  const bates = storedText(batesStart ?? '');
  return [bates, guarded(bates)].some((known) => oneBreak(known).trim() === oneBreak(text));
}

/** The id that a cell holds, or nothing when it can be none. */
function idOf(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id >= 1 && id <= 2_147_483_647 ? id : undefined;
}
