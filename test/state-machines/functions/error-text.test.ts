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
  [
    'why Athena could not count, without the SQL',
    '{"QueryExecution":{"Query":"SELECT secret","QueryExecutionId":"1","Status":{"State":"FAILED","StateChangeReason":"SYNTAX_ERROR: line 1\\nSELECT secret"}}}',
    'The hits could not be counted: SYNTAX_ERROR: line 1',
  ],
  [
    'the state of a query that gives no reason',
    '{"QueryExecution":{"QueryExecutionId":"1","Status":{"State":"CANCELLED"}}}',
    'The hits could not be counted: CANCELLED',
  ],
  [
    'why Glue could not convert, without its arguments',
    '{"Arguments":{"--input":"secret"},"ErrorMessage":"Out of memory\\nat row 7","JobRunState":"FAILED"}',
    'The hits could not be converted: Out of memory',
  ],
  [
    'the state of a run that gives no reason',
    '{"Id":"jr_1","JobRunState":"TIMEOUT"}',
    'The hits could not be converted: TIMEOUT',
  ],
])('is %s', async (_, cause, message) => {
  expect(await call('ErrorText', [cause])).toBe(message);
});
