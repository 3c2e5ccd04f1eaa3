import { expect, it } from 'vitest';
import { call } from './call.ts';

const received = async (of: unknown) => (await call('Refusal', ['not_json', 'No.', of])).received;

it('says why, and shows what was received', async () => {
  expect(await call('Refusal', ['not_json', 'No.', 'hello'])).toEqual({
    reason: 'not_json',
    message: 'No.',
    received: 'hello',
  });
});

it.each([
  ['text', 'x'.repeat(101), 'x'.repeat(100)],
  ['an object, as JSON', { jobId: 'rpt-1' }, '{"jobId":"rpt-1"}'],
  ['nothing', '', ''],
])('shows the first 100 characters of %s', async (_, of, shown) => {
  expect(await received(of)).toBe(shown);
});
