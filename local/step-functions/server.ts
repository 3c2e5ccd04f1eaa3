import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Engine, startEngine } from './api/engine.ts';
import { ApiError } from './api/errors.ts';
import { keepIn } from './api/kept.ts';
import { operations } from './api/operations.ts';
import { checkedRequest } from './api/requests.ts';
import { internalError } from './interpreter/execution.ts';
import { object, parsed } from './json.ts';
import { type JsonObject, type StepFunctionsOptions, settingsOf } from './settings.ts';

export type { ClientConfiguration, StatusChangeEvent, StepFunctionsOptions } from './settings.ts';

export interface StepFunctionsLocal {
  /** For example `http://127.0.0.1:8083`. */
  endpoint: string;
  port: number;
  /** Ends everything. Running executions stop where they are, without an event or a status change. */
  close(): Promise<void>;
}

/** Starts Step Functions on loopback, speaking the AWS JSON 1.0 protocol. Rejects when the port is taken. */
export async function startStepFunctions(options: StepFunctionsOptions = {}): Promise<StepFunctionsLocal> {
  const host = options.host ?? '127.0.0.1';
  const engine = startEngine(settingsOf(options));
  if (options.data !== undefined) await keepIn(options.data, engine);
  const server = createServer((request, response) => void serve(engine, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  engine.endpoint = `http://${host}:${port}`;
  return {
    endpoint: engine.endpoint,
    port,
    async close() {
      await engine.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = engine.settings.randomUUID();
  const answer = (status: number, body: object) => {
    response.writeHead(status, {
      'Content-Type': 'application/x-amz-json-1.0',
      'x-amzn-RequestId': requestId,
    });
    response.end(JSON.stringify(body));
  };
  try {
    const parameters = await readJson(request);
    const { name, run } = operation(request);
    answer(200, await run(engine, checkedRequest(name, parameters)));
  } catch (error) {
    if (error instanceof ApiError) answer(error.status, { __type: error.name, message: error.message });
    else {
      console.error(error);
      answer(500, { __type: 'InternalFailure', message: internalError });
    }
  }
}

function operation(request: IncomingMessage) {
  const name = /^AWSStepFunctions\.(\w+)$/.exec(String(request.headers['x-amz-target']))?.[1];
  if (!name) throw new ApiError('UnknownOperationException', 'Not a request to AWSStepFunctions');
  const run = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!run) throw new ApiError('UnknownOperationException', `${name} is not supported by this emulator`);
  return { name, run };
}

async function readJson(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const parameters = object(parsed(Buffer.concat(chunks).toString() || '{}'));
  if (!parameters) throw new ApiError('SerializationException', 'The body is not a JSON object');
  return parameters;
}
