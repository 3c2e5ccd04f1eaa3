import { checkDefinition, type MachineType } from '../definition/check.ts';
import { type Diagnostic, labelCode } from '../definition/diagnostics.ts';
import { variableReferences } from '../definition/variable-references.ts';
import type { Json, JsonObject } from '../settings.ts';
import type { StateMachine } from '../state-machine.ts';
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import { checkedArn, checkedName, optional, page, refuse, required, seconds } from './parameters.ts';

/** Creates a machine. Idempotent for the same definition, type and configurations (measured). */
export function createStateMachine(engine: Engine, parameters: JsonObject): JsonObject {
  refuse(parameters, 'publish', 'versionDescription', 'tags');
  const name = checkedName(required(parameters, 'name'));
  const machine = newStateMachine(engine, {
    name,
    type: (optional(parameters, 'type') ?? 'STANDARD') as MachineType,
    roleArn: checkedArn(required(parameters, 'roleArn')),
    definition: required(parameters, 'definition'),
    loggingConfiguration: checkedLogging(parameters.loggingConfiguration),
    ...(parameters.tracingConfiguration && { tracingConfiguration: parameters.tracingConfiguration }),
    ...(parameters.encryptionConfiguration && {
      encryptionConfiguration: parameters.encryptionConfiguration,
    }),
  });
  checkedDefinition(machine.definition, machine.type);
  const existing = engine.stateMachines.get(machine.stateMachineArn);
  if (existing && identity(existing) !== identity(machine))
    throw new ApiError(
      'StateMachineAlreadyExists',
      `State Machine Already Exists: '${machine.stateMachineArn}'`,
    );
  if (!existing) engine.stateMachines.set(machine.stateMachineArn, machine);
  const { stateMachineArn, creationDate } = existing ?? machine;
  return { stateMachineArn, creationDate: seconds(creationDate) };
}

/** Makes a machine without registering it. */
export function newStateMachine(
  { settings: { region, accountId, clock } }: Engine,
  parts: Partial<StateMachine> & Pick<StateMachine, 'name' | 'type' | 'roleArn' | 'definition'>,
): StateMachine {
  const now = clock();
  return {
    stateMachineArn: `arn:aws:states:${region}:${accountId}:stateMachine:${parts.name}`,
    loggingConfiguration: checkedLogging(undefined),
    tracingConfiguration: { enabled: false },
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    creationDate: now,
    updateDate: now,
    revisionId: undefined,
    ...parts,
  };
}

function identity({ definition, type, loggingConfiguration, tracingConfiguration }: StateMachine): string {
  return JSON.stringify([definition, type, loggingConfiguration, tracingConfiguration]);
}

/** Updates a machine. Running executions keep the definition with which they started. */
export function updateStateMachine(engine: Engine, parameters: JsonObject): JsonObject {
  refuse(parameters, 'publish', 'versionDescription');
  const machine = findStateMachine(engine, required(parameters, 'stateMachineArn'));
  const names = [
    'definition',
    'roleArn',
    'loggingConfiguration',
    'tracingConfiguration',
    'encryptionConfiguration',
  ];
  const changes = Object.fromEntries(
    names.filter((name) => parameters[name]).map((name) => [name, parameters[name]]),
  );
  if (Object.keys(changes).length === 0)
    throw new ApiError(
      'MissingRequiredParameter',
      'Either the definition, the role ARN, or a configuration must be specified',
    );
  if (changes.loggingConfiguration)
    changes.loggingConfiguration = checkedLogging(changes.loggingConfiguration);
  if (typeof changes.definition === 'string') checkedDefinition(changes.definition, machine.type);
  const updated: StateMachine = { ...machine, ...changes, updateDate: engine.settings.clock() };
  const changed = identity(updated) !== identity(machine) || updated.roleArn !== machine.roleArn;
  if (changed || !machine.revisionId) updated.revisionId = engine.settings.randomUUID();
  engine.stateMachines.set(machine.stateMachineArn, updated);
  return { updateDate: seconds(updated.updateDate), revisionId: updated.revisionId! };
}

/** Deletes a machine. Also succeeds if there is none (measured). */
export function deleteStateMachine(engine: Engine, parameters: JsonObject): JsonObject {
  engine.stateMachines.delete(checkedArn(required(parameters, 'stateMachineArn'), 'stateMachine'));
  return {};
}

