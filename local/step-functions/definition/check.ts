import { integrationProblem, unsupported } from '../integrations/index.ts';
import { jsonProblem, list, object, parsed } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { type Diagnostic, Diagnostics, unsupportedCode } from './diagnostics.ts';
import { checkDistributedMap } from './distributed-map-check.ts';
import { checkExpressions, type StatesMember } from './expression-check.ts';
import { checkTypes, checkVariableNames, variableOf } from './field-check.ts';
import { checkGraph, transitionsOf } from './graph.ts';
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
/** The fields that can hold expressions, in addition to Output, Assign and Condition. */
const evaluatedFields = [
  ...words(
    'Arguments Credentials TimeoutSeconds HeartbeatSeconds Seconds Timestamp Error Cause Items ItemSelector',
  ),
  ...words('MaxConcurrency ToleratedFailureCount ToleratedFailurePercentage'),
];
/** The state types whose Output and Assign can read `$states.result`. */
const resultTypes = ['Task', 'Parallel', 'Map'];

/** Lists everything in a definition that CreateStateMachine refuses or that this emulator cannot run. */
export function checkDefinition(text: string, machineType: MachineType): Diagnostic[] {
  const diagnostics = new Diagnostics();
  const problem = text.trim() ? jsonProblem(text) : undefined;
  if (problem) {
    diagnostics.add('INVALID_JSON_DESCRIPTION', problem.message, problem.location);
    return diagnostics.found;
  }
  const definition = object(parsed(text));
  if (!definition) diagnostics.schema('Definition must be a valid JSON object');
  else new Check(diagnostics, machineType, definition.QueryLanguage ?? 'JSONPath').machine(definition);
  return diagnostics.found;
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
    if (typeof definition.TimeoutSeconds === 'string')
      this.diagnostics.schema('Expected value of type Integer', '/TimeoutSeconds');
    this.block(
      definition,
      '',
      new Set(),
      words('Comment QueryLanguage StartAt States TimeoutSeconds Version'),
    );
  }

  /** Checks a machine, branch or item processor. `outer` holds the variables of the enclosing scopes. */
  private block(block: JsonObject, location: string, outer: Set<string>, allowed: string[]): void {
    const states = object(block.States);
    const missing = [!states && 'States', block.StartAt === undefined && 'StartAt'].filter(Boolean);
    if (missing.length) {
      this.diagnostics.schema(`These fields are required: [${missing.join(', ')}]`, location || '/');
      return;
    }
    this.unknownFields(block, allowed, location);
    checkTypes(block, location, this.diagnostics);
    const assigned = assignedBefore(states!, outer);
    for (const [name, state] of Object.entries(states!))
      this.state(object(state) ?? {}, name, `${location}/States/${name}`, outer, assigned.get(name)!);
    checkGraph(block.StartAt!, states!, location, this.diagnostics);
  }

  private state(
    state: JsonObject,
    name: string,
    location: string,
    outer: Set<string>,
    visible: Set<string>,
  ): void {
    const type = typeof state.Type === 'string' ? state.Type : '';
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
    checkTypes(state, location, this.diagnostics);
    checkVariableNames(object(state.Assign), location, this.diagnostics);
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
    if (typeof language !== 'string' || !Object.hasOwn(languages, language)) {
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
        this.part(rule, required, `${location}/${field}[${index}]`);
        const names = list(object(rule)?.ErrorEquals);
        if (names.some((name) => typeof name !== 'string'))
          this.diagnostics.schema(
            'Expected value of type String',
            `${location}/${field}[${index}]/ErrorEquals`,
          );
      });
  }

  /** Checks one rule, catcher or retrier of a state. */
  private part(value: Json, required: string[], location: string): void {
    const fields = object(value);
    if (!fields) this.diagnostics.schema('Expected value of type Object', location);
    this.required(fields ?? {}, required, location);
    checkTypes(fields ?? {}, location, this.diagnostics);
    checkVariableNames(object(fields?.Assign), location, this.diagnostics);
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
    const credentials = object(state.Credentials);
    if (credentials && !['RoleArn', 'RoleArn.$'].some((field) => credentials[field] !== undefined))
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
    this.notEmpty(state, 'Choices', location);
    list(state.Choices).forEach((rule, index) => {
      const at = `${location}/Choices[${index}]`;
      this.part(rule, language === 'JSONata' ? ['Condition', 'Next'] : ['Next'], at);
      if (language === 'JSONata')
        this.unknownFields(object(rule) ?? {}, ['Condition', 'Next', 'Comment', 'Output', 'Assign'], at);
    });
  }

  private notEmpty(state: JsonObject, field: string, location: string): void {
    if (Array.isArray(state[field]) && state[field].length === 0)
      this.diagnostics.schema('Value cannot be empty', `${location}/${field}`);
  }

  private parallel(state: JsonObject, location: string, visible: Set<string>): void {
    this.required(state, ['Branches'], location);
    this.notEmpty(state, 'Branches', location);
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
    const config = object(processor.ProcessorConfig) ?? {};
    checkTypes(config, `${location}/${field}/ProcessorConfig`, this.diagnostics);
    const { Mode, ExecutionType } = config;
    // The children of a Distributed Map cannot read the parent's variables, and have their own type.
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

/** Lists the variables that a state sets in any of its Assign fields. */
function assignedBy(state: JsonObject | undefined): string[] {
  const holders = [state, ...list(state?.Choices).map(object), ...list(state?.Catch).map(object)];
  return holders.flatMap((holder) => Object.keys(object(holder?.Assign) ?? {}).map(variableOf));
}

/** Finds the variables that can exist when each state of a block is entered. A state assigns its own after its branches have ended. */
function assignedBefore(states: JsonObject, outer: Set<string>): Map<string, Set<string>> {
  const before = new Map(Object.keys(states).map((name) => [name, new Set(outer)]));
  const changed = new Set(before.keys());
  for (const name of changed) {
    changed.delete(name);
    const state = object(states[name]) ?? {};
    const after = [...before.get(name)!, ...assignedBy(state)];
    for (const { target } of transitionsOf(state)) {
      const known = before.get(target as string);
      if (!known || after.every((variable) => known.has(variable))) continue;
      for (const variable of after) known.add(variable);
      changed.add(target as string);
    }
  }
  return before;
}
