import { describe, expect, test } from 'vitest';
import type { Template } from '../../../../local/aws/template/assembly.ts';
import { type ResolveOptions, resolveResources } from '../../../../local/aws/template/resources.ts';

const resolveAll = (templates: Template[], options: Partial<ResolveOptions> = {}) =>
  resolveResources({
    stacks: templates.map((template, index) => ({ name: `Stack${index}`, template, assets: {} })),
    gateway: 'http://127.0.0.1:1',
    ...options,
  });

const queue = (Properties: Record<string, unknown> = {}) => ({ Type: 'AWS::SQS::Queue', Properties });

describe('Resources', () => {
  test('of an unknown type are refused, with their name', () => {
    const Resources = { Table: { Type: 'AWS::DynamoDB::Table' } };
    expect(() => resolveAll([{ Resources }])).toThrow('Table: the resource type AWS::DynamoDB::Table');
  });

  test('that need nothing locally are left out', () => {
    expect(resolveAll([{ Resources: { Logs: { Type: 'AWS::Logs::LogGroup' } } }])).toEqual([]);
  });

  test('with a condition are refused', () => {
    const Resources = { Queue: { ...queue(), Condition: 'IsProduction' } };
    expect(() => resolveAll([{ Resources }])).toThrow('Queue: conditions');
  });

  test('without a name get one of stack and logical id, in lower case for buckets', () => {
    const Resources = { Queue: queue(), Bucket: { Type: 'AWS::S3::Bucket' } };
    expect(resolveAll([{ Resources }]).map(({ name }) => name)).toEqual(['Stack0-Queue', 'stack0-bucket']);
  });

  test('refer to each other by what CloudFormation would give', () => {
    const Resources = {
      Letters: queue({ QueueName: 'letters' }),
      Queue: queue({
        QueueName: 'queue',
        Url: { Ref: 'Letters' },
        Arn: { 'Fn::GetAtt': ['Letters', 'Arn'] },
      }),
    };
    expect(resolveAll([{ Resources }])[1]!.properties).toMatchObject({
      Url: 'http://127.0.0.1:1/000000000000/letters',
      Arn: 'arn:aws:sqs:us-east-1:000000000000:letters',
    });
  });

  test('import what another stack exports', () => {
    const exporting = {
      Resources: { Queue: queue({ QueueName: 'queue' }) },
      Outputs: { Name: { Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] }, Export: { Name: 'shared' } } },
    };
    const importing = { Resources: { Other: queue({ QueueName: { 'Fn::ImportValue': 'shared' } }) } };
    expect(resolveAll([importing, exporting])[0]!.name).toBe('queue');
  });

  test('import what the world outside exports', () => {
    const Resources = { Queue: queue({ QueueName: { 'Fn::ImportValue': 'outside' } }) };
    expect(resolveAll([{ Resources }], { imports: { outside: 'given' } })[0]!.name).toBe('given');
  });

  test('that import what nobody exports are refused', () => {
    const Resources = { Queue: queue({ QueueName: { 'Fn::ImportValue': 'missing' } }) };
    expect(() => resolveAll([{ Resources }])).toThrow('No stack exports missing');
  });

  test('take parameters by their default', () => {
    const template = {
      Parameters: { First: { Default: 'default' } },
      Resources: { Queue: queue({ First: { Ref: 'First' } }) },
    };
    expect(resolveAll([template])[0]!.properties).toEqual({ First: 'default' });
  });
});
