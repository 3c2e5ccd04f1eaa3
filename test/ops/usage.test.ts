import { expect, it } from 'vitest';
import { run } from '../../ops/main.ts';

const type = 'transcript_metadata';

it.for([
  [['list']],
  [['list', 'everything', '--environment', 'development']],
  [['show', 'no_report', 'job', '--environment', 'development']],
  [['show', type, '--environment', 'development']],
  [['redrive', '--environment', 'development']],
  [['redrive', 'job', '--all', '--environment', 'development']],
  [['redrive', '--since', 'yesterday', '--environment', 'development']],
  [['redrive', '--machine', 'coffee', '--environment', 'development']],
  [['redrive', '--all', '--rate', '0', '--environment', 'development']],
  [['dlq', 'drop', 'intake', '--all', '--environment', 'development']],
  [['dlq', 'drop', 'schedule-dead-letters', '--environment', 'development']],
  [['schedules', 'pause', type, '--environment', 'development']],
  [['list', '--environment', 'moon']],
  [['list', '--colour', 'red']],
] as const)('refuses the wrong usage %j before it calls anything', async ([args]) => {
  const client = { endpoint: 'http://127.0.0.1:1', region: 'us-east-1' };
  const said: string[] = [];
  const code = await run([...args], { env: {}, client, out: () => {}, err: (text) => said.push(text) });
  expect([code, said.join('')]).toEqual([2, expect.stringMatching(/\w/)]);
});
