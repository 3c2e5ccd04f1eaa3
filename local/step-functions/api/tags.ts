import type { JsonObject } from '../settings.ts';
import type { StateMachine } from '../state-machine.ts';
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import { checkedArn, required } from './parameters.ts';

/** The parameter `tags` of an operation, by key. */
export function tagsIn(parameters: JsonObject): Map<string, string> {
  const tags = (parameters.tags ?? []) as { key: string; value?: string | null }[];
  return new Map(tags.map(({ key, value }) => [key, value ?? '']));
}

/** Adds tags, and replaces those of the same key. Throws ResourceNotFound. */
export function tagResource(engine: Engine, parameters: JsonObject): JsonObject {
  const { tags } = find(engine, parameters);
  for (const [key, value] of tagsIn(parameters)) tags.set(key, value);
  return {};
}

/** Keys that are not there do not matter. Throws ResourceNotFound. */
export function untagResource(engine: Engine, parameters: JsonObject): JsonObject {
  const { tags } = find(engine, parameters);
  for (const key of (parameters.tagKeys ?? []) as string[]) tags.delete(key);
  return {};
}

/** Throws ResourceNotFound. */
export function listTagsForResource(engine: Engine, parameters: JsonObject): JsonObject {
  return { tags: [...find(engine, parameters).tags].map(([key, value]) => ({ key, value })) };
}

function find(engine: Engine, parameters: JsonObject): StateMachine {
  const arn = checkedArn(required(parameters, 'resourceArn'));
  const machine = engine.stateMachines.get(arn);
  if (!machine) throw new ApiError('ResourceNotFound', `Resource not found: '${arn}'`);
  return machine;
}
