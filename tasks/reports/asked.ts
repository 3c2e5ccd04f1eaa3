// Names in a request that its case does not have: a typo must not pass for an empty report.
import { askedTexts as texts } from '../lib/texts.ts';

export type AskedNames = {
  kind: 'deponent' | 'folder' | 'label' | 'status' | 'transcript';
  values?: (number | string)[];
  /** The text that there is none, up to the name; left out for ids. */
  none?: string;
};

/** A row of the statement that lists what there is. */
export type Found = { kind: AskedNames['kind']; name: number | string };

/** A warning lists so many names. */
const maxNames = 20;

/** A warning for each kind of which something is missing. */
export function unknownNames(asked: AskedNames[], found: Found[]): string[] {
  return asked.flatMap(({ kind, values = [], none = texts.noneWithId(kind) }) => {
    const known = new Set(found.filter((row) => row.kind === kind).map(({ name }) => String(name)));
    const unknown = values.filter((value) => !known.has(String(value)));
    if (unknown.length === 0) return [];
    const text = texts.none(none, listed(unknown));
    return values.length === 1 ? text : texts.someFound(known.size, values.length, kind, text);
  });
}

/** `98, 99 or 100`, with quotes around what is not a number. */
function listed(values: (number | string)[]): string {
  const names = values.slice(0, maxNames).map((value) => (typeof value === 'string' ? `'${value}'` : value));
  if (values.length > maxNames) names.push(texts.oneOfMore(values.length - maxNames));
  return names.length === 1 ? String(names[0]) : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
