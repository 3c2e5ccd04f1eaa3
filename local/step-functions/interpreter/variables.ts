import type { Json } from '../settings.ts';
import { StateError } from './errors.ts';
import type { Progress } from './progress.ts';

/** Bytes of all the variables of an execution: 10 MiB. */
const maximumVariables = 10 * 1024 * 1024;

/** Variables of one scope; an inner scope (branch, iteration) reads the outer ones and leaves them as they are. */
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

  /** The scope is over. */
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