/** Throws StateMachineDoesNotExist. */
export function describeStateMachine(engine: Engine, parameters: JsonObject): JsonObject {
  const machine = findStateMachine(engine, required(parameters, 'stateMachineArn'));
  const { updateDate: _, ...description } = describe(machine);
  return {
    ...description,
    type: machine.type,
    status: 'ACTIVE',
    creationDate: seconds(machine.creationDate),
  };
}

/** Returns the common part of DescribeStateMachine and DescribeStateMachineForExecution. */
export function describe(machine: StateMachine): JsonObject {
  const references = variableReferences(JSON.parse(machine.definition) as JsonObject);
  return {
    ...(Object.keys(references).length > 0 && { variableReferences: references }),
    stateMachineArn: machine.stateMachineArn,
    name: machine.name,
    definition: machine.definition,
    roleArn: machine.roleArn,
    updateDate: seconds(machine.updateDate),
    loggingConfiguration: machine.loggingConfiguration,
    tracingConfiguration: machine.tracingConfiguration,
    encryptionConfiguration: machine.encryptionConfiguration,
    ...(machine.revisionId && { revisionId: machine.revisionId }),
  };
}

/** Lists machines, oldest first. */
export function listStateMachines(engine: Engine, parameters: JsonObject): JsonObject {
  const { items, nextToken } = page([...engine.stateMachines.values()], parameters);
  const stateMachines = items.map(({ stateMachineArn, name, type, creationDate }) => {
    return { stateMachineArn, name, type, creationDate: seconds(creationDate) };
  });
  return { stateMachines, ...(nextToken && { nextToken }) };
}

/** Answers with at most 100 diagnostics of what CreateStateMachine would refuse. */
export function validateStateMachineDefinition(_engine: Engine, parameters: JsonObject): JsonObject {
  const type = (optional(parameters, 'type') ?? 'STANDARD') as MachineType;
  const wanted = Math.trunc((parameters.maxResults ?? 0) as number);
  const all = checkDefinition(required(parameters, 'definition'), type);
  const diagnostics = all.slice(0, wanted || 100);
  return {
    result: all.length ? 'FAIL' : 'OK',
    diagnostics: diagnostics.map((diagnostic) => ({ ...diagnostic })),
    truncated: diagnostics.length < all.length,
  };
}

/** Finds a machine by its ARN without version or alias. Throws StateMachineDoesNotExist. */
export function findStateMachine(engine: Engine, arn: string): StateMachine {
  const machine = engine.stateMachines.get(checkedArn(arn, 'stateMachine'));
  if (!machine) throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  return machine;
}

function checkedDefinition(definition: string, type: MachineType): void {
  const findings = checkDefinition(definition, type);
  // Only this finding was recorded in this form.
  const label = findings.find(({ code }) => code === labelCode);
  if (label)
    throw new ApiError(
      'InvalidDefinition',
      `Error=ValueError Args=[${quoted(label.message)}] in definition '${definition}'.`,
    );
  if (findings.length) throw definitionError(findings);
}

/** Quotes a text as in the recordings: in double quotes if it has only single ones, else in single quotes. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return quote + text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote;
}

/** Makes an InvalidDefinition of all findings. */
export function definitionError(findings: Diagnostic[]): ApiError {
  const texts = findings.map(
    ({ code, message, location }) => `${code}: ${message}${location === undefined ? '' : ` at ${location}`}`,
  );
  return new ApiError('InvalidDefinition', `Invalid State Machine Definition: '${texts.join(', ')}'`);
}

/** Fills in the defaults. Throws if a level is given without a destination. Nothing is logged here. */
function checkedLogging(given: Json | undefined): Json {
  const configuration = { level: 'OFF', includeExecutionData: false, ...(given as JsonObject | undefined) };
  const { level, destinations = [] } = configuration as JsonObject;
  if (level !== 'OFF' && (destinations as Json[]).length !== 1)
    throw new ApiError(
      'InvalidLoggingConfiguration',
      'Invalid Logging Configuration: Must specify exactly one Log Destination.',
    );
  return configuration;
}
