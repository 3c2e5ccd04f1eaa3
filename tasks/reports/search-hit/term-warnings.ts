// Terms are often negotiated in the syntax of another product. A term that this search reads differently, without calling it
// an error, gets a warning before anybody relies on its count.

/** Fields that a query may name; docs/search-backend.md lists them too. */
export const searchFields = [
  'author',
  'bates_end',
  'bates_start',
  'bcc',
  'body',
  'cc',
  'custodian',
  'custodians',
  'document_date',
  'document_type',
  'file_name',
  'recipients',
  'title',
];

/** Splits a word that stands outside quotes: each part is then searched by itself. */
const splitting = String.raw`(?:[-–—&@/+#$%;=<>|]|,(?!\d))`;
const word = String.raw`[\p{L}\p{N}'’]`;

/** A term without the contents of its phrases and without escaped characters. */
function withoutPhrases(term: string): string {
  return term.replace(/\\./gs, 'x').replace(/"[^"]*"(~\S*)?/g, '""');
}

type Check = (bare: string, term: string) => string | false | undefined;

/** An operator that other products have, and this search has not. */
const proximity = /(?<![\p{L}\p{N}])(?:w|pre|near|onear|nw|f|notw)\/\s?(?:\d+|s|p|seg)(?![\p{L}\p{N}])/giu;

const checks: Check[] = [
  (bare) =>
    (/(^|[\s)"])&($|[\s("])/.test(bare) || /(^|[\s)"])\|($|[\s("])/.test(bare)) &&
    'A single & or | is ignored. Write AND or OR.',
  (_, term) =>
    (/[“”„«»]/.test(term) || /(^|[\s(])[‘‚]/.test(term)) &&
    'Curly quotes make no phrase: the words are searched one by one. Use straight quotes.',
  (bare) => {
    const found = /(?<=[\s)"]|^)(and|or|not|And|Or|Not)(?=[\s("]|$)/.exec(bare)?.[1];
    return found && `"${found}" is searched as a word. Operators are in capitals: ${found.toUpperCase()}.`;
  },
  (_, term) =>
    [...term.matchAll(/"((?:\\.|[^"\\])*)"/gs)].some(([, phrase]) => /(?<!\\)[*?]/.test(phrase!)) &&
    'A wildcard within quotes stands for nothing: the phrase is searched without it.',
  (bare) =>
    bare
      .split(/[\s()"]+/)
      .some((part) => /[*?]/.test(part) && new RegExp(splitting).test(part.replace(/^[-+]/, ''))) &&
    'A wildcard beside punctuation finds nothing: words are split at the sign.',
  (bare) => {
    const fields = [...bare.matchAll(/(?<=^|[\s(+\-!"])([^\s()":+\-!*?^~]+):(?!\s*$)/g)].map(
      ([, name]) => name!,
    );
    const unknown = fields.find((name) => !searchFields.includes(name));
    return (
      unknown !== undefined &&
      `"${unknown}:" is read as the name of a field, and there is no such field. Write "${unknown}\\:" for the word itself.`
    );
  },
  (bare) => {
    const found = /(?<!\\)\/[^/]*\//.exec(bare)?.[0];
    return found !== undefined && `${found} is read as a regular expression. Put a date or a path in quotes.`;
  },
  (bare) => {
    const parts = bare.split(/[\s()"]+/).filter((part) => !/[*?:]/.test(part));
    const found = parts.find(
      (part) => new RegExp(`${word}${splitting}+${word}`, 'u').test(part) && !/^\d[\d,.]*$/.test(part),
    );
    return (
      found &&
      `"${found}" is split, and finds documents with any of its parts. Put it in quotes to find it as a whole.`
    );
  },
  (bare) =>
    /(?<=[\s(]|^)[^\s()"]*[\p{L}\p{N}]!(?=[\s)]|$)/u.test(bare) &&
    'An exclamation mark ends no word stem here. For words that begin so, write *.',
  (bare) => {
    const operands = bare.replace(/(?<=^|[\s(])(AND|OR|NOT|&&|\|\|)(?=[\s(]|$)/g, '\u0000');
    const adjacent = /[\p{L}\p{N}*?"][\s]+[\p{L}\p{N}"]/u.test(
      operands.replace(/(?<=^|[\s(])[^\s()"]+:\s*/g, ''),
    );
    return (
      adjacent &&
      'Words side by side without an operator find documents with any of them. Use quotes for a phrase, AND for all.'
    );
  },
  (bare) =>
    groupsOf(bare).some(
      (group) => /(^|\s)(AND|&&)(?=\s|$)/.test(group) && /(^|\s)(OR|\|\|)(?=\s|$)/.test(group),
    ) && 'AND and OR stand side by side: what OR adds need not be found. Use parentheses.',
  (bare) =>
    /^\s*(?:(?:NOT\s+|[-!])(?:\([^()]*\)|[^\s()]+)\s*)+$/.test(bare) &&
    'The term only excludes: it finds every other document of the scope.',
];

/** Warnings about a term in plain English; none for a term that means what it seems to mean. */
export function warningsOf(term: string): string[] {
  const bare = withoutPhrases(term);
  const found = bare.match(proximity)?.[0];
  const operator = found
    ? [`"${found}" is no proximity operator here. For words within 5 of each other, write "one two"~5.`]
    : [];
  // The words on both sides are checked as if it joined them.
  const joined = bare.replace(proximity, 'AND');
  return [...operator, ...checks.flatMap((check) => check(joined, term) || [])];
}

/** The texts of a term on each level of its parentheses, what lies deeper left out. */
function groupsOf(bare: string): string[] {
  const groups: string[] = [];
  let rest = bare;
  for (let inner = /\(([^()]*)\)/.exec(rest); inner; inner = /\(([^()]*)\)/.exec(rest)) {
    groups.push(inner[1]!);
    rest = rest.replace(inner[0], ' "" ');
  }
  return [...groups, rest];
}
