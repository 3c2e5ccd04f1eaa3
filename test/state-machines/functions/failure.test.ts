import { describe, expect, it } from 'vitest';
import errors from '../../../contract/errors.json' with { type: 'json' };
import { call } from './call.ts';

const execution = {
  executionArn: 'arn:execution',
  redriveCount: 1,
  redriveStatus: 'REDRIVABLE',
  stage: 'report',
  error: 'DatabaseUnavailable',
  cause: '{"errorMessage":"ECONNREFUSED 10.0.0.1","errorType":"DatabaseUnavailable"}',
  occurredAt: '2026-11-23T17:04:05.000Z',
};
const failure = (more: object, request: object = {}) =>
  call('Failure', [{ ...execution, ...more }, request, errors]);

describe('A failure', () => {
  it('is told in plain words, without the texts of the system', async () => {
    expect(await failure({})).toEqual({
      executionArn: 'arn:execution',
      redriveCount: 1,
      occurredAt: execution.occurredAt,
      stage: 'report',
      cause: errors.DatabaseUnavailable.cause,
      error: 'DatabaseUnavailable',
      redrivable: true,
    });
  });

  it('of a function that ran out of time is told from one that ran out of memory', async () => {
    const cause = '2026-11-23T17:04:05.000Z 1f0e Task timed out after 900.10 seconds';
    const [timeout, memory] = [
      await failure({ error: 'Lambda.Unknown', cause }),
      await failure({ error: 'Lambda.Unknown', cause: 'The cause could not be determined.' }),
    ];
    expect(timeout).toMatchObject({ cause: errors['Sandbox.Timedout'].cause, error: 'Lambda.Unknown' });
    expect(memory).toMatchObject({ cause: errors['Lambda.Unknown'].cause, error: 'Lambda.Unknown' });
  });

  it('that the user can mend is told in the words of the task', async () => {
    const cause = '{"errorMessage":"from: 2026-13-01 is not a date","errorType":"InvalidRequest"}';
    expect(await failure({ error: 'InvalidRequest', cause })).toMatchObject({
      cause: 'from: 2026-13-01 is not a date',
      redrivable: false,
    });
  });

  it('that should be explained but is not has the words of its error', async () => {
    expect(await failure({ error: 'AccessDenied', cause: '' })).toMatchObject({
      cause: errors.AccessDenied.cause,
    });
  });

  it.each(['Unheard', 'QueryBroken', ''])('of the unknown error "%s" has words too', async (error) => {
    expect(await failure({ error })).toMatchObject({ cause: errors['States.ALL'].cause, redrivable: true });
  });

  it('is not redrivable when Step Functions says so', async () => {
    expect(await failure({ redriveStatus: 'NOT_REDRIVABLE' })).toMatchObject({ redrivable: false });
  });

  it('of a delivery names the file, which exists', async () => {
    const file = { key: 'k' };
    expect(await failure({ stage: 'delivery' }, { file })).toMatchObject({ file });
    expect(await failure({}, { file })).not.toHaveProperty('file');
  });

  it('of a scheduled report says when its schedule is stopped', async () => {
    const slot = { originalJobId: 'weekly', scheduledFor: '2026-11-30T12:00:00Z' };
    const stopped = await failure({ error: 'UserNotFound', cause: '' }, slot);
    expect(stopped.cause).toMatch(/\nThe schedule that asked for this report is stopped/);
    const goesOn = await failure({}, slot);
    expect(goesOn.cause).not.toMatch(/schedule/);
  });

  it('of a report that an operator started anew says nothing of a schedule', async () => {
    const { cause } = await failure({ error: 'UserNotFound', cause: '' }, { originalJobId: 'rpt-1' });
    expect(cause).not.toMatch(/schedule/);
  });
});

it('A cancel says who cancelled, and is no error', async () => {
  const cancelled = await failure({ error: 'ReportCancelled', cause: 'Cancelled by a@b.example at 12:00.' });
  expect(cancelled.cause).toBe('Cancelled by a@b.example at 12:00.');
  expect(cancelled).not.toHaveProperty('error');
  expect(cancelled).not.toHaveProperty('redrivable');
});
