// The columns of a load file: which locate documents, which change them, and which are left out.
import type { Connection } from 'mysql2/promise';
import { coerced, fieldNamed, keyFields } from '../../lib/documents/headers.ts';
import { customField, documentFields, type Field, protectedFields, readOnlyFields } from './fields.ts';
import { type Finding, LoadFileError } from './findings.ts';
import type { ColumnUse, OverlayJob } from './job.ts';
import { errorColumn, fieldOf, type ReadOptions } from './load-file/read.ts';
import customFieldsSql from './sql/custom-fields.sql';
import lockedFieldsSql from './sql/locked-fields.sql';
import statusChoices from './sql/status-choices.sql';
import tagChoices from './sql/tag-choices.sql';
import valueChoices from './sql/value-choices.sql';
import { run } from './statements.ts';
import { type Choices, choicesOf } from './values.ts';

/** The fields of a case: those of every document, and its custom fields. */
export async function fieldsOf(connection: Connection): Promise<Field[]> {
  const custom = await run<{ id: number; title: string; input_type: string }>(connection, customFieldsSql);
  return [...documentFields, ...custom.map(customField)];
}

/**
 * Decides the use of each column.
 * @throws LoadFileError OV-F07, OV-F08
 */
export async function columnsOf(
  connection: Connection,
  header: string[],
  job: OverlayJob,
  options: ReadOptions,
): Promise<{ columns: ColumnUse[]; fields: Field[]; findings: Finding[] }> {
  const known = await fieldsOf(connection);
  const locked = new Set(
    (await run<{ field: string }>(connection, lockedFieldsSql)).map(({ field }) => field),
  );
  const findings: Finding[] = [];
  const used: Field[] = [];
  const columns = header.map((column): ColumnUse => {
    const name = customFieldNamed(column, known, options) ?? fieldOf(column, options);
    const use = { header: column, coerced: coerced(column), field: name, valuesFound: 0, sample: '' };
    const fail = (code: 'OV-F07' | 'OV-F08', detail: string): never => {
      throw new LoadFileError({ code, row: 1, column, detail });
    };
    if (name === null || readOnlyFields.includes(name)) {
      if (coerced(column) !== errorColumn) findings.push({ code: 'OV-W02', row: 1, column });
      return { ...use, action: 'skip' };
    }
    if (name !== column) findings.push({ code: 'OV-W01', row: 1, column, detail: `It is ${name}.` });
    if (keyFields.includes(name)) return { ...use, action: 'key' };
    if (protectedFields.has(name)) fail('OV-F07', `"${column}" is protected.`);
    const candidates = known.filter((field) => field.name === name);
    if (candidates.length === 0) candidates.push(...known.filter(({ title }) => coerced(title) === name));
    const [field, another] = candidates;
    if (!field) return fail('OV-F08', `There is no field for "${column}".`);
    if (another)
      fail('OV-F08', `Several custom fields are called "${field.title}": map it to one by its id.`);
    if (locked.has(field.name)) fail('OV-F07', `"${column}" is locked.`);
    if (job.keepsFieldsOnS3 && field.store === 'tags' && field.place !== null)
      fail('OV-F07', 'This database keeps the values of custom fields where an overlay cannot write.');
    used.push(field);
    const mapped = job.parameters.mapping.find((entry) => entry.column === column);
    return { ...use, field: field.name, action: 'write', multiValueMode: mapped?.multiValueMode };
  });
  for (const [index, field] of used.entries()) {
    if (used.indexOf(field) === index) continue;
    throw new LoadFileError({ code: 'OV-F05', row: 1, detail: `Two columns are ${field.title}.` });
  }
  return { columns, fields: used, findings };
}

/**
 * The custom field that a header names by its title or its id, before other fields that it could mean by another name;
 * not before those that every document has.
 */
function customFieldNamed(header: string, known: Field[], { mapping }: ReadOptions): string | undefined {
  if (mapping?.has(header)) return undefined;
  const name = coerced(header);
  if (isOfEveryDocument(fieldNamed(header))) return undefined;
  const custom = known.filter(isCustom);
  const [found, another] = custom.filter(({ title }) => coerced(title) === name);
  return (custom.find((field) => coerced(field.name) === name) ?? (another ? undefined : found))?.name;
}

const isCustom = ({ name }: Field) => name.startsWith('custom_field:');
const isOfEveryDocument = (name: string) =>
  [...keyFields, ...readOnlyFields].includes(name) || documentFields.some((field) => field.name === name);

/** Statuses that a document may always have. */
const standardStatuses: Record<string, string[]> = {
  relevancy_status: ['Responsive', 'Non-Responsive', 'Requires Follow-up'],
  privilege_status: ['Privileged', 'Not Privileged'],
};

/** The choices of the fields that have such, by field name. */
export async function loadChoices(
  connection: Connection,
  fields: readonly Field[],
): Promise<Map<string, Choices>> {
  const all = new Map<string, Choices>();
  for (const field of fields) {
    if (field.kind !== 'choice' && field.kind !== 'choices') continue;
    const sql = { column: statusChoices, values: valueChoices, tags: tagChoices }[field.store];
    const place = field.store === 'column' ? field.name : field.place;
    const rows = await run<{ choice: string | null }>(connection, sql, {
      field: place,
      customFieldId: place,
    });
    const names = rows.flatMap(({ choice }) => choice ?? []);
    // Which of `a` and `A` comes first must not depend on where the rows lie; tags come by id.
    if (field.store !== 'tags') names.sort();
    const isStatus = field.store === 'column';
    all.set(field.name, choicesOf([...names, ...(standardStatuses[field.name] ?? [])], isStatus));
  }
  return all;
}
