import { Execution } from '../interpreter/execution.ts';
import type { HistoryEvent } from '../interpreter/history.ts';
import { mocksOf } from '../interpreter/mock-config.ts';
import type { Mocks } from '../interpreter/mocks.ts';
import { redriveStatusOf } from '../interpreter/redrive.ts';
import type { Json, JsonObject } from '../settings.ts';
import type { StateMachine } from '../state-machine.ts';
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import { findExecution, findMapRun, notOfThisType } from './find.ts';
import {
  checkedInput,
  checkedName,
  invalid,
  optional,
  page,
  refuse,
  required,
  seconds,
} from './parameters.ts';
import { describe, findStateMachine } from './state-machines.ts';

/** Starts an execution, unless a Standard one of the same name and input is still running. Names of Express executions may repeat. */
export function startExecution(engine: Engine, parameters: JsonObject): JsonObject {
  const [machineArn, testCase] = required(parameters, 'stateMachineArn').split('#');
  const machine = findStateMachine(engine, machineArn!);
  const name = checkedName(optional(parameters, 'name') ?? engine.settings.randomUUID());
  const input = checkedInput(optional(parameters, 'input') ?? '{}');
  const standardArn = machine.stateMachineArn.replace(':stateMachine:', ':execution:').concat(':', name);
  const existing = engine.executions.get(standardArn);
  if (machine.type === 'STANDARD' && existing) {
    if (existing.status !== 'RUNNING' || existing.input !== input)
      throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${standardArn}'`);
    return { executionArn: standardArn, startDate: seconds(existing.startDate) };
  }
  const execution = start(engine, machine, name, input, testCase);
  return { executionArn: execution.executionArn, startDate: seconds(execution.startDate) };
}

/** Runs an Express machine for at most 5 minutes and answers with its outcome, including a failure. */
export async function startSyncExecution(engine: Engine, parameters: JsonObject): Promise<JsonObject> {
  const [machineArn, testCase] = required(parameters, 'stateMachineArn').split('#');
  const machine = findStateMachine(engine, machineArn!);
  if (machine.type !== 'EXPRESS') throw notOfThisType();
  refuse(parameters, 'includedData');
  const name = checkedName(optional(parameters, 'name') ?? engine.settings.randomUUID());
  const input = checkedInput(optional(parameters, 'input') ?? '{}');
  const execution = start(engine, machine, name, input, testCase);
  await execution.done;
  const duration = execution.stopDate! - execution.startDate;
  return {
    ...outcome(execution),
    outputDetails: { included: true },
    // AWS bills each started 100 milliseconds of 64 MB.
    billingDetails: {
      billedDurationInMilliseconds: Math.max(1, Math.ceil(duration / 100)) * 100,
      billedMemoryUsedInMB: 64,
    },
  };
}

function start(
  engine: Engine,
  machine: StateMachine,
  name: string,
  input: string,
  testCase: string | undefined,
): Execution {
  const mocks = testCase === undefined ? undefined : mocksFor(engine, machine, testCase);
  const arn = (kind: string) => `${machine.stateMachineArn.replace(':stateMachine:', `:${kind}:`)}:${name}`;
  if (machine.type === 'STANDARD') {
    const execution = new Execution(engine, { machine, executionArn: arn('execution'), name, input, mocks });
    engine.executions.set(execution.executionArn, execution);
    execution.start();
    return execution;
  }
  const executionArn = `${arn('express')}:${engine.settings.randomUUID()}`;
  const execution = new Execution(engine, { machine, executionArn, name, input, mocks });
  engine.express.add(execution);
  void execution.done.then(() => engine.express.delete(execution));
  execution.start();
  return execution;
}

/** Reads the mocks of a test case. A mistake in the file is an HTTP 500, as in AWS's Step Functions Local. */
function mocksFor({ settings }: Engine, { name }: StateMachine, testCase: string): Mocks {
  try {
    return mocksOf(settings.mockConfig, name, testCase);
  } catch (error) {
    throw new ApiError('InternalFailure', (error as Error).message, 500);
  }
}

/** Like all following operations, works only on Standard executions and on children of Map Runs. */
export function describeExecution(engine: Engine, parameters: JsonObject): JsonObject {
  refuse(parameters, 'includedData');
  const execution = findExecution(engine, required(parameters, 'executionArn'));
  const { mapRun, redriveCount, redriveDate } = execution;
  return {
    ...outcome(execution),
    ...(mapRun && { mapRunArn: mapRun.mapRunArn }),
    redriveCount,
    ...(redriveDate !== undefined && { redriveDate: seconds(redriveDate) }),
    ...redriveStatusOf(execution),
  };
}

