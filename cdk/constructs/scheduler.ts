import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Arns } from '../arns.ts';
import { type Config, nameOf } from '../config.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';

/** The group of all schedules, and the one role in which EventBridge Scheduler sends their messages to the intake queue. */
export class Scheduler extends Construct {
  readonly intakeQueue: IQueue;
  /** Messages that did not reach the intake queue. */
  readonly deadLetters: IQueue;
  readonly roleArn: string;

  constructor(scope: Construct, config: Config, intakeQueue: IQueue) {
    super(scope, 'Scheduler');
    this.intakeQueue = intakeQueue;
    new ScheduleGroup(this, 'Group', {
      scheduleGroupName: nameOf(config),
      // Its schedules are retained with it.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', nameOf(config, 'schedule-dead-letters'));
    const group = new Arns(config, Aws.ACCOUNT_ID).of('scheduler', `schedule-group/${nameOf(config)}`);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID, 'aws:SourceArn': group } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [intakeQueue.queueArn, this.deadLetters.queueArn],
      }),
    );
    this.roleArn = role.roleArn;
  }
}
