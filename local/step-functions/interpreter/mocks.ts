import type { Json } from '../settings.ts';

/** The mocked response to one call of a service. */
export type MockedResponse = { Return: Json } | { Throw: { Error?: string; Cause?: string } };

/** The mocked responses of an execution. */
export interface Mocks {
  /** Returns the response to the next attempt of a state; undefined if its service is to be called. */
  next(state: string): MockedResponse | undefined;
}

/** The data that TestState exchanges with a state, besides its input. */
export interface StateTest {
  /** Replaces the context object. */
  context: Record<string, Json> | undefined;
  /** The intermediate data, by the names of `inspectionData`. */
  inspection: Record<string, Json>;
}
