import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { type Config, nameOf } from './config.ts';
import { Alarms } from './constructs/alarms.ts';
import { IntakePipes, IntakeQueue } from './constructs/intake.ts';
import { Mail } from './constructs/mail.ts';
import { Overview } from './constructs/overview.ts';
import { platformValue } from './constructs/platform-value.ts';
import { ReportFiles } from './constructs/report-files.ts';
import { Rules } from './constructs/rules.ts';
import { Scheduler } from './constructs/scheduler.ts';
import { SearchTables } from './constructs/search-tables.ts';
import { ReportMachine } from './constructs/state-machine.ts';
import { Network, TaskFunction } from './constructs/task-function.ts';
import { type Task, tasks } from './functions.ts';
import { type Machine, machines } from './machines.ts';

/** Holds the data that outlives a deployment: the report files, the topic, the queues and the schedules. */
export class StorageStack extends Stack {
  readonly files: ReportFiles;
  readonly topic: ITopic;
  readonly intake: IntakeQueue;
  readonly scheduler: Scheduler;

  constructor(scope: Construct, id: string, config: Config, props: StackProps) {
    super(scope, id, props);
    this.files = new ReportFiles(this, config);
    const { topicArn } = config.platform;
    this.topic = topicArn
      ? Topic.fromTopicArn(this, 'Topic', platformValue(this, topicArn))
      : new Topic(this, 'Topic', { topicName: nameOf(config, 'events'), enforceSSL: true });
    this.intake = new IntakeQueue(this, config, this.topic);
    this.scheduler = new Scheduler(this, config, this.intake.queue);
    new CfnOutput(this, 'BucketName', { value: this.files.bucketName, description: 'Report files' });
    new CfnOutput(this, 'TopicArn', { value: this.topic.topicArn, description: 'Requests in, events out' });
  }
}

/** Holds the code: functions, machines, and the pipes and rules that start them. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, config: Config, storage: StorageStack, props: StackProps) {
    super(scope, id, props);
    const { files, topic, intake, scheduler } = storage;
    const network = new Network(this, config);
    const functions = record(
      Object.keys(tasks) as Task[],
      (task) => new TaskFunction(this, task, { config, network, bucket: files }),
    );
    const stateMachines = record(
      Object.keys(machines) as Machine[],
      (machine) => new ReportMachine(this, machine, { config, topic, functions, scheduler }),
    );
    new SearchTables(this, config);
    new Mail(this, config);
    new IntakePipes(this, config, intake, stateMachines);
    const rules = new Rules(this, config, stateMachines);
    const alarms = new Alarms(this, {
      config,
      stateMachines,
      functions,
      intakeQueue: intake.queue,
      intakeDeadLetters: intake.deadLetters,
      unreadable: intake.unreadable,
      failureDeadLetters: rules.deadLetters,
      scheduleDeadLetters: scheduler.deadLetters,
    });
    new Overview(this, {
      config,
      stateMachines,
      functions,
      queues: {
        'Requests waiting': intake.queue,
        'Requests that failed': intake.deadLetters,
        'Requests too long': intake.unreadable,
        'Failures not announced': rules.deadLetters,
        'Schedules missed': scheduler.deadLetters,
      },
      alarms: alarms.all,
    });
  }
}

function record<Key extends string, Value>(keys: Key[], value: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, Value>;
}
