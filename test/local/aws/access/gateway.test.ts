import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendEmailCommand } from '@aws-sdk/client-sesv2';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect } from 'vitest';
import type { Clients } from '../../../../local/aws/clients.ts';
import { allow, arnOf, cloudOf, machine, queue, role, testWithCloud } from '../../../support/cloud-of.ts';

const topicArn = 'arn:aws:sns:us-east-1:000000000000:events';
const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';
const ses = (resource: string) => `arn:aws:ses:us-east-1:000000000000:${resource}`;

const services = {
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } },
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'events' } },
  Queue: queue('work'),
  MachineRole: role('states'),
  Machine: machine('machine', { Type: 'Succeed' }),
  FunctionRole: role('lambda'),
  Function: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'function',
      Role: arnOf('FunctionRole'),
      Handler: 'index.handler',
      Code: { S3Key: 'code.zip' },
    },
  },
  Nobody: role('lambda'),
  Somebody: role(
    'lambda',
    allow('s3:PutObject', 'arn:aws:s3:::files/*'),
    allow('sns:Publish', { Ref: 'Topic' }),
    allow('sqs:SendMessage', arnOf('Queue')),
    allow('states:StartExecution', { Ref: 'Machine' }),
    allow('lambda:InvokeFunction', arnOf('Function')),
    allow('ses:SendEmail', ses('identity/example.com')),
  ),
};

const code = 'export const handler = async () => "well"';

const mail = (more: Partial<ConstructorParameters<typeof SendEmailCommand>[0]> = {}) =>
  new SendEmailCommand({
    FromEmailAddress: 'Reports <reports@example.com>',
    Destination: { ToAddresses: ['a@b.example'] },
    Content: { Simple: { Subject: { Data: 'Hello' }, Body: { Text: { Data: 'Hello' } } } },
    ...more,
  });

