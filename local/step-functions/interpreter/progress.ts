import type { Json } from '../settings.ts';

/**
 * How far one line of work has come: the execution itself, a branch, or an iteration. A redrive goes on from it. It is
 * plain JSON, so that it can be kept in a file.
 */
export interface Progress {
  /** The state that runs or comes next; undefined before the first. */
  state?: string;
  input?: Json;
  /** The last event before that state. */
  previousEventId?: number;
  /** Undefined until the state is entered. */
  entered?: { eventId: number; time: string };
  /** What a Parallel or Map began with: the input of its branches, or its items. */
  started?: { eventId: number; values: Json };
  /** Those of its branches or iterations that have begun, by index. */
  lines?: Progress[];
  /** A Distributed Map's own Map Run. */
  mapRunArn?: string;
  /** The variables of this scope. */
  variables?: Record<string, Json>;
  /** The line is through, with this output. */
  ended?: { output: Json };
}

/** The state was left for another one. */
export function advance(progress: Progress, state: string, input: Json, previousEventId: number): void {
  restart(progress);
  delete progress.entered;
  Object.assign(progress, { state, input, previousEventId });
}

/** The branches, iterations or children of the state are forgotten: all of them will run again. */
export function restart(progress: Progress): void {
  delete progress.started;
  delete progress.lines;
  delete progress.mapRunArn;
}
