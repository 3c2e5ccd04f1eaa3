import { checkDefinition } from '../definition/check.ts';
import { unsupportedCode } from '../definition/diagnostics.ts';
import type { State } from '../definition/language.ts';
import { list, object, parsed } from '../json.ts';
import type { JsonObject } from '../settings.ts';
import { ApiError } from './errors.ts';
import { refusal } from './parameters.ts';
import { definitionError } from './state-machines.ts';

/** The name that AWS gives to a state that is sent alone, in findings and in the context object. */
export const testedName = 'StateName';

/** Finds a state by name at any depth of a definition. A definition that is a single state is wrapped in a machine. */
export function stateIn(text: string, name: string | undefined): { definition: JsonObject; state: State } {
  const sent = object(parsed(text));
  if (!sent)
    throw new ApiError(
      'InvalidDefinition',
      "Invalid State Machine Definition: 'Definition must be a valid JSON object'",
    );
  const definition = 'States' in sent ? sent : alone(sent);
  const found = 'States' in sent ? find(sent, name ?? '') : sent;
  if (!found) throw refusal('State not found in definition');
  const findings = checkDefinition(JSON.stringify(definition), 'STANDARD').filter(
    ({ code }) => code !== unsupportedCode,
  );
  if (findings.length) throw definitionError(findings);
  return { definition, state: found as unknown as State };
}

function alone(state: JsonObject): JsonObject {
  const rules = [state, ...list(state.Choices), ...list(state.Catch)].map(object);
  const targets = [...rules.map((rule) => rule?.Next), state.Default].filter(
    (target) => typeof target === 'string',
  );
  const ends = targets.map((target) => [target, { Type: 'Succeed' }]);
  return { StartAt: testedName, States: { ...Object.fromEntries(ends), [testedName]: state } };
}

function find(block: JsonObject, name: string): JsonObject | undefined {
  const states = object(block.States) ?? {};
  const inner = Object.values(states).flatMap((value) => {
    const state = object(value) ?? {};
    return [...list(state.Branches), state.ItemProcessor, state.Iterator]
      .map(object)
      .filter((found) => found !== undefined);
  });
  if (Object.hasOwn(states, name)) return object(states[name]);
  return inner.map((within) => find(within, name)).find((found) => found !== undefined);
}
