import type { Json } from '../settings.ts';
import { StateError } from './errors.ts';
import type { Progress } from './progress.ts';

/** The most bytes of all variables of an execution (10 MiB). */
const maximumVariables = 10 * 1024 * 1024;

/** The variables of one scope. An inner scope (branch, iteration) can read the outer ones, but not change them. */
export class Variables {
  private readonly outer: Variables | undefined;
  private readonly progress: Progress;
  /** Shared by all scopes of the execution. */
  private readonly used: { bytes: number };

  constructor(progress: Progress, outer?: Variables) {
    this.progress = progress;
    this.outer = outer;
    this.used = outer?.used ?? { bytes: 0 };
    this.used.bytes += size(this.own);
  }

  get all(): Record<string, Json> {
    return { ...this.outer?.all, ...this.own };
  }

  /** Throws States.DataLimitExceeded when all variables together become too big. */
  assign(values: Record<string, Json>): void {
    const variables = { ...this.own, ...values };
    const bytes = this.used.bytes + size(variables) - size(this.own);
    if (bytes > maximumVariables)
      throw new StateError(
        'States.DataLimitExceeded',
        `The variables of the execution exceed the maximum of ${maximumVariables} bytes.`,
      );
    this.used.bytes = bytes;
    this.progress.variables = variables;
  }

  /** Releases the memory of a scope that has ended. */
  release(): void {
    this.used.bytes -= size(this.own);
  }

  private get own(): Record<string, Json> {
    return this.progress.variables ?? {};
  }
}

function size(variables: Record<string, Json>): number {
  return Object.values(variables).reduce<number>(
    (sum, value) => sum + Buffer.byteLength(JSON.stringify(value)),
    0,
  );
}
