import jsonata from 'jsonata';
import { list, object } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { expressionIn } from './language.ts';

/** The fields of a state that contain other states. */
const blocks = ['Branches', 'ItemProcessor', 'Iterator'];

/** Lists the variables that each state reads, sorted, by the state's name. States that read none are left out. Expects a checked definition. */
export function variableReferences(definition: JsonObject): Record<string, string[]> {
  return referencesOf(definition, definition.QueryLanguage === 'JSONata');
}

function referencesOf(block: JsonObject, jsonataByDefault: boolean): Record<string, string[]> {
  const references: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(object(block.States) ?? {})) {
    const state = object(value)!;
    const isJsonata = state.QueryLanguage ? state.QueryLanguage === 'JSONata' : jsonataByDefault;
    const own = Object.entries(state).filter(([field]) => !blocks.includes(field));
    const names = new Set(
      own.flatMap(([field, item]) => (isJsonata ? inExpressions(item) : inPaths(field, item))),
    );
    if (names.size) references[name] = [...names].sort();
    for (const inner of [...list(state.Branches), state.ItemProcessor, state.Iterator])
      if (inner) Object.assign(references, referencesOf(object(inner)!, jsonataByDefault));
  }
  return references;
}

function inExpressions(value: Json): string[] {
  const expression = expressionIn(value);
  if (expression === undefined) return Object.values(object(value) ?? list(value)).flatMap(inExpressions);
  const read = new Set<string>();
  const bound = new Set(['', '$', 'states']);
  collect(jsonata(expression).ast() as unknown as Json, read, bound);
  return [...read].filter((name) => !bound.has(name));
}

/** Collects the variables that a part of the syntax tree reads, and those that it binds itself. A function that is called is not a variable. */
function collect(node: Json, read: Set<string>, bound: Set<string>): void {
  if (Array.isArray(node)) for (const item of node) collect(item, read, bound);
  const { procedure: _, ...members } = object(node) ?? {};
  if (members.type === 'variable') read.add(String(members.value));
  const binds =
    members.type === 'bind' ? [members.lhs!] : members.type === 'lambda' ? list(members.arguments) : [];
  for (const variable of binds) bound.add(String(object(variable)!.value));
  for (const member of Object.values(members)) if (typeof member === 'object') collect(member, read, bound);
}

function inPaths(field: string, value: Json): string[] {
  if (value && typeof value === 'object')
    return Object.entries(value).flatMap(([key, item]) => inPaths(Array.isArray(value) ? field : key, item));
  if (typeof value !== 'string' || !/(Path|\.\$|^Variable)$/.test(field)) return [];
  const unquoted = value.replace(/'(?:[^'\\]|\\.)*'/g, '');
  return [...unquoted.matchAll(/\$([\p{ID_Start}_]\p{ID_Continue}*)/gu)].map(([, name]) => name!);
}
