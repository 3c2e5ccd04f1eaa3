// Finds expressions that can be undefined, which fails their state. It knows what AWS and the contract promise, and believes the
// functions of this repository and variables.
import jsonata from 'jsonata';
import requestSchema from '../../contract/request.schema.json' with { type: 'json' };
import { outputsOf } from '../../local/step-functions/models/outputs.ts';
import { type Definition, type Graph, innerOf, type State } from './machines.ts';

/** A node of jsonata's syntax tree. */
interface Node {
  type: string;
  value?: unknown;
  steps?: Node[];
  stages?: Node[];
  expr?: Node;
  lhs?: Node;
  rhs?: Node;
  procedure?: Node;
  arguments?: Node[];
  expressions?: Node[];
  condition?: Node;
  then?: Node;
  else?: Node;
}

/** What is known of a value: its members, each with what is known of it; `optional` when it can be missing. */
interface Known {
  optional?: boolean;
  members?: Record<string, Known>;
}

/** Members that an answer of AWS always has here, although its model does not say so. */
const promised: Record<string, string[]> = {
  // Every execution has an input; only Express ones have no count of redrives.
  'sfn:describeExecution': ['Input', 'RedriveCount'],
  // schedule-report creates every schedule with these.
  'scheduler:getSchedule': [
    'Target',
    'Target.Input',
    'ScheduleExpression',
    'ScheduleExpressionTimezone',
    'State',
  ],
};
/** Functions that give a value even if their argument has none. */
const total = ['exists', 'not', 'type', 'boolean', 'merge', 'count', 'now', 'millis', 'uuid'];
const partialOperators = ['<', '<=', '>', '>=', '+', '-', '*', '/', '%'];
const present: Known = {};
const optional: Known = { optional: true };

/** The places of a definition whose expression can be undefined. `request`: its executions have a request as input. */
export function undefinedPaths(machine: Definition, request: boolean): string[] {
  return inGraph(machine, request ? ofSchema(requestSchema as JsonSchema) : present);
}

/** `Input` is the input of the execution. */
function inGraph(graph: Graph, Input: Known): string[] {
  const context: Known = {
    members: {
      Execution: { members: { Input, RedriveCount: optional, RedriveTime: optional } },
      State: { members: { RetryCount: optional } },
    },
  };
  return Object.entries(graph.States).flatMap(([name, state]) => {
    const { Branches, ItemProcessor, ...own } = state;
    const states: Known = {
      members: {
        context,
        result: resultOf(state),
      },
    };
    const distributed = ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED';
    const inner = innerOf(state).flatMap((graph) => inGraph(graph, distributed ? present : Input));
    return [...inValue(own, name, states), ...inner];
  });
}

function inValue(value: unknown, place: string, states: Known): string[] {
  if (value && typeof value === 'object')
    return Object.entries(value).flatMap(([key, item]) => inValue(item, `${place}/${key}`, states));
  const expression = typeof value === 'string' && /^\{%(.*)%\}$/s.exec(value)?.[1];
  if (!expression) return [];
  const ast = jsonata(expression).ast() as unknown as Node;
  return canBeUndefined(ast, states, []) ? [`${place}: ${expression.trim()}`] : [];
}

/** `proven` are paths that a condition has tested. */
function canBeUndefined(node: Node | undefined, states: Known, proven: string[]): boolean {
  if (!node) return true;
  const can = (each?: Node) => canBeUndefined(each, states, proven);
  switch (node.type) {
    case 'path':
      return !proven.includes(JSON.stringify(namesOf(node))) && isOptional(node, states);
    case 'condition': {
      const tested = [...proven, ...testedBy(node.condition!)];
      return canBeUndefined(node.then, states, tested) || can(node.else);
    }
    case 'function': {
      const [first] = node.arguments ?? [];
      const { value } = node.procedure!;
      return (
        first !== undefined &&
        node.procedure!.type === 'variable' &&
        !total.includes(String(value)) &&
        can(first)
      );
    }
    case 'binary':
      return partialOperators.includes(String(node.value)) && (can(node.lhs) || can(node.rhs));
    case 'block':
      return can(node.expressions!.at(-1));
    default:
      return false;
  }
}

/** The paths that are there when a condition is true: `$exists(path)`, or the path itself, joined by `and`. */
function testedBy(condition: Node): string[] {
  if (condition.type === 'binary' && condition.value === 'and')
    return [condition.lhs!, condition.rhs!].flatMap(testedBy);
  const asked = condition.type === 'function' && condition.procedure!.value === 'exists';
  return [JSON.stringify(namesOf(asked ? condition.arguments![0]! : condition))];
}

function namesOf({ steps = [] }: Node): unknown[] {
  return steps.map(({ value }) => value);
}

function isOptional({ steps = [] }: Node, states: Known): boolean {
  const [root, ...members] = steps;
  // A filter may let nothing through. An index says that the item is known to be there.
  const filters = steps.flatMap(({ stages = [] }) => stages.filter(({ type }) => type === 'filter'));
  if (filters.some(({ expr }) => expr?.type !== 'number')) return true;
  let known: Known | undefined = root!.type === 'variable' && root!.value === 'states' ? states : undefined;
  for (const { value } of members) {
    known = known?.members?.[String(value)];
    if (known?.optional) return true;
  }
  return false;
}

/** What a Task gives, by the model of its service. A job that is waited for gives the answer of another call. */
function resultOf({ Resource = '' }: State): Known {
  const [, service = '', action = ''] =
    /^arn:aws:states:::(?:aws-sdk:)?([^:]+):([^:.]+)$/.exec(Resource) ?? [];
  const name = service === 'states' ? 'sfn' : service;
  const model = outputsOf(name);
  const output = model?.operations[action.toLowerCase()];
  if (!model || !output || service === 'lambda') return present;
  const always = promised[`${name}:${action}`] ?? [];
  const known = (shape: string, path: string[], depth: number): Known => {
    const { members, required = [] } = model.shapes[shape]!;
    if (!members || depth > 4) return present;
    const entries = Object.entries(members).map(([member, of]): [string, Known] => {
      const place = [...path, member];
      const missing = !required.includes(member) && !always.includes(place.join('.'));
      return [member, { ...known(of, place, depth + 1), ...(missing && optional) }];
    });
    return { members: Object.fromEntries(entries) };
  };
  return known(output, [], 0);
}

interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

/** What the contract promises of a request that load-context has not refused yet. */
function ofSchema(root: JsonSchema, schema: JsonSchema = root, depth = 0): Known {
  const { properties, required = [] } = schema.$ref ? root.$defs![schema.$ref.split('/').at(-1)!]! : schema;
  if (!properties || depth > 3) return present;
  const entries = Object.entries(properties).map(([name, property]): [string, Known] => [
    name,
    { ...ofSchema(root, property, depth + 1), ...(!required.includes(name) && optional) },
  ]);
  return { members: Object.fromEntries(entries) };
}
