import { type Child, concurrencyOf, type MapRun } from '../interpreter/map-run.ts';
import { redriveStatusOf } from '../interpreter/redrive.ts';
import type { JsonObject } from '../settings.ts';
import type { Engine } from './engine.ts';
import { findExecution, findMapRun } from './find.ts';
import { page, required, seconds } from './parameters.ts';

/** Lists the Map Runs of one execution, newest first. */
export function listMapRuns(engine: Engine, parameters: JsonObject): JsonObject {
  const parent = findExecution(engine, required(parameters, 'executionArn'));
  const own = [...engine.mapRuns.values()].filter((mapRun) => mapRun.parent === parent).reverse();
  const { items, nextToken } = page(own, parameters);
  const mapRuns = items.map((mapRun) => ({
    ...common(mapRun),
    stateMachineArn: mapRun.machine.stateMachineArn,
  }));
  return { mapRuns, ...(nextToken && { nextToken }) };
}

/** Throws ResourceNotFound. */
export function describeMapRun(engine: Engine, parameters: JsonObject): JsonObject {
  const mapRun = findMapRun(engine, required(parameters, 'mapRunArn'));
  const { maxConcurrency, toleratedFailureCount = 0, toleratedFailurePercentage = 0 } = mapRun.limits;
  const { redriveCount, redriveDate } = mapRun;
  return {
    ...common(mapRun),
    status: mapRun.status,
    maxConcurrency,
    toleratedFailureCount,
    toleratedFailurePercentage,
    itemCounts: counts(mapRun, ({ items }) => items),
    executionCounts: counts(mapRun, () => 1),
    ...(redriveDate !== undefined && { redriveCount, redriveDate: seconds(redriveDate) }),
  };
}

/** Changes the limits of a Map Run at once, for running and waiting children. */
export function updateMapRun(engine: Engine, parameters: JsonObject): JsonObject {
  const mapRun = findMapRun(engine, required(parameters, 'mapRunArn'));
  const names = ['maxConcurrency', 'toleratedFailureCount', 'toleratedFailurePercentage'] as const;
  for (const name of names) {
    if (parameters[name] === undefined) continue;
    const value = parameters[name] as number;
    mapRun.limits[name] = name === 'maxConcurrency' ? concurrencyOf(value) : value;
  }
  if (mapRun.status === 'RUNNING') mapRun.proceed();
  return {};
}

function common({ mapRunArn, parent, startDate, stopDate }: MapRun) {
  return {
    mapRunArn,
    executionArn: parent.executionArn,
    startDate: seconds(startDate),
    ...(stopDate !== undefined && { stopDate: seconds(stopDate) }),
  };
}

/** The counts that AWS leaves out before the first redrive (recorded). */
const noRedrives = { failuresNotRedrivable: 0, pendingRedrive: 0 };

function counts(mapRun: MapRun, weight: (child: Child) => number): JsonObject {
  const result: Record<string, number> = {
    pending: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    timedOut: 0,
    aborted: 0,
    total: 0,
    resultsWritten: 0,
    ...(mapRun.redriveCount > 0 && noRedrives),
  };
  for (const child of mapRun.children ?? []) {
    const { execution } = child;
    const add = (name: string) => {
      result[name] = (result[name] ?? 0) + weight(child);
    };
    add('total');
    add(execution ? countOf[execution.status] : 'pending');
    if (child.written) add('resultsWritten');
    if (execution?.unsuccessful && redriveStatusOf(execution).redriveStatus === 'NOT_REDRIVABLE')
      add('failuresNotRedrivable');
  }
  return result;
}

const countOf = {
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
  PENDING_REDRIVE: 'pendingRedrive',
};
