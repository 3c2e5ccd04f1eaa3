// Terms are often negotiated in the syntax of another product. A term that this search reads differently, without calling it
// an error, gets a warning before anybody relies on its count.
import { termTexts as texts } from '../../lib/texts.ts';

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
  (bare) => (/(^|[\s)"])&($|[\s("])/.test(bare) || /(^|[\s)"])\|($|[\s("])/.test(bare)) && texts.singleSign(),
  (_, term) => (/[“”„«»]/.test(term) || /(^|[\s(])[‘‚]/.test(term)) && texts.curlyQuotes(),
  (bare) => {
    const found = /(?<=[\s)"]|^)(and|or|not|And|Or|Not)(?=[\s("]|$)/.exec(bare)?.[1];
    return found && texts.lowerCaseOperator(found);
  },
  (_, term) =>
    [...term.matchAll(/"((?:\\.|[^"\\])*)"/gs)].some(([, phrase]) => /(?<!\\)[*?]/.test(phrase!)) &&
    texts.quotedWildcard(),
  (bare) =>
    bare
      .split(/[\s()"]+/)
      .some((part) => /[*?]/.test(part) && new RegExp(splitting).test(part.replace(/^[-+]/, ''))) &&
    texts.wildcardAtSign(),
  (bare) => {
    const fields = [...bare.matchAll(/(?<=^|[\s(+\-!"])([^\s()":+\-!*?^~]+):(?!\s*$)/g)].map(
      ([, name]) => name!,
    );
    const unknown = fields.find((name) => !searchFields.includes(name));
    return unknown !== undefined && texts.unknownField(unknown);
  },
  (bare) => {
    const found = /(?<!\\)\/[^/]*\//.exec(bare)?.[0];
    return found !== undefined && texts.regularExpression(found);
  },
  (bare) => {
    const parts = bare.split(/[\s()"]+/).filter((part) => !/[*?:]/.test(part));
    const found = parts.find(
      (part) => new RegExp(`${word}${splitting}+${word}`, 'u').test(part) && !/^\d[\d,.]*$/.test(part),
    );
    return found && texts.splitWord(found);
  },
  (bare) => /(?<=[\s(]|^)[^\s()"]*[\p{L}\p{N}]!(?=[\s)]|$)/u.test(bare) && texts.exclamationMark(),
  (bare) => {
    const operands = bare.replace(/(?<=^|[\s(])(AND|OR|NOT|&&|\|\|)(?=[\s(]|$)/g, '\u0000');
    const adjacent = /[\p{L}\p{N}*?"][\s]+[\p{L}\p{N}"]/u.test(
      operands.replace(/(?<=^|[\s(])[^\s()"]+:\s*/g, ''),
    );
    return adjacent && texts.noOperator();
  },
  (bare) =>
    groupsOf(bare).some(
      (group) => /(^|\s)(AND|&&)(?=\s|$)/.test(group) && /(^|\s)(OR|\|\|)(?=\s|$)/.test(group),
    ) && texts.andBesideOr(),
  (bare) => /^\s*(?:(?:NOT\s+|[-!])(?:\([^()]*\)|[^\s()]+)\s*)+$/.test(bare) && texts.onlyExcludes(),
];

/** Warnings about a term in plain English; none for a term that means what it seems to mean. */
export function warningsOf(term: string): string[] {
  const bare = withoutPhrases(term);
  const found = bare.match(proximity)?.[0];
  const operator = found ? [texts.proximity(found)] : [];
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
