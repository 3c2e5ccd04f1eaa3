// Documents as an overlay reads and writes them, in the one place that knows where a case keeps which field. Values of
// custom fields are tags in older cases, the only ones that an overlay writes; a newer case needs another `tags` port.
import type { Connection } from 'mysql2/promise';
import { type Field, isList, type Value } from './fields.ts';
import deleteTaggings from './sql/delete-taggings.sql';
import deleteValues from './sql/delete-values.sql';
import insertTaggings from './sql/insert-taggings.sql';
import insertTags from './sql/insert-tags.sql';
import insertValues from './sql/insert-values.sql';
import readDocumentsSql from './sql/read-documents.sql';
import readTaggings from './sql/read-taggings.sql';
import readValues from './sql/read-values.sql';
import tagsById from './sql/tags-by-id.sql';
import tagsByName from './sql/tags-by-name.sql';
import updateDocuments from './sql/update-documents.sql';
import { portions, run, runAll } from './statements.ts';

export type Document = {
  id: number;
  parentId: number | null;
  batesStart: string | null;
  isTrashed: boolean;
  /** By field name. */
  values: Record<string, Value>;
  /** Of lists: the ids of the rows that hold the values. */
  rows: Record<string, number[]>;
};
/** New values of a document, by field name. */
export type NewValues = { document: Document; values: Record<string, Value> };
export type Writer = { caseId: number; caseUserId: number | null };

type Row = Record<string, string | number | null> & { id: number };

/**
 * Reads documents by id; those that do not exist are left out.
 * @param ids at most 1,000
 * @param forChange locks them, in order of id, until the transaction ends
 */
export async function readDocuments(
  connection: Connection,
  ids: number[],
  fields: readonly Field[],
  forChange = false,
): Promise<Map<number, Document>> {
  if (ids.length === 0) return new Map();
  const lock = (sql: string) => sql.replace('{lock}', forChange ? 'FOR UPDATE' : '');
  const columns = fields.filter(({ store }) => store === 'column');
  const rows = await run<Row>(connection, lock(readDocumentsSql), { ids, ...flags(columns) });
  const documents = new Map<number, Document>();
  for (const row of rows) {
    const values: Record<string, Value> = {};
    for (const { name } of columns) values[name] = row[name] === null ? null : String(row[name]);
    for (const field of fields) if (isList(field)) values[field.name] = [];
    documents.set(row.id, {
      id: row.id,
      parentId: row.parent_id as number | null,
      batesStart: row.bates_start as string | null,
      isTrashed: row.is_trashed === 1,
      values,
      rows: {},
    });
  }
  const add = (exhibitId: number, name: string | undefined, rowId: number, value: string) => {
    const document = documents.get(exhibitId);
    if (!document || name === undefined) return;
    (document.values[name] as string[]).push(value);
    document.rows[name] = [...(document.rows[name] ?? []), rowId];
  };

  const lists = new Map(
    fields.filter(({ store }) => store === 'values').map((field) => [field.place, field.name]),
  );
  if (lists.size > 0) {
    type ValueRow = { id: number; exhibit_id: number; field: string; value: string };
    const found = await run<ValueRow>(connection, lock(readValues), { ids, fields: [...lists.keys()] });
    for (const row of found) add(row.exhibit_id, lists.get(row.field), row.id, row.value);
  }
  const tagged = new Map(
    fields.filter(({ store }) => store === 'tags').map((field) => [field.place, field.name]),
  );
  if (tagged.size > 0) {
    type Tagging = { id: number; exhibit_id: number; tag_id: number };
    const taggings = await run<Tagging>(connection, lock(readTaggings), { ids });
    const tags = await tagsOf(connection, [...new Set(taggings.map((row) => row.tag_id))]);
    for (const row of taggings) {
      const tag = tags.get(row.tag_id);
      if (tag) add(row.exhibit_id, tagged.get(tag.custom_field_id), row.id, tag.name);
    }
  }
  return documents;
}

/**
 * Writes values of documents that `readDocuments` locked in the same transaction. No upsert: a deleted row stays deleted.
 * @throws the driver's error
 */
export async function writeDocuments(
  connection: Connection,
  writer: Writer,
  fields: readonly Field[],
  changes: NewValues[],
): Promise<void> {
  await writeColumns(connection, fields, changes);
  await writeLists(connection, writer, fields, changes);
  await writeTags(connection, writer, fields, changes);
}

async function writeColumns(
  connection: Connection,
  fields: readonly Field[],
  changes: NewValues[],
): Promise<void> {
  const columns = fields.filter(({ store }) => store === 'column');
  const rows = changes
    .filter(({ values }) => columns.some(({ name }) => name in values))
    .map(({ document, values }) => ({
      id: document.id,
      // The row is locked, so that writing the present value again changes nothing.
      ...Object.fromEntries(
        columns.map(({ name }) => [name, name in values ? values[name] : document.values[name]]),
      ),
    }));
  const texts = rows.map((row) => JSON.stringify(row));
  for (const portion of portions(texts))
    await run(connection, linesOf(updateDocuments, columns), { rows: `[${portion.join(',')}]` });
}

