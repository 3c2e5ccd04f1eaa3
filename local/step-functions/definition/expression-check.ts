import jsonata from 'jsonata';
import type { Json } from '../settings.ts';
import type { Diagnostics } from './diagnostics.ts';
import { expressionIn } from './language.ts';

/** A member of `$states` that exists only in some fields. */
export type StatesMember = 'result' | 'errorOutput';

/** Checks every expression in a value as CreateStateMachine does; a location is a path such as `/States/Export/Output/rows`. */
export function checkExpressions(
  value: Json | undefined,
  location: string,
  members: StatesMember[],
  diagnostics: Diagnostics,
): void {
  const expression = expressionIn(value);
  if (expression !== undefined) checkExpression(expression, location, members, diagnostics);
  else if (Array.isArray(value))
    value.forEach((item, index) => {
      checkExpressions(item, `${location}[${index}]`, members, diagnostics);
    });
  else if (value && typeof value === 'object')
    for (const [key, item] of Object.entries(value))
      checkExpressions(item, `${location}/${key}`, members, diagnostics);
}

function checkExpression(
  expression: string,
  location: string,
  members: StatesMember[],
  diagnostics: Diagnostics,
): void {
  const refusals = new Set<string>();
  try {
    collectRefusals(jsonata(expression).ast() as unknown as Node, members, refusals);
  } catch (error) {
    const message =
      error instanceof RangeError ? 'The expression is nested too deeply' : String((error as Error).message);
    diagnostics.add('INVALID_JSONATA_EXPRESSION', message, location);
    return;
  }
  for (const refusal of refusals) diagnostics.add('UNSUPPORTED_JSONATA_EXPRESSION', refusal, location);
}

/** The most levels of a syntax tree. An evaluation fails at far fewer. */
const deepestTree = 1000;

/** A node of jsonata's syntax tree. Its members depend on its type. */
interface Node {
  type: string;
  value?: unknown;
  steps?: Node[];
  lhs?: Node | [Node, Node][];
  rhs?: Node;
  expression?: Node;
  expressions?: Node[];
  procedure?: Node;
  arguments?: Node[];
  body?: Node;
  condition?: Node;
  then?: Node;
  else?: Node;
}

/**
 * Collects the references that AWS refuses (measured, floci#2670, #2745): an expression has no context item, so a name,
 * `$` or `$$` at its top level can never find anything. The first step of a path and a lambda's body are at top level.
 */
function collectRefusals(
  node: Node | undefined,
  members: StatesMember[],
  refusals: Set<string>,
  depth = 0,
): void {
  if (!node) return;
  if (depth > deepestTree) throw new RangeError();
  const visit = (...children: (Node | undefined)[]) => {
    for (const child of children) collectRefusals(child, members, refusals, depth + 1);
  };
  switch (node.type) {
    case 'path': {
      const [first, second] = node.steps ?? [];
      visit(first);
      if (first?.type === 'variable' && first.value === 'states' && second?.type === 'name') {
        const missing = (['result', 'errorOutput'] as const).find((member) => member === second.value);
        if (missing && !members.includes(missing)) refusals.add(`Field '$states.${missing}' does not exist.`);
      }
      return;
    }
    case 'name':
      refusals.add(`Reference to '${node.value}' at the top level is not supported.`);
      return;
    case 'variable':
      if (node.value === '') refusals.add("Reference to '$' at the top level is not supported.");
      if (node.value === '$') refusals.add("Reference to '$$' is not supported.");
      return;
    case 'unary':
      visit(node.expression, ...(node.expressions ?? []));
      if (Array.isArray(node.lhs)) visit(...node.lhs.flat());
      return;
    case 'binary':
    case 'apply':
      visit(node.lhs as Node, node.rhs);
      return;
    case 'bind':
      visit(node.rhs);
      return;
    case 'function':
    case 'partial':
      visit(node.procedure, ...(node.arguments ?? []));
      return;
    case 'lambda':
      visit(node.body);
      return;
    case 'condition':
      visit(node.condition, node.then, node.else);
      return;
    case 'block':
      visit(...(node.expressions ?? []));
  }
}
