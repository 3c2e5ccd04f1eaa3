import { ArnFormat, Aws, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';

/** The group that schedules are in, and the one role in which EventBridge Scheduler sends their messages to the intake. */
export class Scheduler extends Construct {
  readonly groupName: string;
  readonly intakeQueue: IQueue;
  /** Messages that did not get into the intake queue. */
  readonly deadLetters: IQueue;
  readonly #role: Role;
  readonly #config: Config;

  constructor(scope: Construct, config: Config, intakeQueue: IQueue) {
    super(scope, 'Scheduler');
    this.#config = config;
    this.groupName = `reports-${config.environment}`;
    this.intakeQueue = intakeQueue;
    new ScheduleGroup(this, 'Group', { scheduleGroupName: this.groupName });
    this.deadLetters = new DeadLetterQueue(
      this,
      'DeadLetters',
      `reports-${config.environment}-schedule-dead-letters`,
    );
    this.#role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Aws.ACCOUNT_ID,
            'aws:SourceArn': this.#arn('schedule-group', this.groupName),
          },
        },
      }),
    });
    this.#role.addToPolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [intakeQueue.queueArn, this.deadLetters.queueArn],
      }),
    );
  }

  get roleArn(): string {
    return this.#role.roleArn;
  }

  /** Allows a role these calls on the schedules of the group, and to hand them the one role that they send in. */
  grant(role: Role, calls: readonly ('Get' | 'Create' | 'Update' | 'Delete')[]): void {
    const schedules = this.#arn('schedule', `${this.groupName}/*`);
    const actions = calls.map((call) => `scheduler:${call}Schedule`);
    role.addToPolicy(new PolicyStatement({ actions, resources: [schedules] }));
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:aws:scheduler:${this.#config.region}:<AWS::AccountId>:schedule/${this.groupName}/*]`,
      reason: 'Any schedule of the group: their names are the report types and job ids.',
    });
    if (!calls.includes('Create')) return;
    role.addToPolicy(
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
    );
  }

  #arn(resource: string, resourceName: string): string {
    const arnFormat = ArnFormat.SLASH_RESOURCE_NAME;
    return Stack.of(this).formatArn({ service: 'scheduler', resource, resourceName, arnFormat });
  }
}
