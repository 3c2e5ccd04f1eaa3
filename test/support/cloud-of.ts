import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, onTestFinished } from 'vitest';
import { type Clients, clientsOf } from '../../local/aws/clients.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../local/aws/cloud.ts';
import type { TemplateResource } from '../../local/aws/template/assembly.ts';

/** The cloud of a small template, with the clients of its roles. */
export interface TestCloud extends Cloud {
  as(roleLogicalId: string): Clients;
  /** Lines that the cloud has logged. */
  lines: string[];
}

/** Options of a test's cloud. */
export interface TestCloudOptions {
  /** The JavaScript module of all functions. */
  code?: string;
  secrets?: Map<string, string>;
  glueJobs?: CloudOptions['glueJobs'];
}

/** Starts the resources of a small template. They stop when the test ends. */
export async function cloudOf(
  Resources: Record<string, TemplateResource>,
  options?: TestCloudOptions,
): Promise<TestCloud> {
  const cloud = await startTestCloud(Resources, options);
  onTestFinished(cloud.stop);
  return cloud;
}

/** Tests that share the cloud of a small template, as the fixture `cloud`. */
export function testWithCloud(Resources: Record<string, TemplateResource>, options?: TestCloudOptions) {
  return base.extend('cloud', { scope: 'file' }, async ({}, { onCleanup }) => {
    const cloud = await startTestCloud(Resources, options);
    onCleanup(cloud.stop);
    return cloud;
  });
}

/** Starts the resources of a small template. They run until the cloud is stopped. */
export async function startTestCloud(
  Resources: Record<string, TemplateResource>,
  { code = '', secrets, glueJobs }: TestCloudOptions = {},
): Promise<TestCloud> {
  const folder = await mkdtemp(join(tmpdir(), 'report-cloud-'));
  const removeFolder = () => rm(folder, { recursive: true });
  await writeFile(join(folder, 'index.mjs'), code);
  const lines: string[] = [];
  const cloud = await startCloud({
    stacks: [{ name: 'test', template: { Resources }, assets: { 'code.zip': folder } }],
    secrets,
    glueJobs,
    waitTimeScale: 0.001,
    logFolder: folder,
    log: (line) => lines.push(line),
  }).catch(async (error) => {
    await removeFolder();
    throw error;
  });
  return {
    ...cloud,
    lines,
    as: (role) => clientsOf(cloud.endpoint, { accessKeyId: `AKIA-test-${role}`, secretAccessKey: 'any' }),
    stop: () => cloud.stop().then(removeFolder),
  };
}

/** A role that the service may assume, with an inline policy of these statements. */
export function role(service: string, ...Statement: object[]): TemplateResource {
  const Version = '2012-10-17';
  const Principal = { Service: `${service}.amazonaws.com` };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version,
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }],
      },
      Policies: Statement.length ? [{ PolicyName: 'inline', PolicyDocument: { Version, Statement } }] : [],
    },
  };
}

/** A policy statement that allows. */
export function allow(Action: string | string[], Resource: unknown, Condition?: object): object {
  return { Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) };
}

/** The ARN of a resource of the template. */
export function arnOf(logicalId: string): object {
  return { 'Fn::GetAtt': [logicalId, 'Arn'] };
}

/** A queue. After so many receives, a message moves to its dead-letter queue. */
export function queue(QueueName: string, deadLetters?: string, maxReceiveCount = 3): TemplateResource {
  const RedrivePolicy = deadLetters && { deadLetterTargetArn: arnOf(deadLetters), maxReceiveCount };
  return {
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName, VisibilityTimeout: 300, ...(RedrivePolicy && { RedrivePolicy }) },
  };
}

/** A state machine of one state. */
export function machine(
  StateMachineName: string,
  state: object,
  more: Record<string, unknown> = {},
): TemplateResource {
  const definition = { QueryLanguage: 'JSONata', StartAt: 'Only', States: { Only: state } };
  return {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName,
      RoleArn: arnOf('MachineRole'),
      DefinitionString: JSON.stringify(definition),
      ...more,
    },
  };
}
