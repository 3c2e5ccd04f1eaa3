import type { MachineType } from '../definition/check.ts';
import { StateError } from '../interpreter/errors.ts';
import { object, parsed } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { type Api, type Caller, callService } from './call.ts';
import { followJob, jobs } from './jobs.ts';
import { invokeLambda, lambdaApi } from './lambda.ts';
import { answerProblem } from './mock-check.ts';
import { serviceProblem } from './services.ts';

/** The implementation of a Task's Resource. */
export interface Integration {
  /** The names in the history: `lambda` and `invoke`, `aws-sdk:s3` and `getObject`, `states` and `startExecution.sync`. */
  resourceType: string;
  resource: string;
  call(parameters: JsonObject, caller: Caller): Promise<Json>;
  /** With `.sync`: waits until the job that the call started has ended. */
  follow?(answer: JsonObject, parameters: JsonObject, caller: Caller): Promise<Json>;
  /** With `.waitForTaskToken`: SendTaskSuccess brings the result. */
  waitsForToken: boolean;
}

interface Optimized {
  api: Api;
  /** The argument that is serialized to JSON, because the service expects text. */
  text?: string;
  patterns: string[];
}

const callback = '.waitForTaskToken';
const athena = (action: string, ...patterns: string[]): Optimized => ({
  api: optimizedApi('athena', action, 'Athena', 'AmazonAthenaException', 'AmazonAthena'),
  patterns,
});
const optimized: Record<string, Optimized> = {
  'lambda:invoke': { api: lambdaApi, patterns: [callback] },
  'sns:publish': {
    api: optimizedApi('sns', 'publish', 'SNS', 'AmazonSNSException', 'AmazonSNS'),
    text: 'Message',
    patterns: [callback],
  },
  'sqs:sendMessage': {
    api: optimizedApi('sqs', 'sendMessage', 'SQS', 'AmazonSQSException', 'AmazonSQS'),
    text: 'MessageBody',
    patterns: [callback],
  },
  'states:startExecution': {
    api: optimizedApi(
      'sfn',
      'startExecution',
      'StepFunctions',
      'AWSStepFunctionsException',
      'AWSStepFunctions',
    ),
    text: 'Input',
    patterns: [callback, '.sync', '.sync:2'],
  },
  'athena:startQueryExecution': athena('startQueryExecution', '.sync'),
  'athena:stopQueryExecution': athena('stopQueryExecution'),
  'athena:getQueryExecution': athena('getQueryExecution'),
  'athena:getQueryResults': athena('getQueryResults'),
  'glue:startJobRun': {
    api: optimizedApi('glue', 'startJobRun', 'Glue', 'AWSGlueException', 'AWSGlue'),
    patterns: ['.sync'],
  },
};

/** The error prefixes that are more than the capitalized service word. */
const sdkNames: Record<string, string> = {
  sesv2: 'SesV2',
  dynamodb: 'DynamoDb',
  secretsmanager: 'SecretsManager',
  eventbridge: 'EventBridge',
  cloudwatchlogs: 'CloudWatchLogs',
};

const lambdaArn = /^arn:aws[a-z-]*:lambda:/;
const statesArn = /^arn:aws[a-z-]*:states:[^:]*:[^:]*:(aws-sdk:)?([^:.]+):([^:.]+)(\..+)?$/;

/** Recognizes a function's ARN as Resource, the older form, which has its own events and result. */
export function isLambdaArn(resource: string): boolean {
  return lambdaArn.test(resource);
}

