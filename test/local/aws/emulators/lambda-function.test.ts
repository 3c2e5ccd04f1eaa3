import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type FunctionOptions, lambdaFunction } from '../../../../local/aws/emulators/lambda-function.ts';

async function functionOf(body: string, options: Partial<FunctionOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'report-function-'));
  await writeFile(join(folder, 'index.mjs'), `export const handler = async (event, context) => {${body}};`);
  const started = lambdaFunction({
    name: 'test',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:test',
    code: folder,
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 10,
    memorySize: 256,
    logFile: join(folder, 'log'),
    ...options,
  });
  onTestFinished(async () => {
    await started.stop();
    await rm(folder, { recursive: true });
  });
  return {
    ...started,
    memory: () => started.maxMemoryUsed,
    async call(event: unknown = {}) {
      const { payload, functionError } = await started.invoke(JSON.stringify(event));
      return { result: JSON.parse(payload), functionError };
    },
  };
}

describe('A function', () => {
  test('answers with what its handler returns', async () => {
    const { call } = await functionOf('return { doubled: event.number * 2 }');
    expect(await call({ number: 21 })).toEqual({ result: { doubled: 42 }, functionError: undefined });
  });

  test('that returns nothing answers null', async () => {
    const { call } = await functionOf('');
    expect((await call()).result).toBeNull();
  });

  test('tells its context', async () => {
    const { call } = await functionOf(
      'return { ...context, remaining: context.getRemainingTimeInMillis() > 9000 }',
    );
    expect((await call()).result).toMatchObject({
      functionName: 'test',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      remaining: true,
    });
  });

  test('that throws answers with the name and message of the error', async () => {
    const { call } = await functionOf(
      'throw Object.assign(new Error("too late"), { name: "DatabaseUnavailable" })',
    );
    expect(await call()).toEqual({
      result: { errorType: 'DatabaseUnavailable', errorMessage: 'too late', trace: expect.any(Array) },
      functionError: 'Unhandled',
    });
  });

  test('that takes too long is killed', async () => {
    const { call } = await functionOf('await new Promise(() => setInterval(() => {}, 1000))', {
      timeoutSeconds: 0.5,
    });
    expect(await call()).toEqual({
      result: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/Task timed out after 0.50 seconds$/),
      },
      functionError: 'Unhandled',
    });
  });

  test('that crashes answers without an error type, which Step Functions calls Lambda.Unknown', async () => {
    const { call } = await functionOf('process.exit(1)');
    expect(await call()).toEqual({
      result: { errorMessage: expect.stringMatching(/Process exited before completing request$/) },
      functionError: 'Unhandled',
    });
  });

  test('serves again after a crash', async () => {
    const { call } = await functionOf('if (event.crash) process.exit(1); return "well"');
    await call({ crash: true });
    expect((await call()).result).toBe('well');
  });

  test('keeps its process warm', async () => {
    const { call } = await functionOf('return globalThis.count = (globalThis.count ?? 0) + 1');
    await call();
    expect((await call()).result).toBe(2);
  });

  test('serves concurrent calls in processes of their own', async () => {
    const { call } = await functionOf('return process.pid');
    const [first, second] = await Promise.all([call(), call()]);
    expect(first.result).not.toBe(second.result);
  });

  test('refuses more calls at once than are reserved for it', async () => {
    const { call } = await functionOf('return "well"', { reservedConcurrency: 1 });
    const first = call();
    await expect(call()).rejects.toMatchObject({ name: 'TooManyRequestsException', status: 429 });
    expect((await first).result).toBe('well');
  });

  test('sees its own environment and nothing of ours', async () => {
    process.env.SECRET_OF_OURS = 'secret';
    onTestFinished(() => void delete process.env.SECRET_OF_OURS);
    const { call } = await functionOf('return process.env', { environment: { OWN: 'value' } });
    const { result } = await call();
    expect(result).toMatchObject({ OWN: 'value', TZ: 'UTC', AWS_LAMBDA_FUNCTION_NAME: 'test' });
    expect(result).not.toHaveProperty('SECRET_OF_OURS');
    expect(result).not.toHaveProperty('HOME');
  });

  test('runs in UTC', async () => {
    const { call } = await functionOf('return new Date(2026, 0, 1).toISOString()');
    expect((await call()).result).toBe('2026-01-01T00:00:00.000Z');
  });

  test('reports its greatest memory', async () => {
    const { call, memory } = await functionOf('globalThis.held = Buffer.alloc(100 * 1024 * 1024, 1)');
    await call();
    expect(memory()).toBeGreaterThan(100);
  });

  test('counts its own memory and not ours', async () => {
    const ours = Buffer.alloc(400 * 1024 * 1024, 1);
    const { call, memory } = await functionOf('');
    await call();
    expect(memory()).toBeLessThan(200);
    expect(ours.at(-1)).toBe(1);
  });

  test('writes its output and a report line to its log', async () => {
    const { call, stop, logFile } = await functionOf('console.log("here I am")');
    await call();
    await stop();
    const log = await readFile(logFile, 'utf8');
    expect(log).toContain('here I am');
    expect(log).toMatch(/REPORT RequestId: .* Duration: \d+ ms Memory Size: 256 MB Max Memory Used: \d+ MB/);
  });
});
