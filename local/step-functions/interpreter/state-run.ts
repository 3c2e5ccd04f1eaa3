import { type ChoiceRule, expressionIn, type State } from '../definition/language.ts';
import type { EvaluationRequest } from '../expressions/evaluator.ts';
import type { Json, JsonObject } from '../settings.ts';
import { StateError } from './errors.ts';
import type { Flow } from './flow.ts';
import type { Thread } from './history.ts';

/** Items whose part is selected in one round trip. */
const itemsAtOnce = 500;

/** What has Assign and Output: a state, a rule of a Choice, a catcher. */
export type Holder = Pick<State, 'Assign' | 'Output' | 'ResultPath'>;

/** What a state is left with. */
export interface Left {
  output: Json;
  assigned?: JsonObject | undefined;
}

/** What of `$states` exists beside input and context, and where the fields stand. */
export interface EvaluationScope {
  result?: Json;
  errorOutput?: Json;
  mapItem?: JsonObject;
  /** Such as `Catch[0]/`. */
  prefix?: string;
  /** Where a failure is recorded, if not in the state's own line of events. */
  thread?: Thread;
}

/** One entry into a state, through all its attempts. */
export class StateRun {
  readonly flow: Flow;
  readonly name: string;
  readonly state: State;
  /** What the state works on; InputPath may have selected it. */
  input: Json;
  retryCount = 0;
  /** What TestState calls the evaluated arguments. */
  readonly argumentsName: string = 'afterArguments';
  /** Of an attempt that waits for one. */
  taskToken: string | undefined;
  private readonly enteredId: number;
  private readonly enteredTime: string;

  constructor(flow: Flow, name: string, state: State, input: Json) {
    this.flow = flow;
    this.name = name;
    this.state = state;
    this.input = input;
    // A redrive goes on in the state without entering it again.
    flow.progress.entered ??= {
      time: new Date(flow.execution.settings.clock()).toISOString(),
      eventId: flow.thread.enter(`${state.Type}StateEntered`, {
        name,
        input: JSON.stringify(input),
        inputDetails: { truncated: false },
      }),
    };
    this.enteredId = flow.progress.entered.eventId;
    this.enteredTime = flow.progress.entered.time;
  }

  /** Values of the fields that are there, by name. A failure is an event and a `States.QueryEvaluationError`. */
  async evaluate<Field extends string>(
    fields: Record<Field, Json | undefined>,
    { prefix = '', thread, result, errorOutput, mapItem }: EvaluationScope = {},
  ): Promise<Partial<Record<Field, Json>>> {
    const present = Object.entries<Json | undefined>(fields).filter(([, template]) => template !== undefined);
    if (present.length === 0) return {};
    const states: JsonObject = { input: this.input, context: this.context(mapItem) };
    if (result !== undefined) states.result = result;
    if (errorOutput !== undefined) states.errorOutput = errorOutput;
    const located = present.map(([field, template]) => [prefix + field, template]);
    const found = await this.ask({ fields: Object.fromEntries(located) }, states, thread);
    const values = Object.entries(found).map(([location, value]) => [location.slice(prefix.length), value]);
    return Object.fromEntries(values) as Partial<Record<Field, Json>>;
  }

  /** The values of one field for each of these `$states.context.Map.Item`, in few round trips. */
  async evaluateEach(field: string, template: Json, mapItems: JsonObject[]): Promise<Json[]> {
    const states: JsonObject = { input: this.input, context: this.context(undefined) };
    const values: Json[] = [];
    for (let start = 0; start < mapItems.length; start += itemsAtOnce) {
      const request = { fields: { [field]: template }, mapItems: mapItems.slice(start, start + itemsAtOnce) };
      values.push(...((await this.ask(request, states))[field] as Json[]));
    }
    return values;
  }

