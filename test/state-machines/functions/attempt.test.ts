import { expect, it } from 'vitest';
import { call } from './call.ts';

it.each([
  ['the first', {}, {}, '0-0'],
  ['a retry', {}, { RetryCount: 2 }, '0-2'],
  ['a redrive', { RedriveCount: 1 }, { RetryCount: 0 }, '1-0'],
  ['a retry after a redrive', { RedriveCount: 3 }, { RetryCount: 4 }, '3-4'],
])('%s has a name of its own', async (_, Execution, State, attempt) => {
  expect(await call('Attempt', [{ Execution, State }])).toBe(attempt);
});
