import { isDistributed, type State } from '../definition/language.ts';
import { watchDeadlines } from '../interpreter/deadlines.ts';
import { matches, StateError } from '../interpreter/errors.ts';
import { Execution } from '../interpreter/execution.ts';
import type { Flow } from '../interpreter/flow.ts';
import { History, Thread } from '../interpreter/history.ts';
import { exceededBy } from '../interpreter/map-run.ts';
import type { MockedResponse } from '../interpreter/mocks.ts';
import { attemptsOf, secondsBefore } from '../interpreter/retries.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import { Variables } from '../interpreter/variables.ts';
import { object, parsed } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { itemsInState, limitsOf } from '../states/distributed-map.ts';
import { leave } from '../states/ends.ts';
import { type Exit, enter, kinds } from '../states/index.ts';
import { itemsIn, itemsOfText } from '../states/item-reader.ts';
import { itemsOf } from '../states/map.ts';
import type { Engine } from './engine.ts';
import { checkedInput, optional, refusal, required } from './parameters.ts';
import { newStateMachine } from './state-machines.ts';
import { checkedContext } from './test-context.ts';
import { stateIn, testedName } from './test-definition.ts';
import { checkedMock } from './test-mock.ts';

/** The members of `inspectionData` by state type. */
const inspected: Record<string, string[]> = {
  Pass: ['afterInputPath', 'afterParameters', 'result', 'afterResultSelector', 'afterResultPath'],
  Task: [
    'afterInputPath',
    'afterParameters',
    'afterArguments',
    'result',
    'afterResultSelector',
    'afterResultPath',
  ],
  Parallel: ['afterResultSelector', 'afterResultPath'],
  Map: [
    ...['afterInputPath', 'afterItemsPath', 'afterItemSelector', 'afterResultSelector', 'afterResultPath'],
    ...['maxConcurrency', 'toleratedFailureCount', 'toleratedFailurePercentage'],
  ],
};

/** Seconds. */
const longestTest = 300;

interface StateConfiguration {
  retrierRetryCount?: number;
  mapIterationFailureCount?: number;
  /** JSON. */
  mapItemReaderData?: string;
}

/** Runs one attempt of one state. Map and Parallel need a mock; a mocked Task calls no service. */
export async function testState(engine: Engine, parameters: JsonObject): Promise<JsonObject> {
  const level = optional(parameters, 'inspectionLevel') ?? 'INFO';
  const { definition, state } = stateIn(
    required(parameters, 'definition'),
    optional(parameters, 'stateName'),
  );
  const mock = checkedMock(parameters, state);
  const context = checkedContext(optional(parameters, 'context'), state);
  const input = checkedInput(optional(parameters, 'input') ?? '{}');
  const configuration = (parameters.stateConfiguration ?? {}) as StateConfiguration;
  const variables = object(parsed(optional(parameters, 'variables') ?? '{}'));
  if (!variables) throw refusal('Variables must be a valid JSON object');
  const name = engine.settings.randomUUID();
  const machine = newStateMachine(engine, {
    name: engine.settings.randomUUID(),
    type: 'EXPRESS',
    roleArn: optional(parameters, 'roleArn') ?? '',
    definition: JSON.stringify(definition),
  });
  const execution = new Execution(engine, {
    machine,
    executionArn: `${machine.stateMachineArn.replace(':stateMachine:', ':express:')}:${name}`,
    name,
    input,
    mocks: { next: () => mock },
  });
  execution.context = {
    Execution: {
      Id: execution.executionArn,
      Input: JSON.parse(input) as Json,
      Name: name,
      RoleArn: optional(parameters, 'roleArn') ?? null,
      StartTime: new Date(execution.startDate).toISOString(),
    },
    StateMachine: { Id: machine.stateMachineArn, Name: machine.name },
  };
  const deadline = watchDeadlines(new AbortController().signal, longestTest, undefined, undefined);
  const { signal } = deadline;
  const progress = { variables, input: JSON.parse(input) as Json };
  const flow: Flow = {
    execution,
    thread: new Thread(new History(engine.settings.clock, false), 0),
    progress,
    variables: new Variables(progress),
    signal,
    over: signal,
    test: { context, inspection: {} },
  };
  const { assigned, ...answer } = await outcome(
    flow,
    state,
    JSON.parse(input) as Json,
    configuration,
    mock,
  ).finally(deadline.end);
  if (level === 'INFO') return withoutDetails(answer);
  const { inspection } = flow.test!;
  const members = (inspected[state.Type] ?? ['afterInputPath']).filter((member) => member in inspection);
  const hidden = 'result' in inspection && state.Type === 'Pass' ? ['afterInputPath', 'afterParameters'] : [];
  const shown = members.filter((member) => !hidden.includes(member));
  const all = { ...variables, ...(assigned as JsonObject) };
  return {
    ...withoutDetails(answer),
    inspectionData: {
      input,
      ...Object.fromEntries(shown.map((member) => [member, inspectionText(inspection[member]!)])),
      ...(Object.keys(all).length > 0 && { variables: JSON.stringify(all) }),
      ...(answer.errorDetails && { errorDetails: answer.errorDetails }),
    },
  };
}

