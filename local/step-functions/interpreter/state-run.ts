import { expressionIn, type State } from '../definition/language.ts';
import type { Json, JsonObject } from '../settings.ts';
import { StateError } from './errors.ts';
import type { Flow } from './flow.ts';
import type { Thread } from './history.ts';

/** What of `$states` exists beside input and context, and where the fields stand. */
interface EvaluationScope {
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
  readonly input: Json;
  retryCount = 0;
  private readonly enteredId: number;
  private readonly enteredTime: string;

  constructor(flow: Flow, name: string, state: State, input: Json) {
    this.flow = flow;
    this.name = name;
    this.state = state;
    this.input = input;
    const text = JSON.stringify(input);
    this.enteredTime = new Date(flow.execution.settings.clock()).toISOString();
    this.enteredId = flow.thread.enter(`${state.Type}StateEntered`, {
      name,
      input: text,
      inputDetails: { truncated: false },
    });
  }

  /** Values of the fields that are there, by name. A failure is an event and a `States.QueryEvaluationError`. */
  async evaluate<Field extends string>(
    fields: Record<Field, Json | undefined>,
    { prefix = '', thread, result, errorOutput, mapItem }: EvaluationScope = {},
  ): Promise<Partial<Record<Field, Json>>> {
    const present = Object.entries<Json | undefined>(fields).filter(([, template]) => template !== undefined);
    if (present.length === 0) return {};
    const { execution, variables, signal } = this.flow;
    const states: JsonObject = { input: this.input, context: this.context(mapItem) };
    if (result !== undefined) states.result = result;
    if (errorOutput !== undefined) states.errorOutput = errorOutput;
    const reply = await execution.evaluator.evaluate({
      fields: Object.fromEntries(present.map(([field, template]) => [prefix + field, template as Json])),
      bindings: { ...variables.all, states },
      now: execution.settings.clock(),
      seed: execution.settings.random(),
    });
    signal.throwIfAborted();
    if ('failure' in reply)
      throw this.evaluationError(reply.failure.location, reply.failure.message, { thread });
    const values = Object.entries(reply.values).map(([location, value]) => [
      location.slice(prefix.length),
      value,
    ]);
    return Object.fromEntries(values) as Partial<Record<Field, Json>>;
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
    const expression = expressionIn(template) ?? JSON.stringify(template);
    throw this.evaluationError(
      field,
      `The JSONata expression '${expression}' specified for the field '${field}' returned an unexpected result type. Expected '${type}', but was '${actual}' for value: ${JSON.stringify(value)}`,
    );
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
    if (!Number.isInteger(number) || number < minimum)
      throw this.evaluationError(
        field,
        `The JSONata expression '${expressionIn(template)}' specified for the field '${field}' returned a value out of range: ${number}`,
      );
    return number;
  }

  private context(mapItem: JsonObject | undefined): JsonObject {
    const retries = ['Task', 'Parallel', 'Map'].includes(this.state.Type);
    return {
      ...this.flow.execution.context,
      State: {
        Name: this.name,
        EnteredTime: this.enteredTime,
        ...(retries && { RetryCount: this.retryCount }),
      },
      ...(mapItem && { Map: { Item: mapItem } }),
    };
  }
}
