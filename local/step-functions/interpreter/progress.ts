import type { Json } from '../settings.ts';

/**
 * The progress of one line of work: the execution itself, a branch, or an iteration. A redrive continues from it. It is
 * plain JSON, so that it can be kept in a file.
 */
export interface Progress {
  /** The current or next state; undefined before the first. */
  state?: string;
  input?: Json;
  /** The last event before that state. */
  previousEventId?: number;
  /** Undefined until the state is entered. */
  entered?: { eventId: number; time: string };
  /** The input of the branches of a Parallel, or the items of a Map. */
  started?: { eventId: number; values: Json };
  /** The branches or iterations that have begun, by index. */
  lines?: Progress[];
  /** The Map Run of a Distributed Map. */
  mapRunArn?: string;
  /** The variables of this scope. */
  variables?: Record<string, Json>;
  /** The output, once the line of work has ended. */
  ended?: { output: Json };
}

/** Moves on to the next state. */
export function advance(progress: Progress, state: string, input: Json, previousEventId: number): void {
  restart(progress);
  delete progress.entered;
  Object.assign(progress, { state, input, previousEventId });
}

/** Forgets the branches, iterations or children of the state, so that all of them run again. */
export function restart(progress: Progress): void {
  delete progress.started;
  delete progress.lines;
  delete progress.mapRunArn;
}
