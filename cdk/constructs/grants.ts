import { Aws, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type PolicyStatementProps, type Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Arns, type Owner } from '../arns.ts';
import { type Config, nameOf, type PlatformValue, searchDatabase, searchWorkGroup } from '../config.ts';
import type { FanOut, Machine } from '../machines.ts';
import { platformValue } from './platform-value.ts';

/** Grants a role one capability per method, each with the reason for its wildcards, which cdk-nag demands. */
export class Grants {
  readonly #role: Role;
  readonly #config: Config;
  readonly #arns: Arns;

  constructor(role: Role, config: Config) {
    this.#role = role;
    this.#config = config;
    this.#arns = new Arns(config, Aws.ACCOUNT_ID);
  }

  publishesTo(topic: ITopic): void {
    this.#allow({ actions: ['sns:Publish'], resources: [topic.topicArn] });
    // SNS encrypts a message on behalf of its publisher.
    this.#usesKey('topic', 'kms:GenerateDataKey', 'kms:Decrypt');
  }

  invokes(functions: readonly IFunction[]): void {
    const resources = functions.map(({ functionArn }) => functionArn);
    if (resources.length > 0) this.#allow({ actions: ['lambda:InvokeFunction'], resources });
  }

  starts(machines: readonly Machine[]): void {
    const resources = machines.map((machine) => this.#arns.machine(machine));
    if (resources.length > 0) this.#allow({ actions: ['states:StartExecution'], resources });
  }

  describesExecutions(...machines: Machine[]): void {
    this.#allow(
      { actions: ['states:DescribeExecution'], resources: this.#executionsOf(machines) },
      'Executions are named after jobs, so the name of the machine is all that a policy can give.',
    );
  }

  redrivesExecutions(...machines: Machine[]): void {
    this.#allow(
      { actions: ['states:RedriveExecution'], resources: this.#executionsOf(machines) },
      'Executions are named after jobs, so the name of the machine is all that a policy can give.',
    );
  }

  listsExecutions(...machines: Machine[]): void {
    const resources = machines.map((machine) => this.#arns.machine(machine));
    this.#allow({ actions: ['states:ListExecutions'], resources });
  }

  stopsExecutions(...machines: Machine[]): void {
    this.#allow(
      { actions: ['states:StopExecution'], resources: this.#executionsOf(machines) },
      'Executions are named after jobs, so the name of the machine is all that a policy can give.',
    );
  }

  /** Runs a Distributed Map: starts, watches, stops and redrives children of its own machine. */
  runsChildren(machine: Machine, { label, list, writesResults }: FanOut): void {
    const reason =
      'These are its own executions and their children, and the list and results of any of them.';
    this.#allow({ actions: ['states:StartExecution'], resources: [this.#arns.machine(machine)] });
    this.#allow(
      {
        actions: ['states:DescribeExecution', 'states:StopExecution'],
        resources: this.#executionsOf([machine]),
      },
      reason,
    );
    // A redrive of the report redrives its children in the machine's own role.
    this.#allow(
      {
        actions: ['states:RedriveExecution'],
        resources: [this.#arns.execution(`${machine}/${label}:*`)],
      },
      reason,
    );
    this.#allow({ actions: ['s3:GetObject'], resources: [this.#arns.parts(list)] }, reason);
    if (!writesResults) return;
    this.#allow(
      {
        actions: ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
        resources: [this.#arns.parts('results/*')],
      },
      reason,
    );
  }

  /** Reads and writes the one file that says how far the machine has come. */
  keepsCursor(file: string): void {
    this.#allow({ actions: ['s3:GetObject', 's3:PutObject'], resources: [this.#arns.service(file)] });
  }

  /** Leaves the flag that the chunks of an overlay look for. */
  cancelsOverlays(): void {
    this.#allow(
      { actions: ['s3:PutObject'], resources: [this.#arns.parts('cancel.json')] },
      'Parts lie under the job of their report.',
    );
  }

  writesManifests(owner: Owner): void {
    this.#allow(
      {
        actions: ['s3:PutObject', 's3:PutObjectTagging'],
        resources: [this.#arns.exports(owner, 'manifest.json')],
      },
      'A report may be on any case or account.',
    );
  }

  writesExports(...owners: Owner[]): void {
    const reason = 'A report may be on any case or account.';
    this.#allow(
      {
        actions: ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload'],
        resources: owners.map((owner) => this.#arns.exports(owner)),
      },
      reason,
    );
    // When the file fails, the full texts beside it are removed.
    this.#allow(
      {
        actions: ['s3:DeleteObject'],
        resources: owners.map((owner) => this.#arns.exports(owner, '*-full-texts.csv')),
      },
      reason,
    );
  }

  readsExports(...owners: Owner[]): void {
    this.#allow(
      { actions: ['s3:GetObject'], resources: owners.map((owner) => this.#arns.exports(owner)) },
      'A report may be on any case or account.',
    );
  }

  /** Sees which files there are: S3 answers a read of a missing one as if it were not allowed. */
  listsExports(...owners: Owner[]): void {
    this.#lists(owners.map((owner) => this.#arns.exports(owner)));
  }

  deletesExports(...owners: Owner[]): void {
    const resources = owners.map((owner) => this.#arns.exports(owner));
    this.#allow({ actions: ['s3:DeleteObject'], resources }, 'Any report may be cancelled.');
    this.#lists(resources);
  }

  writesParts(): void {
    this.#allow(
      { actions: ['s3:PutObject', 's3:AbortMultipartUpload'], resources: [this.#arns.parts()] },
      'Parts lie under the job of their report.',
    );
  }

  readsParts(): void {
    const resources = [this.#arns.parts()];
    this.#allow({ actions: ['s3:GetObject'], resources }, 'Parts lie under the job of their report.');
  }

  /** Sees which parts there are: S3 answers a read of a missing one as if it were not allowed. */
  listsParts(): void {
    this.#lists([this.#arns.parts()]);
  }

  /** Reads what a search found, and what was counted of it. */
  readsSearchResults(): void {
    this.#allow(
      { actions: ['s3:GetObject'], resources: [this.#arns.searchHits, this.#arns.searchResults] },
      'Hits lie under the job of their report, results under the id of their query.',
    );
  }

  readsTestimonyHits(): void {
    this.#allow(
      { actions: ['s3:GetObject'], resources: [this.#arns.testimonyHits] },
      'Hits lie under the job of their report.',
    );
  }

  /** Asks the platform's backend for a search. */
  searches(): void {
    this.#allow({ actions: ['lambda:InvokeFunction'], resources: [this.#arns.searchBackend] });
  }

  /** Runs the Glue job that converts hits, as `.sync` does. */
  convertsHits(): void {
    this.#allow({
      actions: ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun'],
      resources: [this.#arns.searchConversionJob],
    });
  }

  /** Queries the hits, as `.sync` does: Athena reads and writes with the rights of the machine. */
  countsHits(): void {
    const { bucket, searchHits, searchResults } = this.#arns;
    const workGroup = this.#arns.of('athena', `workgroup/${searchWorkGroup(this.#config)}`);
    const catalog = [
      this.#arns.of('glue', 'catalog'),
      this.#arns.of('glue', `database/${searchDatabase(this.#config)}`),
    ];
    const tables = this.#arns.of('glue', `table/${searchDatabase(this.#config)}/search_*`);
    const actions = ['Start', 'Get', 'Stop'].map((action) => `athena:${action}QueryExecution`);
    this.#allow({ actions, resources: [workGroup] });
    this.#allow({
      actions: ['athena:GetDataCatalog'],
      resources: [this.#arns.of('athena', 'datacatalog/AwsDataCatalog')],
    });
    this.#allow({ actions: ['glue:GetDatabase'], resources: catalog });
    this.#allow(
      { actions: ['glue:GetTable', 'glue:GetPartitions'], resources: [...catalog, tables] },
      'The database has no other tables than those of the search.',
    );
    this.#allow({ actions: ['s3:GetBucketLocation', 's3:ListBucketMultipartUploads'], resources: [bucket] });
    this.#allow(
      { actions: ['s3:GetObject'], resources: [searchHits] },
      'Hits lie under the job of their report.',
    );
    this.#lists([searchHits]);
    this.#allow(
      {
        actions: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
        resources: [searchResults],
      },
      'Results are named after the id of their query.',
    );
  }

  stopsSearchJobs(): void {
    const workGroup = this.#arns.of('athena', `workgroup/${searchWorkGroup(this.#config)}`);
    this.#allow({ actions: ['glue:BatchStopJobRun'], resources: [this.#arns.searchConversionJob] });
    this.#allow({ actions: ['athena:StopQueryExecution'], resources: [workGroup] });
  }

  readsHistories(...machines: Machine[]): void {
    this.#allow(
      { actions: ['states:GetExecutionHistory'], resources: this.#executionsOf(machines) },
      'Executions are named after jobs, so the name of the machine is all that a policy can give.',
    );
  }

  /** Reads parameters that Rails stored with a request. */
  readsParameters(...owners: Owner[]): void {
    const resources = owners.map((owner) => this.#arns.requests(owner));
    this.#allow({ actions: ['s3:GetObject'], resources }, 'A request may be on any case or account.');
    // Without the right to list, S3 calls a file that is not there forbidden.
    this.#lists(resources);
  }

  /** Keeps requests, so that they can be run again, apart from those that Rails stored. */
  keepsRequests(...owners: Owner[]): void {
    this.#allow(
      {
        actions: ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload'],
        resources: owners.map((owner) => this.#arns.requests(owner, 'kept/*')),
      },
      'A request may be on any case or account.',
    );
  }

  callsScheduler(...calls: ('Get' | 'Create' | 'Update' | 'Delete')[]): void {
    this.#allow(
      {
        actions: calls.map((call) => `scheduler:${call}Schedule`),
        resources: [this.#arns.of('scheduler', `schedule/${nameOf(this.#config)}/*`)],
      },
      'Schedules are named after report types and jobs, so their group is all that a policy can give.',
    );
  }

  /** Gives schedules the one role in which Scheduler sends their messages. */
  passesToScheduler(roleArn: string): void {
    this.#allow({
      actions: ['iam:PassRole'],
      resources: [roleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
    });
  }

  /**
   * SES checks identities (of the sender, and in its sandbox of the recipients), the configuration set, and for a template mail
   * the template. An attachment needs the right to send a raw mail.
   */
  sendsMails(): void {
    const { sender, mailDomains } = this.#config;
    const conditions = {
      StringEquals: { 'ses:FromAddress': sender },
      // The function suppresses mail to other domains; this holds should it forget to.
      ...(mailDomains !== 'any' && {
        'ForAllValues:StringLike': { 'ses:Recipients': mailDomains.map((domain) => `*@${domain}`) },
      }),
    };
    const senders = [
      this.#arns.of('ses', 'identity/*'),
      this.#arns.of('ses', `configuration-set/${nameOf(this.#config)}`),
    ];
    const template = this.#arns.of('ses', `template/${nameOf(this.#config, 'report')}`);
    const reason =
      'The identity may be the address, its domain or a parent domain. A condition allows one sender.';
    const actions = ['ses:SendEmail', 'ses:SendTemplatedEmail'];
    this.#allow({ actions, conditions, resources: [...senders, template] }, reason);
    this.#allow({ actions: ['ses:SendRawEmail'], conditions, resources: senders }, reason);
  }

  writesLogs(logGroup: ILogGroup): void {
    this.#allow({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
  }

  /** The statements for log deliveries and X-Ray are CDK's own. */
  deliversLogsAndTraces(): void {
    this.#explain(['*'], 'Log deliveries and X-Ray segments have no resource that a policy could name.');
  }

  /** Reads the login from its secret, and reaches the database through the VPC. */
  connectsToDatabase(secret: PlatformValue, functionArn: string): void {
    const secretArn = platformValue(this.#role, secret);
    this.#allow({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] });
    this.#usesKey('secret', 'kms:Decrypt');
    const networkActions = [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ];
    this.#allow(
      { actions: networkActions, resources: ['*'] },
      'The network interfaces that Lambda creates in the VPC have no name that a policy could give.',
    );
    // Lambda creates the interfaces in this role; the code of the function has no need of them.
    this.#role.addToPolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: networkActions,
        resources: ['*'],
        conditions: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
      }),
    );
  }

