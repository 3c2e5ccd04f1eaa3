import { createHash } from 'node:crypto';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { StepFunctionsOptions } from '../../../local/step-functions/server.ts';
import { block, type ServiceRequest, startService } from './harness.ts';
import { eachOf, startMapHarness, startS3 } from './maps.ts';

const day = 24 * 3600 * 1000;

/** A Task that calls a function of its own name with the state's input. */
const task = (name: string, fields: object = { End: true }) => ({
  [name]: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: name, Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    ...fields,
  },
});

/** A harness whose functions give their input back, or fail when they are in `broken`. */
async function startRepairable(...broken: string[]) {
  const failing = new Set(broken);
  const called = ({ path }: ServiceRequest) => path.split('/')[3]!;
  const service = await startService((request) => {
    const fails = failing.has(called(request)) || failing.has(`${called(request)} ${request.body}`);
    if (!fails) return { body: request.body };
    return { headers: { 'X-Amz-Function-Error': 'Unhandled' }, body: '{"errorType":"Broken"}' };
  });
  const harness = await startMapHarness({ clients: () => ({ endpoint: service.endpoint }) });
  return {
    ...harness,
    /** The functions that were called since the last time. */
    calls: () => service.requests.splice(0).map(called),
    repair: () => failing.clear(),
    async [Symbol.asyncDispose]() {
      await harness.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

/** A harness whose clock stands until it is moved. */
async function startFrozen(options: StepFunctionsOptions = {}) {
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  const harness = await startMapHarness({ ...options, clock: () => clock.now });
  return { ...harness, clock };
}

const fail = { Fail: { Type: 'Fail', Error: 'No' } };

describe('a redriven execution', () => {
  it('goes on with the state that failed', async () => {
    await using harness = await startRepairable('second');
    const states = {
      ...task('first', { Next: 'second' }),
      ...task('second', { Next: 'third' }),
      ...task('third'),
    };
    const { executionArn, status, error } = await harness.run(states, 7);
    expect([status, error, harness.calls()]).toEqual(['FAILED', 'Broken', ['first', 'second']]);
    harness.repair();
    expect(await harness.redrive(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 7 });
    expect(harness.calls()).toEqual(['second', 'third']);
  });

  it('appends to its history', async () => {
    await using harness = await startRepairable('only');
    const { executionArn, events } = await harness.run(task('only'));
    harness.repair();
    const { types, events: after } = await harness.redrive(executionArn);
    expect(types.slice(events.length)).toEqual([
      'ExecutionRedriven',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    const [redriven, scheduled] = after.slice(events.length);
    expect(redriven).toMatchObject({
      id: events.length + 1,
      previousEventId: events.length,
      executionRedrivenEventDetails: { redriveCount: 1 },
    });
    expect(events[scheduled!.previousEventId! - 1]?.type).toBe('TaskStateEntered');
  });

  it('keeps its variables', async () => {
    await using harness = await startRepairable('only');
    const states = {
      Remember: { Type: 'Pass', Assign: { word: 'hello' }, Next: 'only' },
      ...task('only', { Output: '{% $word %}', End: true }),
    };
    const { executionArn } = await harness.run(states);
    harness.repair();
    expect((await harness.redrive(executionArn)).output).toBe('hello');
  });

  it('retries as often as if it had never been tried', async () => {
    await using harness = await startRepairable('only');
    const Retry = [{ ErrorEquals: ['Broken'], MaxAttempts: 2 }];
    const { executionArn } = await harness.run(task('only', { Retry, End: true }));
    expect(harness.calls()).toHaveLength(3);
    await harness.redrive(executionArn);
    expect(harness.calls()).toHaveLength(3);
  });

  it('sees in its context how often and when', async () => {
    await using harness = await startRepairable('only');
    const Arguments = {
      FunctionName: 'only',
      Payload: {
        count: '{% $states.context.Execution.RedriveCount %}',
        timed: '{% $exists($states.context.Execution.RedriveTime) %}',
      },
    };
    const { executionArn } = await harness.run(task('only', { Arguments, End: true }));
    harness.repair();
    expect((await harness.redrive(executionArn)).output).toEqual({ count: 1, timed: true });
  });

  it('runs the definition of its start', async () => {
    await using harness = await startRepairable('only');
    const stateMachineArn = await harness.create(task('only'));
    const { executionArn } = await harness.execute(stateMachineArn, 'input');
    const definition = JSON.stringify({
      QueryLanguage: 'JSONata',
      ...block({ Done: { Type: 'Succeed', Output: 2 } }),
    });
    await harness.client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    harness.repair();
    expect((await harness.redrive(executionArn)).output).toBe('input');
  });

  it('enters a Fail state again, and fails again', async () => {
    await using harness = await startMapHarness();
    const { executionArn } = await harness.run(fail);
    expect((await harness.redrive(executionArn)).types.slice(-2)).toEqual([
      'ExecutionRedriven',
      'ExecutionFailed',
    ]);
  });

  it('can be redriven again', async () => {
    await using harness = await startMapHarness();
    const { executionArn } = await harness.run(fail);
    await harness.redrive(executionArn);
    await harness.redrive(executionArn);
    const described = await harness.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(described).toMatchObject({ redriveCount: 2, redriveStatus: 'REDRIVABLE' });
    expect(described.redriveDate).toBeInstanceOf(Date);
  });

  it('tells of its changes of status', async () => {
    await using harness = await startMapHarness();
    const { executionArn } = await harness.run(fail);
    await harness.redrive(executionArn);
    const seen = harness.statusChanges.map(({ detail }) => [detail.status, detail.redriveCount]);
    expect(seen).toEqual([
      ['RUNNING', 0],
      ['FAILED', 0],
      ['RUNNING', 1],
      ['FAILED', 1],
    ]);
    expect(harness.statusChanges[2]?.detail).toMatchObject({ stopDate: null, error: null });
  });

  it('hands out a new token, and knows the old one no more', async () => {
    const tokens: string[] = [];
    await using service = await startService(({ body }) => {
      const { MessageBody } = JSON.parse(body);
      tokens.push(JSON.parse(MessageBody).token);
      const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
      return { body: JSON.stringify({ MessageId: '1', MD5OfMessageBody }) };
    });
    await using harness = await startMapHarness({ clients: () => ({ endpoint: service.endpoint }) });
    const states = {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Arguments: {
          QueueUrl: 'http://queue/1/q',
          MessageBody: { token: '{% $states.context.Task.Token %}' },
        },
        End: true,
      },
    };
    const stateMachineArn = await harness.create(states);
    const { executionArn } = await harness.client.send(new StartExecutionCommand({ stateMachineArn }));
    await expect.poll(() => tokens.length).toBe(1);
    await harness.client.send(new StopExecutionCommand({ executionArn }));
    await harness.client.send(new RedriveExecutionCommand({ executionArn }));
    await expect.poll(() => tokens.length).toBe(2);
    const send = (taskToken: string | undefined) =>
      harness.client.send(new SendTaskSuccessCommand({ taskToken, output: '7' }));
    await expect(send(tokens[0])).rejects.toThrow();
    await send(tokens[1]);
    await expect.poll(async () => (await harness.outcomeOf(executionArn!)).output).toBe(7);
  });

  it('goes on behind a Wait whose time has come', async () => {
    const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
    await using harness = await startMapHarness({ waitTimeScale: 1, clock: () => clock.now });
    const states = { Wait: { Type: 'Wait', Timestamp: '2026-01-02T00:00:00Z', End: true } };
    const stateMachineArn = await harness.create(states);
    const { executionArn } = await harness.client.send(new StartExecutionCommand({ stateMachineArn }));
    await harness.client.send(new StopExecutionCommand({ executionArn }));
    clock.now += 2 * day;
    expect((await harness.redrive(executionArn!)).status).toBe('SUCCEEDED');
  });

  it('has its whole time again', async () => {
    await using service = await startService(() => undefined);
    await using harness = await startMapHarness({ clients: () => ({ endpoint: service.endpoint }) });
    const { executionArn, status } = await harness.run(task('never'), {}, { TimeoutSeconds: 1 });
    expect(status).toBe('TIMED_OUT');
    const { types } = await harness.redrive(executionArn);
    expect(types.slice(-4)).toEqual([
      'ExecutionRedriven',
      'TaskScheduled',
      'TaskStarted',
      'ExecutionTimedOut',
    ]);
  });
});

describe('a redriven Parallel', () => {
  const branches = (...names: string[]) => ({
    Both: { Type: 'Parallel', Branches: names.map((name) => block(task(name))), End: true },
  });

  it('runs only the branches that did not succeed', async () => {
    await using harness = await startRepairable('after');
    const states = {
      Both: {
        Type: 'Parallel',
        Branches: [block(task('well')), block({ ...task('before', { Next: 'after' }), ...task('after') })],
        End: true,
      },
    };
    const { executionArn } = await harness.run(states, 7);
    expect(harness.calls().toSorted()).toEqual(['after', 'before', 'well']);
    harness.repair();
    const { output, types } = await harness.redrive(executionArn);
    expect([output, harness.calls()]).toEqual([[7, 7], ['after']]);
    expect(types.filter((type) => type === 'ParallelStateStarted')).toHaveLength(1);
  });

  it('fails again if its branch does', async () => {
    await using harness = await startRepairable('bad');
    const { executionArn } = await harness.run(branches('bad'));
    expect((await harness.redrive(executionArn)).types.slice(-6)).toEqual([
      'ExecutionRedriven',
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
  });

  it('runs all its branches if their results were too big', async () => {
    await using harness = await startRepairable();
    const half = 'x'.repeat(150 * 1024);
    const { executionArn, error } = await harness.run(branches('one', 'two'), half);
    expect([error, harness.calls().length]).toEqual(['States.DataLimitExceeded', 2]);
    await harness.redrive(executionArn);
    expect(harness.calls().toSorted()).toEqual(['one', 'two']);
  });
});

describe('a redriven inline Map', () => {
  it('runs only the iterations that did not succeed', async () => {
    await using harness = await startRepairable('each 2');
    const states = {
      Each: {
        Type: 'Map',
        MaxConcurrency: 1,
        Items: '{% $states.input %}',
        ItemProcessor: block(task('each')),
        End: true,
      },
    };
    const { executionArn } = await harness.run(states, [1, 2, 3]);
    expect(harness.calls()).toHaveLength(2);
    harness.repair();
    expect((await harness.redrive(executionArn)).output).toEqual([1, 2, 3]);
    expect(harness.calls()).toHaveLength(2);
  });
});

describe('a redriven machine in JSONPath', () => {
  it('runs only what did not succeed', async () => {
    await using harness = await startRepairable('each 2');
    const inJsonPath = (name: string) => ({
      [name]: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: name, 'Payload.$': '$' },
        OutputPath: '$.Payload',
        End: true,
      },
    });
    const Branches = [
      block(inJsonPath('other')),
      block({
        Each: { Type: 'Map', MaxConcurrency: 1, ItemProcessor: block(inJsonPath('each')), End: true },
      }),
    ];
    const states = { Both: { Type: 'Parallel', Branches, End: true } };
    const { executionArn } = await harness.run(states, [1, 2, 3], { QueryLanguage: 'JSONPath' });
    harness.calls();
    harness.repair();
    expect((await harness.redrive(executionArn)).output).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(harness.calls()).toEqual(['each', 'each']);
  });
});

describe('a redriven Distributed Map', () => {
  const items = [1, 2, 3, 4];
  const tolerant = { MaxConcurrency: 1 };

  it('goes on with its Map Run and the children that did not succeed', async () => {
    await using harness = await startRepairable('each 2');
    const { executionArn } = await harness.run(eachOf(task('each'), tolerant), items);
    const before = await harness.childrenOf(executionArn);
    expect(harness.calls()).toHaveLength(2);
    harness.repair();
    const { output, types } = await harness.redrive(executionArn);
    expect([output, harness.calls()]).toEqual([items, ['each', 'each', 'each']]);
    const after = await harness.childrenOf(executionArn);
    expect(after.slice(0, 2).map((child) => [child.executionArn, child.redriveCount])).toEqual([
      [before[0]?.executionArn, 0],
      [before[1]?.executionArn, 1],
    ]);
    expect(types.slice(-6)).toEqual([
      'ExecutionRedriven',
      'MapRunRedriven',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('redrives Standard children where they stood', async () => {
    await using harness = await startRepairable('second');
    const states = { ...task('first', { Next: 'second' }), ...task('second') };
    const { executionArn } = await harness.run(eachOf(states), [1]);
    harness.calls();
    harness.repair();
    await harness.redrive(executionArn);
    expect(harness.calls()).toEqual(['second']);
  });

  it('starts Express children anew, under their old names', async () => {
    await using harness = await startRepairable('second');
    const states = { ...task('first', { Next: 'second' }), ...task('second') };
    const { executionArn } = await harness.run(eachOf(states, { ExecutionType: 'EXPRESS' }), [1]);
    const [before] = await harness.childrenOf(executionArn);
    expect(before?.redriveStatus).toBe('REDRIVABLE_BY_MAP_RUN');
    harness.calls();
    harness.repair();
    await harness.redrive(executionArn);
    const [after] = await harness.childrenOf(executionArn);
    expect(harness.calls()).toEqual(['first', 'second']);
    expect([after?.executionArn, after?.status]).toEqual([before?.executionArn, 'SUCCEEDED']);
  });

  it('is described with its redrives', async () => {
    await using harness = await startRepairable('each');
    const { executionArn } = await harness.run(eachOf(task('each')), [1]);
    await harness.redrive(executionArn);
    expect(await harness.mapRunOf(executionArn)).toMatchObject({ redriveCount: 1, status: 'FAILED' });
  });

  it('shows its redriven children apart', async () => {
    await using harness = await startRepairable('each 2');
    const { executionArn } = await harness.run(eachOf(task('each'), tolerant), items);
    await harness.redrive(executionArn);
    const { mapRunArn } = await harness.mapRunOf(executionArn);
    const list = new ListExecutionsCommand({ mapRunArn, redriveFilter: 'REDRIVEN' });
    const { executions } = await harness.client.send(list);
    expect(executions).toEqual([expect.objectContaining({ mapRunArn, redriveCount: 1, itemCount: 1 })]);
  });

  it('lets children wait for their turn', async () => {
    await using harness = await startRepairable('each');
    const fields = { ToleratedFailurePercentage: 50, MaxConcurrency: 1 };
    const { executionArn } = await harness.run(eachOf(task('each'), fields), items);
    const before = harness.statusChanges.length;
    await harness.redrive(executionArn);
    const changes = harness.statusChanges.slice(before).map(({ detail }) => detail.status);
    expect(changes.filter((status) => status === 'PENDING_REDRIVE')).toHaveLength(2);
    const children = await harness.childrenOf(executionArn);
    expect(children.map(({ status }) => status)).toEqual(['FAILED', 'FAILED', 'FAILED']);
  });

  it('gives up a child that is too old', async () => {
    await using harness = await startFrozen({ waitTimeScale: 1 });
    const states = {
      Old: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input = 1 %}', Next: 'Fail' }],
        Default: 'Wait',
      },
      Fail: { Type: 'Fail', Error: 'No' },
      Wait: { Type: 'Wait', Seconds: 3600, End: true },
    };
    const stateMachineArn = await harness.create(eachOf(states, { ToleratedFailureCount: 1 }));
    const { executionArn } = await harness.client.send(
      new StartExecutionCommand({ stateMachineArn, input: '[1,2]' }),
    );
    const counts = async () => (await harness.mapRunOf(executionArn!)).executionCounts;
    await expect.poll(counts).toMatchObject({ failed: 1, running: 1 });
    harness.clock.now += 10 * day;
    await harness.client.send(new StopExecutionCommand({ executionArn }));
    harness.clock.now += 10 * day;
    await harness.client.send(new RedriveExecutionCommand({ executionArn }));
    await expect.poll(counts).toMatchObject({ failed: 1, running: 1, failuresNotRedrivable: 1 });
  });

  it('reads its items when it could not before', async () => {
    await using s3 = await startS3();
    await using harness = await startMapHarness(s3.options);
    const ItemReader = {
      Resource: 'arn:aws:states:::s3:getObject',
      Arguments: { Bucket: 'data', Key: 'late' },
      ReaderConfig: { InputType: 'JSON' },
    };
    const states = { Take: { Type: 'Pass', End: true } };
    const { executionArn, error } = await harness.run(eachOf(states, { ItemReader }), {});
    expect(error).toBe('States.ItemReaderFailed');
    await s3.put('late', '[1,2]');
    expect((await harness.redrive(executionArn)).output).toEqual([1, 2]);
  });

  it('starts a new Map Run if its results were too big', async () => {
    await using harness = await startRepairable();
    const half = 'x'.repeat(150 * 1024);
    const { executionArn, error } = await harness.run(
      eachOf(task('each'), { Items: [1, 2], ItemSelector: half }),
      1,
    );
    expect(error).toBe('States.DataLimitExceeded');
    const { types } = await harness.redrive(executionArn);
    expect(types.filter((type) => type === 'MapRunStarted')).toHaveLength(2);
  });

  it('writes the new results beside the old ones', async () => {
    await using s3 = await startS3();
    let broken = true;
    await using service = await startService(({ body }) =>
      broken && body === '2'
        ? { headers: { 'X-Amz-Function-Error': 'Unhandled' }, body: '{"errorType":"Broken"}' }
        : { body },
    );
    await using harness = await startMapHarness({
      clients: (_, name) => (name === 's3' ? s3.options.clients() : { endpoint: service.endpoint }),
    });
    const ResultWriter = {
      Resource: 'arn:aws:states:::s3:putObject',
      Arguments: { Bucket: 'data', Prefix: 'results' },
      WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSON' },
    };
    const { executionArn } = await harness.run(eachOf(task('each'), { ResultWriter, ...tolerant }), [1, 2]);
    broken = false;
    const { output } = await harness.redrive(executionArn);
    const { Key } = (output as { ResultWriterDetails: { Key: string } }).ResultWriterDetails;
    expect(Key).toMatch(/^results\/[0-9a-f-]+\/Redrive-1\/manifest\.json$/);
    const { SUCCEEDED } = JSON.parse(await s3.text(Key)).ResultFiles;
    expect(SUCCEEDED).toHaveLength(2);
    const texts = await Promise.all(SUCCEEDED.map((file: { Key: string }) => s3.text(file.Key)));
    expect(texts).toEqual(['[1]', '[2]']);
  });
});

describe('RedriveExecution', () => {
  const refusal = (harness: Awaited<ReturnType<typeof startMapHarness>>, executionArn: string) =>
    harness.client
      .send(new RedriveExecutionCommand({ executionArn }))
      .then(() => undefined)
      .catch(({ name, message }: Error) => `${name}: ${message}`);

  it('refuses what has succeeded', async () => {
    await using harness = await startMapHarness();
    const { executionArn } = await harness.run({ Done: { Type: 'Succeed' } });
    expect(await refusal(harness, executionArn)).toBe(
      'ExecutionNotRedrivable: Execution is SUCCEEDED and cannot be redriven',
    );
  });

  it('refuses what runs', async () => {
    await using harness = await startMapHarness({ waitTimeScale: 1 });
    const stateMachineArn = await harness.create({ Wait: { Type: 'Wait', Seconds: 3600, End: true } });
    const { executionArn } = await harness.client.send(new StartExecutionCommand({ stateMachineArn }));
    expect(await refusal(harness, executionArn!)).toBe(
      'ExecutionNotRedrivable: Execution is RUNNING and cannot be redriven',
    );
  });

  it('refuses what ended 14 days ago', async () => {
    await using harness = await startFrozen();
    const { executionArn } = await harness.run(fail);
    harness.clock.now += 14 * day;
    expect(await refusal(harness, executionArn)).toBe(
      'ExecutionNotRedrivable: Execution redrivable period exceeded',
    );
  });

  it('refuses what has no room for more events', async () => {
    await using harness = await startMapHarness();
    const { executionArn } = await harness.run({
      Loop: { Type: 'Pass', Next: 'Again' },
      Again: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Loop' }], Default: 'Done' },
      Done: { Type: 'Succeed' },
    });
    expect(await refusal(harness, executionArn)).toBe(
      'ExecutionNotRedrivable: Execution history event limit exceeded',
    );
  });

  it('refuses the child of a Map Run', async () => {
    await using harness = await startMapHarness();
    const { executionArn } = await harness.run(eachOf(fail), [1]);
    const [child] = await harness.childrenOf(executionArn);
    expect(child?.redriveStatus).toBe('REDRIVABLE_BY_MAP_RUN');
    expect(await refusal(harness, child!.executionArn!)).toContain(
      'Labeled Execution ARNs are not supported',
    );
  });

  it('does not know what never was', async () => {
    await using harness = await startMapHarness();
    const arn = 'arn:aws:states:us-east-1:123456789012:execution:a:b';
    expect(await refusal(harness, arn)).toContain('ExecutionDoesNotExist');
  });

  it('with the same token within 15 minutes is the same redrive', async () => {
    await using harness = await startFrozen();
    const { executionArn } = await harness.run(fail);
    const send = () =>
      harness.client.send(new RedriveExecutionCommand({ executionArn, clientToken: 'once' }));
    const { redriveDate } = await send();
    harness.clock.now += 60_000;
    expect((await send()).redriveDate).toEqual(redriveDate);
    const described = await harness.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(described.redriveCount).toBe(1);
  });
});
