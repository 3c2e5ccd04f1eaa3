import { maximumPayload } from '../interpreter/errors.ts';
import { Execution } from '../interpreter/execution.ts';
import type { HistoryEvent } from '../interpreter/history.ts';
import type { Json, JsonObject } from '../settings.ts';
import type { StateMachine } from '../state-machine.ts';
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import {
  checkedArn,
  checkedName,
  invalid,
  oneOf,
  optional,
  page,
  refuse,
  required,
  seconds,
} from './parameters.ts';
import { describe, findStateMachine } from './state-machines.ts';

/** A Standard execution of the same name and input that still runs is not started twice. Express names may repeat. */
export function startExecution(engine: Engine, parameters: JsonObject): JsonObject {
  const machine = findStateMachine(engine, required(parameters, 'stateMachineArn'));
  const name = checkedName(optional(parameters, 'name') ?? engine.settings.randomUUID());
  const input = checkedInput(optional(parameters, 'input') ?? '{}');
  const standardArn = machine.stateMachineArn.replace(':stateMachine:', ':execution:').concat(':', name);
  const existing = engine.executions.get(standardArn);
  if (machine.type === 'STANDARD' && existing) {
    if (existing.status !== 'RUNNING' || existing.input !== input)
      throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${standardArn}'`);
    return { executionArn: standardArn, startDate: seconds(existing.startDate) };
  }
  const execution = start(engine, machine, name, input);
  return { executionArn: execution.executionArn, startDate: seconds(execution.startDate) };
}

/** Runs an Express machine (5 minutes at most) and answers with its outcome, a failure too. */
export async function startSyncExecution(engine: Engine, parameters: JsonObject): Promise<JsonObject> {
  const machine = findStateMachine(engine, required(parameters, 'stateMachineArn'));
  if (machine.type !== 'EXPRESS') throw notOfThisType();
  refuse(parameters, 'includedData');
  const name = checkedName(optional(parameters, 'name') ?? engine.settings.randomUUID());
  const execution = start(engine, machine, name, checkedInput(optional(parameters, 'input') ?? '{}'));
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

function start(engine: Engine, machine: StateMachine, name: string, input: string): Execution {
  const arn = (kind: string) => `${machine.stateMachineArn.replace(':stateMachine:', `:${kind}:`)}:${name}`;
  if (machine.type === 'STANDARD') {
    const execution = new Execution(engine, machine, arn('execution'), name, input);
    engine.executions.set(execution.executionArn, execution);
    execution.start();
    return execution;
  }
  const execution = new Execution(
    engine,
    machine,
    `${arn('express')}:${engine.settings.randomUUID()}`,
    name,
    input,
  );
  engine.express.add(execution);
  void execution.done.then(() => engine.express.delete(execution));
  execution.start();
  return execution;
}

/** Standard executions only, as for every operation on executions below. */
export function describeExecution(engine: Engine, parameters: JsonObject): JsonObject {
  refuse(parameters, 'includedData');
  const execution = findExecution(engine, required(parameters, 'executionArn'));
  return { ...outcome(execution), redriveCount: 0, ...execution.redriveStatus };
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

/** The machine as it was when the execution started. */
export function describeStateMachineForExecution(engine: Engine, parameters: JsonObject): JsonObject {
  refuse(parameters, 'includedData');
  return describe(findExecution(engine, required(parameters, 'executionArn')).machine);
}

/** Newest first. */
export function listExecutions(engine: Engine, parameters: JsonObject): JsonObject {
  refuse(parameters, 'mapRunArn', 'redriveFilter');
  const machine = findStateMachine(engine, required(parameters, 'stateMachineArn'));
  if (machine.type !== 'STANDARD') throw notOfThisType();
  const statuses = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'] as const;
  const status = oneOf(parameters, 'statusFilter', statuses);
  const matching = [...engine.executions.values()]
    .filter(({ machine: { stateMachineArn } }) => stateMachineArn === machine.stateMachineArn)
    .filter((execution) => !status || execution.status === status)
    .reverse();
  const { items, nextToken } = page(matching, parameters);
  const executions = items.map((execution) => {
    const { executionArn, stateMachineArn, name, status, startDate, stopDate } = outcome(execution);
    return {
      executionArn,
      stateMachineArn,
      name,
      status,
      startDate,
      ...(stopDate && { stopDate }),
      redriveCount: 0,
    };
  });
  return { executions: executions as Json[], ...(nextToken && { nextToken }) };
}

/** Leaves a closed execution as it is. */
export function stopExecution(engine: Engine, parameters: JsonObject): JsonObject {
  const execution = findExecution(engine, required(parameters, 'executionArn'));
  execution.stop(optional(parameters, 'error'), optional(parameters, 'cause'));
  return { stopDate: seconds(execution.stopDate!) };
}

/** 100 events a page unless `maxResults` says otherwise, 1,000 at most. */
export function getExecutionHistory(engine: Engine, parameters: JsonObject): JsonObject {
  const execution = findExecution(engine, required(parameters, 'executionArn'));
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

function findExecution(engine: Engine, arn: string): Execution {
  const execution = engine.executions.get(checkedArn(arn));
  if (execution) return execution;
  if (arn.split(':')[5] === 'express') throw notOfThisType();
  throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
}

function notOfThisType(): ApiError {
  return new ApiError(
    'StateMachineTypeNotSupported',
    'This operation is not supported by this type of state machine',
  );
}

/** JSON of at most 256 KiB; the refusals are those of AWS's parser (measured). */
function checkedInput(input: string): string {
  if (Buffer.byteLength(input) > maximumPayload)
    throw invalid(
      `Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${maximumPayload}`,
    );
  try {
    JSON.parse(input);
    return input;
  } catch {
    throw new ApiError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${parserRefusal(input)}'`,
    );
  }
}

function parserRefusal(input: string): string {
  const [, token] = /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(input) ?? [];
  if (token)
    return `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
  const [, field] = /^\s*\{\s*([^"}\s])/.exec(input) ?? [];
  if (field)
    return `Unexpected character ('${field}' (code ${field.codePointAt(0)})): was expecting double-quote to start field name`;
  return 'Invalid execution input.';
}
