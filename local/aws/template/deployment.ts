import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateEmailTemplateCommand } from '@aws-sdk/client-sesv2';
import { CreateStateMachineCommand, type StateMachineType } from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { Authorization } from '../access/authorization.ts';
import type { Clients } from '../clients.ts';
import { type LambdaFunction, lambdaFunction } from '../emulators/lambda-function.ts';
import type { ConfigurationSets } from '../emulators/ses-events.ts';
import { pseudoParameters } from './intrinsics.ts';
import type { Resource } from './resources.ts';

/** The services that the resources are created in. */
export interface Deployment {
  endpoint: string;
  authorization: Authorization;
  administrator: Clients;
  configurationSets: ConfigurationSets;
  functions: Map<string, LambdaFunction>;
  logFolder: string;
}

type Create = (resource: Resource, deployment: Deployment) => Promise<unknown> | unknown;

/** Creates a resource of each type, in the order of their dependencies. Roles and policies need no creation. */
const creators: Record<string, Create> = {
  'AWS::S3::Bucket': ({ name }, { administrator }) =>
    administrator.s3.send(new CreateBucketCommand({ Bucket: name })),

  'AWS::SQS::Queue': ({ name, properties: { QueueName: _, Tags, ...attributes } }, { administrator }) =>
    administrator.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: asText(attributes) })),

  'AWS::SNS::Topic': ({ name, logicalId, properties }, { administrator }) => {
    if (properties.Subscription)
      throw new Error(`${logicalId}: use AWS::SNS::Subscription, not Subscription`);
    return administrator.sns.send(new CreateTopicCommand({ Name: name }));
  },

  'AWS::SNS::Subscription': ({ properties }, { administrator }) => {
    const { TopicArn, Protocol, Endpoint, Region: _, ...attributes } = properties;
    return administrator.sns.send(
      new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes: asText(attributes) }),
    );
  },

  'AWS::SES::ConfigurationSet': ({ name }, { configurationSets }) => configurationSets.set(name, new Set()),

  'AWS::SES::ConfigurationSetEventDestination': ({ logicalId, properties }, { configurationSets }) => {
    const { ConfigurationSetName, EventDestination } = properties;
    const { Enabled = true, EventBridgeDestination, MatchingEventTypes } = EventDestination;
    if (!EventBridgeDestination)
      throw new Error(`${logicalId}: the local stack supports no destination but EventBridge`);
    if (Enabled)
      for (const type of MatchingEventTypes) configurationSets.get(ConfigurationSetName)!.add(type);
  },

  'AWS::SES::Template': ({ name, properties: { Template } }, { administrator }) =>
    administrator.sesv2.send(
      new CreateEmailTemplateCommand({
        TemplateName: name,
        TemplateContent: {
          Subject: Template.SubjectPart,
          Html: Template.HtmlPart,
          Text: Template.TextPart,
        },
      }),
    ),

  'AWS::Lambda::Function': (resource, { endpoint, authorization, functions, logFolder }) => {
    const { name, logicalId, arn, assets, properties } = resource;
    const code = assets[properties.Code.S3Key];
    if (!code) throw new Error(`${logicalId}: the assembly has no asset ${properties.Code.S3Key}`);
    const { credentials } = authorization.role(properties.Role, 'lambda');
    functions.set(
      name,
      lambdaFunction({
        name,
        arn,
        code,
        handler: properties.Handler,
        environment: {
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_ENDPOINT_URL: endpoint,
          AWS_REGION: pseudoParameters['AWS::Region'],
          ...properties.Environment?.Variables,
        },
        timeoutSeconds: Number(properties.Timeout ?? 3),
        memorySize: Number(properties.MemorySize ?? 128),
        reservedConcurrency: properties.ReservedConcurrentExecutions,
        logFile: join(logFolder, `${name}.log`),
      }),
    );
  },

  'AWS::StepFunctions::StateMachine': ({ name, logicalId, properties }, { authorization, administrator }) => {
    authorization.role(properties.RoleArn, 'states');
    return administrator.sfn.send(
      new CreateStateMachineCommand({
        name,
        roleArn: properties.RoleArn,
        type: properties.StateMachineType as StateMachineType,
        definition: definition(logicalId, properties),
      }),
    );
  },
};

/** Creates the resources. */
export async function deploy(resources: Resource[], deployment: Deployment): Promise<void> {
  for (const [type, create] of Object.entries(creators)) {
    // Dead-letter queues, which have no RedrivePolicy, come first.
    const own = resources.filter((resource) => resource.type === type);
    own.sort((a, b) => Number('RedrivePolicy' in a.properties) - Number('RedrivePolicy' in b.properties));
    for (const resource of own) await create(resource, deployment);
  }
}

function definition(logicalId: string, properties: Resource['properties']): string {
  const { DefinitionString, DefinitionSubstitutions = {} } = properties;
  if (typeof DefinitionString !== 'string')
    throw new Error(`${logicalId}: only DefinitionString is supported`);
  return DefinitionString.replace(/\$\{(\w+)\}/g, (variable, name: string) => {
    if (name in DefinitionSubstitutions) return String(DefinitionSubstitutions[name]);
    throw new Error(`${logicalId}: nothing is substituted for ${variable}`);
  });
}

/** Converts all values to text, as SQS and SNS require. */
function asText(attributes: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );
}
