import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Callback } from '../../../local/step-functions/interpreter/callbacks.ts';
import { watchDeadlines } from '../../../local/step-functions/interpreter/deadlines.ts';
import { startHarness, startService } from './harness.ts';

type Harness = Awaited<ReturnType<typeof startHarness>>;

/** A machine that sends its token to a function, which gives it to `use`; the function's answer comes after that. */
async function runWithToken(use: (token: string, harness: Harness) => Promise<unknown>, fields: object = {}) {
  let used: Promise<unknown> | undefined;
  await using service = await startService(({ body }) => {
    used ??= use((JSON.parse(body) as { token: string }).token, harness);
    // Nobody else is told of a refusal.
    used.catch(() => {});
    return { body: '{"ignored":true}' };
  });
  await using harness = await startHarness({ clients: () => ({ endpoint: service.endpoint }) });
  const task = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: 'f', Payload: { token: '{% $states.context.Task.Token %}' } },
    End: true,
    ...fields,
  };
  const outcome = await harness.run({ Task: task });
  await used;
  return outcome;
}

const succeed = (taskToken: string, harness: Harness) =>
  harness.client.send(new SendTaskSuccessCommand({ taskToken, output: '{"approved":true}' }));

describe('a task that waits for its token', () => {
  it('gives the output that is sent', async () => {
    const { output, types, events } = await runWithToken(succeed);
    expect(output).toEqual({ approved: true });
    expect(types.slice(2, -2)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
    expect(events[4]?.taskSubmittedEventDetails).toMatchObject({ resource: 'invoke.waitForTaskToken' });
  });

  it('fails as it is told', async () => {
    const { error, cause } = await runWithToken((taskToken, { client }) =>
      client.send(new SendTaskFailureCommand({ taskToken, error: 'Refused', cause: 'too dear' })),
    );
    expect({ error, cause }).toEqual({ error: 'Refused', cause: 'too dear' });
  });

  it('times out when no heartbeat comes, and rules know it as States.HeartbeatTimeout', async () => {
    const Retry = [{ ErrorEquals: ['States.HeartbeatTimeout'], MaxAttempts: 1 }];
    const { error, types } = await runWithToken(async () => {}, { HeartbeatSeconds: 1, Retry });
    expect(error).toBe('States.Timeout');
    expect(types.filter((type) => type === 'TaskTimedOut')).toHaveLength(2);
  });

  it('takes a token only once', async () => {
    const twice = runWithToken(async (token, harness) => {
      await succeed(token, harness);
      await succeed(token, harness);
    });
    await expect(twice).rejects.toMatchObject({
      name: 'TaskTimedOut',
      message: "Task Timed Out: 'Provided task does not exist anymore'",
    });
  });

  it('refuses a token that never was', async () => {
    await using harness = await startHarness();
    await expect(succeed('token', harness)).rejects.toMatchObject({
      name: 'InvalidToken',
      message: "Invalid Token: 'Invalid token'",
    });
  });
});

describe('heartbeats', () => {
  afterEach(() => vi.useRealTimers());

  it('keep a task alive', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const callback = new Callback('token');
    const { signal } = watchDeadlines(new AbortController().signal, undefined, 10, callback);
    for (let count = 0; count < 5; count++) {
      await vi.advanceTimersByTimeAsync(9_000);
      callback.onHeartbeat();
    }
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(signal.reason).toMatchObject({ error: 'States.Timeout' });
  });

  it('of no token are refused', async () => {
    await using harness = await startHarness();
    const beat = new SendTaskHeartbeatCommand({ taskToken: 'token' });
    await expect(harness.client.send(beat)).rejects.toMatchObject({ name: 'InvalidToken' });
  });
});

describe('states:startExecution.sync', () => {
  const parent = (pattern: string, StateMachineArn: string) => ({
    Start: {
      Type: 'Task',
      Resource: `arn:aws:states:::states:startExecution${pattern}`,
      Arguments: { StateMachineArn, Name: 'child', Input: { a: 1 } },
      End: true,
    },
  });

  it.each([
    ['.sync', '{"b":2}', '{"a":1}'],
    ['.sync:2', { b: 2 }, { a: 1 }],
  ])('with %s gives the output as %j', async (pattern, Output, Input) => {
    await using harness = await startHarness();
    const child = await harness.create({ Done: { Type: 'Succeed', Output: { b: 2 } } });
    const { output, types } = await harness.run(parent(pattern, child));
    expect(output).toMatchObject({ Name: 'child', Status: 'SUCCEEDED', Input, Output });
    expect(types.slice(2, -2)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  });

  it('fails with the description of the failed child', async () => {
    await using harness = await startHarness();
    const child = await harness.create({ Broken: { Type: 'Fail', Error: 'E', Cause: 'C' } });
    const { error, cause } = await harness.run(parent('.sync:2', child));
    expect(error).toBe('States.TaskFailed');
    expect(JSON.parse(cause!)).toMatchObject({ Status: 'FAILED', Error: 'E', Cause: 'C' });
  });

  it('stops the child when it is stopped itself', async () => {
    await using harness = await startHarness({ waitTimeScale: 1 });
    const child = await harness.create({ Wait: { Type: 'Wait', Seconds: 3600, End: true } });
    const childArn = `${child.replace(':stateMachine:', ':execution:')}:child`;
    const ended = harness.execute(await harness.create(parent('.sync', child)));
    const started = () => harness.statusChanges.map(({ detail }) => detail.executionArn);
    await expect.poll(started).toContain(childArn);
    const [executionArn] = started();
    await harness.client.send(new StopExecutionCommand({ executionArn }));
    await ended;
    await expect.poll(async () => (await harness.outcomeOf(childArn)).status).toBe('ABORTED');
  });
});
