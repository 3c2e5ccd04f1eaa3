import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineArn, roleArn, startHarness } from './harness.ts';

let harness: Awaited<ReturnType<typeof startHarness>>;
beforeAll(async () => {
  harness = await startHarness({ waitTimeScale: 1 });
});
afterAll(() => harness.close());

const done = { Done: { Type: 'Succeed' } };
const waiting = { Wait: { Type: 'Wait', Seconds: 3600, End: true } };
const definitionOf = (states: object) =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states });
const mapOf = (Label: string) => ({
  Type: 'Map',
  Label,
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'P',
    States: { P: { Type: 'Pass', End: true } },
  },
  End: true,
});
const create = (name: string, states: object = done) =>
  harness.client.send(new CreateStateMachineCommand({ name, roleArn, definition: definitionOf(states) }));

/** The answer to a request that no SDK would send. */
async function send(operation: string, body: string) {
  const response = await fetch(harness.server.endpoint, {
    method: 'POST',
    headers: { 'X-Amz-Target': `AWSStepFunctions.${operation}` },
    body,
  });
  return { status: response.status, ...((await response.json()) as { __type: string; message: string }) };
}

describe('a request', () => {
  it.each(['5', 'null', '[]', '{', '['.repeat(100_000)])('of %.9j is refused', async (body) => {
    expect(await send('StartExecution', body)).toMatchObject({
      status: 400,
      __type: 'SerializationException',
    });
  });

  it('with values of other types is refused', async () => {
    expect(await send('StartExecution', '{"stateMachineArn": 5}')).toMatchObject({
      status: 400,
      __type: 'SerializationException',
    });
  });

  it("is held to all bounds of the service's model at once", async () => {
    const parameters = { roleArn: '', type: 'FAST', name: 'x'.repeat(81) };
    expect(await send('CreateStateMachine', JSON.stringify(parameters))).toMatchObject({
      status: 400,
      __type: 'ValidationException',
      message: [
        "4 validation errors detected: Value null at 'definition' failed to satisfy constraint: Member must not be null",
        `Value '${parameters.name}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80`,
        "Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 1",
        "Value 'FAST' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]",
      ].join('; '),
    });
  });

  it('for an ARN of another type is refused', async () => {
    expect(await send('DescribeExecution', JSON.stringify({ executionArn: machineArn }))).toMatchObject({
      __type: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: stateMachine'",
    });
  });
});

describe('CreateStateMachine', () => {
  it('quotes a bad Label as it was recorded', async () => {
    const Label = 'a"b';
    const definition = JSON.stringify({ StartAt: 'M', States: { M: mapOf(Label) } });
    const refused = harness.client.send(
      new CreateStateMachineCommand({ name: 'label', roleArn, definition }),
    );
    await expect(refused).rejects.toMatchObject({
      name: 'InvalidDefinition',
      message: `Error=ValueError Args=['Label contains invalid character: \\'"\\''] in definition '${definition}'.`,
    });
  });

  it('gives the ARN', async () => {
    const { stateMachineArn } = await create('machine');
    expect(stateMachineArn).toBe(machineArn);
  });

  it('may be repeated with the same definition, and not with another one', async () => {
    const first = await create('repeated');
    expect(await create('repeated')).toMatchObject({ creationDate: first.creationDate });
    await expect(create('repeated', waiting)).rejects.toMatchObject({
      name: 'StateMachineAlreadyExists',
      message: `State Machine Already Exists: '${first.stateMachineArn}'`,
    });
  });

  it('refuses a name with a blank', async () => {
    await expect(create('a machine')).rejects.toMatchObject({
      name: 'InvalidName',
      message: "Invalid Name: 'a machine'",
    });
  });

  it('refuses a name of more than 80 characters', async () => {
    await expect(create('a'.repeat(81))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(
        "at 'name' failed to satisfy constraint: Member must have length less than",
      ),
    });
  });

  it('tells what is wrong with a definition', async () => {
    await expect(
      create('wrong', { Pass: { Type: 'Pass', Output: '{% phone %}', End: true } }),
    ).rejects.toMatchObject({
      name: 'InvalidDefinition',
      message:
        "Invalid State Machine Definition: 'UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/Pass/Output'",
    });
  });
});