const calls: [string, string, (clients: Clients, endpoint: string) => Promise<unknown>][] = [
  [
    's3:PutObject',
    'AccessDenied',
    ({ s3 }) => s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'a', Body: 'a' })),
  ],
  [
    'sns:Publish',
    'AuthorizationErrorException',
    ({ sns }) => sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'a' })),
  ],
  [
    'sqs:SendMessage',
    'AccessDenied',
    ({ sqs }, endpoint) =>
      sqs.send(new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/work`, MessageBody: 'a' })),
  ],
  [
    'states:StartExecution',
    'AccessDeniedException',
    ({ sfn }) => sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn })),
  ],
  [
    'lambda:InvokeFunction',
    'AccessDeniedException',
    ({ lambda }) => lambda.send(new InvokeCommand({ FunctionName: 'function' })),
  ],
  ['ses:SendEmail', 'AccessDeniedException', ({ sesv2 }) => sesv2.send(mail())],
];

/** Tests that share this cloud must not affect each other. */
const test = testWithCloud(services, { code });

describe('The gateway', () => {
  test.for(calls)('allows %s to a role whose policy allows it', async ([action, _, send], { cloud }) => {
    await send(cloud.as('Somebody'), cloud.endpoint);
    expect(cloud.calls).toContainEqual(
      expect.objectContaining({ action, caller: 'test-Somebody', allowed: true }),
    );
  });

  test.for(calls)(
    'denies %s with %s to a role without such a policy',
    async ([action, name, send], { cloud }) => {
      const message = expect.stringContaining(
        `User: arn:aws:sts::000000000000:assumed-role/test-Nobody/local is not authorized to perform: ${action} on resource: arn:aws:`,
      );
      await expect(send(cloud.as('Nobody'), cloud.endpoint)).rejects.toMatchObject({ name, message });
      expect(cloud.calls).toContainEqual(
        expect.objectContaining({ action, caller: 'test-Nobody', allowed: false }),
      );
    },
  );

  test('returns a secret only to a role whose policy allows it', async () => {
    const SecretId = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:database';
    const Reader = role('lambda', allow('secretsmanager:GetSecretValue', SecretId));
    const secrets = new Map([[SecretId, 'password']]);
    const cloud = await cloudOf({ ...services, Reader }, { secrets });
    const read = async (accessKeyId: string) => {
      const client = new SecretsManagerClient({
        endpoint: cloud.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId, secretAccessKey: 'any' },
      });
      return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
    };
    expect(await read('AKIA-test-Reader')).toBe('password');
    await expect(read('AKIA-test-Nobody')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('refuses an unknown access key', async ({ cloud }) => {
    const { s3 } = cloud.as('Stranger');
    await expect(s3.send(new ListObjectsV2Command({ Bucket: 'files' }))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });

  test('applies only the bucket policy to an administrator', async () => {
    const PolicyDocument = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 's3:PutObject',
          Resource: 'arn:aws:s3:::files/closed/*',
        },
        {
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 's3:*',
          Resource: 'arn:aws:s3:::files/*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    };
    const BucketPolicy = {
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument },
    };
    const { clients } = await cloudOf({ ...services, BucketPolicy });
    const put = (Key: string) => clients.s3.send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'a' }));
    await put('open/a');
    await expect(put('closed/a')).rejects.toThrow('with an explicit deny');
  });

  test('reports a missing key only to a role that may list the bucket', async () => {
    const Reader = role('lambda', allow('s3:GetObject', 'arn:aws:s3:::files/*'));
    const Lister = role(
      'lambda',
      allow('s3:GetObject', 'arn:aws:s3:::files/*'),
      allow('s3:ListBucket', 'arn:aws:s3:::files'),
    );
    const { as } = await cloudOf({ ...services, Reader, Lister });
    const missing = new GetObjectCommand({ Bucket: 'files', Key: 'missing' });
    await expect(as('Reader').s3.send(missing)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(as('Lister').s3.send(missing)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('evaluates conditions on the prefix of a listing', async () => {
    const Lister = role(
      'lambda',
      allow('s3:ListBucket', 'arn:aws:s3:::files', { StringLike: { 's3:prefix': 'own/*' } }),
    );
    const { as } = await cloudOf({ ...services, Lister });
    const list = (Prefix: string) =>
      as('Lister').s3.send(new ListObjectsV2Command({ Bucket: 'files', Prefix }));
    await list('own/a');
    await expect(list('other/')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('refuses a policy with an unknown condition key', async () => {
    const Role = role('lambda', allow('s3:*', '*', { StringEquals: { 'aws:SourceVpc': 'vpc' } }));
    await expect(cloudOf({ Role })).rejects.toThrow('aws:SourceVpc');
  });

  test('refuses a role that the service cannot assume', async () => {
    const cloud = cloudOf({ MachineRole: role('lambda'), Machine: machine('machine', { Type: 'Succeed' }) });
    await expect(cloud).rejects.toThrow('test-MachineRole cannot be assumed by states');
  });

  test('records each step of a multipart upload', async () => {
    const { clients, calls } = await cloudOf(services);
    const Body = Buffer.alloc(11 * 1024 * 1024, 'a');
    await new Upload({ client: clients.s3, params: { Bucket: 'files', Key: 'big', Body } }).done();
    const operations = calls.map(({ operation }) => operation);
    expect(operations[0]).toBe('CreateMultipartUpload');
    expect(operations.filter((operation) => operation === 'UploadPart')).toHaveLength(3);
    expect(operations.at(-1)).toBe('CompleteMultipartUpload');
  });

  test('allows a presigned URL until it expires', async ({ cloud }) => {
    const { clients } = cloud;
    const Key = 'a folder/é.txt';
    await clients.s3.send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'content' }));
    const object = new GetObjectCommand({ Bucket: 'files', Key });
    const valid = await fetch(await getSignedUrl(clients.s3, object, { expiresIn: 60 }));
    expect(await valid.text()).toBe('content');
    const signingDate = new Date(Date.now() - 61_000);
    const expired = await fetch(await getSignedUrl(clients.s3, object, { expiresIn: 60, signingDate }));
    expect(expired.status).toBe(403);
    expect(await expired.text()).toContain('Request has expired');
  });

  test('denies a request without a signature', async ({ cloud }) => {
    expect((await fetch(`${cloud.endpoint}/files/a`)).status).toBe(403);
  });

  test('answers 503 for a service while it is switched off', async () => {
    const { clients, outage } = await cloudOf(services);
    const restore = outage('sns');
    const publish = () => clients.sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'a' }));
    await expect(publish()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    restore();
    await publish();
  });
});

describe('A mail', () => {
  const ConfigurationSet = { Type: 'AWS::SES::ConfigurationSet', Properties: { Name: 'reports' } };
  const Template = {
    Type: 'AWS::SES::Template',
    Properties: {
      Template: { TemplateName: 'ready', SubjectPart: '{{subject}}', TextPart: 'Dear {{name}}' },
    },
  };
  const templated = mail({
    ConfigurationSetName: 'reports',
    Content: {
      Template: { TemplateName: 'ready', TemplateData: '{"subject":"Ready","name":"Ann & Bob"}' },
    },
  });

  test('arrives in the inbox, rendered from its template', async () => {
    const { clients, inbox } = await cloudOf({ ConfigurationSet, Template });
    await clients.sesv2.send(templated);
    expect(await inbox.mails()).toMatchObject([
      { to: ['a@b.example'], subject: 'Ready', text: 'Dear Ann & Bob', attachments: [] },
    ]);
  });

  test('is kept apart from the mails of other stacks', async () => {
    const { clients } = await cloudOf({ ConfigurationSet, Template });
    const { inbox } = await cloudOf({ ConfigurationSet, Template });
    await clients.sesv2.send(templated);
    expect(await inbox.mails()).toEqual([]);
  });

  test('with an unknown configuration set is refused', async () => {
    const { clients } = await cloudOf({});
    await expect(clients.sesv2.send(mail({ ConfigurationSetName: 'other' }))).rejects.toMatchObject({
      name: 'NotFoundException',
      message: 'Configuration set <other> does not exist.',
    });
  });

  test.each([
    ['nobody', "Missing final '@domain'"],
    ['Nobody <nobody@b..example>', 'Domain contains dot-dot'],
    ['nobody@.example', 'Domain starts with dot'],
    ['nobody@b.', 'Domain ends with dot'],
    ['nobody@illegal_domain.example', 'Domain contains illegal character'],
    ['nobody@unverified.example', 'Email address is not verified'],
  ])('to %s is refused: %s', async (address, message) => {
    const { clients } = await cloudOf({});
    const Destination = { ToAddresses: [address] };
    await expect(clients.sesv2.send(mail({ Destination }))).rejects.toThrow(message);
  });

  test('of a template whose data lacks a value is taken and never comes, as from SES', async () => {
    const { clients, inbox } = await cloudOf({ ConfigurationSet, Template });
    const Content = { Template: { TemplateName: 'ready', TemplateData: '{"subject":"Ready"}' } };
    const { MessageId } = await clients.sesv2.send(mail({ Content }));
    expect(MessageId).toBeTruthy();
    expect(await inbox.mails()).toEqual([]);
  });

  test('of a template that does not exist is refused', async () => {
    const { clients } = await cloudOf({ ConfigurationSet });
    await expect(clients.sesv2.send(templated)).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  test('of a template needs the identity, the configuration set and the template, in two actions', async () => {
    const { clients, calls } = await cloudOf({ ConfigurationSet, Template });
    await clients.sesv2.send(templated);
    const resources = ['identity/example.com', 'configuration-set/reports', 'template/ready'].map(ses);
    expect(calls.map(({ action, resource }) => [action, resource])).toEqual([
      ...resources.map((resource) => ['ses:SendEmail', resource]),
      ...resources.map((resource) => ['ses:SendTemplatedEmail', resource]),
    ]);
  });

  test('with an attachment needs the permission to send raw mails too', async () => {
    const { clients, calls } = await cloudOf({});
    const attachment = { FileName: 'a.csv', RawContent: Buffer.from('a,b') };
    const Content = {
      Simple: {
        Subject: { Data: 'Hello' },
        Body: { Text: { Data: 'Hello' } },
        Attachments: [attachment],
      },
    };
    await clients.sesv2.send(mail({ Content }));
    expect(calls.map(({ action }) => action)).toEqual(['ses:SendEmail', 'ses:SendRawEmail']);
  });
});
