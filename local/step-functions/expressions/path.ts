import { isDeepStrictEqual } from 'node:util';
import { list, object } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { intrinsics } from './intrinsics.ts';

/** The values of `$`, `$$`, `$name` and, in a filter, `@`. */
export interface Source {
  input: Json;
  context: JsonObject;
  variables: Record<string, Json>;
  node?: Json;
}
export type Evaluate = (source: Source) => Json;
/** One step of a path. `place` is its text in a message; steps that can give several values have none. */
type Step = [from: (node: Json, source: Source) => Json[], place?: string];
/** A part of a filter. A path that leads nowhere is undefined. */
type Operand = (source: Source) => Json | undefined;

/** Returns the value of the work, or undefined if it throws. */
export function unlessRefused<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Compiles a path or a call of an intrinsic function. Throws a SyntaxError for other text. */
export function compile(text: string): Evaluate {
  let rest = text;
  let inFilter = 0;
  const take = (pattern: RegExp) => {
    const match = new RegExp(`^(?:${pattern.source})`, 'u').exec(rest);
    rest = rest.slice(match?.[0].length);
    return match;
  };
  const refuse = () => new SyntaxError(`Invalid path '${text}'`);
  const value = (): Evaluate => {
    const name = take(/States\.(\w+)\(\s*/)?.[1];
    if (name === undefined) return path(/\$(\$|[\p{ID_Start}_]\p{ID_Continue}*)?/u);
    const implementation = Object.hasOwn(intrinsics, name) ? intrinsics[name] : undefined;
    const parts: Evaluate[] = [];
    while (!take(/\s*\)/)) {
      if (parts.length && !take(/\s*,\s*/)) throw refuse();
      parts.push(literal(name === 'Format' && parts.length === 0) ?? value());
    }
    if (!implementation) throw refuse();
    return (source) => implementation(...(parts.map((part) => part(source)) as never[]));
  };
  /** `raw` leaves the escapes to States.Format, for which `\{` is not a placeholder. */
  const literal = (raw: boolean): Evaluate | undefined => {
    const word = take(/(-?\d+(\.\d+)?|true|false|null)(?=\s*[,)])/)?.[0];
    if (word !== undefined) return () => JSON.parse(word) as Json;
    const quoted = take(/'((?:[^'\\]|\\[{}'\\])*)'/)?.[1];
    return quoted === undefined ? undefined : () => (raw ? quoted : quoted.replace(/\\(.)/g, '$1'));
  };
  const path = (roots: RegExp): Evaluate => {
    const root = take(roots);
    if (!root) throw refuse();
    const steps: Step[] = [];
    for (let next = step(); next; next = step()) steps.push(next);
    const from = root[0] === '@' ? '@' : root[1];
    return (source) => select(from, steps, source);
  };
  const step = (): Step | undefined => {
    if (take(/\.\.(?=[^.[])/)) {
      rest = `.${rest}`;
      return [descendants];
    }
    if (take(/\.\.(?=\[)/)) return [descendants];
    if (take(/\[\?\(/)) {
      inFilter++;
      const test = either();
      inFilter--;
      if (!take(/\s*\)\]/)) throw refuse();
      const passes = (source: Source) => (node: Json) => Boolean(test({ ...source, node }));
      // A filter applies to an object as a whole.
      const candidates = (node: Json) => (Array.isArray(node) ? node : object(node) ? [node] : []);
      return [(node, source) => candidates(node).filter(passes(source))];
    }
    const list = take(/\[((?:'(?:[^'\\]|\\.)*'|-?\d+)(?:\s*,\s*(?:'(?:[^'\\]|\\.)*'|-?\d+))+)\]/)?.[1];
    if (list) {
      const parts = [...list.matchAll(/'(?:[^'\\]|\\.)*'|-?\d+/g)].map(([part]) => single.exec(`[${part}]`)!);
      return [(node, source) => parts.flatMap((part) => stepOf(part)[0](node, source))];
    }
    const called = take(/\.(length|min|max|sum|avg)\(\)/)?.[1];
    if (called) return [(node) => [functions[called]!(node)], `.${called}()`];
    const found = take(inFilter ? singleInFilter : single);
    return found ? stepOf(found) : undefined;
  };
  // The grammar of a filter, from the weakest operator to the strongest.
  const either = (): Operand =>
    joined(both, /\s*\|\|/, (tests, source) => tests.some((test) => test(source)));
  const both = (): Operand =>
    joined(condition, /\s*&&/, (tests, source) => tests.every((test) => test(source)));
  const joined = (
    part: () => Operand,
    separator: RegExp,
    join: (tests: Operand[], source: Source) => boolean,
  ): Operand => {
    const tests = [part()];
    while (take(separator)) tests.push(part());
    return (source) => join(tests, source);
  };
  const condition = (): Operand => {
    if (take(/\s*!(?!=)/)) {
      const test = condition();
      return (source) => !test(source);
    }
    if (take(/\s*\(/)) {
      const test = either();
      if (!take(/\s*\)/)) throw refuse();
      return test;
    }
    const one = operand();
    const operator = take(/\s*(==|!=|<=|>=|<|>|(?:in|nin|contains|size|empty|anyof|noneof|subsetof)\b)/)?.[1];
    if (!operator) return (source) => one(source) !== undefined;
    const other = operand();
    return (source) => compared(one(source), operator, other(source));
  };
  const operand = (): Operand => {
    take(/\s+/);
    if (/^[@$]/.test(rest)) {
      const found = path(/@|\$(\$|[\p{ID_Start}_]\p{ID_Continue}*)?/u);
      return (source) => unlessRefused(() => found(source));
    }
    const word = take(/-?\d+(?:\.\d+)?|true|false|null/)?.[0];
    if (word !== undefined) return () => JSON.parse(word) as Json;
    const [quoted, single, double] = take(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/) ?? [];
    if (quoted !== undefined) return () => (single ?? double)!.replace(/\\(.)/g, '$1');
    if (!take(/\[/)) throw refuse();
    const items: Operand[] = [];
    while (!take(/\s*\]/)) {
      if (items.length && !take(/\s*,/)) throw refuse();
      items.push(operand());
    }
    return (source) => items.map((item) => item(source) ?? null);
  };
  const evaluate = value();
  if (rest) throw refuse();
  return evaluate;
}

