import { expect, it } from 'vitest';
import { type Machine, machines } from '../../../cdk/machines.ts';
import { call } from './call.ts';

const others: Partial<Record<Machine, string>> = {
  'deliver-report': 'delivery',
  'schedule-report': 'schedule',
  'unschedule-report': 'report',
};

it.each(Object.keys(machines) as Machine[])('of %s is told from its name', async (machine) => {
  const arn = `arn:aws:states:us-east-1:123456789012:stateMachine:reports-qa-${machine}`;
  expect(await call('Stage', [arn])).toBe(others[machine] ?? 'report');
});
