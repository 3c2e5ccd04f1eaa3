// Which places of the machines each test visited, for the reporter in machine-coverage.ts.
import { afterEach } from 'vitest';
import { definitionFile, type Machine } from '../../cdk/machines.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** The places that were visited since the test before, see `placesOf`. */
    visits?: string[];
  }
}

const visits = new Set<string>();

/** Notes that the definition in a file of state-machines/ was visited at a place, such as `Load context/Retry[0]`. */
export function visitedIn(file: string, place: string): void {
  visits.add(`${file}: ${place}`);
}

/** Notes the same of a machine of the local stack. */
export function visited(machine: Machine, place: string): void {
  visitedIn(definitionFile(machine).replace('state-machines/', ''), place);
}

afterEach(({ task }) => {
  // A second try adds to what the first one visited.
  if (visits.size > 0) task.meta.visits = [...(task.meta.visits ?? []), ...visits];
  visits.clear();
});
