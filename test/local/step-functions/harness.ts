import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type GetExecutionHistoryCommandInput,
  type HistoryEvent,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  type StateMachineType,
} from '@aws-sdk/client-sfn';
import {
  type StatusChangeEvent,
  type StepFunctionsOptions,
  startStepFunctions,
} from '../../../local/step-functions/server.ts';

export const roleArn = 'arn:aws:iam::123456789012:role/machine';
export const machineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:machine';

/** Fields of a machine beside its states, and its type. */
type MachineFields = { type?: StateMachineType; [field: string]: unknown };

/** How an execution ended. */
export interface Outcome {
  executionArn: string;
  status: string;
  output: unknown;
  error: string | undefined;
  cause: string | undefined;
  events: HistoryEvent[];
  /** The types of the events, in order. */
  types: string[];
}

/** An emulator whose waits take no time, and a client for it. `await using` ends it. */
export async function startHarness(options: StepFunctionsOptions = {}) {
  const statusChanges: StatusChangeEvent[] = [];
  const waiting = new Map<string, () => void>();
  const server = await startStepFunctions({
    waitTimeScale: 0,
    ...options,
    onStatusChange: (event) => {
      statusChanges.push(event);
      if (event.detail.status !== 'RUNNING') waiting.get(event.detail.name)?.();
    },
  });
  const client = new SFNClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    disableHostPrefix: true,
    maxAttempts: 1,
  });
  let count = 0;
  /** Creates a machine of these states (the first one starts), and gives its ARN. */
  const create = async (states: object, rest: MachineFields = {}) => {
    const { type, ...fields } = rest;
    const definition = JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: Object.keys(states)[0],
      States: states,
      ...fields,
    });
    const { stateMachineArn } = await client.send(
      new CreateStateMachineCommand({
        name: `machine-${++count}`,
        definition,
        roleArn,
        ...(type && { type }),
      }),
    );
    return stateMachineArn!;
  };
  const outcomeOf = async (executionArn: string): Promise<Outcome> => {
    const { status, output, error, cause } = await client.send(
      new DescribeExecutionCommand({ executionArn }),
    );
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    return {
      executionArn,
      status: status!,
      output: output === undefined ? undefined : JSON.parse(output),
      error,
      cause,
      events: events!,
      types: events!.map((event) => event.type!),
    };
  };
  const history = (
    executionArn: string,
    options: Omit<GetExecutionHistoryCommandInput, 'executionArn'> = {},
  ) => client.send(new GetExecutionHistoryCommand({ executionArn, ...options }));
  const endOf = (name: string) => new Promise<void>((resolve) => waiting.set(name, resolve));
  /** Starts an execution and waits for its end. */
  const execute = async (stateMachineArn: string, input: unknown = {}): Promise<Outcome> => {
    const name = `execution-${++count}`;
    const ended = endOf(name);
    const { executionArn } = await client.send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
    );
    await ended;
    return outcomeOf(executionArn!);
  };
  /** Redrives an execution and waits for its end. */
  const redrive = async (executionArn: string): Promise<Outcome> => {
    const ended = endOf(executionArn.split(':').at(-1)!);
    await client.send(new RedriveExecutionCommand({ executionArn }));
    await ended;
    return outcomeOf(executionArn);
  };
  /** Runs these states with this input. */
  const run = async (states: object, input: unknown = {}, rest: MachineFields = {}): Promise<Outcome> =>
    execute(await create(states, rest), input);
  const close = async () => {
    client.destroy();
    await server.close();
  };
  return {
    server,
    client,
    statusChanges,
    create,
    execute,
    redrive,
    run,
    outcomeOf,
    history,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The output of a Pass state whose Output is this expression. */
export const passing = (expression: string) => ({
  Pass: { Type: 'Pass', Output: `{% ${expression} %}`, End: true },
});

/** A block of states for a branch or an item processor. */
export const block = (states: object) => ({ StartAt: Object.keys(states)[0], States: states });

/** What a service was asked. */
export interface ServiceRequest {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A service on loopback that answers as told; undefined never answers. */
export async function startService(
  answer: (request: ServiceRequest) => { status?: number; headers?: object; body: string } | undefined,
) {
  const requests: ServiceRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = { path: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString() };
    requests.push(asked);
    const answered = answer(asked);
    if (!answered) return;
    response.writeHead(answered.status ?? 200, { 'x-amzn-RequestId': 'request-1', ...answered.headers });
    response.end(answered.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
