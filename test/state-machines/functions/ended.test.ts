import { expect, it } from 'vitest';
import { call } from './call.ts';

const description = {
  ExecutionArn: 'arn:execution',
  StateMachineArn: 'arn:reports-qa-deliver-report',
  Status: 'FAILED',
  StopDate: '2026-11-23T17:04:05.1Z',
  RedriveCount: 2,
  RedriveStatus: 'REDRIVABLE',
  Input: JSON.stringify({
    jobId: 'rpt-1',
    caseId: null,
    scheduledFor: '2026-11-23T17:00:00Z',
    context: { long: true },
    table: [],
    file: { key: 'k' },
  }),
};
const ended = (more: object) => call('Ended', [{ ...description, ...more }]);

it('keeps of an execution what announce-failure says of it', async () => {
  expect(await ended({ Error: 'Deadlock', Cause: 'Because.' })).toEqual({
    execution: {
      executionArn: 'arn:execution',
      redriveCount: 2,
      redriveStatus: 'REDRIVABLE',
      stage: 'delivery',
      error: 'Deadlock',
      cause: 'Because.',
      occurredAt: '2026-11-23T17:04:05.100Z',
    },
    request: { jobId: 'rpt-1', caseId: null, scheduledFor: '2026-11-23T17:00:00Z', file: { key: 'k' } },
  });
});

it.each([
  ['ABORTED', 'Aborted'],
  ['TIMED_OUT', 'States.Timeout'],
])('names the error of an execution that is %s without one', async (Status, error) => {
  expect((await ended({ Status })).execution).toMatchObject({ error, cause: '' });
});
