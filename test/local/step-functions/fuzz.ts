import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { operations } from '../../../local/step-functions/api/operations.ts';
import inputs from '../../../local/step-functions/models/inputs.json' with { type: 'json' };
import { startStepFunctions } from '../../../local/step-functions/server.ts';
import type { Json, JsonObject } from '../../../local/step-functions/settings.ts';
import { roleArn } from './harness.ts';
import { randomOf } from './machines.ts';

/** Milliseconds after which an execution that has not ended is stopped. */
const patience = 3000;
/** Marks of JavaScript and of this emulator in a text that a user sees. */
const internal =
  /An internal error|TypeError|RangeError|ReferenceError|\.ts:\d|node:internal|Cannot (read|convert|destructure)|is not (a function|iterable)|Maximum call stack|\[object /;

const odd: Json[] = [
  ...[null, true, false, 0, -1, 1, 1.5, 1e21, -0, 2 ** 53, 100, 99_999_999, '', ' ', 'a', '$', '$.a', '$$'],
  ...['{%%}', '{% $ %}', '{% %}', '\u0000', '\ud800', '💥', '2016-12-05T21:29:29Z', 'States.ALL', 'JSONPath'],
  ...['__proto__', 'constructor', 'x'.repeat(300), [], {}, [[]], [null], { a: 1 }, { 'a.$': '$.a' }],
  JSON.parse('{"__proto__": {"a": 1}, "constructor": 1}') as Json,
];
const names = ['a', 'b', 'items', 'value', '__proto__', 'constructor', 'toString', 'length', 'A b', '', 'é'];
const expressions = [
  ...[
    '1',
    "'a'",
    '[1,2]',
    '{}',
    'null',
    '$states.input',
    '$states.input.a',
    '$states.context',
    '$states',
    '$v2',
    '$v1',
  ],
  ...[
    '$undefined',
    '[$states.input]',
    '{"a": $states.input}',
    '1/0',
    '-0',
    '$sum("a")',
    '$append($states.input, 1)',
  ],
  ...[
    '$parse("[")',
    '$parse($string($states.input))',
    '$string($states)',
    '$range(1,9,2)',
    '$range(1,1e9,1)',
  ],
  ...[
    'function($x){$x}',
    '/a/',
    '$map([1..3], function($x){$x*2})',
    '$keys($states.input)',
    '$hash("a","MD5")',
  ],
  ...[
    '$partition([1,2,3],2)',
    '$random()',
    '$uuid()',
    '$error("x")',
    '$assert(false)',
    '$eval("1")',
    '$now()',
  ],
  ...[
    '$reduce([1..1500], function($a,$i){{"a":$a}}, 0)',
    '$merge([{"a":1},$states.input])',
    '$spread($states.input)',
  ],
  ...[
    '$lookup($states.input, "__proto__")',
    '$states.input ~> |$|{"b":2}|',
    '$formatNumber(1,"x")',
    '$states.input[0]',
  ],
  ...[
    '$replace("aaa", /a/, "b")',
    '$match("a", /./)',
    '$toMillis("x")',
    '$fromMillis(1e20)',
    '$pad("a", 100000)',
  ],
  ...[
    '{"__proto__": 1}',
    '$states.input.$string()',
    '$sort($states.input)',
    '$zip([1],[2])',
    '$number("1e999")',
  ],
];
const badExpressions = ['a', '1 +', '$$', '$', '$states.result', '$states.errorOutput', '(((', '/(/', ''];
const paths = [
  ...[
    '$',
    '$',
    '$',
    '$.a',
    '$$',
    '$$.Execution.Input',
    '$v2',
    '$.a.b',
    '$[0]',
    '$.a[*]',
    '$..a',
    "$['a']",
    '$.items',
  ],
  ...[
    '$.items[0:2]',
    '$.__proto__',
    '$.constructor',
    '$toString',
    '$.a[?(@.b == 1)]',
    '$[?(@ > 1)]',
    '$..[?(@.a)]',
  ],
];
const calls = [
  ...[
    'States.Array($.a, 1)',
    'States.UUID()',
    'States.StringToJson($.a)',
    'States.ArrayRange(1, 1000000000, 1)',
  ],
  ...[
    'States.JsonToString($)',
    'States.MathAdd($.a, 1)',
    'States.ArrayPartition($.items, 0)',
    'States.MathRandom(1, 9)',
  ],
  ...["States.StringSplit($.a, '[')", 'States.ArrayGetItem($.items, 9)', 'States.JsonMerge($, $, false)'],
  ...['States.Hash($.a, $.a)', "States.Format('{}', $)", 'States.ArrayUnique($)', 'States.Base64Decode($.a)'],
];
const badPaths = ['a', '$.', '$.a[', 'States.constructor()', 'States.Format(', '$[?(', ''];
const resources = [
  ...[
    'arn:aws:states:::lambda:invoke',
    'arn:aws:states:::sns:publish',
    'arn:aws:states:::aws-sdk:s3:getObject',
  ],
  ...['arn:aws:states:::aws-sdk:sfn:startExecution', 'arn:aws:states:::states:startExecution.sync:2'],
  ...[
    'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    'arn:aws:lambda:us-east-1:123456789012:function:f',
  ],
  'arn:aws:states:::aws-sdk:scheduler:createSchedule',
];
const badResources = [
  'arn:x',
  'arn:aws:states:::events:putEvents',
  '',
  'arn:aws:states:::aws-sdk:constructor:x',
];
const answers = [
  ...['{}', '[]', 'null', '1', '"a"', 'x', '', '{"a":[1,2,{"b":1}]}', '['.repeat(2500) + ']'.repeat(2500)],
  ...[
    '{"errorType":"E","errorMessage":"m"}',
    '{"errorType":{},"Message":"{"}',
    '{"executionArn":"arn:x","startDate":1}',
    'a,b\n1,"2',
    '<x/>',
  ],
];

/** Makes definitions, inputs and requests by chance: most are nearly right, so that they come far. */
export class Chance {
  private readonly random: () => number;
  private count = 0;
  /** Whether there may be what creation refuses. */
  private readonly wild: boolean;

  constructor(seed: number) {
    this.random = randomOf(seed);
    this.wild = this.once(4);
  }

  below(most: number): number {
    return Math.floor(this.random() * most);
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  private mostly<Item>(good: readonly Item[], bad: readonly Item[]): Item {
    return this.pick(this.wild && this.once(10) ? bad : good);
  }

  private expression(): string {
    return `{% ${this.mostly(expressions, badExpressions)} %}`;
  }

  private path(): string {
    return this.mostly(paths, badPaths);
  }

  json(depth = 3): Json {
    if (depth === 0 || this.once(3)) return this.pick(odd);
    const length = this.below(4);
    if (this.once(2)) return Array.from({ length }, () => this.json(depth - 1));
    return Object.fromEntries(Array.from({ length }, () => [this.pick(names), this.json(depth - 1)]));
  }

  input(): string {
    if (this.once(20)) return '['.repeat(2500) + ']'.repeat(2500);
    if (this.once(20)) return `${'{"a":'.repeat(900)}1${'}'.repeat(900)}`;
    return JSON.stringify(this.json(4));
  }

  definition(): JsonObject {
    const jsonata = !this.once(3);
    const definition: JsonObject = {
      ...(jsonata && { QueryLanguage: 'JSONata' }),
      ...(this.once(4) && { TimeoutSeconds: 1 }),
      ...this.block(2, jsonata),
    };
    if (this.wild) for (let i = this.below(3); i > 0; i--) this.spoil(definition);
    return definition;
  }

  private block(depth: number, jsonata: boolean): JsonObject {
    const states = Array.from({ length: 1 + this.below(4) }, () => `S${++this.count}`);
    const entries = states.map((name, index) => [name, this.state(depth, jsonata, states.slice(index + 1))]);
    return { StartAt: states[0]!, States: Object.fromEntries(entries) as JsonObject };
  }

  private template(jsonata: boolean, depth = 2): Json {
    if (depth === 0 || this.once(2)) return jsonata ? this.expression() : this.pick(odd);
    if (this.once(4)) return Array.from({ length: this.below(3) }, () => this.template(jsonata, depth - 1));
    const entries = Array.from({ length: this.below(3) }, (): [string, Json] =>
      jsonata || this.once(2)
        ? [this.pick(names), this.template(jsonata, depth - 1)]
        : [`${this.pick(names)}.$`, this.once(3) ? this.pick(calls) : this.path()],
    );
    return Object.fromEntries(entries);
  }

  private number(jsonata: boolean, field: string): JsonObject {
    if (this.once(3)) return jsonata ? { [field]: this.expression() } : { [`${field}Path`]: this.path() };
    return { [field]: this.mostly([1, 2, 100], [0, -1, 1.5, 99_999_999]) };
  }

  private state(depth: number, jsonata: boolean, later: string[]): JsonObject {
    const maybe = (fields: () => JsonObject): JsonObject => (this.once(3) ? fields() : {});
    const way: JsonObject = later.length
      ? { Next: this.once(9) ? this.pick(later) : later[0]! }
      : { End: true };
    const assign = () => ({
      Assign: jsonata ? { [`v${depth}`]: this.template(true) } : { [`v${depth}.$`]: this.path() },
    });
    const data = maybe(() =>
      jsonata
        ? { Output: this.template(true) }
        : { [this.pick(['InputPath', 'OutputPath'])]: this.pick([null, this.path()]) },
    );
    const placed = jsonata
      ? {}
      : maybe(() => ({ ResultPath: this.pick([null, '$', '$.a', '$.a.b', '$[0]', '$v', '$..a']) }));
    const matched = () =>
      this.pick([['States.ALL'], ['States.TaskFailed'], ['States.QueryEvaluationError', 'E']]);
    const recovery = () => ({
      ...maybe(() => ({
        Retry: [
          { ErrorEquals: matched(), MaxAttempts: this.below(3), BackoffRate: this.pick([1, 2, 1e300]) },
        ],
      })),
      ...(later.length > 0 &&
        this.once(3) && {
          Catch: [{ ErrorEquals: matched(), Next: this.pick(later), ...maybe(assign) }] as Json,
        }),
    });
    const common = { ...data, ...maybe(assign), ...way };
    const argumentsField = jsonata ? 'Arguments' : 'Parameters';
    switch (this.below(depth > 0 ? 9 : 6)) {
      case 0:
        return { Type: 'Pass', ...common, ...placed };
      case 1:
        return this.once(2)
          ? { Type: 'Wait', Seconds: this.pick([0, 1, 99_999_999]), ...common }
          : { Type: 'Wait', ...this.number(jsonata, this.mostly(['Seconds'], ['Timestamp'])), ...common };
      case 2:
        return this.choice(jsonata, later);
      case 3:
        if (later.length && !this.once(4)) return { Type: 'Pass', ...common };
        return this.once(2)
          ? { Type: 'Succeed' }
          : { Type: 'Fail', Error: this.pick(['E', this.expression()]), Cause: 'c' };
      case 4:
      case 5:
        return {
          Type: 'Task',
          Resource: this.mostly(resources, badResources),
          [argumentsField]: this.once(4)
            ? this.template(jsonata)
            : {
                FunctionName: 'f',
                Payload: this.template(jsonata),
                ...maybe(() => ({ Bucket: 'b', Key: 'k' })),
              },
          TimeoutSeconds: 1,
          ...maybe(() => this.number(jsonata, 'HeartbeatSeconds')),
          ...recovery(),
          ...common,
          ...placed,
        };
      case 6:
        return {
          Type: 'Parallel',
          Branches: Array.from({ length: 1 + this.below(3) }, () => this.block(depth - 1, jsonata)),
          ...recovery(),
          ...common,
          ...placed,
        };
      default:
        return { ...this.map(depth, jsonata), ...recovery(), ...common, ...placed };
    }
  }

  private choice(jsonata: boolean, later: string[]): JsonObject {
    if (!later.length) return { Type: 'Succeed' };
    const comparison = () => ({
      Variable: this.path(),
      [this.pick(['StringEquals', 'NumericLessThan', 'IsPresent', 'StringMatches', 'TimestampEqualsPath'])]:
        this.pick(odd),
    });
    const rule = () => {
      const test = jsonata
        ? { Condition: this.pick(['{% true %}', '{% false %}', this.expression()]) }
        : this.pick([
            comparison,
            () => ({ And: [comparison(), comparison()] }),
            () => ({ Not: comparison() }),
          ])();
      return { ...test, Next: this.pick(later) };
    };
    const Choices = Array.from({ length: 1 + this.below(3) }, rule) as unknown as Json;
    return { Type: 'Choice', Choices, ...(!this.once(3) && { Default: later[0]! }) };
  }

  private map(depth: number, jsonata: boolean): JsonObject {
    const distributed = this.once(2);
    const items = jsonata
      ? {
          Items: this.pick([
            '{% $states.input %}',
            '{% [1..5] %}',
            [1, 2, 3],
            '{% $states.input.items %}',
            { a: 1 },
          ]),
        }
      : { ItemsPath: this.path() };
    const place = { Bucket: 'b', Key: 'k' };
    const reader = {
      Resource: this.pick(['arn:aws:states:::s3:getObject', 'arn:aws:states:::s3:listObjectsV2']),
      [jsonata ? 'Arguments' : 'Parameters']: this.once(4) ? this.template(jsonata) : place,
      ReaderConfig: {
        InputType: this.pick(['JSON', 'JSONL', 'CSV', 'MANIFEST']),
        ...(this.once(3) && this.number(jsonata, 'MaxItems')),
        ...(this.once(4) && { ItemsPointer: this.pick(['/a', '/length', '/__proto__', 'a']) }),
      },
    };
    const config = { Mode: 'DISTRIBUTED', ExecutionType: this.pick(['STANDARD', 'EXPRESS']) };
    return {
      Type: 'Map',
      ...(this.once(2) && items),
      ...(this.once(2) && { ItemSelector: this.template(jsonata) }),
      ...(this.once(3) && this.number(jsonata, 'MaxConcurrency')),
      ...(this.once(3) && this.number(jsonata, 'ToleratedFailurePercentage')),
      ...(distributed && this.once(2) && { ItemReader: reader }),
      ...(distributed && this.once(4) && { ItemBatcher: this.number(jsonata, 'MaxItemsPerBatch') }),
      ...(distributed &&
        this.once(4) && { Label: this.mostly([`L${this.count}`], ['', 'x'.repeat(41), 'a b']) }),
      ItemProcessor: {
        ProcessorConfig: distributed ? config : { Mode: 'INLINE' },
        ...this.block(depth - 1, jsonata),
      },
    } as unknown as JsonObject;
  }

  /** Replaces, removes or moves something somewhere in a value. */
  spoil(value: JsonObject): void {
    let holder: Json = value;
    for (;;) {
      const keys: string[] = Object.keys(holder as JsonObject);
      if (keys.length === 0) return;
      const key: string = this.pick(keys);
      const inner: Json = (holder as JsonObject)[key]!;
      if (inner && typeof inner === 'object' && !this.once(4)) holder = inner;
      else {
        const fields = holder as JsonObject;
        const way = this.below(4);
        if (way === 0) delete fields[key];
        else if (way === 1) fields[this.pick(['Next', 'Type', 'Catch', 'Items', 'x'])] = inner;
        else fields[key] = this.json(2);
        return;
      }
    }
  }

  /** The parameters of any operation, roughly as its model has them. */
  request(operation: string, known: JsonObject): JsonObject {
    const { operations: shapes, shapes: all } = inputs as unknown as {
      operations: Record<string, string>;
      shapes: Record<string, { members?: Record<string, string> }>;
    };
    const members = all[shapes[operation.toLowerCase()] ?? '']?.members ?? {};
    const entries = Object.keys(members).filter(() => !this.once(3));
    const given = entries.map((name) => [name, name in known && !this.once(8) ? known[name]! : this.json(2)]);
    return Object.fromEntries(given) as JsonObject;
  }
}

/** An emulator among services that answer by chance. `run` gives what is wrong with it after the work of a seed. */
export async function startFuzz() {
  let calls = 0;
  const service = createServer((request, response) => {
    request.resume();
    response.writeHead([200, 200, 200, 400, 404, 500][calls % 6]!, {
      'Content-Type': 'application/json',
      ...(calls % 5 === 0 && { 'X-Amz-Function-Error': 'Unhandled' }),
    });
    response.end(answers[calls++ % answers.length]);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const server = await startStepFunctions({
    waitTimeScale: 0,
    clients: (_, name) => (name === 'sfn' ? {} : { endpoint }),
  });

  const call = async (operation: string, parameters: Json) => {
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'X-Amz-Target': `AWSStepFunctions.${operation}` },
      body: JSON.stringify(parameters),
      signal: AbortSignal.timeout(patience * 3),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  };

  async function run(seed: number): Promise<string[]> {
    const chance = new Chance(seed);
    const problems: string[] = [];
    /** The answer of a call that succeeded. */
    const ask = async (operation: string, parameters: Json): Promise<JsonObject | undefined> => {
      try {
        const { status, body } = await call(operation, parameters);
        const message = String(body.message ?? '');
        if (status !== 200 && status !== 400) problems.push(`${operation} answers ${status}: ${message}`);
        if (internal.test(message)) problems.push(`${operation}: ${message.slice(0, 300)}`);
        return status === 200 ? body : undefined;
      } catch (error) {
        problems.push(`${operation}: ${error}`);
        return undefined;
      }
    };

    const definition = JSON.stringify(chance.definition());
    const type = chance.once(6) ? 'EXPRESS' : 'STANDARD';
    const created = await ask('CreateStateMachine', { name: `m${seed}`, definition, roleArn, type });
    const stateMachineArn = String(created?.stateMachineArn ?? 'arn:aws:states:us-east-1:1:stateMachine:m');
    await ask('DescribeStateMachine', { stateMachineArn });
    const started = created && (await ask('StartExecution', { stateMachineArn, input: chance.input() }));
    const executionArn = String(started?.executionArn ?? 'arn:aws:states:us-east-1:1:execution:m:n');
    if (started && type === 'STANDARD') {
      const ended = await end(executionArn, ask);
      problems.push(...faultsOf(ended));
      problems.push(...inconsistenciesOf(await events(executionArn, ask)));
      if (chance.once(3) && (await ask('RedriveExecution', { executionArn })))
        problems.push(...faultsOf(await end(executionArn, ask)));
    }
    await testStates(chance, definition, ask);
    const operation = chance.pick(Object.keys(operations).filter((name) => name !== 'StartSyncExecution'));
    await ask(operation, chance.request(operation, { stateMachineArn, executionArn, definition }));
    return problems.map((problem) => `seed ${seed}: ${problem}`);
  }

  return {
    run,
    async [Symbol.asyncDispose]() {
      await server.close();
      service.closeAllConnections();
      await new Promise((resolve) => service.close(resolve));
    },
  };
}

type Ask = (operation: string, parameters: Json) => Promise<JsonObject | undefined>;

/** Waits until an execution has ended, or stops it. */
async function end(executionArn: string, ask: Ask): Promise<JsonObject> {
  for (let waited = 0, pause = 1; ; pause = Math.min(pause * 2, 50)) {
    const description = (await ask('DescribeExecution', { executionArn })) ?? {};
    if (description.status !== 'RUNNING') return description;
    if (waited > patience * 2) return { ...description, error: 'TypeError: the execution cannot be stopped' };
    if (waited > patience) await ask('StopExecution', { executionArn });
    await new Promise((resolve) => setTimeout(resolve, pause));
    waited += pause;
  }
}

async function events(executionArn: string, ask: Ask): Promise<JsonObject[]> {
  const found: JsonObject[] = [];
  let nextToken: Json | undefined;
  do {
    const page = await ask('GetExecutionHistory', {
      executionArn,
      maxResults: 1000,
      ...(nextToken !== undefined && { nextToken }),
    });
    found.push(...((page?.events ?? []) as JsonObject[]));
    nextToken = page?.nextToken;
  } while (nextToken !== undefined);
  return found;
}

function faultsOf({ error, cause, output }: JsonObject): string[] {
  const faults = [error, cause].filter((text) => internal.test(String(text ?? ''))).map(String);
  try {
    JSON.parse(String(output ?? 'null'));
  } catch {
    faults.push(`the output is not JSON: ${output}`);
  }
  return faults.map((fault) => fault.slice(0, 500));
}

function inconsistenciesOf(history: JsonObject[]): string[] {
  const last = String(history.at(-1)?.type);
  return [
    ...(/^Execution(Succeeded|Failed|TimedOut|Aborted)$/.test(last) ? [] : [`the history ends with ${last}`]),
    ...history
      .filter(({ id, previousEventId }, i) => id !== i + 1 || !((previousEventId as number) < (id as number)))
      .map(({ id, previousEventId }) => `event ${id} follows ${previousEventId}`),
  ].slice(0, 3);
}

async function testStates(chance: Chance, definition: string, ask: Ask): Promise<void> {
  const all = Object.keys((JSON.parse(definition) as { States?: object }).States ?? {});
  const result = { result: JSON.stringify(chance.json(3)) };
  const errorOutput = { errorOutput: { error: 'E', cause: 'c' } };
  await ask('TestState', {
    definition,
    stateName: all.length ? chance.pick(all) : 'none',
    input: chance.input(),
    roleArn,
    inspectionLevel: 'TRACE',
    ...(!chance.once(3) && { mock: chance.pick([result, errorOutput]) }),
    ...(chance.once(4) && { context: JSON.stringify(chance.json(3)) }),
    ...(chance.once(4) && { variables: JSON.stringify(chance.json(2)) }),
    ...(chance.once(4) && { stateConfiguration: { retrierRetryCount: 1, mapItemReaderData: '[1, {}]' } }),
  });
}
