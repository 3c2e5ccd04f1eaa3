import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type ChoiceRule, isTimestamp, type State } from '../definition/language.ts';
import type { Flow } from '../interpreter/flow.ts';
import { type EvaluationScope, type Holder, type Left, StateRun } from '../interpreter/state-run.ts';
import { parseJson } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';

/** What paths begin with: `$`, `$$` and `$name`. */
type Source = { input: Json; context: JsonObject; variables: Record<string, Json> };
type Evaluate = (source: Source) => Json;
/** One step of a path, and how it is shown if it gives one value at most: a wildcard or slice gives any number. */
type Step = [from: (node: Json) => Json[], place?: string];
/** The value of a field such as `TimeoutSecondsPath`, which stands in the place of `TimeoutSeconds`. */
type Deferred = (run: JsonPathRun, source: Source) => Json;

/** A state in JSONPath. Its fields are given the names that they have in JSONata, so that the states need not know. */
export class JsonPathRun extends StateRun {
  override readonly argumentsName = 'afterParameters';

  constructor(flow: Flow, name: string, state: State, input: Json) {
    super(flow, name, translated(state), input);
    this.input = this.selected(state.InputPath, this.source());
    this.inspect({ afterInputPath: this.input });
  }

  override async evaluate<Field extends string>(
    fields: Record<Field, Json | undefined>,
    scope: EvaluationScope = {},
  ): Promise<Partial<Record<Field, Json>>> {
    const source = this.source(scope.mapItem);
    const entries = Object.entries<Json | undefined>(fields);
    const values = entries.map(([field, value]) => [field, this.resolve(value!, source)]);
    return Object.fromEntries(values) as Partial<Record<Field, Json>>;
  }

  override async evaluateEach(_: string, template: Json, mapItems: JsonObject[]): Promise<Json[]> {
    return mapItems.map((mapItem) => this.resolve(template, this.source(mapItem)));
  }

  /** ResultSelector, Assign, ResultPath and OutputPath; a catcher has no use for the first and the last. */
  override async exit(holder: Holder, { result, errorOutput }: EvaluationScope = {}): Promise<Left> {
    const [state, source] = [this.state, this.source()];
    const assigned = (input: Json) =>
      holder.Assign && (this.resolve(holder.Assign, { ...source, input }) as JsonObject);
    if (errorOutput !== undefined)
      return { output: this.placed(errorOutput, holder.ResultPath), assigned: assigned(errorOutput) };
    let value = result;
    if (state.Type === 'Pass') value = state.Result ?? this.resolve(state.Arguments ?? this.input, source);
    const made = state.Result === undefined ? 'afterParameters' : 'result';
    if (state.Type === 'Pass') this.inspect({ [made]: value! });
    if (state.ResultSelector) value = this.resolve(state.ResultSelector, { ...source, input: value! });
    const seen = value === undefined ? this.input : value;
    const placed = value === undefined ? this.input : this.placed(value, state.ResultPath);
    this.inspect({ afterResultSelector: seen, afterResultPath: placed });
    const output = this.selected(state.OutputPath, { ...source, input: placed });
    return { output, assigned: assigned(seen) };
  }

  override async matches(rule: ChoiceRule): Promise<boolean> {
    return this.holds(rule as unknown as JsonObject, this.source());
  }

  /** Without an event. */
  override evaluationError(_: string, problem: string) {
    return this.error('States.Runtime', problem);
  }

  private source(mapItem?: JsonObject): Source {
    return { input: this.input, context: this.context(mapItem), variables: this.flow.variables.all };
  }

  private read(text: string, source: Source, message: (problem: string) => string): Json {
    let problem = `No results for path: ${text}`;
    try {
      const value = compile(text)(source);
      if (value !== undefined) return value;
    } catch (error) {
      problem = (error as Error).message;
    }
    if (!text.startsWith('States.')) throw this.error('States.Runtime', message(problem));
    throw this.error('States.IntrinsicFailure', `The function '${text}' had the following error: ${problem}`);
  }

