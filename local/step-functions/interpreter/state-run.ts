import { type ChoiceRule, expressionIn, type State } from '../definition/language.ts';
import type { EvaluationRequest } from '../expressions/evaluator.ts';
import type { Json, JsonObject } from '../settings.ts';
import { StateError } from './errors.ts';
import type { Flow } from './flow.ts';
import type { Thread } from './history.ts';

/** The items per round trip of ItemSelector. */
const itemsAtOnce = 500;

/** A state, Choice rule or catcher, as far as it has Assign and Output. */
export type Holder = Pick<State, 'Assign' | 'Output' | 'ResultPath'>;

/** The output and variables of a state. */
export interface Left {
  output: Json;
  assigned?: JsonObject | undefined;
}

/** The members of `$states` besides input and context, and the place of the fields. */
export interface EvaluationScope {
  result?: Json;
  errorOutput?: Json;
  mapItem?: JsonObject;
  /** The path of the fields' holder, such as `Catch[0]/`. */
  prefix?: string;
  /** The thread that records a failure, if not the state's own. */
  thread?: Thread;
}

/** One entry into a state, with all its attempts. */
export class StateRun {
  readonly flow: Flow;
  readonly name: string;
  readonly state: State;
  /** The state's input, after InputPath. */
  input: Json;
  retryCount = 0;
  /** The name of the evaluated arguments in TestState. */
  readonly argumentsName: string = 'afterArguments';
  /** Set in an attempt that waits for a token. */
  taskToken: string | undefined;
  private readonly enteredId: number;
  private readonly enteredTime: string;

  constructor(flow: Flow, name: string, state: State, input: Json) {
    this.flow = flow;
    this.name = name;
    this.state = state;
    this.input = input;
    // A redrive continues in the state without entering it again.
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

  /** Evaluates the fields that are present. A failure is recorded as an event and thrown as `States.QueryEvaluationError`. */
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

  /** Evaluates one field for each `$states.context.Map.Item`, in few round trips. */
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

  /** Evaluates Assign and Output. Both read the variables as they were on entry. */
  async exit({ Assign, Output }: Holder, scope: EvaluationScope = {}): Promise<Left> {
    const values = await this.evaluate({ Assign, Output }, scope);
    const { result = this.input, errorOutput = result } = scope;
    const output = values.Output === undefined ? errorOutput : values.Output;
    return { output, assigned: values.Assign as JsonObject | undefined };
  }

  /** Evaluates the condition of a Choice rule. */
  async matches(rule: ChoiceRule, prefix: string): Promise<boolean> {
    const { Condition } = await this.evaluate({ Condition: rule.Condition }, { prefix });
    return this.typed(`${prefix}Condition`, Condition!, 'boolean', rule.Condition) as boolean;
  }

  /** Tells that an execution entered the state, or which of its rules, retriers or catchers it took. */
  visit(part?: string): void {
    if (this.flow.test) return;
    const { settings, machine } = this.flow.execution;
    settings.onVisit(machine.name, part ? `${this.name}/${part}` : this.name);
  }

  /** Records intermediate data for TestState. */
  inspect(data: JsonObject): void {
    if (this.flow.test) Object.assign(this.flow.test.inspection, data);
  }

  /** Records a failed evaluation. `afterEntry`: the field could be evaluated, but its value cannot be used. */
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

  /** Makes an error with AWS's introduction, which names the state. */
  error(error: string, problem: string): StateError {
    if (this.flow.test) return new StateError(error, problem);
    return new StateError(
      error,
      `An error occurred while executing the state '${this.name}' (entered at the event id #${this.enteredId}). ${problem}`,
    );
  }

  /** Returns the value if it has the type that its field needs, else throws. */
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

  /** Checks a number of seconds or items. Undefined if the field is absent. */
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
