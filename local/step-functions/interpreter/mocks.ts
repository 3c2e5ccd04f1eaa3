import type { Json } from '../settings.ts';

/** What stands in for one call of a service. */
export type MockedResponse = { Return: Json } | { Throw: { Error?: string; Cause?: string } };

/** Answers of services that are not called. */
export interface Mocks {
  /** For the next attempt of the state; undefined when its service is to be called. */
  next(state: string): MockedResponse | undefined;
}

/** What TestState gives a state beside its input, and wants to know of it. */
export interface StateTest {
  /** In place of the context object. */
  context: Record<string, Json> | undefined;
  /** What became of the data on the way, by the names of `inspectionData`. */
  inspection: Record<string, Json>;
}
