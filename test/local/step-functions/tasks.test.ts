import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfiguration } from '../../../local/step-functions/server.ts';
import { machineArn, type ServiceRequest, startHarness, startService } from './harness.ts';

type Answer = Parameters<typeof startService>[0];

/** Runs one Task against a service that answers so. */
async function runTask(answer: Answer, task: object, input: unknown = {}) {
  await using service = await startService(answer);
  await using harness = await startHarness({ clients: () => ({ endpoint: service.endpoint }) });
  const states = {
    Task: { Type: 'Task', End: true, ...task },
    Caught: { Type: 'Pass', Output: { caught: '{% $states.input.Error %}' }, End: true },
  };
  const used = 'Catch' in task ? states : { Task: states.Task };
  return { ...(await harness.run(used, input)), requests: service.requests };
}

const invoke = {
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'report', Payload: { id: '{% $states.input.id %}' } },
};
const functionError = (errorType: string | undefined): Answer => {
  return () => ({
    headers: { 'X-Amz-Function-Error': 'Unhandled' },
    body: JSON.stringify({ errorMessage: 'no', errorType }),
  });
};

describe('lambda:invoke', () => {
  it('gives the answer as Payload', async () => {
    const { output, requests } = await runTask(() => ({ body: '{"rows":3}' }), invoke, { id: 7 });
    expect(output).toMatchObject({ StatusCode: 200, Payload: { rows: 3 } });
    expect(requests[0]).toMatchObject({
      path: '/2015-03-31/functions/report/invocations',
      body: '{"id":7}',
    });
  });

  it('names an error of the function by its errorType', async () => {
    const { error, cause } = await runTask(functionError('DatabaseUnavailable'), invoke, { id: 7 });
    expect(error).toBe('DatabaseUnavailable');
    expect(JSON.parse(cause!)).toEqual({ errorMessage: 'no', errorType: 'DatabaseUnavailable' });
  });

  it('does not know an error without errorType', async () => {
    expect((await runTask(functionError(undefined), invoke, { id: 7 })).error).toBe('Lambda.Unknown');
  });

  it('records what it does', async () => {
    const { events } = await runTask(() => ({ body: '{}' }), { ...invoke, TimeoutSeconds: 30 }, { id: 7 });
    expect(events[2]?.taskScheduledEventDetails).toEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'us-east-1',
      parameters: '{"FunctionName":"report","Payload":{"id":7}}',
      timeoutInSeconds: 30,
    });
    expect(events[3]?.taskStartedEventDetails).toEqual({ resourceType: 'lambda', resource: 'invoke' });
  });

  it('ends with States.Timeout, without a cause, after TimeoutSeconds', async () => {
    const { error, cause, types } = await runTask(
      () => undefined,
      { ...invoke, TimeoutSeconds: 1 },
      { id: 7 },
    );
    expect({ error, cause }).toEqual({ error: 'States.Timeout', cause: undefined });
    expect(types.slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
  });

  it('refuses an answer above 256 KiB, which States.ALL catches', async () => {
    const { output, events } = await runTask(
      () => ({ body: JSON.stringify('a'.repeat(257 * 1024)) }),
      { ...invoke, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] },
      { id: 7 },
    );
    expect(output).toEqual({ caught: 'States.DataLimitExceeded' });
    expect(events[4]?.taskFailedEventDetails?.cause).toBe(
      "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.",
    );
  });

  it('refuses an answer that is nested too deeply', async () => {
    const deep = '['.repeat(2500) + ']'.repeat(2500);
    expect(await runTask(() => ({ body: deep }), invoke, { id: 7 })).toMatchObject({
      error: 'States.DataLimitExceeded',
      cause:
        "The state/task 'lambda' returned a result with a nesting depth exceeding the maximum service limit.",
    });
  });

  it("names a function that does not exist as AWS's older SDK does", async () => {
    const missing: Answer = () => ({
      status: 404,
      headers: { 'x-amzn-ErrorType': 'ResourceNotFoundException', 'Content-Type': 'application/json' },
      body: '{"Message":"Function not found: report:$LATEST"}',
    });
    expect(await runTask(missing, invoke, { id: 7 })).toMatchObject({
      error: 'Lambda.ResourceNotFoundException',
      cause:
        'Function not found: report:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: request-1; Proxy: null)',
    });
  });

  it.each([
    ['{"errorType":{}}', 'Lambda.Unknown'],
    ['{"errorType":7}', 'Lambda.Unknown'],
    ['nonsense', 'Lambda.Unknown'],
  ])('survives a function that answers its error with %s', async (body, error) => {
    const headers = { 'X-Amz-Function-Error': 'Unhandled' };
    expect((await runTask(() => ({ headers, body }), invoke, { id: 7 })).error).toBe(error);
  });

  it('shows nothing of JavaScript when a service answers nonsense', async () => {
    const { error, cause } = await runTask(() => ({ body: '['.repeat(2500) }), {
      Resource: 'arn:aws:states:::aws-sdk:sqs:listQueues',
      Arguments: {},
    });
    expect(error).toBe('Sqs.SdkClientException');
    expect(cause).toMatch(/^Unable to execute HTTP request: [^\n]+$/);
    expect(cause).not.toMatch(/call stack|undefined|hidden field/);
  });

  it('refuses Arguments above 256 KiB, and calls nothing', async () => {
    // The input is small enough; twice it is not.
    const Arguments = { FunctionName: 'report', Payload: '{% [$states.input, $states.input] %}' };
    const task = { ...invoke, Arguments };
    const { error, types, requests } = await runTask(() => ({ body: '{}' }), task, {
      id: 'a'.repeat(140 * 1024),
    });
    expect(error).toBe('States.DataLimitExceeded');
    expect(types).toEqual(['ExecutionStarted', 'TaskStateEntered', 'ExecutionFailed']);
    expect(requests).toEqual([]);
  });
});

