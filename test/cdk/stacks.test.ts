import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checked, config, environments, regions } from '../../cdk/config.ts';
import { tasks } from '../../cdk/functions.ts';
import { machines as uses } from '../../cdk/machines.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of every shape CloudFormation knows.
type Json = any;
type Resource = { Type: string; Properties: Json };
type Template = { Resources: Record<string, Resource> };

// Synthesized once, as `npx cdk synth` does it, without credentials and without a home folder that could hold some.
const folder = mkdtempSync(join(tmpdir(), 'reports-synth-'));
const templates: Record<string, Template> = {};

beforeAll(() => {
  execFileSync('node_modules/.bin/node', ['cdk/app.ts'], {
    env: { PATH: process.env.PATH, HOME: folder, CDK_OUTDIR: folder },
    stdio: 'pipe',
  });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.template.json'))) {
    templates[file.replace('.template.json', '')] = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const of = (type: string, name = 'reports-production-us-east-1') =>
  Object.values(templates[name]!.Resources).filter((resource) => resource.Type === type);
const properties = (type: string, name?: string) => of(type, name).map((resource) => resource.Properties);

describe('the app', () => {
  it('has two stacks per environment and region, without findings of cdk-nag', () => {
    const names = environments.flatMap((environment) =>
      regions.flatMap((region) => [
        `reports-${environment}-${region}`,
        `reports-${environment}-storage-${region}`,
      ]),
    );
    expect(Object.keys(templates).sort()).toEqual(names.sort());
    const report = JSON.parse(readFileSync(join(folder, 'validation-report.json'), 'utf8'));
    expect(JSON.stringify(report)).not.toMatch(/"severity":\s*"(error|fatal)"/i);
  });

  it('creates the topic in development and imports it everywhere else', () => {
    expect(of('AWS::SNS::Topic', 'reports-development-storage-us-east-1')).toHaveLength(1);
    expect(of('AWS::SNS::Topic', 'reports-production-storage-us-east-1')).toHaveLength(0);
  });
});

describe('configuration', () => {
  it('refuses to use more connections than the reader has', () => {
    const configuration = { ...config('staging', 'us-east-1'), readerConnections: 5 };
    expect(() => checked(configuration)).toThrow(
      /the functions may use 40 connections, but the reader has 5/,
    );
  });

  it('refuses to read more cases at once than there are connections for', () => {
    const configuration = { ...config('staging', 'us-east-1'), casesAtOnce: 13 };
    expect(() => checked(configuration)).toThrow(/reads 13 cases at once, but export-case may use 12/);
  });

  it('has connections for two reports across cases at once', () => {
    const { casesAtOnce, concurrency } = config('production', 'us-east-1');
    expect(2 * casesAtOnce).toBeLessThanOrEqual(concurrency.exportCase);
  });

  describe('of an environment whose account has been entered', () => {
    const entered = {
      ...config('staging', 'us-east-1'),
      sender: 'reports@staging.nextpoint.com',
      supportAddress: 'support@nextpoint.com',
      runbook: 'https://code.nextpoint.com/report-service/docs/operations.md',
      downloadLink: 'https://staging.nextpoint.com/reports/{reportType}/{jobId}/download',
      platform: { ...config('staging', 'us-east-1').platform, account: '123456789012' },
    };

    it('is accepted with real addresses', () => {
      expect(checked(entered)).toBe(entered);
    });

    it.each([
      ['an account of another form', { platform: { ...entered.platform, account: '1234' } }, /not 12 digits/],
      ['a sender that exists nowhere', { sender: 'reports@nextpoint.example' }, /sender is "reports@/],
      ['a support address that exists nowhere', { supportAddress: 'us@nextpoint.example' }, /supportAddress/],
      ['a runbook that exists nowhere', { runbook: 'https://code.nextpoint.example' }, /runbook is "https/],
      ['no download link', { downloadLink: '' }, /downloadLink must be/],
      [
        'a download link without https',
        { downloadLink: 'http://a.com/{reportType}/{jobId}' },
        /must be an https/,
      ],
    ])('is refused with %s', (_, change, message) => {
      expect(() => checked({ ...entered, ...change })).toThrow(message);
    });
  });
});

describe('the storage stack', () => {
  const storage = 'reports-production-storage-us-east-1';

  it('keeps files private, and deletes parts after 35 days and files by their tag', () => {
    const [bucket] = properties('AWS::S3::Bucket', storage);
    expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    const rules = bucket.LifecycleConfiguration.Rules;
    expect(rules).toContainEqual(
      expect.objectContaining({ Prefix: 'production/tmp/', ExpirationInDays: 35 }),
    );
    expect(rules).toContainEqual(
      expect.objectContaining({
        TagFilters: [{ Key: 'expires-in-days', Value: '30' }],
        ExpirationInDays: 30,
      }),
    );
  });

  it('keeps requests for 400 days, below those that Rails stored', () => {
    const [bucket] = properties('AWS::S3::Bucket', storage);
    expect(bucket.LifecycleConfiguration.Rules).toContainEqual(
      expect.objectContaining({
        TagFilters: [{ Key: 'expires-in-days', Value: '400' }],
        ExpirationInDays: 400,
      }),
    );
    const statements = Object.entries(templates['reports-production-us-east-1']!.Resources)
      .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('loadcontextrole'))
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
    const writes = statements.filter(({ Action }) => [Action].flat().includes('s3:PutObject'));
    expect(writes.flatMap(({ Resource }) => Resource).map((arn) => JSON.stringify(arn))).toEqual([
      expect.stringContaining('/production/accounts/*/requests/kept/*'),
      expect.stringContaining('/production/cases/*/requests/kept/*'),
    ]);
  });

  it('accepts only requests, without the SNS envelope, and loses none: subscription and queue have a dead-letter queue', () => {
    const [subscription] = properties('AWS::SNS::Subscription', storage);
    expect(subscription).toMatchObject({
      RawMessageDelivery: true,
      FilterPolicy: { eventType: ['REPORT_REQUESTED', 'REPORT_CANCEL_REQUESTED', 'REPORT_SCHEDULE_DELETED'] },
      RedrivePolicy: { deadLetterTargetArn: expect.anything() },
    });
    const intake = properties('AWS::SQS::Queue', storage).find((queue) =>
      queue.QueueName.endsWith('-intake'),
    );
    expect(intake).toMatchObject({ SqsManagedSseEnabled: true, RedrivePolicy: { maxReceiveCount: 5 } });
  });
});

describe('the service stack', () => {
  const machines = () =>
    Object.fromEntries(
      properties('AWS::StepFunctions::StateMachine').map((machine) => [machine.StateMachineName, machine]),
    );

  it('shows every machine in the template, and leaves only what CloudFormation knows to substitution', () => {
    for (const { DefinitionString, DefinitionSubstitutions } of Object.values(machines()) as Json[]) {
      const names = [...DefinitionString.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]);
      expect(Object.keys(DefinitionSubstitutions).sort()).toEqual([...new Set(names)].sort());
      const known = Object.values(DefinitionSubstitutions).filter((value) => typeof value === 'string');
      expect(known).toEqual([]);
    }
  });

  it('has templates under the 1 MB that CloudFormation accepts', () => {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.template.json'))) {
      expect(statSync(join(folder, file)).size, file).toBeLessThan(1_000_000);
    }
  });

  it('runs the router as Express and everything that must be redriven as Standard', () => {
    const types = Object.values<Json>(machines()).map((machine) => [
      machine.StateMachineName,
      machine.StateMachineType,
    ]);
    const catalogue = Object.keys(uses).map((name) => [
      `reports-production-${name}`,
      name === 'report-router' ? 'EXPRESS' : 'STANDARD',
    ]);
    expect(Object.fromEntries(types)).toEqual(Object.fromEntries(catalogue));
  });

  it('passes one message at a time to the router and waits for its result', () => {
    const pipes = properties('AWS::Pipes::Pipe').map((pipe) => [
      pipe.SourceParameters.SqsQueueParameters.BatchSize,
      pipe.TargetParameters.StepFunctionStateMachineParameters.InvocationType,
    ]);
    expect(pipes).toEqual([
      [1, 'REQUEST_RESPONSE'],
      [1, 'FIRE_AND_FORGET'],
      [1, 'FIRE_AND_FORGET'],
    ]);
  });

  it('creates no pipe before the policy of its role', () => {
    const template = templates['reports-production-us-east-1']!.Resources as Json;
    for (const pipe of of('AWS::Pipes::Pipe') as Json[]) {
      const types = pipe.DependsOn.map((id: string) => template[id].Type);
      expect(types).toContain('AWS::IAM::Policy');
    }
  });

  it('starts the announcement of failed reports, deliveries and schedules, never of its own failures', () => {
    const rule = properties('AWS::Events::Rule').find(({ Name }) => Name.endsWith('-failures'));
    const arns = JSON.stringify(rule.EventPattern.detail.stateMachineArn);
    expect(arns).toContain('transcript-metadata');
    expect(arns).toContain('deliver-report');
    expect(arns).toContain('-schedule-report');
    expect(arns).not.toContain('announce');
    expect(rule.Targets[0]).toMatchObject({
      DeadLetterConfig: expect.anything(),
      RetryPolicy: expect.anything(),
    });
  });

  it('starts announce-mail-problem for mails that SES could not deliver', () => {
    const [destination] = properties('AWS::SES::ConfigurationSetEventDestination');
    expect(destination.EventDestination).toMatchObject({
      Enabled: true,
      EventBridgeDestination: expect.anything(),
      MatchingEventTypes: ['bounce', 'complaint', 'reject', 'renderingFailure'],
    });
    const rules = properties('AWS::Events::Rule').filter(({ Name }) => /-mail-\w+$/.test(Name));
    for (const { EventPattern, Targets } of rules) {
      expect(EventPattern).toMatchObject({
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': ['reports-production'] } } },
      });
      expect(Targets[0].DeadLetterConfig).toBeDefined();
    }
    const kinds = rules.flatMap(({ EventPattern }) => EventPattern['detail-type']);
    expect(kinds.sort()).toEqual([
      'Email Bounced',
      'Email Complaint Received',
      'Email Rejected',
      'Email Rendering Failed',
    ]);
  });

  it('looks four times an hour for ends that no event announced', () => {
    const rule = properties('AWS::Events::Rule').find(({ Name }) => Name.endsWith('-reconciliation'));
    expect(rule.ScheduleExpression).toBe('rate(15 minutes)');
  });

  it('sends a message to the last queue only when Step Functions has refused it for hours', () => {
    const storage = 'reports-production-storage-us-east-1';
    const [letters] = properties('AWS::SQS::Queue', storage).filter(({ QueueName }) =>
      QueueName.endsWith('-intake-dead-letters'),
    );
    expect(letters.VisibilityTimeout * letters.RedrivePolicy.maxReceiveCount).toBeGreaterThanOrEqual(
      6 * 3600,
    );
  });

  it('gives Scheduler exactly one role, which may only send to the intake queue or its dead letters', () => {
    const passes = properties('AWS::IAM::Policy')
      .flatMap((policy) => policy.PolicyDocument.Statement)
      .filter((statement) => [statement.Action].flat().includes('iam:PassRole'));
    expect(passes).toEqual([
      {
        Action: 'iam:PassRole',
        Effect: 'Allow',
        Resource: { 'Fn::ImportValue': expect.stringContaining('SchedulerRole') },
        Condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      },
    ]);
    const storage = 'reports-production-storage-us-east-1';
    const [own] = properties('AWS::IAM::Policy', storage);
    expect(own.PolicyDocument.Statement).toEqual([
      { Action: 'sqs:SendMessage', Effect: 'Allow', Resource: [expect.anything(), expect.anything()] },
    ]);
    const [role] = properties('AWS::IAM::Role', storage);
    expect(role.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals).toHaveProperty('aws:SourceArn');
  });

  it('waits longer for a function than it may run, so that no second writer starts while the first runs', () => {
    const seconds = Object.fromEntries(
      properties('AWS::Lambda::Function').map((f) => [f.FunctionName, f.Timeout]),
    );
    for (const machine of Object.values(machines()) as Json[]) {
      for (const [, task, waits] of machine.DefinitionString.matchAll(
        /\$\{(\w+)Function\}".*?"TimeoutSeconds": (\d+)/gs,
      )) {
        // The platform's own, which answers by its task token.
        if (task === 'SearchBackend') continue;
        const name = `reports-production-${task.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase()}`;
        expect(Number(waits)).toBeGreaterThanOrEqual(seconds[name]! + 30);
      }
    }
  });

  it('deletes the files of a cancelled report only when no function can still write them', () => {
    const longest = Math.max(...properties('AWS::Lambda::Function').map((f) => f.Timeout));
    const cancel = JSON.parse(machines()['reports-production-cancel-report'].DefinitionString);
    const waits = /^\{% (\d+) %\}$/.exec(cancel.States['Wait for functions'].Seconds)?.[1];
    expect(Number(waits)).toBeGreaterThan(longest);
  });

  it('allows actions on all resources only for log deliveries, traces and network interfaces', () => {
    const everything = properties('AWS::IAM::Policy')
      .flatMap((policy) => policy.PolicyDocument.Statement)
      .filter((statement) => statement.Resource === '*')
      .flatMap((statement) => statement.Action);
    expect(
      everything.filter(
        (action) =>
          !/^(logs:\w+(Delivery|Deliveries|Polic(y|ies)|LogGroups)|xray:\w+|ec2:(\w+NetworkInterfaces?|DescribeSubnets|\w+PrivateIpAddresses))$/.test(
            action,
          ),
      ),
    ).toEqual([]);
  });

  it('allows each machine and function only what it needs', () => {
    const actions = (role: string) =>
      Object.entries(templates['reports-production-us-east-1']!.Resources)
        .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith(role))
        .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
        .flatMap((statement) => statement.Action)
        .filter((action: string) => !/^(logs|xray|ec2):/.test(action));
    expect(actions('transcriptmetadatarole')).toEqual([
      'sns:Publish',
      'lambda:InvokeFunction',
      'states:StartExecution',
      's3:PutObject',
      's3:PutObjectTagging',
    ]);
    expect(actions('cancelreportrole')).toEqual([
      'sns:Publish',
      'lambda:InvokeFunction',
      'states:DescribeExecution',
      'states:StopExecution',
      's3:DeleteObject',
      's3:ListBucket',
      's3:PutObject',
    ]);
    expect(actions('loadcontextrole')).toEqual([
      'secretsmanager:GetSecretValue',
      's3:GetObject',
      's3:ListBucket',
      's3:AbortMultipartUpload',
      's3:PutObject',
      's3:PutObjectTagging',
    ]);
    expect(actions('exportrowsrole')).toEqual([
      'secretsmanager:GetSecretValue',
      's3:AbortMultipartUpload',
      's3:PutObject',
      's3:PutObjectTagging',
      's3:DeleteObject',
      's3:GetObject',
      's3:ListBucket',
    ]);
    expect(actions('exportcaserole')).toEqual([
      'secretsmanager:GetSecretValue',
      's3:AbortMultipartUpload',
      's3:PutObject',
    ]);
    expect(actions('listcasesrole')).toEqual([
      'secretsmanager:GetSecretValue',
      's3:AbortMultipartUpload',
      's3:PutObject',
      's3:GetObject',
      's3:ListBucket',
    ]);
    expect(actions('mergepartsrole')).toEqual([
      's3:AbortMultipartUpload',
      's3:PutObject',
      's3:PutObjectTagging',
      's3:DeleteObject',
      's3:GetObject',
      's3:ListBucket',
    ]);
    expect(actions('mailreportrole')).toEqual([
      'secretsmanager:GetSecretValue',
      's3:GetObject',
      's3:ListBucket',
      'ses:SendEmail',
      'ses:SendTemplatedEmail',
      'ses:SendRawEmail',
      'states:DescribeExecution',
    ]);
  });

  it('gives a function that works on accounts no access to the files of a case', () => {
    const ofMerge = Object.entries(templates['reports-production-us-east-1']!.Resources).filter(
      ([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('mergepartsrole'),
    );
    expect(JSON.stringify(ofMerge)).toContain('/accounts/*/exports/');
    expect(JSON.stringify(ofMerge)).not.toContain('/cases/');
  });

  it('allows a report across cases to start, stop and redrive only its own children', () => {
    const statements = Object.entries(templates['reports-production-us-east-1']!.Resources)
      .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('useractivityrole'))
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
    const resourcesOf = (action: string) =>
      statements
        .filter((statement) => [statement.Action].flat().includes(action))
        .map(({ Resource }) => JSON.stringify(Resource));
    expect(resourcesOf('states:StartExecution').join()).toContain(
      'stateMachine:reports-production-user-activity',
    );
    expect(resourcesOf('states:StopExecution').join()).toContain(
      'execution:reports-production-user-activity:*',
    );
    expect(resourcesOf('states:RedriveExecution').join()).toContain(
      'execution:reports-production-user-activity/ExportCases:*',
    );
  });

  it('allows custom-report to start its delivery and user-activity, and nothing else', () => {
    const started = Object.entries(templates['reports-production-us-east-1']!.Resources)
      .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('customreportrole'))
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => Action === 'states:StartExecution')
      .flatMap(({ Resource }) => JSON.stringify(Resource).match(/reports-production-[\w-]+/g));
    expect(started).toEqual(['reports-production-deliver-report', 'reports-production-user-activity']);
  });

  it('gives every function and machine a log group with a retention', () => {
    const groups = properties('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(Object.keys(uses).length + Object.keys(tasks).length);
    expect(groups.every((group) => group.RetentionInDays === 90)).toBe(true);
  });

  it('reserves no more connections than the reader has', () => {
    const reserved = properties('AWS::Lambda::Function')
      .filter((f) => f.Environment.Variables.RDS_READER_ENDPOINT)
      .map((f) => f.ReservedConcurrentExecutions);
    expect(reserved.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(
      config('production', 'us-east-1').readerConnections,
    );
  });
});