  /** What InputPath or OutputPath selects; null is nothing at all. */
  private selected(path: string | null | undefined, source: Source): Json {
    if (path === null) return {};
    return this.read(path ?? '$', source, (problem) => `Invalid path '${path}' : ${problem}`);
  }

  /** The value of a field: a path's, or that of a template in which `name.$` stands for a path or call. */
  private resolve(template: Json, source: Source): Json {
    if (typeof template === 'function') return (template as Deferred)(this, source);
    if (Array.isArray(template)) return template.map((item) => this.resolve(item, source));
    if (template === null || typeof template !== 'object') return template;
    const member = ([key, value]: [string, Json]) =>
      key.endsWith('.$')
        ? [key.slice(0, -2), this.found(key, value as string, source)]
        : [key, this.resolve(value, source)];
    return Object.fromEntries(Object.entries(template).map(member)) as JsonObject;
  }

  private found(field: string, text: string, source: Source): Json {
    const message = `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(source.input)}'`;
    return this.read(text, source, () => message);
  }

  deferred(name: string, text: string, source: Source): Json {
    if (name === 'ErrorPath' || name === 'CausePath') return this.found(name, text, source);
    const ofWait = name === 'SecondsPath' || name === 'TimestampPath';
    const missing = `The ${name} parameter does not reference an input value: ${text}`;
    const value = ofWait ? this.read(text, source, () => missing) : this.selected(text, source);
    const usable = numberMayBeText.test(name) && /^-?[\d.]+$/.test(String(value)) ? Number(value) : value;
    const problem = problemOf(name, text, usable);
    if (!problem) return usable;
    throw this.error('States.Runtime', problem);
  }

  /** The state's input as it came, with the result at its ResultPath; null drops the result. */
  private placed(result: Json, path: string | null | undefined): Json {
    const raw = this.flow.progress.input!;
    if (path === null) return raw;
    const names = (path ?? '$')
      .split(/\.|\['|'\]/)
      .slice(1)
      .filter(Boolean);
    const within = (node: JsonObject, [name, ...rest]: string[]): Json =>
      name === undefined ? result : { ...node, [name]: within((node?.[name] ?? {}) as JsonObject, rest) };
    return within(raw as JsonObject, names);
  }

  private holds(rule: JsonObject, source: Source): boolean {
    const inner = (value: Json) => this.holds(value as JsonObject, source);
    if (rule.And) return (rule.And as Json[]).every(inner);
    if (rule.Or) return (rule.Or as Json[]).some(inner);
    if (rule.Not) return !inner(rule.Not);
    const valueAt = (path: Json) => unlessRefused(() => compile(path as string)(source));
    const found = valueAt(rule.Variable!);
    if (rule.IsPresent !== undefined) return (found !== undefined) === rule.IsPresent;
    const operator = Object.keys(rule).find((key) => comparison.test(key) || /^Is[A-Z]/.test(key))!;
    const [, type, relation, path] = comparison.exec(operator) ?? [];
    const wanted = path ? valueAt(rule[operator]!) : rule[operator]!;
    const missing = found === undefined ? rule.Variable : wanted === undefined && rule[operator];
    const problem = `Invalid path '${missing}': The choice state's condition path references an invalid value.`;
    if (found === undefined || wanted === undefined) throw this.error('States.Runtime', problem);
    return type ? compare(type, relation!, found, wanted) : isOfType(operator.slice(2), found) === wanted;
  }
}

const numberMayBeText = /^(Max|Timeout|Heartbeat|ToleratedFailure)/;
function translated(state: State): State {
  const Parameters = state.Type === 'Map' ? 'ItemSelector' : 'Arguments';
  const fields = { ...(state.Type === 'Map' && !('ItemReader' in state) && { ItemsPath: '$' }), ...state };
  return renamed(fields as never, { Parameters, Iterator: 'ItemProcessor' }) as unknown as State;
}

