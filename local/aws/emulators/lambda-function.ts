import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ServiceError } from '../access/errors.ts';

/** Options of a function. */
export interface FunctionOptions {
  name: string;
  arn: string;
  /** Folder of the bundled code. */
  code: string;
  /** `file.export`. */
  handler: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memorySize: number;
  /** Maximum of concurrent invocations. No limit by default. */
  reservedConcurrency?: number;
  /** File for the function's output and its REPORT lines. */
  logFile: string;
}

/** The result of an invocation. */
export interface Invocation {
  payload: string;
  /** Set if the payload describes an error. */
  functionError?: 'Unhandled';
}

/** A function that can be invoked. */
export interface LambdaFunction {
  name: string;
  arn: string;
  logFile: string;
  /** The peak of resident memory over all its processes so far, in MiB. */
  readonly maxMemoryUsed: number;
  invoke(payload: string): Promise<Invocation>;
  stop(): Promise<void>;
}

/** A message to the process of a function. */
export interface InvocationRequest {
  id: string;
  functionArn: string;
  payload: string;
  /** Milliseconds since the epoch. */
  deadline: number;
}

/** The answer of the process of a function. */
export interface InvocationResult {
  id: string;
  payload: string;
  error?: true;
  maxMemory: number;
}

/**
 * Creates a function. Each concurrent invocation runs in a separate process, which is forked when needed and then reused.
 * The processes have the environment of the function only.
 */
export function lambdaFunction(options: FunctionOptions): LambdaFunction {
  const { name, arn, code, handler, environment, timeoutSeconds, memorySize, reservedConcurrency } = options;
  const processes = new Set<ChildProcess>();
  const idle: ChildProcess[] = [];
  let maxMemoryUsed = 0;

  function start(): ChildProcess {
    const log = openSync(options.logFile, 'a');
    const child = fork(fileURLToPath(new URL('lambda-bootstrap.ts', import.meta.url)), {
      cwd: code,
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        TZ: 'UTC',
        LANG: 'en_US.UTF-8',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        LAMBDA_TASK_ROOT: code,
        _HANDLER: handler,
        ...environment,
      },
    });
    closeSync(log);
    processes.add(child);
    child.once('exit', () => {
      processes.delete(child);
      if (idle.includes(child)) idle.splice(idle.indexOf(child), 1);
    });
    return child;
  }

  function run(child: ChildProcess, payload: string): Promise<Invocation> {
    const id = randomUUID();
    const started = Date.now();
    const deadline = started + timeoutSeconds * 1000;
    return new Promise((resolve) => {
      const finish = (result: unknown, failed: boolean, reusable: boolean) => {
        clearTimeout(timer);
        child.removeAllListeners('message').off('exit', crashed);
        if (reusable) idle.push(child);
        else child.kill('SIGKILL');
        appendFileSync(
          options.logFile,
          `REPORT RequestId: ${id} Duration: ${Date.now() - started} ms ` +
            `Memory Size: ${memorySize} MB Max Memory Used: ${maxMemoryUsed} MB\n`,
        );
        const text = typeof result === 'string' ? result : JSON.stringify(result);
        resolve({ payload: text, ...(failed && { functionError: 'Unhandled' as const }) });
      };
      const timer = setTimeout(() => {
        const errorMessage = `RequestId: ${id} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
        finish({ errorType: 'Sandbox.Timedout', errorMessage }, true, false);
      }, timeoutSeconds * 1000);
      // Without an errorType, Step Functions names the error Lambda.Unknown.
      const crashed = () =>
        finish({ errorMessage: `RequestId: ${id} Process exited before completing request` }, true, false);
      child.once('exit', crashed);
      child.on('message', (result: InvocationResult) => {
        maxMemoryUsed = Math.max(maxMemoryUsed, result.maxMemory);
        finish(result.payload, result.error === true, true);
      });
      child.send(
        { id, functionArn: arn, payload, deadline } satisfies InvocationRequest,
        (error) => error && crashed(),
      );
    });
  }

  return {
    name,
    arn,
    logFile: options.logFile,
    get maxMemoryUsed() {
      return maxMemoryUsed;
    },
    async invoke(payload) {
      if (processes.size - idle.length >= (reservedConcurrency ?? Number.POSITIVE_INFINITY))
        throw new ServiceError(429, 'TooManyRequestsException', 'Rate Exceeded.');
      return run(idle.pop() ?? start(), payload);
    },
    async stop() {
      const exits = [...processes].map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const child of processes) child.kill('SIGKILL');
      await Promise.all(exits);
    },
  };
}
