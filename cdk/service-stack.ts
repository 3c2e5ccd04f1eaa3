import { CfnParameter, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Match, Rule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import errors from '../contract/errors.json' with { type: 'json' };
import type { Config } from './config.ts';
import { Alarms } from './constructs/alarms.ts';
import { DeadLetterQueue } from './constructs/dead-letter-queue.ts';
import { Mail } from './constructs/mail.ts';
import { machineArn, ReportMachine } from './constructs/state-machine.ts';
import { Network, TaskFunction } from './constructs/task-function.ts';
import { type Machine, machines, reports, type Task, tasks } from './machines.ts';
import type { StorageStack } from './storage-stack.ts';

/** What runs: functions, machines, and the ways in (SNS to the router) and out of failure (EventBridge to announce-failure). */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, config: Config, storage: StorageStack, props: StackProps) {
    super(scope, id, props);
    const { bucket, topic, intakeQueue, intakeDeadLetters, scheduler } = storage;
    const mail = new Mail(this, config);
    const network = new Network(this, config);
    const downloadLink = new CfnParameter(this, 'DownloadLink', {
      default: config.downloadLink,
      description: 'Route of the Rails application that checks access and leads to the file',
    });

    const functions = record(
      Object.keys(tasks) as Task[],
      (task) => new TaskFunction(this, task, { config, network, bucket, mail }),
    );
    const stateMachines = record(
      Object.keys(machines) as Machine[],
      (machine) =>
        new ReportMachine(this, machine, {
          config,
          topic,
          functions,
          mail,
          scheduler,
          downloadLink: downloadLink.valueAsString,
        }),
    );

    topic.addSubscription(
      new SqsSubscription(intakeQueue, {
        rawMessageDelivery: true,
        filterPolicy: {
          eventType: SubscriptionFilter.stringFilter({
            allowlist: ['REPORT_REQUESTED', 'REPORT_CANCEL_REQUESTED', 'REPORT_SCHEDULE_DELETED'],
          }),
        },
        deadLetterQueue: intakeDeadLetters,
      }),
    );
    const pipeName = (suffix: string) => `reports-${config.environment}-${suffix}`;
    this.#pipe('Intake', pipeName('intake'), intakeQueue, stateMachines['report-router'], 'REQUEST_RESPONSE');
    this.#pipe(
      'DeadLetters',
      pipeName('dead-letters'),
      intakeDeadLetters,
      stateMachines['announce-failure'],
      'FIRE_AND_FORGET',
    );

    const failureDeadLetters = new DeadLetterQueue(
      this,
      'FailureDeadLetters',
      `reports-${config.environment}-failure-dead-letters`,
    );
    const statusChanges = (of: readonly Machine[], detail: Record<string, string[]>) => ({
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: of.map((name) => machineArn(this, config, name)), ...detail },
    });
    const target = (machine: Machine) =>
      new SfnStateMachine(stateMachines[machine], {
        deadLetterQueue: failureDeadLetters,
        retryAttempts: 185,
        maxEventAge: Duration.hours(24),
      });
    new Rule(this, 'Failures', {
      ruleName: `reports-${config.environment}-failures`,
      description:
        'Leads failed reports, deliveries and schedules to announce-failure; never its own failures',
      eventPattern: statusChanges([...reports, 'deliver-report', 'schedule-report'], {
        status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
      }),
      targets: [target('announce-failure')],
    });
    new Rule(this, 'Refusals', {
      ruleName: `reports-${config.environment}-refusals`,
      description: 'Stops the schedule of a report that can never work',
      eventPattern: statusChanges(reports, {
        status: ['FAILED'],
        error: Object.entries(errors).flatMap(([name, error]) => ('stopsSchedule' in error ? [name] : [])),
      }),
      targets: [target('unschedule-report')],
    });
    new Rule(this, 'MailProblems', {
      ruleName: `reports-${config.environment}-mail-problems`,
      description: 'Leads what SES tells of a mail that did not reach its reader to announce-mail-problem',
      eventPattern: {
        source: ['aws.ses'],
        detailType: ['Email Bounced', 'Email Complaint Received', 'Email Rejected', 'Email Rendering Failed'],
        detail: { mail: { tags: { 'ses:configuration-set': [mail.configurationSetName] } } },
      },
      targets: [target('announce-mail-problem')],
    });
    new Alarms(this, {
      config,
      stateMachines,
      intakeQueue,
      intakeDeadLetters,
      failureDeadLetters,
      scheduleDeadLetters: scheduler.deadLetters,
    });
    new Rule(this, 'Progress', {
      ruleName: `reports-${config.environment}-progress`,
      description: 'Leads the children that are marked for it to announce-progress, as they end',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['SUCCEEDED'],
          stateMachineArn: reports
            .filter((name) => machines[name].fanOut)
            .map((name) => `${machineArn(this, config, name)}/${machines[name].fanOut}`),
          // An input is JSON in one text; within a name its quotes would be escaped.
          input: Match.wildcard('*"announce":true*'),
        },
      },
      // A step that comes late is worth nothing.
      targets: [
        new SfnStateMachine(stateMachines['announce-progress'], {
          retryAttempts: 3,
          maxEventAge: Duration.minutes(5),
        }),
      ],
    });
  }

  /** A pipe that hands one message at a time to a machine. */
  #pipe(
    id: string,
    name: string,
    source: IQueue,
    target: ReportMachine,
    invocationType: 'REQUEST_RESPONSE' | 'FIRE_AND_FORGET',
  ) {
    const role = new Role(this, `${id}PipeRole`, { assumedBy: new ServicePrincipal('pipes.amazonaws.com') });
    source.grantConsumeMessages(role);
    const start =
      invocationType === 'REQUEST_RESPONSE' ? 'states:StartSyncExecution' : 'states:StartExecution';
    role.addToPolicy(new PolicyStatement({ actions: [start], resources: [target.stateMachineArn] }));
    const pipe = new CfnPipe(this, `${id}Pipe`, {
      name,
      roleArn: role.roleArn,
      source: source.queueArn,
      sourceParameters: { sqsQueueParameters: { batchSize: 1 } },
      target: target.stateMachineArn,
      targetParameters: { stepFunctionStateMachineParameters: { invocationType } },
    });
    // Pipes checks the permissions when it is created; the reference to the role does not wait for its policy.
    pipe.node.addDependency(role);
  }
}

function record<Key extends string, Value>(keys: Key[], value: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, Value>;
}
