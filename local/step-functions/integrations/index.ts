import type { MachineType } from '../definition/check.ts';
import type { Json, JsonObject } from '../settings.ts';
import { type Api, type Caller, callService } from './call.ts';
import { invokeLambda } from './lambda.ts';
import { serviceProblem } from './services.ts';

/** What a Task's Resource stands for. */
export interface Integration {
  /** As in the history: `lambda` and `invoke`, `aws-sdk:s3` and `getObject`. */
  resourceType: string;
  resource: string;
  call(parameters: JsonObject, caller: Caller): Promise<Json>;
}

const optimized: Record<string, (parameters: JsonObject, caller: Caller) => Promise<Json>> = {
  'lambda:invoke': invokeLambda,
  'sns:publish': (parameters, caller) => {
    const api = optimizedApi('sns', 'publish', 'SNS', 'AmazonSNSException', 'AmazonSNS');
    return callService(api, withText(parameters, 'Message'), caller);
  },
  'sqs:sendMessage': (parameters, caller) => {
    const api = optimizedApi('sqs', 'sendMessage', 'SQS', 'AmazonSQSException', 'AmazonSQS');
    return callService(api, withText(parameters, 'MessageBody'), caller);
  },
  'states:startExecution': (parameters, caller) => {
    const api = optimizedApi(
      'sfn',
      'startExecution',
      'StepFunctions',
      'AWSStepFunctionsException',
      'AWSStepFunctions',
    );
    return callService(api, withText(parameters, 'Input'), caller);
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

/** Why a machine with this Resource cannot be created, in AWS's words where AWS would refuse it too. */
export function integrationProblem(resource: string, machineType: MachineType): string | undefined {
  if (isLambdaArn(resource)) return undefined;
  const [, sdk, service, action, pattern] = statesArn.exec(resource) ?? [];
  const kind = pattern?.startsWith('.sync') ? '.sync' : pattern;
  if (kind && machineType === 'EXPRESS')
    return `Express state machine does not support '${kind}' service integration `;
  if (kind) return `The pattern '${pattern}' is not supported by this emulator`;
  if (!service || !action)
    return `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;
  if (!sdk)
    return `${service}:${action}` in optimized
      ? undefined
      : `The integration ${service}:${action} is not supported by this emulator`;
  const problem = serviceProblem(service, action);
  return problem && `The resource ${resource} is not supported by this emulator: ${problem}`;
}

/** The integration of a Resource that `integrationProblem` has no objection to. */
export function findIntegration(resource: string): Integration {
  if (isLambdaArn(resource))
    return {
      resourceType: resource,
      resource,
      call: async (input, caller) =>
        (await invokeLambda({ FunctionName: resource, Payload: input }, caller)).Payload!,
    };
  const [, sdk, service, action] = statesArn.exec(resource)!;
  if (!sdk) return { resourceType: service!, resource: action!, call: optimized[`${service}:${action}`]! };
  const api = sdkApi(service!, action!);
  return {
    resourceType: `aws-sdk:${service}`,
    resource: action!,
    call: (parameters, caller) => callService(api, sdkParameters(api, parameters), caller),
  };
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

function sdkApi(service: string, action: string): Api {
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
