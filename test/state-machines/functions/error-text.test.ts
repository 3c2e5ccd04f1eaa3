import { expect, it } from 'vitest';
import { call } from './call.ts';

it.each([
  [
    'the message of a function',
    '{"errorMessage":"Line 1\\nLine 2","errorType":"X","trace":[]}',
    'Line 1\nLine 2',
  ],
  ['the message, when the type comes first', '{"errorType":"X","errorMessage":"No"}', 'No'],
  ['plain text as it is', 'Cancelled by a@b.example.', 'Cancelled by a@b.example.'],
  ['text that only looks like JSON', '{"errorMessage": cut off', '{"errorMessage": cut off'],
  ['other JSON', '{"error":"x"}', '{"error":"x"}'],
  ['nothing', '', ''],
])('is %s', async (_, cause, message) => {
  expect(await call('ErrorText', [cause])).toBe(message);
});
