import type { Json } from '../settings.ts';

/** Variables of one scope; an inner scope (branch, iteration) reads the outer ones and leaves them as they are. */
export class Variables {
  private readonly outer: Variables | undefined;
  private own: Record<string, Json> = {};

  constructor(outer?: Variables) {
    this.outer = outer;
  }

  get all(): Record<string, Json> {
    return { ...this.outer?.all, ...this.own };
  }

  assign(values: Record<string, Json>): void {
    this.own = { ...this.own, ...values };
  }
}
