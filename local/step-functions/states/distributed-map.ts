import { checkSize, StateError } from '../interpreter/errors.ts';
import { type Child, concurrencyOf, MapRun, type MapRunLimits } from '../interpreter/map-run.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import { object } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import type { StateMachine } from '../state-machine.ts';
import { leave } from './ends.ts';
import type { Exit } from './index.ts';
import { itemsIn, type ReaderValues, readerValues, readItems } from './item-reader.ts';
import { itemsOf } from './map.ts';
import { stateResult, writeResults } from './result-writer.ts';

/** The most redrives of a Map Run. */
const mostRedrives = 1000;

/** Returns the dataset from Items or from the state's input: an array, or an object whose members are the items. */
export async function itemsInState(run: StateRun): Promise<Json[] | JsonObject> {
  const { Items } = await run.evaluate({ Items: run.state.Items });
  return object(Items) ?? itemsOf(run, Items);
}

/** Runs a Distributed Map, whose iterations are the child executions of a Map Run. A redrive continues the same Map Run. */
export async function runDistributedMap(run: StateRun): Promise<Exit> {
  const { flow } = run;
  const { thread } = flow;
  const mapRun = redriven(run) ?? (await begin(run));
  try {
    if (mapRun.redriveCount > mostRedrives)
      throw new StateError('States.Runtime', `The Map Run exceeded the maximum of ${mostRedrives} redrives.`);
    await checkPermissions(run, mapRun);
    mapRun.children ??= await readChildren(run);
    const failure = await mapRun.run(flow.signal).catch((error: unknown) => {
      if (flow.signal.aborted || !(error instanceof StateError)) throw error;
      return error;
    });
    const written = await writeResults(run, mapRun);
    if (failure) throw failure;
    const result = written ?? stateResult(run.state, mapRun);
    checkSize(JSON.stringify(result), run.name);
    mapRun.end('SUCCEEDED');
    thread.add('MapRunSucceeded');
    thread.note('MapStateSucceeded');
    return await leave(run, result);
  } catch (error) {
    if (flow.signal.aborted) {
      if (mapRun.status === 'RUNNING') mapRun.end('ABORTED');
      if (!flow.over.aborted) thread.add('MapRunAborted');
    } else if (mapRun.status === 'RUNNING') {
      mapRun.end('FAILED');
      if (error instanceof StateError) thread.add('MapRunFailed', { error: error.error, cause: error.cause });
    }
    throw error;
  }
}

/** Checks that the role may control the children, on the resources that AWS documents. */
async function checkPermissions({ flow: { execution } }: StateRun, mapRun: MapRun): Promise<void> {
  const { executionArn, machine, settings } = execution;
  const children = `${mapRun.machine.stateMachineArn.replace(':stateMachine:', ':execution:')}:any`;
  const needed = [
    ['states:StartExecution', machine.stateMachineArn],
    ['states:DescribeExecution', executionArn],
    ['states:StopExecution', executionArn],
    ...(mapRun.redriveCount > 0 && mapRun.machine.type === 'STANDARD'
      ? [['states:RedriveExecution', children]]
      : []),
  ] as const;
  for (const [action, resource] of needed)
    if (!(await settings.mayControlChildren(machine.roleArn, action!, resource!)))
      throw new StateError(
        'StepFunctions.AWSStepFunctionsException',
        `The role ${machine.roleArn} is not authorized to perform: ${action} on resource: ${resource}`,
      );
}

/** Continues the Map Run of an earlier attempt, unless it succeeded. */
function redriven(run: StateRun): MapRun | undefined {
  const { execution, progress, thread } = run.flow;
  const mapRun = execution.surroundings.mapRuns.get(progress.mapRunArn ?? '');
  if (!mapRun || mapRun.status === 'SUCCEEDED') return undefined;
  mapRun.redrive();
  thread.moveTo(progress.started!.eventId);
  thread.add('MapRunRedriven', { mapRunArn: mapRun.mapRunArn, redriveCount: mapRun.redriveCount });
  return mapRun;
}

async function begin(run: StateRun): Promise<MapRun> {
  const { state } = run;
  const { execution, progress, thread } = run.flow;
  // With an ItemReader, AWS does not evaluate Items or ItemsPath (measured, localstack PR12117).
  const dataset = state.ItemReader ? [] : await itemsInState(run);
  const eventId = thread.add('MapStateStarted', { length: Object.keys(dataset).length });
  progress.started = { eventId, values: state.ItemReader ? await readerValues(run) : dataset };
  const { maxConcurrency, ...tolerances } = await limitsOf(run);
  const limits = { ...tolerances, maxConcurrency: concurrencyOf(maxConcurrency) };
  const { randomUUID } = execution.settings;
  const label = state.Label ?? randomUUID();
  const machine = childMachine(run, label);
  const mapRunArn = `${machine.stateMachineArn.replace(':stateMachine:', ':mapRun:')}:${randomUUID()}`;
  const mapRun = new MapRun(execution, machine, label, mapRunArn, limits);
  execution.surroundings.mapRuns.set(mapRunArn, mapRun);
  progress.mapRunArn = mapRunArn;
  thread.add('MapRunStarted', { mapRunArn });
  return mapRun;
}

