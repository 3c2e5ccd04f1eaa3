// The check of a load file: every row is read, matched with its document, and its cells become changes. Nothing is
// written but the outcome of the check.
import { createHash } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { guarded } from '../../lib/cells/rules.ts';
import { storedText } from '../../lib/cells/several-values.ts';
import { keyFields } from '../../lib/documents/headers.ts';
import { columnsOf, loadChoices } from './columns.ts';
import { type Document, readDocuments } from './documents.ts';
import { type Field, isSame, type Value } from './fields.ts';
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
import { bytesOf, FileMissing, OutputFile, readJson } from './storage.ts';
import { addChoice, type Choices, changed, damageOf, oneBreak, type Reading, readCell } from './values.ts';

/** Issues that a database may have. */
const mostIssues = 63;
/** Rows that are matched at a time. */
const rowsAtATime = 500;
/** Documents that rows and their families may name: with the greatest id they fit a double. */
const mostDocuments = 2 ** 21;
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

/**
 * Says why a check is not that of the dry run that the request names, or nothing.
 * @throws StorageUnavailable
 */
export async function changedSince(job: OverlayJob, check: Check): Promise<string | undefined> {
  const { checkedBy } = job.parameters;
  const folder = job.folder.replace(/[^/]+\/$/, `coding_overlay-${checkedBy}/`);
  const dryRun = await readJson<Check>(job.storage, job.bucket, folder + fileNames.check).catch((error) => {
    if (error instanceof FileMissing) return undefined;
    throw error;
  });
  if (dryRun?.read?.caseId !== job.caseId || dryRun.stopped !== 'dryRun')
    return `There is no dry run ${checkedBy} of this case that found the file fit to be applied, or it is too old.`;
  if (dryRun.read.sha256 !== check.read?.sha256)
    return `The load file was changed after the dry run ${checkedBy}. Check it again.`;
  return undefined;
}

/**
 * A row whose document is that of another row: merged when both are the same, else in error. A family member has no code
 * when it has a row of its own, or other rows ask for the same of it.
 */
export type Duplicate = { row: number; id: number; code: 'OV-W03' | 'OV-R05' | null; others: number[] };

/** Of a document that the file names: a row to be applied, a row in error, or a family member of a row. */
type Kind = 'row' | 'errored' | 'family';

