// The columns of a file: which they are, their headers, and the place of each one's texts in a row of the database.
import { Types } from 'mysql2';
import type { LazyRow } from '../database/packet.ts';
import type { Row } from '../database/rows.ts';
import { customFieldId } from '../documents/document-fields.ts';
import { type Kind, parsed, type Rule, type Rules, type Style } from './rules.ts';

/** A column as the server describes it: a name and a type of `Types` in mysql2. */
export type Field = { name: string; columnType?: number };
/** A column that the case itself defines. */
export type CustomField = { id: number; title: string };
/** A column that a request chose: the name of a field, or `custom_field:<id>`. */
export type ChosenColumn = { field: string; header: string };

export type Choice = {
  /** When given, the last field is a JSON list of pairs, the id of a custom field and a value; each becomes a column. */
  customFields?: CustomField[];
  /** The columns of the file, in order; all fields when left out. */
  columns?: ChosenColumn[];
};

type Column = {
  field: string;
  /** As people know it. */
  title: string;
  /** As the file has it. */
  header: string;
  kind: Kind;
  /** The place of its text in a row, unless it is a custom field. */
  position: number;
  customField?: number;
  write: Rule;
  /** Whether its texts may need an apostrophe. Those of numbers and dates never do. */
  isText: boolean;
  /** What its rule looks at; `rule` is a list, HTML, or a custom field. */
  content: Kind | 'rule';
};

/** A column for whoever writes the bytes of its cells without the rules where nothing is unusual; `rule` is always left to them. */
export type ColumnPlan = { position: number; kind: Kind | 'rule'; isGuarded: boolean };

/** A field of this name is never a column: its lines are warnings. */
const warningsField = 'Warnings';

export class Columns {
  readonly fields: string[];
  readonly headers: string[];
  readonly kinds: Kind[];
  readonly areTexts: boolean[];
  readonly #columns: Column[];
  readonly #hasCustomFields: boolean;
  /** Positions in a row, or -1. */
  readonly #warnings: number;
  readonly #documentId: number;
  #pairs = '[]';
  #values = new Map<number, string>();

  constructor(
    allFields: Field[],
    rules: Rules,
    { lists, html, durations, days, omitted }: Style = {},
    { customFields, columns }: Choice = {},
  ) {
    const fields = customFields ? allFields.slice(0, -1) : allFields;
    const chosen: (ChosenColumn & { position?: number })[] = columns ?? [
      ...fields
        .map(({ name }, position) => ({ field: name, header: name, position }))
        .filter(({ field }) => field !== warningsField && !omitted?.includes(field)),
      ...(customFields ?? []).map(({ id, title }) => ({ field: `custom_field:${id}`, header: title })),
    ];
    this.#columns = chosen.map(({ field, header, position }) => {
      const customField = customFieldId(field);
      position ??= fields.findIndex(({ name }) => name === field);
      const type = customField === undefined ? typeOf(fields[position]!.columnType) : 'text';
      const isDay = days?.includes(field);
      // A document may have several values of one custom field.
      const isList = customField !== undefined || lists?.columns.includes(field);
      const content = isList ? 'list' : html?.includes(field) ? 'html' : 'text';
      const rule = type === 'text' ? content : type;
      return {
        field,
        title: rules.text(header),
        header: rules.guard(rules.text(header)),
        kind: durations?.includes(field) ? 'duration' : isDay ? 'date' : kindOf(field, type),
        position,
        customField,
        write: rules[isDay ? 'day' : rule],
        isText: type === 'text',
        content: isDay || rule === 'list' || rule === 'html' ? 'rule' : rule,
      };
    });
    this.fields = this.#columns.map(({ field }) => field);
    this.headers = withoutRepeats(this.#columns.map(({ header }) => header));
    this.kinds = this.#columns.map(({ kind }) => kind);
    this.areTexts = this.#columns.map(({ isText }) => isText);
    this.#hasCustomFields = customFields !== undefined;
    this.#warnings = fields.findIndex(({ name }) => name === warningsField);
    this.#documentId = fields.findIndex(({ name }) => /^nextpoint[ _]id$/i.test(name));
  }

  /** The place of the warnings in a row, or -1. */
  get warningsField(): number {
    return this.#warnings;
  }

  /** @param areGuarded whether texts get apostrophes */
  plan(areGuarded: boolean): ColumnPlan[] {
    return this.#columns.map(({ position, content, isText }) => ({
      position,
      kind: content,
      isGuarded: isText && areGuarded,
    }));
  }

  /** The texts of a row by column; see `textOf`. */
  textsOf(row: Row): Row {
    return this.#columns.map((_, column) => this.textOf(column, row));
  }

  /**
   * The text of a row in a column, not yet guarded and of any length. Null is an unknown value, not an empty text. Throws
   * AnswerIncomplete when a list is not whole.
   */
  textOf(column: number, row: LazyRow): string | null {
    const { title, position, customField, write } = this.#columns[column]!;
    const text = customField === undefined ? row.at(position) : this.#customValue(customField, row);
    return text == null ? null : write(text, title);
  }

  /** The warnings that come with a row, one per line. */
  warningsOf(row: Row): string | null | undefined {
    return row[this.#warnings];
  }

  /** The Nextpoint ID of a row's document; undefined when the query has none. */
  documentIdOf(row: LazyRow): string | null | undefined {
    return this.#documentId < 0 ? undefined : row.at(this.#documentId);
  }

  #customValue(id: number, row: LazyRow): string | undefined {
    if (!this.#hasCustomFields) return undefined;
    const pairs = row.at(-1) ?? '[]';
    // All columns of a row ask for the same.
    if (pairs !== this.#pairs) {
      this.#values = customValues(pairs);
      this.#pairs = pairs;
    }
    return this.#values.get(id);
  }
}

/** An id is a name made of digits, and nobody adds up pages, lines or rows by their number. */
function kindOf(field: string, type: Type): Kind {
  if (/(\b|_)ids?$/i.test(field)) return 'text';
  return type === 'number' && /(\b|_)(page|line|number)$/i.test(field) ? 'place' : type;
}

type Type = 'text' | 'number' | 'date' | 'time';

function typeOf(columnType: number | undefined): Type {
  switch (columnType) {
    case Types.DATE:
      return 'date';
    case Types.DATETIME:
    case Types.TIMESTAMP:
      return 'time';
    case Types.TINY:
    case Types.SHORT:
    case Types.INT24:
    case Types.LONG:
    case Types.LONGLONG:
    case Types.DECIMAL:
    case Types.NEWDECIMAL:
    case Types.FLOAT:
    case Types.DOUBLE:
    case Types.YEAR:
    case Types.BIT:
      return 'number';
    default:
      return 'text';
  }
}

/** Values by the id of their custom field, as JSON lists, from a JSON list of pairs. */
function customValues(pairs: string): Map<number, string> {
  const values = new Map<number, string[]>();
  for (const [id, value] of parsed<[number, string | number | null][]>(pairs, 'custom fields')) {
    if (value === null) continue;
    if (values.has(id)) values.get(id)!.push(String(value));
    else values.set(id, [String(value)]);
  }
  return new Map([...values].map(([id, list]) => [id, JSON.stringify(list)]));
}

/** The second column of one title gets ` (2)`. */
function withoutRepeats(titles: string[]): string[] {
  const taken = new Set<string>();
  return titles.map((title) => {
    let header = title;
    for (let number = 2; taken.has(header); number++) header = `${title} (${number})`;
    taken.add(header);
    return header;
  });
}
