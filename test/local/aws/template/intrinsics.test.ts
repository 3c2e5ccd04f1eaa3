import { describe, expect, test } from 'vitest';
import { resolve, type Scope } from '../../../../local/aws/template/intrinsics.ts';

const scope: Scope = {
  reference: (logicalId) => `ref-of-${logicalId}`,
  attribute: (logicalId, attribute) => `${attribute}-of-${logicalId}`,
  importValue: (name) => `import-of-${name}`,
};

describe('Intrinsic functions', () => {
  test.each([
    [{ Ref: 'Bucket' }, 'ref-of-Bucket'],
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'Arn-of-Bucket'],
    [{ 'Fn::GetAtt': 'Bucket.Arn' }, 'Arn-of-Bucket'],
    [{ 'Fn::ImportValue': 'shared' }, 'import-of-shared'],
    [{ 'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, 's3']] }, 'arn:aws:s3'],
    [{ 'Fn::Select': ['1', { 'Fn::Split': ['-', 'a-b-c'] }] }, 'b'],
    [
      { 'Fn::Sub': '${AWS::AccountId} ${Bucket} ${Bucket.Arn} ${!Literal}' },
      '000000000000 ref-of-Bucket Arn-of-Bucket ${Literal}',
    ],
    [{ 'Fn::Sub': ['${Name}', { Name: { Ref: 'Bucket' } }] }, 'ref-of-Bucket'],
  ])('%j is %j', (value, expected) => {
    expect(resolve(value, scope)).toEqual(expected);
  });

  test('are resolved at any depth', () => {
    expect(resolve({ List: [{ Inner: { Ref: 'Bucket' } }] }, scope)).toEqual({
      List: [{ Inner: 'ref-of-Bucket' }],
    });
  });

  test('drop what refers to AWS::NoValue', () => {
    expect(resolve({ Kept: 1, Dropped: { Ref: 'AWS::NoValue' } }, scope)).toEqual({ Kept: 1 });
  });

  test('that nobody knows are refused by name', () => {
    expect(() => resolve({ 'Fn::Transform': {} }, scope)).toThrow('Fn::Transform');
  });

  test('leave no dynamic reference unseen', () => {
    expect(() => resolve('{{resolve:ssm:name}}', scope)).toThrow('{{resolve:ssm:name}}');
  });
});