/** Evaluates and checks the limits of a Map. Those that the state does not set are undefined. */
export async function limitsOf(run: StateRun): Promise<Partial<MapRunLimits>> {
  const { MaxConcurrency, ToleratedFailureCount, ToleratedFailurePercentage } = run.state;
  const values = await run.evaluate({ MaxConcurrency, ToleratedFailureCount, ToleratedFailurePercentage });
  const count = (field: 'MaxConcurrency' | 'ToleratedFailureCount') =>
    run.count(field, values[field], 0, run.state[field]);
  const percentage = values.ToleratedFailurePercentage;
  if (percentage !== undefined) {
    const number = run.typed('ToleratedFailurePercentage', percentage, 'number', ToleratedFailurePercentage!);
    if (!((number as number) >= 0 && (number as number) <= 100))
      throw run.outOfRange('ToleratedFailurePercentage', ToleratedFailurePercentage, number);
  }
  return {
    maxConcurrency: count('MaxConcurrency'),
    toleratedFailureCount: count('ToleratedFailureCount'),
    toleratedFailurePercentage: percentage as number | undefined,
  };
}

/** Makes the machine of the children, which DescribeStateMachineForExecution shows. */
function childMachine({ state, flow }: StateRun, label: string): StateMachine {
  const { machine } = flow.execution;
  const { ProcessorConfig, ...processor } = state.ItemProcessor!;
  const { QueryLanguage } = JSON.parse(machine.definition) as JsonObject;
  return {
    ...machine,
    stateMachineArn: `${machine.stateMachineArn}/${label}`,
    type: ProcessorConfig?.ExecutionType ?? 'STANDARD',
    definition: JSON.stringify({ ...(QueryLanguage !== undefined && { QueryLanguage }), ...processor }),
  };
}

/** Reads the items, applies ItemSelector to each, and batches them. */
async function readChildren(run: StateRun): Promise<Child[]> {
  const { values } = run.flow.progress.started!;
  const items = run.state.ItemReader
    ? await readItems(run, values as ReaderValues)
    : itemsIn(values, 'STATE_DATA');
  const { ItemSelector } = run.state;
  const mapItems = items.map(({ value, ...item }, Index) => ({ Index, Value: value, ...item }));
  const inputs =
    ItemSelector === undefined
      ? items.map(({ value }) => value)
      : await run.evaluateEach('ItemSelector', ItemSelector, mapItems);
  return run.state.ItemBatcher ? batches(run, inputs) : inputs.map((input) => child(run, input, 1));
}

function child(run: StateRun, input: Json, items: number): Child {
  const text = JSON.stringify(input);
  checkSize(text, run.name);
  return { input: text, items };
}

/** Fills each batch up to its number of items and the bytes of the whole input, with at least one item. */
async function batches(run: StateRun, items: Json[]): Promise<Child[]> {
  const { MaxItemsPerBatch, MaxInputBytesPerBatch, BatchInput } = run.state.ItemBatcher!;
  const values = await run.evaluate(
    { MaxItemsPerBatch, MaxInputBytesPerBatch, BatchInput },
    { prefix: 'ItemBatcher/' },
  );
  const most = run.count('MaxItemsPerBatch', values.MaxItemsPerBatch, 1, MaxItemsPerBatch);
  const bytes = run.count('MaxInputBytesPerBatch', values.MaxInputBytesPerBatch, 1, MaxInputBytesPerBatch);
  const common: JsonObject = values.BatchInput === undefined ? {} : { BatchInput: values.BatchInput };
  const size = (value: Json) => Buffer.byteLength(JSON.stringify(value)) + 1;
  const frame = size({ ...common, Items: [] });
  const children: Child[] = [];
  let batch: Json[] = [];
  let room = 0;
  const close = () => {
    if (batch.length > 0) children.push(child(run, { ...common, Items: batch }, batch.length));
    batch = [];
    room = (bytes ?? Number.POSITIVE_INFINITY) - frame;
  };
  close();
  for (const item of items) {
    if (batch.length >= (most ?? Number.POSITIVE_INFINITY) || size(item) > room) close();
    batch.push(item);
    room -= size(item);
  }
  close();
  return children;
}