  private async ask(
    request: Pick<EvaluationRequest, 'fields' | 'mapItems'>,
    states: JsonObject,
    thread?: Thread,
  ): Promise<Record<string, Json>> {
    const { execution, variables, signal } = this.flow;
    const reply = await execution.evaluator.evaluate({
      ...request,
      bindings: { ...variables.all, states },
      now: execution.settings.clock(),
      seed: execution.settings.random(),
    });
    signal.throwIfAborted();
    if ('failure' in reply)
      throw this.evaluationError(reply.failure.location, reply.failure.message, { thread });
    return reply.values;
  }

  /** Assign and Output: both see what the state was entered with, and the result or error if there is one. */
  async exit({ Assign, Output }: Holder, scope: EvaluationScope = {}): Promise<Left> {
    const values = await this.evaluate({ Assign, Output }, scope);
    const { result = this.input, errorOutput = result } = scope;
    const output = values.Output === undefined ? errorOutput : values.Output;
    return { output, assigned: values.Assign as JsonObject | undefined };
  }

  /** Whether a rule of a Choice is to be taken. */
  async matches(rule: ChoiceRule, prefix: string): Promise<boolean> {
    const { Condition } = await this.evaluate({ Condition: rule.Condition }, { prefix });
    return this.typed(`${prefix}Condition`, Condition!, 'boolean', rule.Condition) as boolean;
  }

  /** Tells TestState what became of the data. */
  inspect(data: JsonObject): void {
    if (this.flow.test) Object.assign(this.flow.test.inspection, data);
  }

  /** Records the failed evaluation. `afterEntry`: the field had a value, which then could not be used. */
  evaluationError(
    location: string,
    problem: string,
    { afterEntry = false, thread }: { afterEntry?: boolean; thread?: Thread | undefined } = {},
  ): StateError {
    const failure = this.error('States.QueryEvaluationError', problem);
    const details = { error: failure.error, cause: failure.cause, location, state: this.name };
    (thread ?? this.flow.thread).evaluationFailed(details, afterEntry);
    return failure;
  }

  /** An error that AWS introduces with the state's name. */
  error(error: string, problem: string): StateError {
    if (this.flow.test) return new StateError(error, problem);
    return new StateError(
      error,
      `An error occurred while executing the state '${this.name}' (entered at the event id #${this.enteredId}). ${problem}`,
    );
  }

  /** The value if it has the type that its field needs. */
  typed(
    field: string,
    value: Json,
    type: 'number' | 'string' | 'boolean' | 'array' | 'object',
    template: Json,
  ): Json {
    const actual = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
    if (actual === type) return value;
    throw this.evaluationError(field, this.typeProblem(field, value, type, actual, template));
  }

  protected typeProblem(field: string, value: Json, type: string, actual: string, template: Json): string {
    const expression = expressionIn(template) ?? JSON.stringify(template);
    return `The JSONata expression '${expression}' specified for the field '${field}' returned an unexpected result type. Expected '${type}', but was '${actual}' for value: ${JSON.stringify(value)}`;
  }

  /** A whole number of seconds or items; undefined when the field is absent. */
  count(
    field: string,
    value: Json | undefined,
    minimum: number,
    template: Json | undefined,
  ): number | undefined {
    if (value === undefined) return undefined;
    const number = this.typed(field, value, 'number', template!) as number;
    if (!Number.isInteger(number) || number < minimum) throw this.outOfRange(field, template, number);
    return number;
  }

  outOfRange(field: string, template: Json | undefined, value: Json): StateError {
    const problem = `specified for the field '${field}' returned a value out of range: ${value}`;
    return this.evaluationError(field, `The JSONata expression '${expressionIn(template)}' ${problem}`);
  }

  protected context(mapItem: JsonObject | undefined): JsonObject {
    if (this.flow.test?.context) return this.flow.test.context;
    const retries = ['Task', 'Parallel', 'Map'].includes(this.state.Type);
    return {
      ...this.flow.execution.context,
      State: {
        Name: this.name,
        EnteredTime: this.enteredTime,
        ...(retries && { RetryCount: this.retryCount }),
      },
      ...(mapItem && { Map: { Item: mapItem } }),
      ...(this.taskToken && { Task: { Token: this.taskToken } }),
    };
  }
}