describe("a function's ARN as Resource", () => {
  it('gives the bare answer, and has events of its own', async () => {
    const Resource = 'arn:aws:lambda:us-east-1:123456789012:function:report';
    const { output, types } = await runTask(() => ({ body: '{"rows":3}' }), { Resource, Arguments: {} });
    expect(output).toEqual({ rows: 3 });
    expect(types.slice(2, 5)).toEqual([
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
    ]);
  });
});

describe('Retry', () => {
  const failingTwice = (): Answer => {
    let calls = 0;
    return () =>
      ++calls > 2 ? { body: `{"call":${calls}}` } : functionError('Deadlock')({} as ServiceRequest);
  };

  it('tries a named error again, as often as MaxAttempts says', async () => {
    const Retry = [{ ErrorEquals: ['Deadlock'], MaxAttempts: 2 }];
    const { output, types } = await runTask(failingTwice(), { ...invoke, Retry }, { id: 7 });
    expect(output).toMatchObject({ Payload: { call: 3 } });
    expect(types.filter((type) => type === 'TaskScheduled')).toHaveLength(3);
  });

  it('gives up after MaxAttempts', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }];
    expect((await runTask(failingTwice(), { ...invoke, Retry }, { id: 7 })).error).toBe('Deadlock');
  });

  it('evaluates the arguments anew, with the count of retries', async () => {
    const { requests } = await runTask(failingTwice(), {
      Resource: invoke.Resource,
      Arguments: { FunctionName: 'report', Payload: '{% $states.context.State.RetryCount %}' },
      Retry: [{ ErrorEquals: ['Deadlock'], MaxAttempts: 2 }],
    });
    expect(requests.map(({ body }) => body)).toEqual(['0', '1', '2']);
  });
});

describe('Catch', () => {
  it('takes the first catcher that names the error, and leaves the state', async () => {
    const { output, types } = await runTask(
      functionError('Deadlock'),
      {
        ...invoke,
        Catch: [
          { ErrorEquals: ['Other'], Next: 'Caught' },
          { ErrorEquals: ['States.TaskFailed'], Output: '{% $states.errorOutput %}', Next: 'Caught' },
        ],
      },
      { id: 7 },
    );
    expect(output).toEqual({ caught: 'Deadlock' });
    expect(types.slice(4, 6)).toEqual(['TaskFailed', 'TaskStateExited']);
  });

  it('can name a failed evaluation', async () => {
    const { output } = await runTask(() => ({ body: '{}' }), {
      ...invoke,
      Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }],
    });
    expect(output).toEqual({ caught: 'States.QueryEvaluationError' });
  });
});

