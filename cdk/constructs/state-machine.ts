import { readFileSync } from 'node:fs';
import { ArnFormat, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { largestAttachment } from '../../tasks/mail-file/limit.ts';
import { type Config, progressSteps } from '../config.ts';
import {
  definitionOf,
  longestTaskSeconds,
  type Machine,
  machineOf,
  machines,
  owners,
  type Task,
} from '../machines.ts';
import { bucketName, exportsArn, listOf, partsArn } from '../storage-stack.ts';
import type { Mail } from './mail.ts';
import type { Scheduler } from './scheduler.ts';
import type { TaskFunction } from './task-function.ts';
import { acknowledgeWildcards } from './wildcards.ts';

export interface ReportMachineProps {
  config: Config;
  topic: ITopic;
  functions: Record<Task, TaskFunction>;
  mail: Mail;
  scheduler: Scheduler;
  /** The download route of the Rails application. */
  downloadLink: string;
}

/** One machine of state-machines/, with its log group and a role that may do what the table says and no more. */
export class ReportMachine extends StateMachine {
  constructor(
    scope: Construct,
    machine: Machine,
    { config, topic, functions, mail, scheduler, downloadLink }: ReportMachineProps,
  ) {
    const uses = machines[machine];
    const role = new Role(scope, `${machine}-role`, {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
    });
    const definition = readFileSync(definitionOf(machine), 'utf8');
    super(scope, machine, {
      stateMachineName: machineName(config, machine),
      stateMachineType: uses.express ? StateMachineType.EXPRESS : StateMachineType.STANDARD,
      role,
      definitionBody: DefinitionBody.fromString(definition),
      definitionSubstitutions: substitutions(definition, {
        ...Object.fromEntries(
          (uses.tasks ?? []).map((task) => [`${pascalCase(task)}Function`, functions[task].functionArn]),
        ),
        ...Object.fromEntries(
          (uses.starts ?? []).map((name) => [`${pascalCase(name)}Machine`, machineArn(scope, config, name)]),
        ),
        ...Object.fromEntries(
          (uses.mails ?? []).map((template) => [
            `${pascalCase(template)}Template`,
            mail.templateName(template),
          ]),
        ),
        ...(uses.shared && { Purpose: inJson(uses.shared.purpose) }),
        EventsTopicArn: topic.topicArn,
        ReportMachineArnPrefix: machineArn(scope, config, ''),
        ReportExecutionArnPrefix: executionArn(scope, config, ''),
        ReportsBucket: bucketName(config),
        LongestTaskSeconds: String(longestTaskSeconds),
        AvailableReports: Object.keys(machineOf).join(),
        MachineOf: inJson(JSON.stringify(machineOf)),
        KnownReports: reportTypes().join(),
        ScheduleGroup: scheduler.groupName,
        SchedulerRoleArn: scheduler.roleArn,
        ScheduleDeadLettersArn: scheduler.deadLetters.queueArn,
        IntakeQueueArn: scheduler.intakeQueue.queueArn,
        ConfigurationSet: mail.configurationSetName,
        Sender: config.sender,
        Environment: config.environment,
        MailDomains: config.mailDomains === 'any' ? '' : config.mailDomains.join(),
        SupportAddress: config.supportAddress,
        DownloadLink: downloadLink,
        AttachmentLimit: String(largestAttachment),
        CasesAtOnce: String(config.casesAtOnce),
        ProgressSteps: String(progressSteps),
        Event: jsonata('event'),
        Attributes: jsonata('attributes'),
        Link: jsonata('link'),
        Mail: jsonata('mail'),
        Sending: jsonata('sending'),
        MayMail: jsonata('may-mail'),
        MailProblem: jsonata('mail-problem'),
        Failure: jsonata('failure'),
        IsMoment: jsonata('is-moment'),
        Message: jsonata('message'),
        ScheduledMessage: jsonata('scheduled-message'),
        Stage: jsonata('stage'),
        Errors: inJson(readFileSync('contract/errors.json', 'utf8')),
      }),
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(scope, `${machine}-logs`, {
          // The prefix keeps the log group out of the resource policy, which has room for few.
          logGroupName: `/aws/vendedlogs/states/${machineName(config, machine)}`,
          retention: config.logRetentionDays as RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
    });
    acknowledgeWildcards(
      role,
      ['*'],
      'Log deliveries and X-Ray segments have no resource that a policy could name.',
    );

    const allow = (actions: string[], resources: string[]) =>
      resources.length > 0 && role.addToPolicy(new PolicyStatement({ actions, resources }));
    allow(['sns:Publish'], [topic.topicArn]);
    allow(
      ['lambda:InvokeFunction'],
      (uses.tasks ?? []).map((task) => functions[task].functionArn),
    );
    allow(
      ['states:StartExecution'],
      (uses.starts ?? []).map((name) => machineArn(scope, config, name)),
    );
    const executions = (names: readonly Machine[] = []) =>
      names.map((name) => executionArn(scope, config, `${name}:*`));
    allow(['states:DescribeExecution'], executions(uses.describes));
    allow(['states:StopExecution'], executions(uses.stops));
    for (const name of uses.describes ?? []) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:aws:states:${config.region}:<AWS::AccountId>:execution:${machineName(config, name)}:*]`,
        reason: 'Any execution of this machine: their names are the job ids.',
      });
    }
    if (uses.fanOut) {
      const children = executionArn(scope, config, `${machine}/${uses.fanOut}:*`);
      const own = executionArn(scope, config, `${machine}:*`);
      allow(['states:StartExecution'], [machineArn(scope, config, machine)]);
      allow(['states:DescribeExecution', 'states:StopExecution'], [own]);
      // Without it, a redrive of the report can't redrive its children.
      allow(['states:RedriveExecution'], [children]);
      const [list, results] = [partsArn(config, 'cases.jsonl'), partsArn(config, 'results/*')];
      allow(['s3:GetObject'], [list]);
      allow(
        ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
        [results],
      );
      const executions = (name: string) =>
        `arn:aws:states:${config.region}:<AWS::AccountId>:execution:${machineName(config, name)}:*`;
      acknowledgeWildcards(
        role,
        [list, results, executions(machine), executions(`${machine}/${uses.fanOut}`)],
        'Its own executions and their children, and the list and the results of any of them.',
      );
    }
    if (uses.manifests) {
      const manifest = exportsArn(config, uses.manifests, 'manifest.json');
      allow(['s3:PutObject', 's3:PutObjectTagging'], [manifest]);
      acknowledgeWildcards(role, [manifest], 'The manifests of the exports of any case or account.');
    }
    if (uses.schedules) scheduler.grant(role, uses.schedules);
    if (uses.deletes) {
      const files = owners.map((owner) => exportsArn(config, owner));
      allow(['s3:DeleteObject'], files);
      role.addToPolicy(listOf(config, files));
      acknowledgeWildcards(role, files, 'The exports of any report that may be cancelled.');
    }
    if (uses.mails) mail.grantSend(role, uses.mails, 'without attachments');
  }
}

/** The ARN by name, so that machines can name each other before they exist. */
export const machineArn = (scope: Construct, config: Config, machine: Machine | '') =>
  arnByName(scope, 'stateMachine', machineName(config, machine));

const executionArn = (scope: Construct, config: Config, execution: string) =>
  arnByName(scope, 'execution', machineName(config, execution));

function arnByName(scope: Construct, resource: string, resourceName: string): string {
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return Stack.of(scope).formatArn({ service: 'states', resource, resourceName, arnFormat });
}

const machineName = (config: Config, machine: string) => `reports-${config.environment}-${machine}`;

const pascalCase = (name: string) =>
  name.replace(/(^|-)(.)/g, (_, __, letter: string) => letter.toUpperCase());

function reportTypes(): string[] {
  const schema = JSON.parse(readFileSync('contract/request.schema.json', 'utf8'));
  return schema.$defs.ReportType.enum;
}

/** A shared function of state-machines/functions/, on one line. */
function jsonata(name: string): string {
  return inJson(
    readFileSync(`state-machines/functions/${name}.jsonata`, 'utf8').replace(/\/\*.*?\*\//gs, ''),
  );
}

/** Text as it must stand inside a JSON string, because substitution happens in the definition's text. */
function inJson(text: string): string {
  return JSON.stringify(text.replace(/\s+/g, ' ').trim()).slice(1, -1);
}

/**
 * The values for the names that a definition uses.
 * @throws Error when a name has no value: CloudFormation would leave it in the text.
 */
function substitutions(definition: string, values: Record<string, string>): Record<string, string> {
  const names = new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!));
  return Object.fromEntries(
    [...names].map((name) => {
      const value = values[name];
      if (value === undefined)
        throw new Error(`\${${name}}: the machine's entry in cdk/machines.ts does not give it.`);
      return [name, value];
    }),
  );
}