function renamed(fields: JsonObject, names: Record<string, string>): JsonObject {
  const entries = Object.entries(fields).map(([name, value]): [string, Json] => {
    if (/^(ItemReader|ReaderConfig|ItemBatcher|ResultWriter)$/.test(name))
      return [name, renamed(value as JsonObject, { Parameters: 'Arguments' })];
    const field = /^(?!Input|Output|Result)(\w+)Path$/.exec(name)?.[1];
    if (!field) return [names[name] ?? name, value];
    return [field, ((run, source) => run.deferred(name, value as string, source)) as Deferred as never];
  });
  return Object.fromEntries(entries);
}

/** Why AWS cannot use the value that a path gives for a field. */
function problemOf(name: string, path: string, value: Json): string | undefined {
  const [number, shown] = [value as number, `${path} == ${text(value)}`];
  if (name === 'ItemsPath' && !Array.isArray(value))
    return `Reference path "${path.replace('$$', '$')}" must point to array.`;
  if (name === 'TimestampPath' && !isTimestamp(value))
    return `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${shown}`;
  if (name === 'SecondsPath' && !Number.isInteger(value))
    return `The SecondsPath parameter cannot be parsed as a long value: ${shown}`;
  if (name === 'SecondsPath' && number < 0)
    return `The SecondsPath parameter references a negative value: ${shown}`;
  if (name === 'ToleratedFailurePercentagePath')
    return number >= 0 && number <= 100 ? undefined : 'ToleratedFailurePercentage must be between 0 and 100.';
  if (numberMayBeText.test(name) && !Number.isInteger(value))
    return `The ${name} field refers to value "${text(value)}" which is not a valid integer: ${path}`;
  if (name === 'ToleratedFailureCountPath' && number < 0) return 'ToleratedFailureCount cannot be negative.';
}

/** Type, relation, and whether a path names the other side. */
export const comparison = /^(String|Numeric|Boolean|Timestamp)((?:(?:Less|Greater)Than)?(?:Equals)?)(Path)?$/;
const types: Record<string, string> = { string: 'String', number: 'Numeric', boolean: 'Boolean' };
const isOfType = (type: string, value: Json) =>
  type === 'Timestamp' ? isTimestamp(value) : type === (value === null ? 'Null' : types[typeof value]);

function compare(type: string, relation: string, found: Json, wanted: Json): boolean {
  if (!isOfType(type, found) || !isOfType(type, wanted)) return false;
  const comparable = (value: Json) => (type === 'Timestamp' ? Date.parse(value as string) : value!);
  const [one, other] = [comparable(found), comparable(wanted)];
  if (relation.endsWith('Equals') && one === other) return true;
  return relation.startsWith('Less') ? one < other : relation.startsWith('Greater') ? one > other : false;
}

/** The value of the work, unless it throws. */
export function unlessRefused<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Compiles a path or a call of an intrinsic function. Throws a SyntaxError for other text, filters and `..` among it. */
export function compile(text: string): Evaluate {
  let rest = text;
  const take = (pattern: RegExp) => {
    const match = new RegExp(`^(?:${pattern.source})`, 'u').exec(rest);
    rest = rest.slice(match?.[0].length);
    return match;
  };
  const refuse = () => new SyntaxError(`Invalid path '${text}'`);
  const value = (): Evaluate => {
    const name = take(/States\.(\w+)\(\s*/)?.[1];
    if (name === undefined) return path();
    const implementation = intrinsics[name];
    const parts: Evaluate[] = [];
    while (!take(/\s*\)/)) {
      if (parts.length && !take(/\s*,\s*/)) throw refuse();
      parts.push(literal(name === 'Format' && parts.length === 0) ?? value());
    }
    if (!implementation) throw refuse();
    return (source) => implementation(...(parts.map((part) => part(source)) as never[]));
  };
  /** `raw` leaves the escapes to States.Format, for which `\{` is no placeholder. */
  const literal = (raw: boolean): Evaluate | undefined => {
    const word = take(/(-?\d+(\.\d+)?|true|false|null)(?=\s*[,)])/)?.[0];
    if (word !== undefined) return () => JSON.parse(word) as Json;
    const quoted = take(/'((?:[^'\\]|\\[{}'\\])*)'/)?.[1];
    return quoted === undefined ? undefined : () => (raw ? quoted : quoted.replace(/\\(.)/g, '$1'));
  };
  const path = (): Evaluate => {
    const root = take(/\$(\$|[\p{ID_Start}_]\p{ID_Continue}*)?/u);
    if (!root) throw refuse();
    const steps: Step[] = [];
    for (let found = take(step); found; found = take(step)) steps.push(stepOf(found));
    return (source) => select(root[1], steps, source);
  };
  const evaluate = value();
  if (rest) throw refuse();
  return evaluate;
}

