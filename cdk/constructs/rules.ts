import { Aws, Duration } from 'aws-cdk-lib';
import { type EventPattern, Match, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine, type SfnStateMachineProps } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Arns } from '../arns.ts';
import { type Config, nameOf, reconcileMinutes } from '../config.ts';
import { type Machine, machines, reports } from '../machines.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { ReportMachine } from './state-machine.ts';

const mailProblems = {
  'mail-bounces': ['Email Bounced'],
  'mail-complaints': ['Email Complaint Received'],
  'mail-faults': ['Email Rejected', 'Email Rendering Failed'],
};

/** The EventBridge rules that start machines when Step Functions or SES reports an event. */
export class Rules extends Construct {
  /** Events that started no machine. */
  readonly deadLetters: IQueue;

  constructor(scope: Construct, config: Config, stateMachines: Record<Machine, ReportMachine>) {
    super(scope, 'Rules');
    const arns = new Arns(config, Aws.ACCOUNT_ID);
    const deadLetters = new DeadLetterQueue(this, 'DeadLetters', nameOf(config, 'failure-dead-letters'));
    this.deadLetters = deadLetters;
    const statusChanges = (stateMachineArn: string[], detail: EventPattern['detail']): EventPattern => ({
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { stateMachineArn, ...detail },
    });
    const arnsOf = (names: readonly Machine[]) => names.map((name) => arns.machine(name));
    const start = (
      name: string,
      description: string,
      eventPattern: EventPattern,
      machine: Machine,
      delivery: SfnStateMachineProps,
    ) =>
      new Rule(this, name, {
        ruleName: nameOf(config, name),
        description,
        eventPattern,
        targets: [new SfnStateMachine(stateMachines[machine], delivery)],
      });
    const persistent = { deadLetterQueue: deadLetters, retryAttempts: 185, maxEventAge: Duration.hours(24) };

    start(
      'failures',
      'Starts the announcement of reports, deliveries and schedules that failed',
      statusChanges(arnsOf([...reports, 'deliver-report', 'schedule-report']), {
        status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
      }),
      'start-announcement',
      persistent,
    );
    start(
      'search-ends',
      'Starts stop-search-jobs for a search hit report that ended before its jobs',
      statusChanges(arnsOf(['search-hit']), { status: ['FAILED', 'TIMED_OUT', 'ABORTED'] }),
      'stop-search-jobs',
      persistent,
    );
    // A rule for each kind of problem, because alarms count what a rule has matched.
    for (const [name, detailType] of Object.entries(mailProblems))
      start(
        name,
        'Starts announce-mail-problem for a mail that did not reach its recipient',
        {
          source: ['aws.ses'],
          detailType,
          detail: { mail: { tags: { 'ses:configuration-set': [nameOf(config)] } } },
        },
        'announce-mail-problem',
        persistent,
      );
    start(
      'progress',
      'Starts announce-progress when a child that is marked for it ends',
      statusChanges(
        reports
          .filter((name) => machines[name].fanOut)
          .map((name) => `${arns.machine(name)}/${machines[name].fanOut!.label}`),
        // An input is JSON in a string; within a value of it, the quotes would be escaped.
        { status: ['SUCCEEDED'], input: Match.wildcard('*"announce":true*') },
      ),
      'announce-progress',
      // Progress that arrives late is of no use.
      { retryAttempts: 3, maxEventAge: Duration.minutes(5) },
    );
    new Rule(this, 'reconciliation', {
      ruleName: nameOf(config, 'reconciliation'),
      description: 'Looks for ends that no event announced',
      schedule: Schedule.rate(Duration.minutes(reconcileMinutes)),
      targets: [new SfnStateMachine(stateMachines['reconcile-reports'], { retryAttempts: 0 })],
    });
  }
}