function outcome(execution: Execution): JsonObject {
  const { output, error, cause, stopDate } = execution;
  return {
    executionArn: execution.executionArn,
    stateMachineArn: execution.machine.stateMachineArn,
    name: execution.name,
    status: execution.status,
    startDate: seconds(execution.startDate),
    ...(stopDate !== undefined && { stopDate: seconds(stopDate) }),
    input: execution.input,
    inputDetails: { included: true },
    ...(output !== undefined && { output, outputDetails: { included: true } }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}

/** Describes the machine as it was when the execution started; for a child of a Map Run, the ItemProcessor. */
export function describeStateMachineForExecution(engine: Engine, parameters: JsonObject): JsonObject {
  refuse(parameters, 'includedData');
  const { machine, mapRun } = findExecution(engine, required(parameters, 'executionArn'));
  return { ...describe(machine), ...(mapRun && { mapRunArn: mapRun.mapRunArn, label: mapRun.label }) };
}

/** Lists the executions of a machine, or the children of a Map Run that have begun, newest first. */
export function listExecutions(engine: Engine, parameters: JsonObject): JsonObject {
  const status = optional(parameters, 'statusFilter');
  const filter = optional(parameters, 'redriveFilter');
  const mapRunArn = optional(parameters, 'mapRunArn');
  if ((mapRunArn === undefined) === (optional(parameters, 'stateMachineArn') === undefined))
    throw invalid('Specify exactly one of stateMachineArn or mapRunArn');
  if (filter && mapRunArn === undefined) throw invalid("'redriveFilter' needs a 'mapRunArn'");
  const all = mapRunArn === undefined ? ofMachine(engine, parameters) : childrenOf(engine, mapRunArn);
  const matching = all
    .filter(({ execution }) => !status || execution.status === status)
    .filter(({ execution }) => !filter || execution.redriveCount > 0 === (filter === 'REDRIVEN'))
    .reverse();
  const { items, nextToken } = page(matching, parameters);
  const executions = items.map(({ execution, items: itemCount }) => {
    const { executionArn, stateMachineArn, name, status, startDate, stopDate } = outcome(execution);
    const { redriveCount, redriveDate } = execution;
    return {
      executionArn,
      stateMachineArn,
      name,
      status,
      startDate,
      ...(stopDate && { stopDate }),
      ...(mapRunArn && { mapRunArn, itemCount }),
      redriveCount,
      ...(redriveDate !== undefined && { redriveDate: seconds(redriveDate) }),
    };
  });
  return { executions: executions as Json[], ...(nextToken && { nextToken }) };
}

function ofMachine(engine: Engine, parameters: JsonObject): { execution: Execution; items?: number }[] {
  const { type, stateMachineArn } = findStateMachine(engine, required(parameters, 'stateMachineArn'));
  if (type !== 'STANDARD') throw notOfThisType();
  return [...engine.executions.values()]
    .filter(({ machine }) => machine.stateMachineArn === stateMachineArn)
    .map((execution) => ({ execution }));
}

function childrenOf(engine: Engine, mapRunArn: string): { execution: Execution; items: number }[] {
  const begun = (findMapRun(engine, mapRunArn).children ?? []).filter(({ execution }) => execution);
  return begun.map(({ execution, items }) => ({ execution: execution!, items }));
}

/** Stops a running execution; a closed one stays as it is. */
export function stopExecution(engine: Engine, parameters: JsonObject): JsonObject {
  const execution = findExecution(engine, required(parameters, 'executionArn'));
  if (execution.machine.type === 'EXPRESS') throw notOfThisType();
  execution.stop(optional(parameters, 'error'), optional(parameters, 'cause'));
  return { stopDate: seconds(execution.stopDate!) };
}

/**
 * Continues an unsuccessful execution where it stopped. A client's token makes a repeated call harmless for 15 minutes.
 * Throws ExecutionNotRedrivable with the reason that DescribeExecution gives.
 */
export function redriveExecution(engine: Engine, parameters: JsonObject): JsonObject {
  const execution = findExecution(engine, required(parameters, 'executionArn'));
  if (execution.mapRun) throw invalid('Labeled Execution ARNs are not supported for this API');
  const now = engine.settings.clock();
  const token = optional(parameters, 'clientToken');
  const repeated = token !== undefined ? execution.redriveTokens.get(token) : undefined;
  if (repeated !== undefined && now - repeated < tokenPeriod) return { redriveDate: seconds(repeated) };
  const { redriveStatus, redriveStatusReason } = redriveStatusOf(execution);
  if (redriveStatus !== 'REDRIVABLE') throw new ApiError('ExecutionNotRedrivable', redriveStatusReason!);
  execution.redrive();
  if (token !== undefined) execution.redriveTokens.set(token, now);
  return { redriveDate: seconds(now) };
}

/** Milliseconds for which a client's token identifies the same redrive. */
const tokenPeriod = 15 * 60 * 1000;

/** Returns 100 events a page by default and 1,000 at most. */
export function getExecutionHistory(engine: Engine, parameters: JsonObject): JsonObject {
  const execution = findExecution(engine, required(parameters, 'executionArn'));
  if (execution.machine.type === 'EXPRESS') throw notOfThisType();
  const events = parameters.reverseOrder ? execution.history.events.toReversed() : execution.history.events;
  const { items, nextToken } = page(events, parameters);
  const shown = parameters.includeExecutionData === false ? items.map(withoutData) : items;
  return { events: shown as unknown as Json[], ...(nextToken && { nextToken }) };
}

const dataMembers = ['input', 'output', 'parameters', 'assignedVariables', 'error', 'cause'];

function withoutData(event: HistoryEvent): HistoryEvent {
  const members = Object.entries(event).map(([name, details]) => [
    name,
    details && typeof details === 'object'
      ? Object.fromEntries(Object.entries(details).filter(([member]) => !dataMembers.includes(member)))
      : details,
  ]);
  return Object.fromEntries(members) as HistoryEvent;
}
