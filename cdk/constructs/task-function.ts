import { Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { owners, type Task, tasks } from '../machines.ts';
import { exportsArn, listOf, partsArn, requestsArn } from '../storage-stack.ts';
import type { Mail } from './mail.ts';
import { acknowledgeWildcards } from './wildcards.ts';

export interface TaskFunctionProps {
  config: Config;
  network: Network;
  bucket: IBucket;
  mail: Mail;
}

/** The platform's network, imported from its CommonResourcesStack. */
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

/** One Lambda function of tasks/, bundled, with its log group and a role that may do what the table says and no more. */
export class TaskFunction extends NodejsFunction {
  constructor(scope: Construct, task: Task, { config, network, bucket, mail }: TaskFunctionProps) {
    const uses = tasks[task];
    const functionName = `reports-${config.environment}-${task}`;
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
      memorySize: uses.memory,
      timeout: Duration.seconds(uses.seconds),
      reservedConcurrentExecutions: uses.connections && config.concurrency[uses.connections],
      ...(uses.connections && {
        vpc: network.vpc,
        vpcSubnets: { subnets: network.vpc.privateSubnets },
        securityGroups: [network.securityGroup],
      }),
      environment: {
        ENV: config.environment,
        REPORTS_BUCKET: bucket.bucketName,
        ...(uses.connections && {
          RDS_DBNAME: config.databaseName,
          RDS_READER_ENDPOINT: imported('ReaderProxyEndpoint'),
          RDS_SECRET_ARN: imported('DatabaseSecretArn'),
        }),
      },
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        minify: true,
        sourceMap: false,
        // The SDK is bundled, so that what was tested is what runs.
        externalModules: [],
        mainFields: ['module', 'main'],
        loader: { '.sql': 'text' },
        // mysql2 is CommonJS and requires Node's own modules, which an ES module can't without this.
        banner:
          "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });

    const allow = (actions: string[], ...resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
    if (uses.connections) {
      allow(['secretsmanager:GetSecretValue'], imported('DatabaseSecretArn'));
      allow(
        [
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        '*',
      );
      acknowledgeWildcards(
        role,
        ['*'],
        "Lambda's own network interfaces in the VPC have no name that a policy could give.",
      );
    }
    const allowFiles = (actions: string[], arns: string[], reason: string) => {
      allow(actions, ...arns);
      acknowledgeWildcards(role, arns, reason);
    };
    const whose = uses.of ?? owners;
    const exports = whose.map((owner) => exportsArn(config, owner));
    const anyExports = 'The exports of any case or account, and nothing else of them.';
    if (uses.files === 'write') {
      allowFiles(['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload'], exports, anyExports);
      // Of two files that belong together there are both or none.
      const fullTexts = whose.map((owner) => exportsArn(config, owner, '*-full-texts.csv'));
      allowFiles(['s3:DeleteObject'], fullTexts, 'The full texts beside exports of any case or account.');
    }
    if (uses.files === 'read') allowFiles(['s3:GetObject'], exports, anyExports);
    const anyParts = 'The parts of any report across cases.';
    if (uses.parts === 'write')
      allowFiles(['s3:PutObject', 's3:AbortMultipartUpload'], [partsArn(config)], anyParts);
    if (uses.parts === 'read') {
      allowFiles(['s3:GetObject'], [partsArn(config)], anyParts);
      role.addToPolicy(listOf(config, [partsArn(config)]));
    }
    if (uses.parameters) {
      const requests = whose.map((owner) => requestsArn(config, owner));
      allowFiles(['s3:GetObject'], requests, 'The stored requests on any case or account.');
    }
    if (uses.mails) mail.grantSend(role, uses.mails, 'with attachments');
  }
}
