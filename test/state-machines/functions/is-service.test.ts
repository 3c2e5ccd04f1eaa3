import { expect, it } from 'vitest';
import { reports, watched } from '../../../cdk/machines.ts';
import { call } from './call.ts';

const jobs: string[] = [...reports, 'deliver-report', 'schedule-report'];

it.each(watched)('tells whether the failure of %s is that of a job', async (machine) => {
  const arn = `arn:aws:states:us-east-1:123456789012:stateMachine:reports-production-${machine}`;
  expect(await call('IsService', [arn])).toBe(!jobs.includes(machine));
});
