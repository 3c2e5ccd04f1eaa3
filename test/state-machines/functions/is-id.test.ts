import { expect, it } from 'vitest';
import { call } from './call.ts';

it.each([[1], [1001], [2 ** 53 - 1]])('takes %s', async (value) => {
  expect(await call('IsId', [value])).toBe(true);
});

it.each([[0], [-1], [1.5], [1e21], ['1'], [true], [null], [undefined], [[1]], [{}]])(
  'refuses %o',
  async (value) => {
    expect(await call('IsId', [value])).toBe(false);
  },
);
