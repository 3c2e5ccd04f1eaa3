import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { type ITopic, SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Config, nameOf } from '../config.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { ReportMachine } from './state-machine.ts';

/** The queue of the requests on the topic. */
export class IntakeQueue extends Construct {
  readonly queue: IQueue;
  /** Messages that the router could not process. */
  readonly deadLetters: IQueue;
  /** Of those, messages that are too long for an execution. */
  readonly unreadable: IQueue;

  constructor(scope: Construct, config: Config, topic: ITopic) {
    super(scope, 'Intake');
    this.unreadable = new DeadLetterQueue(this, 'Unreadable', nameOf(config, 'intake-unreadable'));
    const deadLetters = new DeadLetterQueue(this, 'DeadLetters', nameOf(config, 'intake-dead-letters'), {
      // Six hours in all: an outage of Step Functions must not send a message there that is not too long.
      visibilityTimeout: Duration.minutes(30),
      deadLetterQueue: { queue: this.unreadable, maxReceiveCount: 12 },
    });
    const queue = new Queue(this, 'Queue', {
      queueName: nameOf(config, 'intake'),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // Longer than the router may run, so that no message is delivered a second time while it is being processed.
      visibilityTimeout: Duration.minutes(5),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
    });
    topic.addSubscription(
      new SqsSubscription(queue, {
        rawMessageDelivery: true,
        filterPolicy: {
          eventType: SubscriptionFilter.stringFilter({
            allowlist: ['REPORT_REQUESTED', 'REPORT_CANCEL_REQUESTED', 'REPORT_SCHEDULE_DELETED'],
          }),
        },
        deadLetterQueue: deadLetters,
      }),
    );
    this.queue = queue;
    this.deadLetters = deadLetters;
  }
}

/** The pipes that pass messages to the router, and those it could not process to answer-dead-letter. */
export class IntakePipes extends Construct {
  readonly #config: Config;

  constructor(
    scope: Construct,
    config: Config,
    { queue, deadLetters, unreadable }: IntakeQueue,
    machines: Record<'report-router' | 'answer-dead-letter', ReportMachine>,
  ) {
    super(scope, 'Pipes');
    this.#config = config;
    this.#pipe('intake', queue, machines['report-router'], 'REQUEST_RESPONSE');
    this.#pipe('dead-letters', deadLetters, machines['answer-dead-letter'], 'FIRE_AND_FORGET');
    // Leaves out the body, because of which no execution took the message.
    this.#pipe('unreadable', unreadable, machines['answer-dead-letter'], 'FIRE_AND_FORGET', {
      inputTemplate: '{"messageId": <$.messageId>, "sentTimestamp": <$.attributes.SentTimestamp>}',
    });
  }

  /** Passes one message at a time to a machine. */
  #pipe(
    name: string,
    source: IQueue,
    target: ReportMachine,
    invocationType: 'REQUEST_RESPONSE' | 'FIRE_AND_FORGET',
    more: { inputTemplate?: string } = {},
  ) {
    const role = new Role(this, `${name}-role`, { assumedBy: new ServicePrincipal('pipes.amazonaws.com') });
    source.grantConsumeMessages(role);
    const start =
      invocationType === 'REQUEST_RESPONSE' ? 'states:StartSyncExecution' : 'states:StartExecution';
    role.addToPolicy(new PolicyStatement({ actions: [start], resources: [target.stateMachineArn] }));
    const pipe = new CfnPipe(this, name, {
      name: nameOf(this.#config, name),
      roleArn: role.roleArn,
      source: source.queueArn,
      sourceParameters: { sqsQueueParameters: { batchSize: 1 } },
      target: target.stateMachineArn,
      targetParameters: { stepFunctionStateMachineParameters: { invocationType }, ...more },
    });
    // Pipes checks the permissions on creation, and a reference to the role does not wait for its policy.
    pipe.node.addDependency(role);
  }
}
