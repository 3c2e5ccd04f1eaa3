import { pseudoParameters } from './intrinsics.ts';

/** The naming of a resource type in CloudFormation, and the results of Ref and GetAtt. */
export interface ResourceType {
  /** Path of the property with the physical name. */
  nameProperty: string;
  ref(name: string, gateway: string): string;
  attributes?: Record<string, (name: string) => string>;
}

const account = pseudoParameters['AWS::AccountId'];

/** An ARN of the local account and region. */
export function arn(service: string, resource: string): string {
  const region = ['s3', 'iam'].includes(service) ? '' : pseudoParameters['AWS::Region'];
  return `arn:aws:${service}:${region}:${service === 's3' ? '' : account}:${resource}`;
}

const itself = (name: string) => name;
const topicArn = (name: string) => arn('sns', name);
const stateMachineArn = (name: string) => arn('states', `stateMachine:${name}`);

/** Resource types that the local stack creates. */
export const resourceTypes: Record<string, ResourceType> = {
  'AWS::Athena::WorkGroup': { nameProperty: 'Name', ref: itself },
  'AWS::Events::Rule': {
    nameProperty: 'Name',
    ref: itself,
    attributes: { Arn: (name) => arn('events', `rule/${name}`) },
  },
  'AWS::Glue::Database': { nameProperty: 'DatabaseInput.Name', ref: itself },
  'AWS::Glue::Table': { nameProperty: 'TableInput.Name', ref: itself },
  'AWS::IAM::Policy': { nameProperty: 'PolicyName', ref: itself },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    ref: itself,
    attributes: { Arn: (name) => arn('iam', `role/${name}`) },
  },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    ref: itself,
    attributes: { Arn: (name) => arn('lambda', `function:${name}`) },
  },
  'AWS::Pipes::Pipe': {
    nameProperty: 'Name',
    ref: itself,
    attributes: { Arn: (name) => arn('pipes', `pipe/${name}`) },
  },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    ref: itself,
    attributes: { Arn: (name) => arn('s3', name), RegionalDomainName: (name) => `${name}.s3.amazonaws.com` },
  },
  'AWS::S3::BucketPolicy': { nameProperty: '', ref: itself },
  'AWS::SES::ConfigurationSet': { nameProperty: 'Name', ref: itself },
  'AWS::SES::ConfigurationSetEventDestination': { nameProperty: 'EventDestination.Name', ref: itself },
  'AWS::SES::Template': { nameProperty: 'Template.TemplateName', ref: itself, attributes: { Id: itself } },
  'AWS::SNS::Subscription': { nameProperty: '', ref: topicArn },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    ref: topicArn,
    attributes: { TopicArn: topicArn, TopicName: itself },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    ref: (name, gateway) => `${gateway}/${account}/${name}`,
    attributes: { Arn: (name) => arn('sqs', name), QueueName: itself },
  },
  'AWS::Scheduler::ScheduleGroup': {
    nameProperty: 'Name',
    ref: itself,
    attributes: { Arn: (name) => arn('scheduler', `schedule-group/${name}`) },
  },
  'AWS::StepFunctions::StateMachine': {
    nameProperty: 'StateMachineName',
    ref: stateMachineArn,
    attributes: { Arn: stateMachineArn, Name: itself },
  },
};

/** Resource types that the local stack ignores, and why. */
export const ignoredResourceTypes: Record<string, string> = {
  'AWS::CDK::Metadata': 'describes the app, is no resource',
  'AWS::CloudWatch::Alarm': 'there are no metrics locally',
  'AWS::CloudWatch::Dashboard': 'there are no metrics locally',
  'AWS::EC2::SecurityGroup': 'everything is on loopback',
  'AWS::EC2::SecurityGroupEgress': 'everything is on loopback',
  'AWS::EC2::SecurityGroupIngress': 'everything is on loopback',
  'AWS::Lambda::Permission': 'nothing but roles of this stack invokes a function',
  'AWS::Logs::LogGroup': 'functions write to the folder of the stack',
  'AWS::Logs::MetricFilter': 'there are no metrics locally',
  'AWS::Logs::ResourcePolicy': 'functions write to the folder of the stack',
  'AWS::SNS::TopicPolicy':
    'admits services and accounts, of which there are none; roles are checked by their own policies',
  'AWS::SQS::QueuePolicy':
    'admits services and accounts, of which there are none; roles are checked by their own policies',
};
