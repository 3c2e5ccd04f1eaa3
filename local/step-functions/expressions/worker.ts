// Evaluates expressions in a separate thread, because only ending the thread stops a runaway regular expression.
import { parentPort, workerData } from 'node:worker_threads';
import jsonata from 'jsonata';
import { expressionIn } from '../definition/language.ts';
import { deepestJson } from '../json.ts';
import type { Json } from '../settings.ts';
import type { EvaluationReply, EvaluationRequest } from './evaluator.ts';
import { isFunction, JavaRandom, LimitError, memoryLimit, stepFunctionsFunctions } from './functions.ts';

/** AWS's limits: nested evaluations, and bytes of one value (both measured, floci#2737). */
const deepest = 100;
const largestValue = 6_990_256;
const stackOverflow =
  'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.';
/** The number of parsed expressions to keep. The machines of one stack have some hundreds. */
const keptExpressions = 5000;

/** Shared with the main thread: [index of the expression in its request, start in milliseconds since 1970 or 0]. */
const progress = workerData as Float64Array;
const parsed = new Map<string, jsonata.Expression>();
let now = 0;
let generator = new JavaRandom(0n);
const functions = stepFunctionsFunctions(() => generator);

// jsonata reads the time from Date. Each request brings its own time, so that tests can freeze it.
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...parts: ConstructorParameters<DateConstructor> | []) {
    super(...((parts.length ? parts : [now]) as ConstructorParameters<DateConstructor>));
  }
} as DateConstructor;

class FieldError extends Error {
  readonly location: string;
  constructor(location: string, message: string) {
    super(message);
    this.location = location;
  }
}

parentPort!.on('message', async (message: string) => {
  const { fields, bindings, mapItems, ...request } = JSON.parse(message) as EvaluationRequest;
  now = request.now;
  generator = new JavaRandom(BigInt(Math.floor(request.seed * 2 ** 48)));
  progress[0] = -1;
  // AWS has no $eval: a call to it fails as a call to a non-function.
  const scope = { ...bindings, eval: undefined };
  try {
    const values: Record<string, Json> = {};
    for (const [location, template] of Object.entries(fields))
      values[location] = mapItems
        ? await resolveEach(template, location, scope, mapItems)
        : await resolve(template, location, scope);
    reply({ values });
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    reply({ failure: { location: error.location, message: error.message } });
  }
});

function reply(message: EvaluationReply): void {
  progress[1] = 0;
  parentPort!.postMessage(JSON.stringify(message));
}

type Scope = Record<string, unknown>;

async function resolveEach(template: Json, location: string, scope: Scope, items: Json[]): Promise<Json[]> {
  const states = scope.states as { context: object };
  const values: Json[] = [];
  for (const Item of items) {
    const context = { ...states.context, Map: { Item } };
    values.push(await resolve(template, location, { ...scope, states: { ...states, context } }));
  }
  return values;
}

async function resolve(template: Json, location: string, scope: Scope): Promise<Json> {
  const expression = expressionIn(template);
  if (expression !== undefined) return evaluate(expression, location, scope);
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [index, item] of template.entries())
      items.push(await resolve(item, `${location}[${index}]`, scope));
    return items;
  }
  if (template === null || typeof template !== 'object') return template;
  const members: [string, Json][] = [];
  for (const [key, item] of Object.entries(template))
    members.push([key, await resolve(item, `${location}/${key}`, scope)]);
  return Object.fromEntries(members);
}

async function evaluate(text: string, location: string, scope: Scope): Promise<Json> {
  const fail = (problem: string) =>
    new FieldError(
      location,
      `The JSONata expression '${text}' specified for the field '${location}' ${problem}`,
    );
  progress[0]!++;
  progress[1] = performance.timeOrigin + performance.now();
  const expression = parse(text);
  limit(expression);
  try {
    const value: unknown = await expression.evaluate(undefined, scope);
    if (value === undefined) throw fail('returned nothing (undefined).');
    if (isFunction(value)) throw fail('returned an unsupported result type.');
    return plain(value);
  } catch (error) {
    if (error instanceof FieldError) throw error;
    throw fail(`threw ${problemOf(error as Error & { code?: string })}`);
  }
}

/** The rest of the message. A RangeError of V8 means that one of AWS's limits was exceeded. */
function problemOf(error: Error & { code?: string }): string {
  // The package failed on arguments that it does not expect. The text is AWS's (measured).
  if (error instanceof TypeError) return 'an internal error during evaluation.';
  const failed = 'an error during evaluation';
  if (error.code) return `${failed}. ${error.code}: ${error.message}`;
  if (!(error instanceof RangeError)) return `${failed}: ${error.message}`;
  return `${failed}: ${error.message.includes('call stack') ? stackOverflow : memoryLimit}`;
}

function parse(text: string): jsonata.Expression {
  let expression = parsed.get(text);
  if (!expression) {
    if (parsed.size >= keptExpressions) parsed.clear();
    expression = jsonata(text);
    for (const [name, [implementation, signature]] of Object.entries(functions))
      expression.registerFunction(name, implementation as (...args: unknown[]) => unknown, signature);
    parsed.set(text, expression);
  }
  return expression;
}

/**
 * Counts the depth and weighs every value, through the hooks that jsonata's own test suite uses. jsonata starts the
 * members of a constructor side by side; each is made to wait for the one before, so that there is one stack to count.
 */
function limit(expression: jsonata.Expression): void {
  const stack: Waiting[] = [];
  let justEntered: Waiting | undefined;
  const hook = (name: string, callback: (...args: unknown[]) => Promise<void> | undefined) =>
    expression.assign(Symbol.for(`jsonata.__evaluate_${name}`) as unknown as string, callback);
  const enter = (waiting: Waiting) => {
    if (stack.push(waiting) > deepest)
      throw new LimitError(`${stackOverflow} Depth=${stack.length} max=${deepest}`);
  };
  hook('entry', () => {
    // Only a sibling can be entered in the same turn of the event loop.
    const siblings = justEntered;
    if (siblings) return new Promise<void>((resolve) => siblings.push(resolve)).then(() => enter(siblings));
    justEntered = [];
    enter(justEntered);
    queueMicrotask(() => {
      justEntered = undefined;
    });
  });
  hook('exit', (_node, _input, _environment, result) => {
    stack.pop()?.shift()?.();
    const size = Array.isArray(result) ? 8 * result.length : typeof result === 'string' ? result.length : 0;
    if (size > largestValue) throw new LimitError(memoryLimit);
    return undefined;
  });
}

/** The siblings of an evaluation that have not begun yet. */
type Waiting = (() => void)[];

/** Turns a result into JSON: no sequences, no negative zero, and numbers that JSON cannot hold as text (measured, floci#2737). */
function plain(value: unknown, depth = 0): Json {
  if (depth > deepestJson) throw new LimitError(memoryLimit);
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : String(value);
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (value === null || typeof value !== 'object') return value as Json;
  const members = Object.entries(value).filter(([, member]) => member !== undefined && !isFunction(member));
  return Object.fromEntries(members.map(([key, member]) => [key, plain(member, depth + 1)]));
}
