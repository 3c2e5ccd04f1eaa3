import { integrationProblem, unsupported } from '../integrations/index.ts';
import { list, object } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { type Diagnostic, Diagnostics, unsupportedCode } from './diagnostics.ts';
import { checkDistributedMap } from './distributed-map-check.ts';
import { checkExpressions, type StatesMember } from './expression-check.ts';
import { checkGraph } from './graph.ts';
import { expressionIn, isTimestamp } from './language.ts';
import { checkReferences } from './reference-check.ts';

export type MachineType = 'STANDARD' | 'EXPRESS';
type QueryLanguage = 'JSONata' | 'JSONPath';

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
const jsonataOnly = ['Arguments', 'Output', 'Items', 'Condition'];
const jsonPathOnly: Record<string, string[]> = {
  Task: words(
    'InputPath OutputPath Parameters ResultSelector ResultPath TimeoutSecondsPath HeartbeatSecondsPath',
  ),
  Pass: words('InputPath OutputPath Parameters Result ResultPath'),
  Choice: words('InputPath OutputPath'),
  Wait: words('InputPath OutputPath SecondsPath TimestampPath'),
  Succeed: words('InputPath OutputPath'),
  Fail: words('ErrorPath CausePath'),
  Parallel: words('InputPath OutputPath Parameters ResultSelector ResultPath'),
  Map: [
    ...words('InputPath OutputPath ItemsPath Iterator Parameters ResultSelector ResultPath'),
    ...words('MaxConcurrencyPath ToleratedFailureCountPath ToleratedFailurePercentagePath'),
  ],
};
const languages: Record<QueryLanguage, { other: QueryLanguage; foreign: string[] }> = {
  JSONata: { other: 'JSONPath', foreign: Object.values(jsonPathOnly).flat() },
  JSONPath: { other: 'JSONata', foreign: jsonataOnly },
};
/** Fields that hold expressions, beside Output, Assign and Condition. */
const evaluatedFields = [
  ...words(
    'Arguments Credentials TimeoutSeconds HeartbeatSeconds Seconds Timestamp Error Cause Items ItemSelector',
  ),
  ...words('MaxConcurrency ToleratedFailureCount ToleratedFailurePercentage'),
];
/** Expressions in these see `$states.result` (Output and Assign only where the state has one). */
const resultTypes = ['Task', 'Parallel', 'Map'];

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
  private machineType: MachineType;
  private readonly queryLanguage: Json;
  private readonly stateNames = new Set<string>();
  private readonly labels = new Set<string>();

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
    const language = this.languageOf(state, location);
    if (!language) return;
    const fields =
      language === 'JSONata'
        ? fieldsOf[type]!
        : [...fieldsOf[type]!.filter((field) => !jsonataOnly.includes(field)), ...jsonPathOnly[type]!];
    this.unknownFields(state, ['Type', 'Comment', 'QueryLanguage', ...fields], location, language);
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
    if (type === 'Wait') this.wait(state, location, language);
    if (type === 'Choice') this.choice(state, location, language);
    if (type === 'Parallel') this.parallel(state, location, visible);
    if (type === 'Map') this.map(state, location, visible, language);
    if (language === 'JSONata') this.expressions(state, type, location);
    else checkReferences(state, location, this.diagnostics);
  }

  private languageOf(state: JsonObject, location: string): QueryLanguage | undefined {
    const language = (state.QueryLanguage ?? this.queryLanguage) as QueryLanguage;
    if (!Object.hasOwn(languages, language)) {
      this.diagnostics.schema(
        "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]",
        `${location}/QueryLanguage`,
      );
      return undefined;
    }
    if (language === 'JSONata' || this.queryLanguage !== 'JSONata') return language;
    this.diagnostics.schema(
      "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
      location,
    );
    return undefined;
  }

  private unknownFields(
    fields: JsonObject,
    allowed: string[],
    location: string,
    language: QueryLanguage = 'JSONata',
  ): void {
    const { other, foreign } = languages[language];
    for (const field of Object.keys(fields)) {
      if (allowed.includes(field)) continue;
      if (foreign.includes(field))
        this.diagnostics.schema(
          `The QueryLanguage is set to '${language}', but field '${field}' is only supported for the '${other}' QueryLanguage`,
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
      const limit = problem ? undefined : unsupported(state.Resource);
      if (limit) this.diagnostics.add(unsupportedCode, limit, `${location}/Resource`);
    }
    if (object(state.Credentials) && object(state.Credentials)!.RoleArn === undefined)
      this.diagnostics.schema("The field 'RoleArn' is required but was missing", `${location}/Credentials`);
  }

  private wait(state: JsonObject, location: string, language: QueryLanguage): void {
    const paths = language === 'JSONPath' ? ['SecondsPath', 'TimestampPath'] : [];
    const ways = ['Seconds', 'Timestamp', ...paths];
    if (ways.filter((field) => state[field] !== undefined).length !== 1)
      this.diagnostics.schema(`Exactly one of these fields is required: [${ways.join(', ')}]`, location);
    const { Timestamp: time } = state;
    const dynamic = language === 'JSONata' && expressionIn(time) !== undefined;
    if (typeof time === 'string' && !dynamic && !isTimestamp(time))
      this.diagnostics.schema('String does not match RFC3339 timestamp', `${location}/Timestamp`);
  }

  private choice(state: JsonObject, location: string, language: QueryLanguage): void {
    this.required(state, ['Choices'], location);
    list(state.Choices).forEach((rule, index) => {
      const at = `${location}/Choices[${index}]`;
      this.required(object(rule) ?? {}, language === 'JSONata' ? ['Condition', 'Next'] : ['Next'], at);
      if (language === 'JSONata')
        this.unknownFields(object(rule) ?? {}, ['Condition', 'Next', 'Comment', 'Output', 'Assign'], at);
    });
  }

  private parallel(state: JsonObject, location: string, visible: Set<string>): void {
    this.required(state, ['Branches'], location);
    if (state.Branches && list(state.Branches).length === 0)
      this.diagnostics.schema('Value cannot be empty', `${location}/Branches`);
    list(state.Branches).forEach((branch, index) => {
      this.block(object(branch) ?? {}, `${location}/Branches[${index}]`, visible, [
        'Comment',
        'StartAt',
        'States',
      ]);
    });
  }

  private map(state: JsonObject, location: string, visible: Set<string>, language: QueryLanguage): void {
    const field = state.Iterator === undefined ? 'ItemProcessor' : 'Iterator';
    this.required(state, [field], location);
    const processor = object(state[field]) ?? {};
    checkDistributedMap(state, location, language, this.machineType, this.labels, this.diagnostics);
    const { Mode, ExecutionType } = object(processor.ProcessorConfig) ?? {};
    // The children of a Distributed Map see no variables of the parent, and have a type of their own.
    if (Mode === 'DISTRIBUTED') visible = new Set();
    const { machineType } = this;
    if (ExecutionType === 'EXPRESS') this.machineType = ExecutionType;
    this.block(processor, `${location}/${field}`, visible, [
      'Comment',
      'ProcessorConfig',
      'StartAt',
      'States',
    ]);
    this.machineType = machineType;
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
