import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { startService } from './harness.ts';
import { eachOf, startMapHarness } from './maps.ts';

type MapHarness = Awaited<ReturnType<typeof startMapHarness>>;

/** Two processes that share a folder, one after the other; their functions fail in the first only. */
async function restart<Seen>(
  first: (harness: MapHarness) => Promise<Seen>,
  second: (harness: MapHarness, seen: Seen) => Promise<void>,
) {
  const data = await mkdtemp(join(tmpdir(), 'step-functions-'));
  let broken = true;
  await using service = await startService(({ body, path }) =>
    broken && path.includes('/broken/')
      ? { headers: { 'X-Amz-Function-Error': 'Unhandled' }, body: '{"errorType":"Broken"}' }
      : { body },
  );
  const options = { data, waitTimeScale: 1, clients: () => ({ endpoint: service.endpoint }) };
  try {
    const before = await startMapHarness(options);
    const seen = await first(before).finally(before.close);
    broken = false;
    const after = await startMapHarness(options);
    await second(after, seen).finally(after.close);
    return service.requests.map(({ path }) => path.split('/')[3]);
  } finally {
    await rm(data, { recursive: true });
  }
}

const task = (FunctionName: string, fields: object = { End: true }) => ({
  [FunctionName]: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName, Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    ...fields,
  },
});
const pass = { Pass: { Type: 'Pass', End: true } };

describe('in a folder, a later process finds', () => {
  it('the machines', () =>
    restart(
      ({ create }) => create(pass),
      async ({ client }, stateMachineArn) => {
        const { definition } = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
        expect(JSON.parse(definition!).States).toEqual(pass);
      },
    ));

  it('no machine that was deleted', () =>
    restart(
      async ({ create, client }) =>
        client.send(new DeleteStateMachineCommand({ stateMachineArn: await create(pass) })),
      async ({ client }) => {
        const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
        expect(stateMachines).toEqual([]);
      },
    ));

  it('the executions with their histories', () =>
    restart(
      async ({ run }) => run(pass, { id: 7 }),
      async ({ outcomeOf }, outcome) => expect(await outcomeOf(outcome.executionArn)).toEqual(outcome),
    ));

  it('what it can redrive', async () => {
    const called = await restart(
      async ({ run }) => run({ ...task('well', { Next: 'broken' }), ...task('broken') }, 7),
      async ({ redrive }, { executionArn, status }) => {
        expect(status).toBe('FAILED');
        expect(await redrive(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 7 });
      },
    );
    expect(called).toEqual(['well', 'broken', 'broken']);
  });

  it('a Map Run that it can redrive', async () => {
    const called = await restart(
      async ({ run }) =>
        run(
          eachOf({ ...task('well', { Next: 'broken' }), ...task('broken') }, { MaxConcurrency: 1 }),
          [1, 2],
        ),
      async ({ redrive, mapRunOf }, { executionArn }) => {
        expect((await redrive(executionArn)).output).toEqual([1, 2]);
        expect((await mapRunOf(executionArn)).redriveCount).toBe(1);
      },
    );
    expect(called).toEqual(['well', 'broken', 'broken', 'well', 'broken']);
  });

  it('what ran aborted, and can redrive it from there', async () => {
    const called = await restart(
      async ({ create, client, history }) => {
        const wait = { Wait: { Type: 'Wait', Timestamp: '2001-01-01T00:00:00Z', Next: 'hold' } };
        const hold = { hold: { Type: 'Wait', Seconds: 1, End: true } };
        const stateMachineArn = await create({ ...task('well', { Next: 'Wait' }), ...wait, ...hold });
        const started = await client.send(new StartExecutionCommand({ stateMachineArn, input: '7' }));
        const types = async () =>
          (await history(started.executionArn!)).events?.filter(({ type }) => type === 'WaitStateEntered')
            .length;
        await expect.poll(types).toBe(2);
        return started.executionArn!;
      },
      async ({ client, redrive }, executionArn) => {
        const described = await client.send(new DescribeExecutionCommand({ executionArn }));
        expect(described).toMatchObject({ status: 'ABORTED', cause: 'The emulator was stopped.' });
        expect(await redrive(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 7 });
      },
    );
    expect(called).toEqual(['well']);
  });

  it('the children of a Map Run that ran, and goes on with them', async () => {
    await restart(
      async (harness) => {
        const wait = { Wait: { Type: 'Wait', Seconds: 1, End: true } };
        const stateMachineArn = await harness.create(eachOf(wait));
        const started = await harness.client.send(
          new StartExecutionCommand({ stateMachineArn, input: '[1,2]' }),
        );
        const running = async () => (await harness.mapRunOf(started.executionArn!)).executionCounts?.running;
        await expect.poll(running).toBe(2);
        return started.executionArn!;
      },
      async ({ childrenOf, mapRunOf, redrive }, executionArn) => {
        expect((await mapRunOf(executionArn)).status).toBe('ABORTED');
        expect((await childrenOf(executionArn)).map(({ status }) => status)).toEqual(['ABORTED', 'ABORTED']);
        expect((await redrive(executionArn)).output).toEqual([1, 2]);
      },
    );
  });
});
