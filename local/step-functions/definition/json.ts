import type { Json, JsonObject } from '../settings.ts';

/** The value if it is an object: a definition that is being checked can hold anything anywhere. */
export function object(value: Json | undefined): JsonObject | undefined {
  return value && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
}

/** The value if it is an array, else an empty one. */
export function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