const step = /\.(\*|[^.[\]()'",\s]+)|\[(?:(\*)|(-?\d+)|(-?\d*):(-?\d*)|'((?:[^'\\]|\\.)*)')\]/;

function stepOf([, word, all, index, from, to, quoted]: RegExpExecArray): Step {
  const items = (node: Json) => (Array.isArray(node) ? node : []);
  const name = word ?? quoted?.replace(/\\'/g, "'");
  if (all || word === '*') return [(node) => (typeof node === 'object' ? Object.values(node ?? {}) : [])];
  if (index) return [(node) => items(node).slice(+index).slice(0, 1), `[${index}]`];
  if (name === undefined) return [(node) => items(node).slice(+(from || 0), to ? +to : undefined)];
  const has = (node: Json): node is JsonObject => typeof node === 'object' && Object.hasOwn(node ?? {}, name);
  return [(node) => (has(node) ? [node[name]!] : []), `['${name}']`];
}

/** One value, or a list after a wildcard or slice. A path that leads nowhere is refused in the words of AWS's library. */
function select(root: string | undefined, steps: Step[], { input, context, variables }: Source): Json {
  const single = steps.every(([, place]) => place);
  let nodes = [root === undefined ? input : root === '$' ? context : variables[root]!];
  let place = '$';
  for (const [index, [from, shown]] of steps.entries()) {
    nodes = nodes.flatMap(from);
    place += shown;
    const problem = index < steps.length - 1 ? 'Missing property in path' : 'No results for path:';
    if (single && nodes.length === 0) throw new Error(`${problem} ${place}`);
  }
  return single ? nodes[0]! : nodes;
}

const text = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value));
const intrinsics: Record<string, (...parts: never[]) => Json> = {
  Array: (...items: Json[]) => items,
  ArrayPartition: (array: Json[], size: number) =>
    Array.from({ length: Math.ceil(array.length / size) }, (_, i) => array.slice(i * size, (i + 1) * size)),
  ArrayContains: (array: Json[], wanted: Json) => array.some((item) => isDeepStrictEqual(item, wanted)),
  ArrayRange: (first: number, last: number, by: number) =>
    Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, i) => first + i * by),
  ArrayGetItem: (array: Json[], index: number) => array[index]!,
  ArrayLength: (array: Json[]) => array.length,
  ArrayUnique: (array: Json[]) =>
    array.filter((item, i) => array.findIndex((other) => isDeepStrictEqual(other, item)) === i),
  Base64Encode: (text: string) => Buffer.from(text).toString('base64'),
  Base64Decode: (text: string) => Buffer.from(text, 'base64').toString(),
  Hash: (text: string, name: string) => createHash(name.replace('SHA-', 'SHA')).update(text).digest('hex'),
  JsonMerge: (one: JsonObject, other: JsonObject) => ({ ...one, ...other }),
  MathRandom: (first: number, last: number) => first + Math.floor(Math.random() * (last - first)),
  MathAdd: (one: number, other: number) => Math.round(one) + Math.round(other),
  StringSplit: (text: string, separators: string) =>
    text.split(new RegExp(`[${separators.replace(/[\]\\^-]/g, '\\$&')}]`)).filter(Boolean),
  UUID: () => crypto.randomUUID(),
  Format: (template: string, ...parts: Json[]) =>
    template.replace(/\\(.)|\{\}/g, (_, escaped?: string) => escaped ?? text(parts.shift()!)),
  StringToJson: (text: string) => (text.trim() ? parseJson(text) : null),
  JsonToString: (value: Json) => JSON.stringify(value),
};
