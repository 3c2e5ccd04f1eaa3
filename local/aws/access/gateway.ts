import { randomUUID } from 'node:crypto';
import {
  createServer,
  request as forwardRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { calledBy, type Task, tooLateHeader } from '../../step-functions/integrations/call.ts';
import { permissionToSeeMissingKeys } from '../emulators/s3.ts';
import type { Service, ServiceRequest } from '../emulators/service.ts';
import type { Authorization, Decision, Permission, Principal } from './authorization.ts';
import { type Answer, encodeError, ServiceError } from './errors.ts';
import { type Fault, Faults, type InjectedFault } from './faults.ts';

/** A permission that a call needed, and the decision. */
export interface RecordedCall {
  service: string;
  /** The API operation, such as CreateMultipartUpload. */
  operation: string;
  /** The IAM action, such as s3:PutObject. */
  action: string;
  resource: string;
  /** Name of the role, or `administrator`. */
  caller: string;
  /** The Task that made the call, if one did. */
  task?: Task;
  allowed: boolean;
}

/** A service behind the gateway. */
export interface Route {
  service: Service;
  /** The emulator's endpoint, or a function that answers the request. */
  target: string | ((request: ServiceRequest) => Promise<Answer> | Answer);
}

/** Options of the gateway. */
export interface GatewayOptions {
  port?: number;
  /** Called with each allowed call of a role. */
  onRoleCall?(operation: string, request: ServiceRequest): void;
}

/** The single endpoint in front of all services. */
export interface Gateway {
  endpoint: string;
  calls: RecordedCall[];
  /** Services that answer 503, and for how many more calls. */
  outages: Map<string, number>;
  /** Services whose calls wait, and the promise that they wait for. */
  holds: Map<string, Promise<void>>;
  /** Injects a fault into later calls. */
  fault(fault: Fault): InjectedFault;
  /** Starts to route requests. Permissions and routes are known only after the resources have been resolved. */
  open(authorization: Authorization, routes: Record<string, Route>): void;
  stop(): Promise<void>;
}

/**
 * Starts the gateway. It reads the service from the scope of the signature and the caller from the access key, and denies
 * what the caller's policies do not allow, as AWS would. It does not verify signatures.
 */
export async function startGateway({ port = 0, onRoleCall }: GatewayOptions = {}): Promise<Gateway> {
  const calls: RecordedCall[] = [];
  const outages = new Map<string, number>();
  const holds = new Map<string, Promise<void>>();
  const faults = new Faults();
  let authorization: Authorization;
  let routes: Record<string, Route> = {};

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('x-amzn-requestid', randomUUID());
    const url = new URL(request.url ?? '/', 'http://gateway');
    const scope = signatureScope(request, url);
    // Only S3 requests come without a signature.
    const name = scope?.service ?? 's3';
    const route = routes[name];
    if (!route) return send(response, 501, {}, `The local stack has no service ${name}`);
    try {
      await holds.get(name);
      const failing = outages.get(name) ?? 0;
      if (failing > 0) {
        outages.set(name, failing - 1);
        const code = route.service.outageCode ?? 'ServiceUnavailable';
        throw new ServiceError(503, code, `${name} is switched off`);
      }
      const caller = authorization.identify(scope?.accessKeyId ?? '');
      if (!caller) throw new ServiceError(403, 'InvalidClientTokenId', 'The security token is invalid.');
      if (isExpired(url)) throw new ServiceError(403, 'AccessDenied', 'Request has expired');
      await serve(name, route, caller, url, request, response);
    } catch (thrown) {
      const error =
        thrown instanceof ServiceError
          ? thrown
          : new ServiceError(500, 'InternalFailure', String((thrown as Error).stack));
      const { status, headers, body } = encodeError(route.service.protocol, error);
      // Reads the rest of a refused upload, so that the client sees the answer.
      request.resume();
      send(response, status, headers, request.method === 'HEAD' ? '' : body);
    }
  }

  async function serve(
    name: string,
    { service, target }: Route,
    caller: Principal,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const body = name === 's3' ? '' : await readText(request);
    const read: ServiceRequest = { method: request.method ?? 'GET', url, headers: request.headers, body };
    const { operation, requires } = service.describe(read);
    const task = calledBy(request.headers);
    for (const permission of requires) {
      const decision = await authorization.decide(caller, permission);
      const allowed = decision === 'Allowed';
      const { action, resource } = permission;
      const made = { service: name, operation, action, resource, caller: caller.name, task };
      calls.push({ ...made, allowed });
      if (!allowed) throw denial(service, caller, permission, decision);
    }
    const resources = requires.map(({ resource }) => resource);
    const fault = faults.meet({
      operation,
      caller: caller.name,
      task,
      resources,
      text: `${request.url}\n${body}`,
    });
    if (fault?.kind === 'refuse') {
      if (fault.error === 'connection') return void request.socket.destroy();
      const { status, code } = fault.error ?? {
        status: 503,
        code: service.outageCode ?? 'ServiceUnavailable',
      };
      throw new ServiceError(status, code, 'A fault that a test asked for');
    }
    if (fault?.kind === 'delay') await (fault.until ?? sleep(fault.milliseconds, undefined, { ref: false }));
    if (caller !== authorization.administrator) onRoleCall?.(operation, read);
    if (typeof target === 'function') {
      const { status, headers, body: text } = await target(read);
      if (isLost(fault)) return lose(fault, response);
      return send(response, status, headers, text);
    }
    const answer = await forward(target, request, name === 's3' ? undefined : body);
    const status = answer.statusCode!;
    if (isLost(fault)) {
      // Read to its end, because the service may still be at work on it.
      for await (const _ of answer);
      return lose(fault, response);
    }
    if (name === 's3' && status === 404 && /^(Get|Head)Object$/.test(operation)) {
      const permission = permissionToSeeMissingKeys(read);
      const decision = await authorization.decide(caller, permission);
      if (decision !== 'Allowed') {
        answer.resume();
        throw denial(service, caller, permission, decision);
      }
    }
    response.writeHead(status, answer.headers);
    // If one side closes the connection early, the other one reports the error.
    await pipeline(answer, response).catch(() => undefined);
  }

  const server = createServer((request, response) => void handle(request, response));
  // Long polls and long invocations take longer than Node's default timeout.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    outages,
    holds,
    fault: (fault) => faults.add(fault),
    open(newAuthorization, newRoutes) {
      authorization = newAuthorization;
      routes = newRoutes;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const isLost = (fault: Fault | undefined) => fault?.kind === 'drop' || fault?.kind === 'timeout';

/** Ends a call that took effect without its answer. */
function lose(fault: Fault | undefined, response: ServerResponse): void {
  if (fault?.kind === 'timeout') send(response, 504, { [tooLateHeader]: 'true' }, '');
  else response.destroy();
}

function denial(service: Service, caller: Principal, permission: Permission, decision: Decision) {
  const { action, resource } = permission;
  const reason =
    decision === 'ExplicitlyDenied'
      ? 'with an explicit deny'
      : `because no identity-based policy allows the ${action} action`;
  return new ServiceError(
    service.denial.status,
    service.denial.code,
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
  );
}

/** The access key that a request is signed with. */
export function accessKeyOf({ headers }: ServiceRequest): string {
  return /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** Reads access key and service from `Credential=<key>/<date>/<region>/<service>/aws4_request`. */
function signatureScope(request: IncomingMessage, url: URL) {
  const header = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1];
  const parts = (header ?? url.searchParams.get('X-Amz-Credential'))?.split('/');
  return parts && { accessKeyId: parts[0]!, service: parts[3]! };
}

function isExpired({ searchParams }: URL): boolean {
  const date = searchParams.get('X-Amz-Date')?.replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:');
  return (
    date !== undefined && Date.parse(date) + Number(searchParams.get('X-Amz-Expires')) * 1000 < Date.now()
  );
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Forwards the request. The body is streamed unless it has been read. */
function forward(endpoint: string, request: IncomingMessage, body?: string): Promise<IncomingMessage> {
  const { method, headers, url } = request;
  return new Promise((resolve, reject) => {
    const onward = forwardRequest(new URL(url ?? '/', endpoint), { method, headers }, resolve);
    onward.on('error', reject);
    request.once('close', () => request.complete || onward.destroy());
    if (body === undefined) request.pipe(onward);
    else onward.end(body);
  });
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
  response.writeHead(status, headers);
  response.end(body);
}
