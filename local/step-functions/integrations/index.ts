import type { MachineType } from '../definition/check.ts';
import { StateError } from '../interpreter/errors.ts';
import { object } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { type Api, type Caller, callService } from './call.ts';
import { followJob, jobs } from './jobs.ts';
import { invokeLambda, lambdaApi } from './lambda.ts';
import { answerProblem } from './mock-check.ts';
import { serviceProblem } from './services.ts';

/** What a Task's Resource stands for. */
export interface Integration {
  /** As in the history: `lambda` and `invoke`, `aws-sdk:s3` and `getObject`, `states` and `startExecution.sync`. */
  resourceType: string;
  resource: string;
  call(parameters: JsonObject, caller: Caller): Promise<Json>;
  /** `.sync`: the result comes when what the call started is over. */
  follow?(answer: JsonObject, parameters: JsonObject, caller: Caller): Promise<Json>;
  /** `.waitForTaskToken`: the result is sent by somebody else. */
  waitsForToken: boolean;
}

interface Optimized {
  api: Api;
  /** The argument that is sent as JSON where the service wants text. */
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

/** Error prefixes that are not simply the service's word with a capital. */
const sdkNames: Record<string, string> = {
  sesv2: 'SesV2',
  dynamodb: 'DynamoDb',
  secretsmanager: 'SecretsManager',
  eventbridge: 'EventBridge',
  cloudwatchlogs: 'CloudWatchLogs',
};

const lambdaArn = /^arn:aws[a-z-]*:lambda:/;
const statesArn = /^arn:aws[a-z-]*:states:[^:]*:[^:]*:(aws-sdk:)?([^:.]+):([^:.]+)(\..+)?$/;

/** A function's ARN as a Resource: the older form, with events and results of its own. */
export function isLambdaArn(resource: string): boolean {
  return lambdaArn.test(resource);
}

/** Why AWS refuses a machine with this Resource, in its words. */
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

/** Why this emulator cannot run a Resource that AWS would take. */
export function unsupported(resource: string): string | undefined {
  const [, sdk, service = '', action = ''] = statesArn.exec(resource) ?? [];
  if (isLambdaArn(resource)) return undefined;
  const found = sdk ? undefined : optimized[`${service}:${action}`];
  if (service === 'activity') return 'Activities are not supported by this emulator';
  if (!sdk && !found) return `The integration ${service}:${action} is not supported by this emulator`;
  const problem = serviceProblem(found?.api.service ?? service, action);
  return problem && `The resource ${resource} is not supported by this emulator: ${problem}`;
}

/** Services of optimized integrations whose model has another name. */
const modelNames: Record<string, string> = {
  events: 'eventbridge',
  states: 'sfn',
  elasticmapreduce: 'emr',
  'emr-containers': 'emrcontainers',
  'emr-serverless': 'emrserverless',
};
/** Members that an optimized integration gives as JSON where the service has text. */
const jsonMembers: Record<string, string[]> = {
  'lambda:invoke': ['Payload'],
  'bedrock:invokeModel': ['Body'],
  'states:startExecution.sync:2': ['Input', 'Output'],
};

/** Why no service would answer a Task of this Resource so; undefined also where nothing is known of the answer. */
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

/** The integration of a Resource that `integrationProblem` has no objection to. */
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
  // One that is not supported may still be mocked.
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

/** The optimized integration writes the JSON of a function's error anew, a function's ARN leaves it as it is (recorded). */
function withoutBlanks(failure: unknown): never {
  if (!(failure instanceof StateError) || !failure.cause?.startsWith('{')) throw failure;
  throw new StateError(failure.error, JSON.stringify(JSON.parse(failure.cause)));
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

/** How `aws-sdk:<service>:<action>` names things. */
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

/** What AWS does to the arguments of an aws-sdk integration before it calls (both measured). */
function sdkParameters(api: Api, parameters: JsonObject): JsonObject {
  if (api.service === 'sfn') return withText(withText(parameters, 'Input'), 'Output');
  if (api.service === 's3' && api.action === 'putObject')
    return { ContentType: 'text/plain; charset=UTF-8', ...parameters };
  return parameters;
}

/** An object given where the API wants text is sent as its JSON. */
function withText(parameters: JsonObject, member: string): JsonObject {
  const value = parameters[member];
  if (value === undefined || value === null || typeof value === 'string') return parameters;
  return { ...parameters, [member]: JSON.stringify(value) };
}
