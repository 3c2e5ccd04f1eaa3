import { type ChoiceRule, isDistributed, isTimestamp, type State } from '../definition/language.ts';
import type { Flow } from '../interpreter/flow.ts';
import { type EvaluationScope, type Holder, type Left, StateRun } from '../interpreter/state-run.ts';
import { object } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { compile, type Source, unlessRefused } from './path.ts';

/** The value of a field such as `TimeoutSecondsPath`, which stands in the place of `TimeoutSeconds`. */
type Deferred = (run: JsonPathRun, source: Source) => Json;

/** A state in JSONPath. Its fields are renamed to those of JSONata, so that the code of each state type works for both. */
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

  /** Applies ResultSelector, Assign, ResultPath and OutputPath; in a catcher only Assign and ResultPath. */
  override async exit(holder: Holder, { result, errorOutput }: EvaluationScope = {}): Promise<Left> {
    const [state, source] = [this.state, this.source()];
    const assigned = (input: Json) =>
      holder.Assign && (this.resolve(holder.Assign, { ...source, input }) as JsonObject);
    if (errorOutput !== undefined)
      return { output: this.placed(errorOutput, holder.ResultPath), assigned: assigned(errorOutput) };
    let value = result;
    if (state.Type === 'Pass') {
      const { Arguments, Result } = state;
      value = Arguments === undefined ? this.input : this.resolve(Arguments, source);
      if (Result !== undefined) value = Result;
    }
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

  /** Does not check the value: paths are checked when they are read, literal numbers when the machine is created. */
  override count(_: string, value: Json | undefined): number | undefined {
    return value as number | undefined;
  }

  override typeProblem(field: string, value: Json, type: string): string {
    return `The value of the field '${field}' must be of the type '${type}', but was: ${JSON.stringify(value)}`;
  }

  /** Records no event: AWS has none for JSONPath. */
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
      // A message of JavaScript would not help the user.
      const isOwn = !(error instanceof TypeError || error instanceof RangeError);
      problem = isOwn ? (error as Error).message : 'The arguments are not valid.';
    }
    if (!text.startsWith('States.')) throw this.error('States.Runtime', message(problem));
    throw this.error('States.IntrinsicFailure', `The function '${text}' had the following error: ${problem}`);
  }

  /** Applies InputPath or OutputPath; null selects an empty object. */
  private selected(path: string | null | undefined, source: Source): Json {
    if (path === null) return {};
    return this.read(path ?? '$', source, (problem) => `Invalid path '${path}' : ${problem}`);
  }

  /** Evaluates a field: a deferred path, or a template in which keys that end in `.$` hold paths or calls. */
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
    const usable = numberMayBeText.test(name) && isNumberText(value) ? Number(value) : value;
    const isDataset = name === 'ItemsPath' && isDistributed(this.state) && object(usable);
    const problem = isDataset ? undefined : problemOf(name, text, usable);
    if (!problem) return usable;
    throw this.error('States.Runtime', problem);
  }

  /** Puts the result into the state's raw input, at its ResultPath; null drops the result. */
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
    const [, type = 'String', relation = 'Matches', path] = comparison.exec(operator) ?? [];
    const wanted = path ? valueAt(rule[operator]!) : rule[operator]!;
    const missing = found === undefined ? rule.Variable : wanted === undefined && rule[operator];
    const problem = `Invalid path '${missing}': The choice state's condition path references an invalid value.`;
    if (found === undefined || wanted === undefined) throw this.error('States.Runtime', problem);
    return operator.startsWith('Is')
      ? isOfType(operator.slice(2), found) === wanted
      : compare(type, relation, found, wanted);
  }
}

const isNumberText = (value: Json) => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
const numberMayBeText = /^(Max|Timeout|Heartbeat|ToleratedFailure)/;
function translated(state: State): State {
  const Parameters = state.Type === 'Map' ? 'ItemSelector' : 'Arguments';
  const { ItemsPath = '$', ...others } = state as State & { ItemsPath?: string };
  const fields = { ...others, ...(state.Type === 'Map' && !('ItemReader' in state) && { ItemsPath }) };
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

const text = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Says why AWS cannot use the value that a path gives for a field. */
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
  if (!numberMayBeText.test(name)) return undefined;
  const isPercentage = name === 'ToleratedFailurePercentagePath';
  if (isPercentage ? typeof value !== 'number' : !Number.isInteger(value))
    return `The ${name} field refers to value "${text(value)}" which is not a valid ${isPercentage ? 'float' : 'integer'}: ${path}`;
  if (isPercentage)
    return number >= 0 && number <= 100 ? undefined : 'ToleratedFailurePercentage must be between 0 and 100.';
  // The item reader checks it.
  if (name === 'MaxItemsPath') return undefined;
  const least = /^(Timeout|Heartbeat|Max.+Batch)/.test(name) ? 1 : 0;
  if (number < least) return `${name.slice(0, -4)} ${least ? 'must be positive' : 'cannot be negative'}.`;
  return undefined;
}

/** Matches a comparison operator of a Choice: its type, its relation, and whether a path gives the other side. */
export const comparison =
  /^(?:(String|Numeric|Boolean|Timestamp)((?:Less|Greater)Than(?:Equals)?|Equals)(Path)?|(String)(Matches))$/;
const types: Record<string, string> = { string: 'String', number: 'Numeric', boolean: 'Boolean' };
const isOfType = (type: string, value: Json) =>
  type === 'Timestamp' ? isTimestamp(value) : type === (value === null ? 'Null' : types[typeof value]);

function compare(type: string, relation: string, found: Json, wanted: Json): boolean {
  if (!isOfType(type, found) || !isOfType(type, wanted)) return false;
  if (relation === 'Matches') return isLike(found as string, wanted as string);
  const comparable = (value: Json) => (type === 'Timestamp' ? Date.parse(value as string) : value!);
  const [one, other] = [comparable(found), comparable(wanted)];
  if (relation.endsWith('Equals') && one === other) return true;
  return relation.startsWith('Less') ? one < other : relation.startsWith('Greater') ? one > other : false;
}

/** Says whether a text matches a pattern in which `*` stands for any text and a backslash escapes. */
function isLike(text: string, pattern: string): boolean {
  const parts = [''];
  for (const [token] of pattern.matchAll(/\\.|./gsu))
    if (token === '*') parts.push('');
    else parts[parts.length - 1] += token.length > 1 && token[0] === '\\' ? token.slice(1) : token;
  const [first, last] = [parts.shift()!, parts.pop()];
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  let place = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, place);
    if (found < 0) return false;
    place = found + part.length;
  }
  return place <= end && text.endsWith(last);
}