/** Says in AWS's words why it refuses a machine with this Resource. */
export function integrationProblem(resource: string, machineType: MachineType): string | undefined {
  if (isLambdaArn(resource)) return undefined;
  const [, sdk, service, action, pattern] = statesArn.exec(resource) ?? [];
  if (service === 'activity' && machineType === 'EXPRESS')
    return 'Express state machine does not support Activity ARN';
  const kind = pattern?.startsWith('.sync') ? '.sync' : pattern;
  if (kind && machineType === 'EXPRESS')
    return `Express state machine does not support '${kind}' service integration `;
  const patterns = sdk ? [callback] : (optimized[`${service}:${action}`]?.patterns ?? [pattern]);
  return service && action && (!pattern || patterns.includes(pattern))
    ? undefined
    : `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;
}

/** Says why this emulator cannot run a Resource that AWS accepts. */
export function unsupported(resource: string): string | undefined {
  const [, sdk, service = '', action = ''] = statesArn.exec(resource) ?? [];
  if (isLambdaArn(resource)) return undefined;
  const found = sdk ? undefined : optimized[`${service}:${action}`];
  if (service === 'activity') return 'Activities are not supported by this emulator';
  if (!sdk && !found) return `The integration ${service}:${action} is not supported by this emulator`;
  const problem = serviceProblem(found?.api.service ?? service, action);
  return problem && `The resource ${resource} is not supported by this emulator: ${problem}`;
}

/** The services of optimized integrations whose model has another name. */
const modelNames: Record<string, string> = {
  events: 'eventbridge',
  states: 'sfn',
  elasticmapreduce: 'emr',
  'emr-containers': 'emrcontainers',
  'emr-serverless': 'emrserverless',
};
/** The members that an optimized integration returns as JSON where the service has text. */
const jsonMembers: Record<string, string[]> = {
  'lambda:invoke': ['Payload'],
  'bedrock:invokeModel': ['Body'],
  'states:startExecution.sync:2': ['Input', 'Output'],
};

/** Says why a service would never give this answer to a Task with this Resource. Undefined if it could, or if there is no model. */
export function mockProblem(resource: string, answer: Json, strict: boolean): string | undefined {
  const [, sdk, service = '', action = '', pattern = ''] = statesArn.exec(resource) ?? [];
  const name = `${service}:${action}${pattern}`;
  if (sdk) return answerProblem(service, action, answer, strict);
  const described = pattern.startsWith('.sync') ? jobs[name]?.describe : action;
  if (described === undefined) return undefined;
  const members = Object.entries(object(answer) ?? {});
  const checked = members.filter(([member]) => !jsonMembers[name]?.includes(member));
  const value = object(answer) ? (Object.fromEntries(checked) as JsonObject) : answer;
  return answerProblem(modelNames[service] ?? service, described, value, strict);
}

/** Returns the integration of a Resource. Expects one that `integrationProblem` accepts. */
export function findIntegration(resource: string): Integration {
  if (isLambdaArn(resource))
    return {
      resourceType: resource,
      resource,
      call: async (input, caller) =>
        (await invokeLambda({ FunctionName: resource, Payload: JSON.stringify(input) }, caller)).Payload!,
      waitsForToken: false,
    };
  const [, sdk, service, action, pattern = ''] = statesArn.exec(resource)!;
  const common = {
    resourceType: `${sdk ?? ''}${service}`,
    resource: `${action}${pattern}`,
    waitsForToken: pattern === callback,
  };
  if (sdk) {
    const api = sdkApi(service!, action!);
    return {
      ...common,
      call: (parameters, caller) => callService(api, sdkParameters(api, parameters), caller),
    };
  }
  // An unsupported integration can still be mocked.
  const name = `${service}:${action}`;
  const { api, text } = optimized[name] ?? { api: sdkApi(service!, action!) };
  return {
    ...common,
    call: (parameters, caller) =>
      api === lambdaApi
        ? invokeLambda(parameters, caller).catch(withoutBlanks)
        : callService(api, text ? withText(parameters, text) : parameters, caller),
    ...(pattern.startsWith('.sync') && {
      follow: (answer: JsonObject, parameters: JsonObject, caller: Caller) =>
        followJob(jobs[name + pattern]!, api, answer, parameters, caller),
    }),
  };
}

/** Serializes a function's error again, as the optimized integration does; a function's ARN as Resource keeps its text (recorded). */
function withoutBlanks(failure: unknown): never {
  const error = failure instanceof StateError ? object(parsed(failure.cause ?? '')) : undefined;
  if (!error) throw failure;
  throw new StateError((failure as StateError).error, JSON.stringify(error));
}

function optimizedApi(
  service: string,
  action: string,
  prefix: string,
  unmodelled: string,
  name: string,
): Api {
  return {
    service,
    action,
    errorPrefix: prefix,
    unmodelledError: unmodelled,
    serviceName: name,
    oldCauses: true,
    optimized: true,
  };
}

/** Describes the API of `aws-sdk:<service>:<action>`. */
export function sdkApi(service: string, action: string): Api {
  const name = sdkNames[service] ?? service[0]!.toUpperCase() + service.slice(1);
  return {
    service,
    action,
    errorPrefix: name,
    unmodelledError: `${name}Exception`,
    serviceName: name,
    oldCauses: false,
    optimized: false,
  };
}

/** Changes the arguments of an aws-sdk integration as AWS does (both measured). */
function sdkParameters(api: Api, parameters: JsonObject): JsonObject {
  if (api.service === 'sfn') return withText(withText(parameters, 'Input'), 'Output');
  if (api.service === 's3' && api.action === 'putObject')
    return { ContentType: 'text/plain; charset=UTF-8', ...parameters };
  return parameters;
}

/** Serializes an argument to JSON if it is not text. */
function withText(parameters: JsonObject, member: string): JsonObject {
  const value = parameters[member];
  if (value === undefined || value === null || typeof value === 'string') return parameters;
  return { ...parameters, [member]: JSON.stringify(value) };
}
