import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { type Config, config, type Platform } from '../../cdk/config.ts';
import { ServiceStack, StorageStack } from '../../cdk/stacks.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of every shape CloudFormation knows.
type Json = any;

/** The resources of both stacks of staging, on a platform with these differences. Functions are not bundled. */
function synthesized(change: Partial<Platform>): { storage: Json[]; service: Json[]; parameters: Json } {
  const defaults = config('staging', 'us-east-1');
  const configuration: Config = { ...defaults, platform: { ...defaults.platform, ...change } };
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const storage = new StorageStack(app, 'storage', configuration, {});
  const service = new ServiceStack(app, 'service', configuration, storage, {});
  const { Parameters, Resources } = Template.fromStack(service).toJSON();
  return {
    storage: Object.values(Template.fromStack(storage).toJSON().Resources),
    service: Object.values(Resources),
    parameters: Object.values(Parameters ?? {}),
  };
}

const ofType = (resources: Json[], type: string) => resources.filter(({ Type }) => Type === type);
const statements = (resources: Json[], role: RegExp) =>
  ofType(resources, 'AWS::IAM::Policy')
    .filter(({ Properties }) => role.test(Properties.PolicyName))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);

describe('A value of the platform', () => {
  it.each([
    ['the export of a stack', { export: 'platform-Vpc' }, { 'Fn::ImportValue': 'platform-Vpc' }],
    ['the value itself', { value: 'sg-12345678' }, 'sg-12345678'],
  ])('is %s', (_, securityGroupId, expected) => {
    const [first] = ofType(synthesized({ securityGroupId }).service, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.VpcConfig,
    );
    expect(first.Properties.VpcConfig.SecurityGroupIds).toEqual([expected]);
  });

  it('is a parameter of the SSM Parameter Store', () => {
    const { service, parameters } = synthesized({ secretArn: { parameter: '/platform/secret' } });
    expect(parameters).toContainEqual({
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: '/platform/secret',
    });
    const environments = ofType(service, 'AWS::Lambda::Function').map(
      ({ Properties }) => Properties.Environment.Variables.RDS_SECRET_ARN,
    );
    expect(environments).toContainEqual({ Ref: expect.stringContaining('platformsecret') });
  });

  it('may be any number of subnets', () => {
    const privateSubnetIds = ['a', 'b', 'c'].map((value) => ({ value: `subnet-${value}` }));
    const functions = ofType(synthesized({ privateSubnetIds }).service, 'AWS::Lambda::Function');
    const subnets = functions.flatMap(({ Properties }) =>
      Properties.VpcConfig ? [Properties.VpcConfig.SubnetIds] : [],
    );
    expect(new Set(subnets.map(String))).toEqual(new Set(['subnet-a,subnet-b,subnet-c']));
  });
});

describe('A key of the platform', () => {
  const key = 'arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f';
  const uses = (resources: Json[], role: RegExp) =>
    statements(resources, role).filter(({ Resource }) => Resource === key);

  it('of the topic may be used by every machine, because all of them publish', () => {
    const { service } = synthesized({ keys: { topic: { value: key } } });
    expect(uses(service, /announcefailure/)).toMatchObject([
      { Action: ['kms:GenerateDataKey', 'kms:Decrypt'] },
    ]);
    expect(uses(service, /loadcontext/)).toEqual([]);
  });

  it('of the secret may be used to decrypt by the functions that read the database', () => {
    const { service } = synthesized({ keys: { secret: { value: key } } });
    expect(uses(service, /exportrows/)).toMatchObject([{ Action: 'kms:Decrypt' }]);
    expect(uses(service, /mergeparts/)).toEqual([]);
  });

  it('of the bucket encrypts files, and may be used by whoever reads or writes them', () => {
    const { storage, service } = synthesized({ keys: { bucket: { value: key } } });
    const [bucket] = ofType(storage, 'AWS::S3::Bucket');
    expect(bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration).toMatchObject([
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { KMSMasterKeyID: key, SSEAlgorithm: 'aws:kms' },
      },
    ]);
    for (const role of [/exportrows/, /mergeparts/, /pagecount/])
      expect(uses(service, role)).toMatchObject([{ Action: ['kms:GenerateDataKey', 'kms:Decrypt'] }]);
    expect(uses(service, /announcefailure/)).toEqual([]);
  });
});

it('alarms notify the topic of the platform', () => {
  const { service } = synthesized({ alarmTopicArn: { export: 'platform-AlarmTopic' } });
  const actions = ofType(service, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties.AlarmActions);
  expect(actions.length).toBeGreaterThan(10);
  for (const action of actions) expect(action).toEqual([{ 'Fn::ImportValue': 'platform-AlarmTopic' }]);
});

it('a first deployment that fails leaves nothing that blocks the second', () => {
  const { storage, service } = synthesized({});
  const retained = [...storage, ...service].filter(({ DeletionPolicy }) => /Retain/.test(DeletionPolicy));
  expect(retained.map(({ Type }) => Type).sort()).toEqual([
    'AWS::S3::Bucket',
    'AWS::Scheduler::ScheduleGroup',
  ]);
  expect(new Set(retained.map(({ DeletionPolicy }) => DeletionPolicy))).toEqual(
    new Set(['RetainExceptOnCreate']),
  );
});