/** The statement without the lines of other columns: the server would read those of every row from the JSON. */
function linesOf(sql: string, columns: readonly Field[]): string {
  const kept = new Set(['id', ...columns.map(({ name }) => name)]);
  const isKept = (line: string) => kept.has(/(?:'\$\.|new\.)(\w+)/.exec(line)?.[1] ?? 'id');
  return sql.split('\n').filter(isKept).join('\n');
}

async function writeLists(
  connection: Connection,
  { caseId }: Writer,
  fields: readonly Field[],
  changes: NewValues[],
): Promise<void> {
  const lists = fields.filter(({ store }) => store === 'values');
  const gone: number[] = [];
  const rows: (string | number)[][] = [];
  for (const { document, values } of changes) {
    for (const { name, place } of lists) {
      if (!(name in values)) continue;
      gone.push(...(document.rows[name] ?? []));
      for (const [index, value] of (values[name] as string[]).entries())
        rows.push([caseId, document.id, place as string, index + 1, value]);
    }
  }
  await runAll(connection, deleteValues, 'ids', gone);
  await runAll(connection, insertValues, 'rows', rows);
}

async function writeTags(
  connection: Connection,
  { caseId, caseUserId }: Writer,
  fields: readonly Field[],
  changes: NewValues[],
): Promise<void> {
  const tagged = fields.filter(({ store }) => store === 'tags');
  const wanted = tagsWanted(tagged, changes);
  const ids = await tagIds(connection, wanted);
  const missing = wanted.filter((tag) => !ids.has(tagKey(tag.place, tag.name)));
  if (missing.length > 0) {
    await runAll(
      connection,
      insertTags,
      'rows',
      missing.map(({ place, name }) => [caseId, place, name]),
    );
    for (const [key, id] of await tagIds(connection, missing)) ids.set(key, id);
  }
  const gone: number[] = [];
  const rows: (number | null)[][] = [];
  for (const { document, values } of changes) {
    for (const { name, place } of tagged) {
      if (!(name in values)) continue;
      gone.push(...(document.rows[name] ?? []));
      for (const value of values[name] as string[])
        rows.push([caseId, document.id, ids.get(tagKey(place as number | null, value))!, caseUserId]);
    }
  }
  await runAll(connection, deleteTaggings, 'ids', gone);
  await runAll(connection, insertTaggings, 'rows', rows);
}

type Tag = { id: number; custom_field_id: number | null; name: string };
type WantedTag = { place: number | null; name: string };

/** Whether tags have to be made for these values: then one chunk after the other does, lest there be two of a name. */
export async function needsTags(
  connection: Connection,
  fields: readonly Field[],
  values: Record<string, Value>[],
): Promise<boolean> {
  const wanted = tagsWanted(
    fields.filter(({ store }) => store === 'tags'),
    values.map((values) => ({ values })),
  );
  const ids = await tagIds(connection, wanted);
  return wanted.some(({ place, name }) => !ids.has(tagKey(place, name)));
}

function tagsWanted(fields: readonly Field[], changes: Pick<NewValues, 'values'>[]): WantedTag[] {
  const wanted = new Map<string, WantedTag>();
  for (const { values } of changes) {
    for (const { name: field, place } of fields) {
      for (const name of (values[field] ?? []) as string[])
        wanted.set(tagKey(place as number | null, name), { place: place as number | null, name });
    }
  }
  return [...wanted.values()];
}

const tagKey = (place: number | null, name: string) => `${place ?? ''}:${name}`;

/** The ids of tags by field and exact name; of several of one name the oldest. */
async function tagIds(connection: Connection, wanted: WantedTag[]): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (const names of portions([...new Set(wanted.map(({ name }) => name))])) {
    const found = await run<Tag>(connection, tagsByName, { names });
    for (const { id, custom_field_id, name } of found) {
      const key = tagKey(custom_field_id, name);
      if (!ids.has(key)) ids.set(key, id);
    }
  }
  return ids;
}

async function tagsOf(connection: Connection, ids: number[]): Promise<Map<number, Tag>> {
  const tags = new Map<number, Tag>();
  for (const portion of portions(ids))
    for (const tag of await run<Tag>(connection, tagsById, { ids: portion })) tags.set(tag.id, tag);
  return tags;
}

/** The columns that a statement reads or writes. */
function flags(columns: readonly Field[]): Record<string, boolean> {
  const names = new Set(columns.map(({ name }) => name));
  return Object.fromEntries(columnNames.map((name) => [name, names.has(name)]));
}

const columnNames = [
  'title',
  'document_date',
  'document_type',
  'author',
  'relevancy_status',
  'privilege_status',
  'confidentiality',
  'withheld',
  'notes',
];
