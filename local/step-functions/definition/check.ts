import { integrationProblem } from '../integrations/index.ts';
import type { Json, JsonObject } from '../settings.ts';
import { type Diagnostic, Diagnostics } from './diagnostics.ts';
import { checkExpressions, type StatesMember } from './expression-check.ts';
import { checkGraph } from './graph.ts';
import { list, object } from './json.ts';
import { expressionIn } from './language.ts';

export type MachineType = 'STANDARD' | 'EXPRESS';

const words = (text: string) => text.split(' ');
const recovery = ['Retry', 'Catch'];
const fieldsOf: Record<string, string[]> = {
  Task: words(
    'Resource Arguments Output Assign TimeoutSeconds HeartbeatSeconds Credentials Retry Catch Next End',
  ),
  Pass: words('Output Assign Next End'),
  Choice: words('Choices Default Output Assign'),
  Wait: words('Seconds Timestamp Output Assign Next End'),
  Succeed: words('Output'),
  Fail: words('Error Cause'),
  Parallel: words('Branches Arguments Output Assign Retry Catch Next End'),
  Map: [
    ...words(
      'Items ItemSelector ItemProcessor MaxConcurrency ToleratedFailureCount ToleratedFailurePercentage',
    ),
    ...words('ItemReader ItemBatcher ResultWriter Label Output Assign Retry Catch Next End'),
  ],
};
const jsonPathFields = [
  ...words(
    'InputPath OutputPath ResultPath Parameters ResultSelector Result ItemsPath SecondsPath TimestampPath',
  ),
  ...words('ErrorPath CausePath TimeoutSecondsPath HeartbeatSecondsPath MaxConcurrencyPath'),
  ...words('ToleratedFailureCountPath ToleratedFailurePercentagePath'),
];
/** Fields that hold expressions, beside Output, Assign and Condition. */
const evaluatedFields = [
  ...words(
    'Arguments Credentials TimeoutSeconds HeartbeatSeconds Seconds Timestamp Error Cause Items ItemSelector',
  ),
  ...words('MaxConcurrency ToleratedFailureCount ToleratedFailurePercentage'),
];
/** Expressions in these see `$states.result` (Output and Assign only where the state has one). */
const resultTypes = ['Task', 'Parallel', 'Map'];
const rfc3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What CreateStateMachine would refuse in a definition, and what this emulator does not run; empty when it is fine. */
export function checkDefinition(text: string, machineType: MachineType): Diagnostic[] {
  const diagnostics = new Diagnostics();
  const definition = parseObject(text);
  if (!definition) diagnostics.schema('Definition must be a valid JSON object');
  else new Check(diagnostics, machineType, definition.QueryLanguage ?? 'JSONPath').machine(definition);
  return diagnostics.found;
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return object(JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

class Check {
  private readonly diagnostics: Diagnostics;
  private readonly machineType: MachineType;
  private readonly queryLanguage: Json;
  private readonly stateNames = new Set<string>();

  constructor(diagnostics: Diagnostics, machineType: MachineType, queryLanguage: Json) {
    this.diagnostics = diagnostics;
    this.machineType = machineType;
    this.queryLanguage = queryLanguage;
  }

  machine(definition: JsonObject): void {
    const { TimeoutSeconds: timeout } = definition;
    if (timeout !== undefined && !(Number.isInteger(timeout) && (timeout as number) > 0))
      this.diagnostics.schema('TimeoutSeconds must be a positive whole number', '/TimeoutSeconds');
    this.block(
      definition,
      '',
      new Set(),
      words('Comment QueryLanguage StartAt States TimeoutSeconds Version'),
    );
  }

  /** A machine, branch or item processor; `outer` holds the variables of the scopes around it. */
  private block(block: JsonObject, location: string, outer: Set<string>, allowed: string[]): void {
    const states = object(block.States);
    const missing = [!states && 'States', block.StartAt === undefined && 'StartAt'].filter(Boolean);
    if (missing.length) {
      this.diagnostics.schema(`These fields are required: [${missing.join(', ')}]`, location || '/');
      return;
    }
    this.unknownFields(block, allowed, location);
    const names = Object.keys(states!);
    const ownVariables = new Set(outer);
    for (const name of names) for (const key of assignedBy(object(states![name]))) ownVariables.add(key);
    for (const [name, state] of Object.entries(states!))
      this.state(object(state) ?? {}, name, `${location}/States/${name}`, outer, ownVariables);
    checkGraph(block.StartAt as string, states!, location, this.diagnostics);
  }

  private state(
    state: JsonObject,
    name: string,
    location: string,
    outer: Set<string>,
    visible: Set<string>,
  ): void {
    const type = state.Type as string;
    if (this.stateNames.has(name))
      this.diagnostics.add('DUPLICATE_STATE_NAME', `Duplicate State name: ${name}`, location);
    this.stateNames.add(name);
    if (!Object.hasOwn(fieldsOf, type)) {
      this.diagnostics.schema(
        "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
        `${location}/Type`,
      );
      return;
    }
    if (!this.isJsonata(state, name, location)) return;
    this.unknownFields(state, ['Type', 'Comment', 'QueryLanguage', ...fieldsOf[type]!], location);
    for (const key of assignedBy(state))
      if (outer.has(key))
        this.diagnostics.schema(
          `Variable '${key}' of an outer scope cannot be assigned here`,
          `${location}/Assign/${key}`,
        );
    if (fieldsOf[type]!.includes('Next') && state.Next === undefined && state.End !== true)
      this.diagnostics.schema('These fields are required: [Next]', location);
    this.recovery(state, location);
    if (type === 'Task') this.task(state, location);
    if (type === 'Wait') this.wait(state, location);
    if (type === 'Choice') this.choice(state, location);
    if (type === 'Parallel') this.parallel(state, location, visible);
    if (type === 'Map') this.map(state, location, visible);
    this.expressions(state, type, location);
  }

  private isJsonata(state: JsonObject, name: string, location: string): boolean {
    const language = state.QueryLanguage ?? this.queryLanguage;
    if (language === 'JSONata') return true;
    if (state.QueryLanguage === 'JSONPath' && this.queryLanguage === 'JSONata')
      this.diagnostics.schema(
        "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        location,
      );
    else
      this.diagnostics.schema(
        `State '${name}' is in ${language}: this emulator runs JSONata only (set "QueryLanguage": "JSONata")`,
        location,
      );
    return false;
  }

  private unknownFields(fields: JsonObject, allowed: string[], location: string): void {
    for (const field of Object.keys(fields)) {
      if (allowed.includes(field)) continue;
      if (jsonPathFields.includes(field))
        this.diagnostics.schema(
          `The QueryLanguage is set to 'JSONata', but field '${field}' is only supported for the 'JSONPath' QueryLanguage`,
          location || '/',
        );
      else this.diagnostics.schema(`Field '${field}' is not supported`, `${location}/${field}`);
    }
  }

  private recovery(state: JsonObject, location: string): void {
    for (const field of recovery)
      list(state[field]).forEach((rule, index) => {
        const required = field === 'Catch' ? ['ErrorEquals', 'Next'] : ['ErrorEquals'];
        this.required(object(rule) ?? {}, required, `${location}/${field}[${index}]`);
      });
  }

  private required(fields: JsonObject, names: string[], location: string): void {
    const missing = names.filter((name) => fields[name] === undefined);
    if (missing.length)
      this.diagnostics.schema(`These fields are required: [${missing.join(', ')}]`, location);
  }

  private task(state: JsonObject, location: string): void {
    this.required(state, ['Resource'], location);
    if (typeof state.Resource === 'string') {
      const problem = integrationProblem(state.Resource, this.machineType);
      if (problem) this.diagnostics.schema(problem, `${location}/Resource`);
    }
    if (object(state.Credentials) && object(state.Credentials)!.RoleArn === undefined)
      this.diagnostics.schema("The field 'RoleArn' is required but was missing", `${location}/Credentials`);
  }

  private wait(state: JsonObject, location: string): void {
    if ((state.Seconds === undefined) === (state.Timestamp === undefined))
      this.diagnostics.schema('Exactly one of these fields is required: [Seconds, Timestamp]', location);
    if (
      typeof state.Timestamp === 'string' &&
      !expressionIn(state.Timestamp) &&
      !isTimestamp(state.Timestamp)
    )
      this.diagnostics.schema('String does not match RFC3339 timestamp', `${location}/Timestamp`);
  }

  private choice(state: JsonObject, location: string): void {
    this.required(state, ['Choices'], location);
    list(state.Choices).forEach((rule, index) => {
      const at = `${location}/Choices[${index}]`;
      this.required(object(rule) ?? {}, ['Condition', 'Next'], at);
      this.unknownFields(object(rule) ?? {}, ['Condition', 'Next', 'Comment', 'Output', 'Assign'], at);
    });
  }

  private parallel(state: JsonObject, location: string, visible: Set<string>): void {
    this.required(state, ['Branches'], location);
    list(state.Branches).forEach((branch, index) => {
      this.block(object(branch) ?? {}, `${location}/Branches[${index}]`, visible, [
        'Comment',
        'StartAt',
        'States',
      ]);
    });
  }

  private map(state: JsonObject, location: string, visible: Set<string>): void {
    this.required(state, ['ItemProcessor'], location);
    const processor = object(state.ItemProcessor) ?? {};
    const distributed = object(processor.ProcessorConfig)?.Mode === 'DISTRIBUTED';
    const distributedOnly = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'].filter(
      (field) => state[field],
    );
    if (distributed || distributedOnly.length)
      this.diagnostics.schema('Distributed Map is not supported by this emulator', location);
    this.block(processor, `${location}/ItemProcessor`, visible, [
      'Comment',
      'ProcessorConfig',
      'StartAt',
      'States',
    ]);
  }

  private expressions(state: JsonObject, type: string, location: string): void {
    const members: StatesMember[] = resultTypes.includes(type) ? ['result'] : [];
    const check = (field: string, value: Json | undefined, seen: StatesMember[] = []) =>
      checkExpressions(value, `${location}/${field}`, seen, this.diagnostics);
    for (const field of evaluatedFields) check(field, state[field]);
    for (const field of ['Output', 'Assign']) check(field, state[field], members);
    list(state.Choices).forEach((rule, i) => {
      for (const field of ['Condition', 'Output', 'Assign'])
        check(`Choices[${i}]/${field}`, object(rule)?.[field]);
    });
    list(state.Catch).forEach((catcher, i) => {
      for (const field of ['Output', 'Assign'])
        check(`Catch[${i}]/${field}`, object(catcher)?.[field], ['errorOutput']);
    });
  }
}

/** The variables that a state sets, in whichever of its Assign fields. */
function assignedBy(state: JsonObject | undefined): string[] {
  const holders = [state, ...list(state?.Choices).map(object), ...list(state?.Catch).map(object)];
  return holders.flatMap((holder) => Object.keys(object(holder?.Assign) ?? {}));
}

/** RFC 3339, and a time that exists; any number of decimals. */
export function isTimestamp(text: string): boolean {
  return rfc3339.test(text) && !Number.isNaN(Date.parse(text));
}