const lengthOf = (value: Json) => (typeof value === 'string' ? value : Object.keys(value ?? {})).length;
const numbersIn = (value: Json) => list(value).filter((item) => typeof item === 'number');
/** The functions at the end of a path. Without numbers, those of numbers give null. */
const functions: Record<string, (value: Json) => Json> = {
  length: lengthOf,
  min: (value) =>
    numbersIn(value).reduce<number | null>((least, item) => Math.min(least ?? item, item), null),
  max: (value) => numbersIn(value).reduce<number | null>((most, item) => Math.max(most ?? item, item), null),
  sum: (value) => numbersIn(value).reduce((sum, item) => sum + item, 0),
  avg: (value) => {
    const numbers = numbersIn(value);
    return numbers.length ? numbers.reduce((sum, item) => sum + item, 0) / numbers.length : null;
  },
};

function compared(one: Json | undefined, operator: string, other: Json | undefined): boolean {
  if (operator === '==') return one !== undefined && isDeepStrictEqual(one, other);
  if (operator === '!=') return !isDeepStrictEqual(one, other);
  const [items, others] = [list(one), list(other)];
  const has = (array: Json[], wanted: Json | undefined) =>
    array.some((item) => isDeepStrictEqual(item, wanted));
  const shared = () => items.some((item) => has(others, item));
  const words: Record<string, () => boolean> = {
    in: () => has(others, one),
    nin: () => !has(others, one),
    contains: () => (typeof one === 'string' ? one.includes(String(other)) : has(items, other)),
    size: () => one !== undefined && lengthOf(one) === other,
    empty: () => one !== undefined && (lengthOf(one) === 0) === other,
    anyof: shared,
    noneof: () => !shared(),
    subsetof: () => items.every((item) => has(others, item)),
  };
  if (words[operator]) return words[operator]();
  if (typeof one !== typeof other || (typeof one !== 'number' && typeof one !== 'string')) return false;
  const [a, b] = [one, other as typeof one];
  if (operator.endsWith('=') && a === b) return true;
  return operator.startsWith('<') ? a < b : a > b;
}

/** Lists the value itself and everything in it, at any depth. */
function descendants(node: Json): Json[] {
  const inner = node && typeof node === 'object' ? Object.values(node) : [];
  return [node, ...inner.flatMap(descendants)];
}

const single = /\.(\*|[^.[\]()'",\s]+)|\[(?:(\*)|(-?\d+)|(-?\d*):(-?\d*)|'((?:[^'\\]|\\.)*)')\]/;

/** The same, except that an operator ends a name. */
const singleInFilter = new RegExp(single.source.replace('\'",', '\'",=!<>&|'), 'u');

function stepOf([, word, all, index, from, to, quoted]: RegExpExecArray): Step {
  const items = (node: Json) => (Array.isArray(node) ? node : []);
  const name = word ?? quoted?.replace(/\\'/g, "'");
  if (all || word === '*') return [(node) => (typeof node === 'object' ? Object.values(node ?? {}) : [])];
  if (index) return [(node) => items(node).slice(+index).slice(0, 1), `[${index}]`];
  if (name === undefined) return [(node) => items(node).slice(+(from || 0), to ? +to : undefined)];
  const has = (node: Json): node is JsonObject => typeof node === 'object' && Object.hasOwn(node ?? {}, name);
  return [(node) => (has(node) ? [node[name]!] : []), `['${name}']`];
}

/** Follows a path to one value, or to a list after a wildcard, slice or filter. Throws in the words of AWS's library if it leads nowhere. */
function select(root: string | undefined, steps: Step[], source: Source): Json {
  const single = steps.every(([, place]) => place);
  let nodes = [rootOf(root, source)];
  let place = '$';
  for (const [index, [from, shown]] of steps.entries()) {
    nodes = nodes.flatMap((node) => from(node, source));
    place += shown;
    const problem = index < steps.length - 1 ? 'Missing property in path' : 'No results for path:';
    if (single && nodes.length === 0) throw new Error(`${problem} ${place}`);
  }
  return single ? nodes[0]! : nodes;
}

function rootOf(root: string | undefined, { input, context, variables, node }: Source): Json {
  if (root === undefined) return input;
  if (root === '$') return context;
  if (root === '@') return node!;
  if (!Object.hasOwn(variables, root)) throw new Error(`No results for path: $${root}`);
  return variables[root]!;
}
