import { list, object } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import type { Diagnostics } from './diagnostics.ts';

/** Checks that the transitions of a block have targets, that every state can be reached, and that the block can end. */
export function checkGraph(
  startAt: Json,
  states: JsonObject,
  location: string,
  diagnostics: Diagnostics,
): void {
  const exists = (target: Json | undefined): target is string =>
    typeof target === 'string' && Object.hasOwn(states, target);
  const missing = (field: string, target: Json, at: string) =>
    typeof target === 'string' &&
    diagnostics.add('MISSING_TRANSITION_TARGET', `Missing '${field}' target: ${target}`, `${location}/${at}`);

  if (!exists(startAt)) missing('StartAt', startAt, 'StartAt');
  const targets = new Map<string, string[]>();
  for (const [name, value] of Object.entries(states)) {
    const transitions = transitionsOf(object(value) ?? {});
    targets.set(name, transitions.map(({ target }) => target).filter(exists));
    for (const { field, target, at } of transitions)
      if (!exists(target)) missing(field, target, `States/${name}/${at}`);
  }
  if (!Object.values(states).some((state) => isTerminal(object(state) ?? {})))
    diagnostics.add('MISSING_END_STATE', 'Workflow has no terminal state');
  if (!exists(startAt)) return;

  const reached = new Set([startAt]);
  for (const name of reached) for (const target of targets.get(name)!) reached.add(target);
  for (const name of Object.keys(states))
    if (!reached.has(name))
      diagnostics.add(
        'MISSING_TRANSITION_TARGET',
        `State "${name}" is not reachable.`,
        `${location}/States/${name}`,
      );
}

interface Transition {
  field: 'Next' | 'Default';
  target: Json;
  /** The field's place within the state. */
  at: string;
}

/** Lists the transitions of a state. */
export function transitionsOf(state: JsonObject): Transition[] {
  const inside = (rules: 'Choices' | 'Catch') =>
    list(state[rules]).map((rule, index) => ({
      field: 'Next' as const,
      target: object(rule)?.Next,
      at: `${rules}[${index}]/Next`,
    }));
  const all = [
    { field: 'Next' as const, target: state.Next, at: 'Next' },
    { field: 'Default' as const, target: state.Default, at: 'Default' },
    ...inside('Choices'),
    ...inside('Catch'),
  ];
  return all.filter((transition): transition is Transition => transition.target !== undefined);
}

function isTerminal(state: JsonObject): boolean {
  return state.End === true || state.Type === 'Succeed' || state.Type === 'Fail';
}