describe('UpdateStateMachine', () => {
  it('leaves running executions as they are', async () => {
    const stateMachineArn = await harness.create(waiting);
    const { executionArn } = await harness.client.send(new StartExecutionCommand({ stateMachineArn }));
    await harness.client.send(
      new UpdateStateMachineCommand({ stateMachineArn, definition: definitionOf(done) }),
    );
    const machine = await harness.client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const running = await harness.client.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
    expect(machine.definition).toBe(definitionOf(done));
    expect(running.definition).toBe(definitionOf(waiting));
  });
});

describe('DeleteStateMachine', () => {
  it('removes a machine, and does not mind one that is not there', async () => {
    const stateMachineArn = await harness.create(done);
    await harness.client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    await harness.client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    const { stateMachines } = await harness.client.send(new ListStateMachinesCommand());
    expect(stateMachines?.map((machine) => machine.stateMachineArn)).not.toContain(stateMachineArn);
  });
});

describe('StartExecution', () => {
  it('starts a name once, and takes a repetition of what still runs for the same', async () => {
    const stateMachineArn = await harness.create(waiting);
    const start = (input: string) =>
      harness.client.send(new StartExecutionCommand({ stateMachineArn, name: 'once', input }));
    const first = await start('{}');
    expect(await start('{}')).toMatchObject({
      executionArn: first.executionArn,
      startDate: first.startDate,
    });
    const taken = {
      name: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${first.executionArn}'`,
    };
    await expect(start('{"a":1}')).rejects.toMatchObject(taken);
    await harness.client.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    await expect(start('{}')).rejects.toMatchObject(taken);
  });

  it.each([
    [
      'not some json',
      "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    ],
    ["{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"],
    ['', 'Invalid execution input.'],
  ])('refuses the input %j', async (input, problem) => {
    const stateMachineArn = await harness.create(done);
    await expect(
      harness.client.send(new StartExecutionCommand({ stateMachineArn, input })),
    ).rejects.toMatchObject({
      name: 'InvalidExecutionInput',
      message: `Invalid State Machine Execution Input: '${problem}'`,
    });
  });

  it('needs a machine', async () => {
    const stateMachineArn = `${machineArn}-absent`;
    await expect(harness.client.send(new StartExecutionCommand({ stateMachineArn }))).rejects.toMatchObject({
      name: 'StateMachineDoesNotExist',
    });
  });
});

describe('DescribeExecution', () => {
  it('says of an execution that succeeded that it cannot be redriven', async () => {
    const { executionArn } = await harness.run(done, { a: 1 });
    expect(await harness.client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'SUCCEEDED',
      input: '{"a":1}',
      inputDetails: { included: true },
      output: '{"a":1}',
      outputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
  });
});

describe('StopExecution', () => {
  it('aborts with error and cause', async () => {
    const stateMachineArn = await harness.create(waiting);
    const { executionArn } = await harness.client.send(new StartExecutionCommand({ stateMachineArn }));
    await harness.client.send(
      new StopExecutionCommand({ executionArn, error: 'ReportCancelled', cause: 'by the user' }),
    );
    const stopped = await harness.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(stopped).toMatchObject({
      status: 'ABORTED',
      error: 'ReportCancelled',
      cause: 'by the user',
      redriveStatus: 'REDRIVABLE',
    });
    const { events } = await harness.history(executionArn!);
    expect(events?.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'WaitStateEntered',
      'ExecutionAborted',
    ]);
  });
});

describe('ListExecutions', () => {
  it('shows the newest first, page by page, by status', async () => {
    const stateMachineArn = await harness.create(done);
    const names: string[] = [];
    for (let i = 0; i < 3; i++)
      names.unshift((await harness.execute(stateMachineArn)).executionArn.split(':').pop()!);
    const list = (options: object) =>
      harness.client.send(new ListExecutionsCommand({ stateMachineArn, ...options }));
    const first = await list({ maxResults: 2 });
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    const listed = [...first.executions!, ...second.executions!];
    expect(listed.map(({ name }) => name)).toEqual(names);
    expect(second.nextToken).toBeUndefined();
    expect((await list({ statusFilter: 'FAILED' })).executions).toEqual([]);
  });
});

describe('GetExecutionHistory', () => {
  it('can leave out the data, and turn the order around', async () => {
    const { executionArn } = await harness.run(done, { secret: 1 });
    const { events } = await harness.client.send(
      new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false, reverseOrder: true }),
    );
    expect(events?.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });
});

