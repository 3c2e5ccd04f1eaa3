/**
 * Runs in the process of a function. Loads the handler once and serves one invocation at a time: the parent sends
 * { id, functionArn, payload, deadline }, and the process answers { id, payload, error?, maxMemory }.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InvocationRequest, InvocationResult } from './lambda-function.ts';

type Handler = (event: unknown, context: object) => Promise<unknown>;

const environment = process.env as Record<string, string>;
let handler: Promise<Handler> | undefined;

async function loadHandler(): Promise<Handler> {
  const [file, name] = environment._HANDLER!.split('.') as [string, string];
  const path = ['.mjs', '.js', '.cjs']
    .map((extension) => join(environment.LAMBDA_TASK_ROOT!, file + extension))
    .find(existsSync);
  if (!path) throw new Error(`Cannot find module '${file}' in ${environment.LAMBDA_TASK_ROOT}`);
  return (await import(pathToFileURL(path).href))[name];
}

async function invoke({ id, functionArn, payload, deadline }: InvocationRequest): Promise<InvocationResult> {
  const context = {
    awsRequestId: id,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    handler ??= loadHandler();
    const result = await (await handler)(JSON.parse(payload), context);
    return { id, payload: JSON.stringify(result) ?? 'null', maxMemory: maxMemory() };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const trace = error.stack?.split('\n') ?? [];
    return {
      id,
      payload: JSON.stringify({ errorType: error.name, errorMessage: error.message, trace }),
      error: true,
      maxMemory: maxMemory(),
    };
  }
}

/**
 * The peak of resident memory in MiB, as in Lambda's REPORT line. On Linux, resourceUsage() includes the parent's memory at
 * the time of the fork; VmHWM does not.
 */
function maxMemory(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const peak = /VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Math.ceil(Number(peak) / 1024);
}

process.on('message', async (request: InvocationRequest) => process.send!(await invoke(request)));
// No function outlives the stack, however the stack ended.
process.on('disconnect', () => process.exit());
