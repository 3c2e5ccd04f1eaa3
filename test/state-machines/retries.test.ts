import { describe, expect, it } from 'vitest';
import errors from '../../contract/errors.json' with { type: 'json' };
import { policies, policiesOf, waitsOf, withRetries } from '../../state-machines/retries.ts';
import { allMachines, allStates } from './machines.ts';

const transient = Object.entries(errors).flatMap(([name, error]) => (error.transient ? [name] : []));

describe.each(Object.entries(policies))('The retry policy "%s"', (name, { reason, retrier }) => {
  it('has a reason', () => {
    expect(reason).toMatch(/^[A-Z].*\.$/);
  });

  it('has a longest delay only where a wait would grow beyond it', () => {
    const { MaxDelaySeconds, ...uncapped } = retrier;
    if (MaxDelaySeconds) expect(Math.max(...waitsOf(uncapped))).toBeGreaterThan(MaxDelaySeconds);
  });

  it('waits with full jitter, unless it waits for an event that is about to come', () => {
    // Full jitter can draw next to nothing, and would then give up at once.
    expect(retrier.JitterStrategy).toBe(name === 'pending start' ? 'NONE' : 'FULL');
  });

  it('retries named errors only', () => {
    expect(JSON.stringify(policies[name])).not.toContain('States.ALL');
  });

  it('is used by a machine', () => {
    const used = allMachines.flatMap(([, machine]) =>
      allStates(machine).flatMap(([, state]) => policiesOf(state)),
    );
    expect(used).toContain(name);
  });
});

it('No two policies are the same', () => {
  const seen = Object.values(policies).map(({ errors, retrier }) => JSON.stringify([errors, retrier]));
  expect(new Set(seen).size).toBe(seen.length);
});

it('Every transient error can be redriven too', () => {
  const lost = Object.entries(errors).filter(([, { transient, redrivable }]) => transient && !redrivable);
  expect(lost).toEqual([]);
});

describe('A task', () => {
  const task = (Comment: string, Resource = 'arn:aws:states:::lambda:invoke') => ({ Comment, Resource });

  it('gets the retriers that its comment names, in their order', () => {
    const { Retry } = withRetries(task('Reads. Retries: throttling 97 min, transient errors 65 s.')) as {
      Retry?: { ErrorEquals: string[] }[];
    };
    expect(Retry?.map(({ ErrorEquals }) => ErrorEquals)).toEqual([
      expect.arrayContaining(['Lambda.TooManyRequestsException', 'Lambda.ResourceNotReadyException']),
      transient,
    ]);
  });

  it('gets the longest wait of each, computed', () => {
    const { Comment } = withRetries(
      task('Reads. Retries: throttling, Lambda 1 s, patient throttling 5 min.'),
    );
    expect(Comment).toBe('Reads. Retries: throttling 97 min, Lambda 2 min, patient throttling 12 h.');
  });

  it('gets the errors of its own service, and of its own call where that has more', () => {
    const errorsOf = (call: string) =>
      JSON.stringify(withRetries(task('Retries: AWS call.', `arn:aws:states:::aws-sdk:${call}`)));
    expect(errorsOf('scheduler:getSchedule')).not.toContain('ConflictException');
    expect(errorsOf('scheduler:deleteSchedule')).toContain('Scheduler.ConflictException');
    expect(errorsOf('s3:putObject')).toContain('S3.S3Exception');
  });

  it('without retries in its comment stays as it is', () => {
    expect(withRetries(task('Reads.'))).toEqual(task('Reads.'));
  });

  it('cannot name a policy that does not exist, or has no errors for its service', () => {
    expect(() => withRetries(task('Retries: often 3 s.'))).toThrow('retries.json has no policy "often"');
    expect(() => withRetries(task('Retries: throttling.', 'arn:aws:states:::sns:publish'))).toThrow(
      'retries.json: "throttling" has no errors for sns:publish',
    );
  });
});