describe('an Express machine', () => {
  it('is run at once by StartSyncExecution', async () => {
    const stateMachineArn = await harness.create(done, { type: 'EXPRESS' });
    const result = await harness.client.send(
      new StartSyncExecutionCommand({ stateMachineArn, input: '[1]' }),
    );
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: '[1]',
      billingDetails: { billedMemoryUsedInMB: 64 },
    });
    expect(result.executionArn).toContain(':express:');
  });

  it('has executions that cannot be described, and sends no status changes', async () => {
    const stateMachineArn = await harness.create(done, { type: 'EXPRESS' });
    const { executionArn } = await harness.client.send(new StartExecutionCommand({ stateMachineArn }));
    await expect(harness.client.send(new DescribeExecutionCommand({ executionArn }))).rejects.toMatchObject({
      name: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: express'",
    });
    expect(harness.statusChanges.map(({ resources }) => resources[0])).not.toContain(executionArn);
  });

  it('may run for ever without stopping the others', async () => {
    const loop = {
      Loop: { Type: 'Choice', Choices: [{ Condition: true, Next: 'Loop' }], Default: 'End' },
      End: { Type: 'Succeed' },
    };
    await using other = await startHarness();
    const stateMachineArn = await other.create(loop, { type: 'EXPRESS' });
    await other.client.send(new StartExecutionCommand({ stateMachineArn }));
    expect((await other.run(done)).status).toBe('SUCCEEDED');
  });
});

describe('a status change', () => {
  it('is sent at the start and at the end, as EventBridge shows it', async () => {
    await using frozen = await startHarness({ clock: () => Date.UTC(2026, 10, 23), randomUUID: () => 'id' });
    const { executionArn } = await frozen.run({ Fail: { Type: 'Fail', Error: 'E', Cause: 'c' } }, { a: 1 });
    expect(frozen.statusChanges.map(({ detail }) => detail.status)).toEqual(['RUNNING', 'FAILED']);
    expect(frozen.statusChanges[1]).toMatchObject({
      version: '0',
      id: 'id',
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      account: '123456789012',
      region: 'us-east-1',
      time: '2026-11-23T00:00:00Z',
      resources: [executionArn],
      detail: {
        executionArn,
        status: 'FAILED',
        startDate: Date.UTC(2026, 10, 23),
        stopDate: Date.UTC(2026, 10, 23),
        input: '{"a":1}',
        inputDetails: { included: true },
        output: null,
        error: 'E',
        cause: 'c',
        redriveCount: 0,
        redriveStatus: 'REDRIVABLE',
      },
    });
  });

  it('leaves out an input above 248 KiB', async () => {
    const { statusChanges } = harness;
    const { executionArn } = await harness.run(done, 'x'.repeat(250 * 1024));
    const started = statusChanges.find(({ detail }) => detail.executionArn === executionArn)!;
    expect(started.detail).toMatchObject({ input: null, inputDetails: { included: false } });
  });
});

describe('what is not there', () => {
  it('is refused by name', async () => {
    await expect(harness.client.send(new ListActivitiesCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'ListActivities is not supported by this emulator',
    });
  });

  it('is refused as a parameter, too', async () => {
    const tags = [{ key: 'a', value: '1' }];
    await expect(
      harness.client.send(
        new CreateStateMachineCommand({ name: 'tagged', roleArn, definition: definitionOf(done), tags }),
      ),
    ).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining("'tags'") });
  });
});

describe('close', () => {
  it('ends what still runs', async () => {
    const closing = await startHarness({ waitTimeScale: 1 });
    const stateMachineArn = await closing.create(waiting);
    await closing.client.send(new StartExecutionCommand({ stateMachineArn }));
    await closing.close();
    await expect(fetch(closing.server.endpoint)).rejects.toThrow();
  });
});