function withoutDetails({ errorDetails: _, ...answer }: JsonObject): JsonObject {
  return answer;
}

/** Formats a member of `inspectionData`: numbers stay numbers, everything else is JSON text. */
function inspectionText(value: Json): Json {
  return typeof value === 'number' ? value : JSON.stringify(value);
}

async function outcome(
  flow: Flow,
  state: State,
  input: Json,
  configuration: StateConfiguration,
  mock: MockedResponse | undefined,
): Promise<JsonObject> {
  let run: StateRun | undefined;
  try {
    run = enter(flow, testedName, state, input);
    run.retryCount = configuration.retrierRetryCount ?? 0;
    return left(await attempt(run, configuration, mock), 'SUCCEEDED');
  } catch (failure) {
    if (!(failure instanceof StateError)) throw failure;
    return recovered(run, state, failure).catch((error) => {
      if (error instanceof StateError) return { ...failed(error), status: 'FAILED' };
      throw error;
    });
  }
}

/** Applies Retry and Catch to a failure, given the number of retries so far. */
async function recovered(run: StateRun | undefined, state: State, failure: StateError): Promise<JsonObject> {
  const isFor = ({ ErrorEquals }: { ErrorEquals: string[] }) => matches(ErrorEquals, failure);
  const retryIndex = (state.Retry ?? []).findIndex(isFor);
  const retrier = state.Retry?.[retryIndex];
  const retries = run?.retryCount ?? 0;
  if (retrier && retries < attemptsOf(retrier)) {
    const retryBackoffIntervalSeconds = Math.trunc(secondsBefore(retrier, retries));
    const errorDetails = { retryIndex, retryBackoffIntervalSeconds };
    return { ...failed(failure), status: 'RETRIABLE', errorDetails };
  }
  const catchIndex = (state.Catch ?? []).findIndex(isFor);
  const catcher = state.Catch?.[catchIndex];
  if (!run || !catcher) return { ...failed(failure), status: 'FAILED' };
  const errorOutput = { Error: failure.error ?? '', Cause: failure.cause ?? '' };
  const exit = await run.exit(catcher, { prefix: `Catch[${catchIndex}]/`, errorOutput });
  const caught = left({ ...exit, next: catcher.Next }, 'CAUGHT_ERROR');
  return { ...failed(failure), ...caught, errorDetails: { catchIndex } };
}

function failed({ error, cause }: StateError): JsonObject {
  return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}

function left({ output, assigned, next }: Exit, status: string): JsonObject {
  return {
    status,
    output: JSON.stringify(output),
    ...(next !== undefined && { nextState: next }),
    ...(assigned && { assigned }),
  };
}

/** Runs one attempt. The branches and iterations of Parallel and Map are not run. */
async function attempt(
  run: StateRun,
  configuration: StateConfiguration,
  mock: MockedResponse | undefined,
): Promise<Exit> {
  const { state } = run;
  if (state.Type === 'Map') await mapFields(run, configuration, mock);
  else if (state.Type === 'Parallel') await run.evaluate({ Arguments: state.Arguments });
  else return kinds[state.Type](run);
  if (mock && 'Return' in mock) return leave(run, mock.Return);
  throw new StateError(mock?.Throw.Error, mock?.Throw.Cause);
}

async function mapFields(
  run: StateRun,
  { mapIterationFailureCount: failures = 0, mapItemReaderData }: StateConfiguration,
  mock: MockedResponse | undefined,
): Promise<void> {
  const { state } = run;
  const items = await itemsOfMap(run, mapItemReaderData);
  if (run.argumentsName === 'afterParameters') run.inspect({ afterItemsPath: items });
  if (state.ItemSelector !== undefined) {
    const mapItems = items.map((Value, Index) => ({ Index, Value, Source: 'STATE_DATA' }));
    run.inspect({ afterItemSelector: await run.evaluateEach('ItemSelector', state.ItemSelector, mapItems) });
  }
  const limits = await limitsOf(run);
  const { maxConcurrency = 0, toleratedFailureCount: count, toleratedFailurePercentage: percentage } = limits;
  run.inspect({ maxConcurrency });
  if (count !== undefined) run.inspect({ toleratedFailureCount: count });
  if (percentage !== undefined) run.inspect({ toleratedFailurePercentage: percentage });
  if (failures > items.length)
    throw refusal('Map iteration failure count must be less than or equal to the number of Map iterations');
  const exceeded = exceededBy(failures, items.length, count, percentage);
  if (mock && 'Return' in mock && exceeded) throw exceeded;
}

/** Finds the items of a Map. `data` stands for what its ItemReader would read. */
async function itemsOfMap(run: StateRun, data: string | undefined): Promise<Json[]> {
  const { ItemReader, Items } = run.state;
  if (!isDistributed(run.state)) return itemsOf(run, (await run.evaluate({ Items })).Items);
  if (!ItemReader) return itemsIn(await itemsInState(run), '').map(({ value }) => value);
  if (data === undefined) return [];
  return itemsOfText(data, ItemReader.ReaderConfig ?? {}, '').map(({ value }) => value);
}
