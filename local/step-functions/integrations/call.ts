import type { IncomingHttpHeaders } from 'node:http';
import { StateError } from '../interpreter/errors.ts';
import type { Json, JsonObject } from '../settings.ts';
import type { Clients } from './clients.ts';
import { fromResponse, type Schema, toRequest } from './members.ts';
import { type HttpResponse, type Service, type ServiceCommand, serviceNamed } from './services.ts';

/** The caller of a service, and the signal that ends the call. */
export interface Caller {
  clients: Clients;
  roleArn: string;
  signal: AbortSignal;
  /** The Task that calls. A header names it, so that whatever stands before the services can tell which state calls. */
  task?: Task;
}

/** A Task of an execution. */
export interface Task {
  executionArn: string;
  state: string;
}

const taskHeader = 'x-step-functions-local-task';

/** The Task whose call has these headers; undefined if none has made it. */
export function calledBy(headers: IncomingHttpHeaders): Task | undefined {
  const task = headers[taskHeader];
  return typeof task === 'string' ? JSON.parse(decodeURIComponent(task)) : undefined;
}

/** A header of an answer that has come too late: the Task has timed out, whatever the call did. */
export const tooLateHeader = 'x-step-functions-local-too-late';

/** One API of one service, with the way in which an integration words its errors and metadata. */
export interface Api {
  service: string;
  action: string;
  /** The part of an error name before the dot. */
  errorPrefix: string;
  /** The name of errors that the service's model does not have. */
  unmodelledError: string;
  /** The name of the service in a cause. */
  serviceName: string;
  /** The optimized integrations write causes as the old Java SDK did. */
  oldCauses: boolean;
  optimized: boolean;
}

/** Calls the service. Throws a StateError named as AWS names it, or an ArgumentsError. */
export async function callService(api: Api, parameters: JsonObject, caller: Caller): Promise<JsonObject> {
  const { answer, command, http } = await sendCommand(api, (schema) => toRequest(schema, parameters), caller);
  // Dates are milliseconds in optimized integrations and ISO 8601 in others.
  const date = (value: Date): Json => (api.optimized ? value.getTime() : value.toISOString());
  const result = (await fromResponse(command.schema[5], answer, date)) as JsonObject;
  return api.optimized ? { ...result, ...metadata(http) } : result;
}

/** Calls the service with the SDK's own input; dates and streams of the answer are the SDK's too. Throws a StateError. */
export async function sendCommand(
  api: Api,
  input: (schema: Schema) => unknown,
  caller: Caller,
): Promise<{ answer: Record<string, unknown>; command: ServiceCommand; http: HttpResponse | undefined }> {
  const service = serviceNamed(api.service);
  const Command = service.command(api.action)!;
  const command = new Command({});
  Object.assign(command.input, input(command.schema[4]));
  let http: HttpResponse | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      http = result.response;
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  const { task } = caller;
  if (task)
    command.middlewareStack.add(
      (next) => (args) => {
        args.request.headers[taskHeader] = encodeURIComponent(JSON.stringify(task));
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
  const client = caller.clients.get(caller.roleArn, api.service);
  try {
    const { $metadata: _, ...answer } = await client.send(command, { abortSignal: caller.signal });
    return { answer, command, http };
  } catch (error) {
    caller.signal.throwIfAborted();
    if ((error as SdkError).$response?.headers[tooLateHeader])
      throw new StateError('States.Timeout', undefined);
    throw serviceError(api, service, error as SdkError);
  }
}

interface SdkError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number; requestId?: string; extendedRequestId?: string };
  $response?: HttpResponse;
}

function serviceError(api: Api, service: Service, error: SdkError): StateError {
  const { httpStatusCode, requestId, extendedRequestId } = error.$metadata ?? {};
  if (!(error instanceof service.BaseException) || httpStatusCode === undefined)
    return new StateError(
      `${api.errorPrefix}.SdkClientException`,
      `Unable to execute HTTP request: ${problemOf(error)}`,
    );
  // The newest model of S3 has AccessDenied; Step Functions probably uses an older SDK (a guess).
  const modelled = error.constructor !== service.BaseException && error.name !== 'AccessDenied';
  // AWS's Java SDK has one name for a missing object, also for HeadObject.
  const code = api.service === 's3' && error.name === 'NotFound' ? 'NoSuchKey' : error.name;
  const name = modelled ? code.replace(/(Exception)?$/, 'Exception') : api.unmodelledError;
  const details = api.oldCauses
    ? `Service: ${api.serviceName}; Status Code: ${httpStatusCode}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null`
    : `Service: ${api.serviceName}, Status Code: ${httpStatusCode}, Request ID: ${requestId}${api.service === 's3' ? `, Extended Request ID: ${extendedRequestId ?? null}` : ''}`;
  return new StateError(`${api.errorPrefix}.${name}`, `${error.message} (${details})`);
}

/** Words a failed request. The SDK's hints and JavaScript's own messages would not help the user. */
function problemOf(error: SdkError): string {
  if (error instanceof TypeError || error instanceof RangeError)
    return 'The request or its response is not as the service has them';
  return (error.message || error.code || 'unknown').split('\n')[0]!;
}

function metadata(http: HttpResponse | undefined): JsonObject {
  if (!http) return {};
  const all = Object.fromEntries(Object.entries(http.headers).map(([name, value]) => [name, [value]]));
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: all,
      HttpHeaders: { ...http.headers },
      HttpStatusCode: http.statusCode,
    },
    SdkResponseMetadata: { RequestId: http.headers['x-amzn-requestid'] ?? null },
  };
}