  /** Uses a key of the platform, if it has one for this. */
  #usesKey(name: keyof Config['platform']['keys'], ...actions: string[]): void {
    const key = this.#config.platform.keys[name];
    if (key) this.#allow({ actions, resources: [platformValue(this.#role, key)] });
  }

  /** Lists these files, and nothing else of the bucket. */
  #lists(files: string[]): void {
    const prefixes = files.map((file) => file.slice(this.#arns.bucket.length + 1));
    this.#allow({
      actions: ['s3:ListBucket'],
      resources: [this.#arns.bucket],
      conditions: { StringLike: { 's3:prefix': prefixes } },
    });
  }

  #executionsOf(machines: readonly Machine[]): string[] {
    return machines.map((machine) => this.#arns.execution(`${machine}:*`));
  }

  #allow(statement: PolicyStatementProps, reason?: string): void {
    this.#role.addToPolicy(new PolicyStatement(statement));
    // S3 encrypts and decrypts objects on behalf of the caller.
    if (statement.actions!.some((action) => /^s3:(Get|Put)Object$/.test(action)))
      this.#usesKey('bucket', 'kms:GenerateDataKey', 'kms:Decrypt');
    if (reason) this.#explain(statement.resources!, reason);
  }

  #explain(resources: string[], reason: string): void {
    for (const resource of resources) {
      const id = `AwsSolutions-IAM5[Resource::${resource.replace(Aws.ACCOUNT_ID, '<AWS::AccountId>')}]`;
      Validations.of(this.#role).acknowledge({ id, reason });
    }
  }
}
