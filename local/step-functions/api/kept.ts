import { appendFileSync, createReadStream, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Execution, type KeptExecution } from '../interpreter/execution.ts';
import { type Child, MapRun } from '../interpreter/map-run.ts';
import type { StateMachine } from '../state-machine.ts';
import type { Engine } from './engine.ts';

type KeptMapRun = Pick<
  MapRun,
  | 'mapRunArn'
  | 'label'
  | 'limits'
  | 'status'
  | 'startDate'
  | 'stopDate'
  | 'redriveDate'
  | 'redriveCount'
  | 'files'
> & {
  parent: string;
  machine: StateMachine;
  children: (Omit<Child, 'execution'> & { executionArn?: string | undefined })[] | undefined;
};
/** A child of a Map Run has no machine here: it is that of the Map Run. */
type Kept = KeptExecution & {
  executionArn: string;
  name: string;
  input: string;
  machine?: StateMachine;
  mapRunArn?: string;
};

/** The last record of each machine, execution and Map Run, by ARN. A deleted machine is null. */
interface Records {
  machine: Map<string, StateMachine | null>;
  execution: Map<string, Kept>;
  mapRun: Map<string, KeptMapRun>;
}

/**
 * Keeps machines, Standard executions and Map Runs in a file of the folder, one line for every change, and restores
 * those of earlier processes. An execution that ran when its process ended is ABORTED and can be redriven: after an
 * orderly end from where it stopped, else from its beginning.
 */
export async function keepIn(folder: string, engine: Engine): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'step-functions.jsonl');
  const records = await recordsIn(file);
  writeFileSync(`${file}.new`, [...linesOf(records)].join(''));
  renameSync(`${file}.new`, file);
  restore(records, engine);

  const write = (kind: keyof Records, arn: string, record: unknown) =>
    appendFileSync(file, lineOf(kind, arn, record));
  const { set, delete: remove } = Map.prototype;
  engine.stateMachines.set = (arn, machine) => {
    write('machine', arn, machine);
    return set.call(engine.stateMachines, arn, machine) as typeof engine.stateMachines;
  };
  engine.stateMachines.delete = (arn) => {
    write('machine', arn, null);
    return remove.call(engine.stateMachines, arn);
  };
  engine.keep = (execution) => {
    const { executionArn, machine, mapRun, status } = execution;
    if (machine.type === 'EXPRESS' && !mapRun) return;
    // A child is useless without its Map Run, which is written when the parent ends.
    if (mapRun && status === 'RUNNING' && !engine.closing) return;
    write('execution', executionArn, keptExecution(execution));
    for (const own of engine.mapRuns.values())
      if (own.parent === execution) write('mapRun', own.mapRunArn, keptMapRun(own));
  };
}

async function recordsIn(file: string): Promise<Records> {
  const records: Records = { machine: new Map(), execution: new Map(), mapRun: new Map() };
  if (!existsSync(file)) return records;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    // The process may have ended while it wrote the last line.
    if (!line.endsWith(']')) continue;
    const [kind, arn, record] = JSON.parse(line) as [keyof Records, string, never];
    records[kind].set(arn, record);
  }
  return records;
}

function* linesOf(records: Records): Generator<string> {
  for (const [kind, all] of Object.entries(records) as [keyof Records, Map<string, unknown>][])
    for (const [arn, record] of all) if (record) yield lineOf(kind, arn, record);
}

function lineOf(kind: string, arn: string, record: unknown): string {
  return `${JSON.stringify([kind, arn, record])}\n`;
}

function restore(records: Records, engine: Engine): void {
  for (const [arn, kept] of records.machine) if (kept) engine.stateMachines.set(arn, kept);
  const executionOf = (arn: string): Execution | undefined => {
    const known = engine.executions.get(arn);
    const kept = records.execution.get(arn);
    if (known || !kept) return known;
    const { executionArn, name, input, machine, mapRunArn, ...rest } = kept;
    const mapRun = mapRunArn === undefined ? undefined : mapRunOf(mapRunArn);
    const own = machine ?? mapRun?.machine;
    if (!own) return undefined;
    const identity = { machine: own, executionArn, name, input, ...(mapRun && { mapRun }) };
    const execution = new Execution(engine, identity);
    engine.executions.set(arn, execution);
    execution.restore(rest);
    return execution;
  };
  const mapRunOf = (arn: string): MapRun | undefined => {
    const known = engine.mapRuns.get(arn);
    const kept = records.mapRun.get(arn);
    const parent = kept && !known && executionOf(kept.parent);
    if (!parent) return known;
    const { machine, label, mapRunArn, limits, children, parent: _, ...rest } = kept;
    const mapRun = new MapRun(parent, machine, label, mapRunArn, limits);
    engine.mapRuns.set(arn, Object.assign(mapRun, rest));
    if (mapRun.status === 'RUNNING') mapRun.end('ABORTED');
    mapRun.children = children?.map(({ executionArn, ...child }) => {
      const execution = executionArn === undefined ? undefined : executionOf(executionArn);
      return execution ? { ...child, execution } : child;
    });
    return mapRun;
  };
  for (const arn of records.execution.keys()) executionOf(arn);
  for (const arn of records.mapRun.keys()) mapRunOf(arn);
}

function keptExecution(execution: Execution): Kept {
  const { executionArn, name, input, machine, mapRun, history } = execution;
  const { startDate, stopDate, redriveDate, redriveCount, status, output, error, cause, progress } =
    execution;
  return {
    executionArn,
    name,
    input,
    ...(mapRun ? { mapRunArn: mapRun.mapRunArn } : { machine: machine }),
    ...{ startDate, stopDate, redriveDate, redriveCount, status, output, error, cause, progress },
    events: history.events,
  };
}

function keptMapRun(mapRun: MapRun): KeptMapRun {
  const { mapRunArn, label, limits, status, startDate, stopDate, redriveDate, redriveCount, files } = mapRun;
  return {
    ...{ mapRunArn, label, limits, status, startDate, stopDate, redriveDate, redriveCount, files },
    parent: mapRun.parent.executionArn,
    machine: mapRun.machine,
    children: mapRun.children?.map(({ execution, ...child }) => ({
      ...child,
      executionArn: execution?.executionArn,
    })),
  };
}
