import { expect, it } from 'vitest';
import cancelSchema from '../../../contract/cancel.schema.json' with { type: 'json' };
import eventSchema from '../../../contract/event.schema.json' with { type: 'json' };
import requestSchema from '../../../contract/request.schema.json' with { type: 'json' };
import { call } from './call.ts';

const samples = [
  'a',
  'rpt-7F3c_9',
  'custom--a',
  'custom-a',
  'a'.repeat(40),
  'a'.repeat(41),
  'a'.repeat(58),
  'a'.repeat(59),
  '',
  ' ',
  'a b',
  'a.b',
  'a\n',
  '../etc',
  'é',
  '💥',
];

it.each([
  ['a request', requestSchema.properties.jobId.pattern, 58],
  ['a schedule', requestSchema.properties.originalJobId.pattern, 40],
  ['an event', eventSchema.properties.jobId.pattern, 58],
  ['a cancel', cancelSchema.properties.jobId.pattern, 58],
])('takes the jobId that the schema of %s takes, and no other', async (_, pattern, longest) => {
  for (const sample of samples) {
    expect(await call('IsJobId', [sample, longest]), sample).toBe(new RegExp(pattern).test(sample));
  }
});

it.each([[undefined], [null], [7], [true], [['a']], [{}]])('refuses %o, which is not text', async (value) => {
  expect(await call('IsJobId', [value, 40])).toBe(false);
});