describe('aws-sdk', () => {
  const s3 = (action: string, more: object = {}) => ({
    Resource: `arn:aws:states:::aws-sdk:s3:${action}`,
    Arguments: { Bucket: 'reports', Key: 'a.json', ...more },
  });
  const refused =
    (status: number, code: string): Answer =>
    () => ({ status, body: `<Error><Code>${code}</Code><Message>No.</Message></Error>` });

  it('reads a body from S3 as text', async () => {
    const { output } = await runTask(() => ({ headers: { ETag: '"1"' }, body: '{"é":1}' }), s3('getObject'));
    expect(output).toMatchObject({ Body: '{"é":1}', ETag: '"1"' });
  });

  it.each([
    ['text', 'text', '"text"'],
    ['an object', { a: [1] }, '{"a":[1]}'],
  ])('writes %s to S3 as JSON, quotes and all', async (_, Body, written) => {
    const { requests } = await runTask(() => ({ body: '' }), s3('putObject', { Body }));
    expect(requests[0]?.body).toBe(written);
    expect(requests[0]?.headers['content-type']).toBe('text/plain; charset=UTF-8');
  });

  it.each([
    [404, 'NoSuchKey', 'S3.NoSuchKeyException'],
    [403, 'AccessDenied', 'S3.S3Exception'],
    [503, 'SlowDown', 'S3.S3Exception'],
  ])('names an error of S3: %i %s is %s', async (status, code, name) => {
    const { error, cause } = await runTask(refused(status, code), s3('getObject'));
    expect(error).toBe(name);
    expect(cause).toMatch(new RegExp(`^No\\. \\(Service: S3, Status Code: ${status}, Request ID: .*\\)$`));
  });

  it('names a service that cannot be reached, and does not try again by itself', async () => {
    await using harness = await startHarness({ clients: () => ({ endpoint: 'http://127.0.0.1:1' }) });
    const { error, types } = await harness.run({ Task: { Type: 'Task', End: true, ...s3('getObject') } });
    expect(error).toBe('S3.SdkClientException');
    expect(types.filter((type) => type === 'TaskScheduled')).toHaveLength(1);
  });

  it('calls with the role of Credentials', async () => {
    const roles: string[] = [];
    await using service = await startService(() => ({ body: '' }));
    await using harness = await startHarness({
      clients: (role) => {
        roles.push(role);
        return { endpoint: service.endpoint };
      },
    });
    const Credentials = { RoleArn: 'arn:aws:iam::123456789012:role/other' };
    await harness.run({ Task: { Type: 'Task', End: true, ...s3('headObject'), Credentials } });
    expect(roles).toEqual([Credentials.RoleArn]);
  });

  it('refuses an argument that the service does not have', async () => {
    const { error, cause } = await runTask(() => ({ body: '' }), s3('getObject', { Kee: 'b' }));
    expect(error).toBe('States.Runtime');
    expect(cause).toContain('The field "Kee" is not supported by Step Functions');
  });
});

describe('sns:publish', () => {
  const published =
    '<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>';

  it('sends an object as its JSON', async () => {
    const { output, requests } = await runTask(() => ({ body: published }), {
      Resource: 'arn:aws:states:::sns:publish',
      Arguments: {
        TopicArn: 'arn:aws:sns:us-east-1:123456789012:topic',
        Message: { status: '{% "SUCCESS" %}' },
        MessageAttributes: { eventType: { DataType: 'String', StringValue: 'REPORT_STARTED' } },
      },
    });
    expect(output).toMatchObject({ MessageId: 'm-1' });
    const sent = new URLSearchParams(requests[0]!.body);
    expect(sent.get('Message')).toBe('{"status":"SUCCESS"}');
    expect(sent.get('MessageAttributes.entry.1.Value.StringValue')).toBe('REPORT_STARTED');
  });

  it('names a refusal as the old SDK did', async () => {
    const { error, cause } = await runTask(
      () => ({
        status: 403,
        body: '<ErrorResponse><Error><Code>AuthorizationError</Code><Message>No.</Message></Error></ErrorResponse>',
      }),
      { Resource: 'arn:aws:states:::sns:publish', Arguments: { TopicArn: 'arn:aws:sns:::t', Message: 'm' } },
    );
    expect(error).toBe('SNS.AuthorizationErrorException');
    expect(cause).toMatch(/^No\. \(Service: AmazonSNS; Status Code: 403; Error Code: AuthorizationError/);
  });
});

describe('states:startExecution', () => {
  let harness: Awaited<ReturnType<typeof startHarness>>;
  const configurations: [string, string][] = [];
  beforeAll(async () => {
    const clients = (roleArn: string, service: string): ClientConfiguration => {
      configurations.push([roleArn, service]);
      return {};
    };
    harness = await startHarness({ clients });
  });
  afterAll(() => harness.close());

  const start = (stateMachineArn: string, name: string, resource = 'states') => ({
    Start: {
      Type: 'Task',
      Resource: `arn:aws:states:::${resource}:startExecution`,
      Arguments: { StateMachineArn: stateMachineArn, Name: name, Input: { n: 1 } },
      End: true,
    },
  });

  it('starts another machine through the API, with an object as input', async () => {
    const child = await harness.create({ Done: { Type: 'Succeed' } });
    const { output } = await harness.run(start(child, 'child'));
    const { ExecutionArn } = output as { ExecutionArn: string };
    expect(ExecutionArn).toBe(`${child.replace(':stateMachine:', ':execution:')}:child`);
    const started = harness.statusChanges.find(({ detail }) => detail.executionArn === ExecutionArn);
    expect(started?.detail.input).toBe('{"n":1}');
    expect(configurations).toContainEqual(['arn:aws:iam::123456789012:role/machine', 'sfn']);
  });

  it.each([
    ['states', 'StepFunctions.ExecutionAlreadyExistsException'],
    ['aws-sdk:sfn', 'Sfn.ExecutionAlreadyExistsException'],
  ])('by %s fails with %s when the name is taken', async (resource, error) => {
    const child = await harness.create({ Fail: { Type: 'Fail' } });
    await harness.run(start(child, 'taken'));
    expect((await harness.run(start(child, 'taken', resource))).error).toBe(error);
  });

  it('names a machine that is not there', async () => {
    const { error } = await harness.run(start(machineArn, 'child'));
    expect(error).toBe('StepFunctions.StateMachineDoesNotExistException');
  });
});