class Checker {
  fileError: Finding | null = null;
  readonly #connection: Connection;
  readonly #job: OverlayJob;
  #loadFile: Check['read'];
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
  /**
   * Of matched rows and of family members: the document with the place in these lists, the row, its hash, whether it would
   * change anything, its kind.
   */
  readonly #places: number[] = [];
  readonly #rows: number[] = [];
  readonly #hashes: number[] = [];
  readonly #changing: boolean[] = [];
  readonly #kinds: Kind[] = [];
  #firstTooMany: number | undefined;

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
    const file = this.#hashed(bytesOf(storage, bucket, parameters.loadFile!));
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
      // Findings from before the fault are reported as well.
      if (error instanceof LoadFileError && this.#columns.length > 0) yield await this.#check(waiting);
      throw error;
    }
    yield await this.#check(waiting);
    if (this.#firstTooMany !== undefined) {
      const detail = `With their families it has more than ${mostDocuments} documents.`;
      throw new LoadFileError({ code: 'OV-F09', row: this.#firstTooMany, detail });
    }
    this.#checkIssues();
  }

  async *#hashed(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    for await (const piece of file) {
      hash.update(piece);
      yield piece;
    }
    this.#loadFile = { caseId: this.#job.caseId, sha256: hash.digest('hex') };
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
    const coding = this.#columns.filter(({ field }) => field && this.#byName.get(field)?.isCoding);
    if (coding.length === 0) return checked;
    const { applyToFamily, blankMeans } = this.#job.parameters;
    const asks = ({ cells }: CheckedRow) =>
      blankMeans === 'clear' || coding.some((column) => cells[this.#columns.indexOf(column)]!.trim() !== '');
    const coded = checked.filter((row) =>
      applyToFamily
        ? row.outcome === null && asks(row)
        : row.wouldUpdate && coding.some(({ field }) => row.changes[field!]),
    );
    const families = await this.#familiesOf(coded, documents);
    const named = new Set(checked.map(({ id }) => id));
    const membersOf = (row: CheckedRow) => {
      if (!applyToFamily || !families.has(row)) return [];
      // Rows further on may name others. Most do not: families mostly stand together in a file.
      const others = families.get(row)!.filter((id) => !named.has(id) && documents.has(id));
      return this.#applyToFamily(row, coding, others, documents);
    };
    const all = checked.flatMap((row) => [row, ...membersOf(row)]);
    this.#warnOfFamilies(all, coding, families, documents);
    return all;
  }

  /** The ids of the family of each row, in order. The documents are put with the others. */
  async #familiesOf(
    rows: CheckedRow[],
    documents: Map<number, Document>,
  ): Promise<Map<CheckedRow, number[]>> {
    if (rows.length === 0) return new Map();
    const headOf = (id: number) => documents.get(id)!.parentId ?? id;
    const heads = [...new Set(rows.map(({ id }) => headOf(id!)))];
    const members = await run<{ id: number; head: number }>(this.#connection, findFamilies, { heads });
    const families = Map.groupBy(members, ({ head }) => head);
    const others = members.map(({ id }) => id).filter((id) => !documents.has(id));
    for (let at = 0; at < others.length; at += rowsAtATime) {
      const some = others.slice(at, at + rowsAtATime);
      for (const [id, document] of await readDocuments(this.#connection, some, this.#fields))
        documents.set(id, document);
    }
    return new Map(
      rows.map((row) => [
        row,
        (families.get(headOf(row.id!)) ?? []).map(({ id }) => id).sort((one, other) => one - other),
      ]),
    );
  }

  /** The changes that the coding of a row asks for in other members of its family. */
  #applyToFamily(
    { row, cells, key }: CheckedRow,
    coding: ColumnUse[],
    others: number[],
    documents: Map<number, Document>,
  ): CheckedRow[] {
    return others.map((member) => {
      const document = documents.get(member)!;
      const asked: CheckedRow = {
        row,
        cells: [],
        key: key && { field: `family of ${key.field}`, value: key.value },
        id: member,
        outcome: null,
        findings: [],
        changes: {},
        wouldUpdate: false,
        isFamily: true,
      };
      const own = coding.map((column) => cells[this.#columns.indexOf(column)]!);
      for (const [index, column] of coding.entries()) {
        const name = column.field!;
        const current = document.values[name]!;
        const { change, findings } = this.#read(own[index]!, column, current);
        // Findings about the cell itself are reported with its row.
        const faults = findings.filter(({ code }) => levelOf(code) === 'cell');
        asked.findings.push(...faults.map((finding) => ({ ...finding, row, column: column.header })));
        if (!change) continue;
        asked.changes[name] = change;
        asked.wouldUpdate ||= !isSame(current, changed(current, change));
      }
      this.#remember(member, row, own, asked.wouldUpdate!, 'family');
      return asked;
    });
  }

  /** Compares coding with that of the family, after the rows of this portion. */
  #warnOfFamilies(
    rows: CheckedRow[],
    coding: ColumnUse[],
    families: Map<CheckedRow, number[]>,
    documents: Map<number, Document>,
  ): void {
    const changesOf = new Map(rows.filter(({ outcome }) => !outcome).map(({ id, changes }) => [id, changes]));
    const after = (id: number, name: string) => {
      const current = documents.get(id)?.values[name] ?? null;
      const change = changesOf.get(id)?.[name];
      return change ? changed(current, change) : current;
    };
    for (const [{ id, row, changes, findings }, family] of families) {
      for (const { field, header } of coding) {
        const name = field!;
        if (!changes[name]) continue;
        const other = family.find((member) => !isSame(after(member, name), after(id!, name)));
        if (other !== undefined)
          findings.push({
            code: 'OV-W06',
            row,
            column: header,
            detail: `Document ${other} has another value.`,
          });
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
      const reading = this.#read(cell, column, current);
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
      if (parameters.applyToFamily) this.#remember(document.id, row.row, [], false, 'errored');
      this.#counts.errored++;
      return checked;
    }
    checked.wouldUpdate = changes;
    const cells = this.#columns.flatMap(({ action }, place) => (action === 'write' ? row.cells[place]! : []));
    this.#remember(document.id, row.row, cells, changes);
    if (changes) this.#counts.wouldUpdate++;
    else this.#counts.wouldStay++;
    return checked;
  }

  #read(cell: string, column: ColumnUse, current: Value): Reading {
    const { parameters } = this.#job;
    const options = { ...parameters, multiValueMode: column.multiValueMode ?? parameters.multiValueMode };
    return readCell(
      cell,
      this.#byName.get(column.field!)!,
      current,
      this.#choices.get(column.field!),
      options,
    );
  }

  #remember(id: number, row: number, cells: string[], changes: boolean, kind: Kind = 'row'): void {
    // Told at the end, lest the numbers be wrong.
    if (this.#rows.length === mostDocuments) {
      this.#firstTooMany ??= row;
      return;
    }
    this.#places.push(id * mostDocuments + this.#rows.length);
    this.#rows.push(row);
    this.#kinds.push(kind);
    this.#hashes.push(createHash('sha256').update(JSON.stringify(cells)).digest().readUIntBE(0, 6));
    this.#changing.push(changes);
  }

  #checkIssues(): void {
    const added = this.#newChoices.get('issues')?.size ?? 0;
    const known = (this.#choices.get('issues')?.exact.size ?? 0) - added;
    if (added === 0 || known + added <= mostIssues) return;
    throw new LoadFileError({ code: 'OV-F10', detail: `There are ${known}, and ${added} would be added.` });
  }

  /** Rows and family members whose document others name too, in the order of the file; counts the rows. */
  duplicates(): Duplicate[] {
    const places = Float64Array.from(this.#places).sort();
    const found: { duplicate: Duplicate; isFamily: boolean }[] = [];
    const conflicting = new Set<number>();
    const tell = (index: number, id: number, code: Duplicate['code'], group: number[] = []) => {
      const row = this.#rows[index]!;
      const others = group.filter((other) => other !== index).map((other) => this.#rows[other]!);
      const isFamily = this.#kinds[index] === 'family';
      found.push({ duplicate: { row, id, code, others: others.slice(0, 5) }, isFamily });
    };
    const areSame = (group: number[]) =>
      group.every((index) => this.#hashes[index] === this.#hashes[group[0]!]);
    /** Documents that are named `least` times, with where they are. */
    function* groups(least: number): Generator<[id: number, indexes: number[]]> {
      for (let first = 0, next: number; first < places.length; first = next) {
        const id = Math.floor(places[first]! / mostDocuments);
        next = first + 1;
        while (next < places.length && Math.floor(places[next]! / mostDocuments) === id) next++;
        if (next - first < least) continue;
        yield [
          id,
          [...places.subarray(first, next)].map((place) => place % mostDocuments).sort((a, b) => a - b),
        ];
      }
    }
    for (const [id, indexes] of groups(2)) {
      const group = indexes.filter((index) => this.#kinds[index] === 'row');
      if (group.length < 2) continue;
      const isSameRow = areSame(group);
      // Of rows that are the same the first one is written.
      for (const index of isSameRow ? group.slice(1) : group) {
        tell(index, id, isSameRow ? 'OV-W03' : 'OV-R05', group);
        if (!isSameRow) conflicting.add(this.#rows[index]!);
        this.#counts[this.#changing[index] ? 'wouldUpdate' : 'wouldStay']--;
        this.#counts[isSameRow ? 'merged' : 'errored']++;
        if (!isSameRow) this.#counts.errors++;
      }
    }
    for (const [id, indexes] of this.#job.parameters.applyToFamily ? groups(1) : []) {
      const members = indexes.filter((index) => this.#kinds[index] === 'family');
      const group = members.filter((index) => !conflicting.has(this.#rows[index]!));
      // A row of its own says what becomes of a document, even when it cannot be applied.
      const isWritten = members.length === indexes.length && areSame(group);
      const isConflict = members.length === indexes.length && !isWritten;
      for (const index of members)
        if (index !== group[0] || !isWritten) {
          const isTold = isConflict && index === group[0];
          tell(index, id, isTold ? 'OV-R05' : null, isTold ? group : []);
        }
    }
    // In the order of the lines of checked.jsonl, where the family of a row comes after it.
    found.sort(
      ({ duplicate: one, isFamily }, { duplicate: other, isFamily: isOther }) =>
        one.row - other.row || Number(isFamily) - Number(isOther) || one.id - other.id,
    );
    return found.map(({ duplicate }) => duplicate);
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
      read: this.#loadFile,
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
