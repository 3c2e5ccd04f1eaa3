import { Aws, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { Arns } from '../arns.ts';
import { type Config, nameOf } from '../config.ts';
import { type Task, tasks } from '../functions.ts';
import { Grants } from './grants.ts';

export interface TaskFunctionProps {
  config: Config;
  network: Network;
  bucket: IBucket;
}

/** The network of the platform, imported from its CommonResourcesStack. */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;

  constructor(scope: Construct, config: Config) {
    super(scope, 'Network');
    const imported = (name: string) => Fn.importValue(`${config.platform}-${name}`);
    this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: imported('VpcId'),
      availabilityZones: ['1', '2'].map((zone) => `${config.region}-${zone}`),
      privateSubnetIds: [imported('PrivateSubnet1Id'), imported('PrivateSubnet2Id')],
      privateSubnetRouteTableIds: [imported('PrivateRouteTable1Id'), imported('PrivateRouteTable2Id')],
    });
    this.securityGroup = SecurityGroup.fromSecurityGroupId(
      this,
      'SecurityGroup',
      imported('LambdaSecurityGroupId'),
      {
        mutable: false,
      },
    );
  }
}

/** One Lambda function of tasks/, bundled, with its log group and a role that may do what the catalogue says and no more. */
export class TaskFunction extends NodejsFunction {
  constructor(scope: Construct, task: Task, { config, network, bucket }: TaskFunctionProps) {
    const { memory, seconds, connections, writes } = tasks[task];
    const usesDatabase = connections ?? writes;
    const functionName = nameOf(config, task);
    const logGroup = new LogGroup(scope, `${task}-logs`, {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: config.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${task}-role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const imported = (name: string) => Fn.importValue(`${config.platform}-${name}`);

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
        vpcSubnets: { subnets: network.vpc.privateSubnets },
        securityGroups: [network.securityGroup],
      }),
      environment: {
        ENV: config.environment,
        REPORTS_BUCKET: bucket.bucketName,
        ...(usesDatabase && { RDS_DBNAME: config.databaseName }),
        ...(connections && {
          RDS_READER_ENDPOINT: imported('ReaderProxyEndpoint'),
          RDS_SECRET_ARN: imported('DatabaseSecretArn'),
        }),
        ...(writes && {
          RDS_WRITER_ENDPOINT: imported('WriterProxyEndpoint'),
          RDS_WRITER_SECRET_ARN: imported('DatabaseWriterSecretArn'),
          BACKUP_DAYS: String(config.backupDays),
        }),
      },
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        minify: true,
        sourceMap: false,
        // The SDK is bundled, so that the version tested is the version that runs.
        externalModules: [],
        mainFields: ['module', 'main'],
        loader: { '.sql': 'text' },
        // mysql2 is CommonJS and requires modules of Node, which an ES module cannot do without this.
        banner:
          "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });

    const grants = new Grants(role, config);
    grants.writesLogs(logGroup);
    const own = new Arns(config, Aws.ACCOUNT_ID).of('lambda', `function:${functionName}`);
    if (connections) grants.connectsToDatabase(imported('DatabaseSecretArn'), own);
    if (writes) grants.connectsToDatabase(imported('DatabaseWriterSecretArn'), own);
    tasks[task].grants(grants);
  }
}
