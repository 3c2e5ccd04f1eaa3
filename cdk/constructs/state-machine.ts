import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { Arns } from '../arns.ts';
import { type Config, nameOf } from '../config.ts';
import { definition, substitutions } from '../definitions.ts';
import type { Task } from '../functions.ts';
import { type Machine, machines } from '../machines.ts';
import { Grants } from './grants.ts';
import type { Scheduler } from './scheduler.ts';
import type { TaskFunction } from './task-function.ts';

export interface ReportMachineProps {
  config: Config;
  topic: ITopic;
  functions: Record<Task, TaskFunction>;
  scheduler: Scheduler;
}

/** One machine of state-machines/, with its log group and a role that may do what the catalogue says and no more. */
export class ReportMachine extends StateMachine {
  /** Its transitions, without data. */
  readonly logGroup: ILogGroup;

  constructor(
    scope: Construct,
    machine: Machine,
    { config, topic, functions, scheduler }: ReportMachineProps,
  ) {
    const { express, tasks = [], starts = [], fanOut } = machines[machine];
    const role = new Role(scope, `${machine}-role`, {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
    });
    const text = definition(machine, config);
    const logGroup = new LogGroup(scope, `${machine}-logs`, {
      // The prefix keeps the log group out of the resource policy, whose size is limited.
      logGroupName: `/aws/vendedlogs/states/${nameOf(config, machine)}`,
      retention: config.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, machine, {
      stateMachineName: nameOf(config, machine),
      stateMachineType: express ? StateMachineType.EXPRESS : StateMachineType.STANDARD,
      role,
      definitionBody: DefinitionBody.fromString(text),
      definitionSubstitutions: substitutions(machine, text, {
        arns: new Arns(config, Aws.ACCOUNT_ID),
        functionArn: (task) => functions[task].functionArn,
        topicArn: topic.topicArn,
        intakeQueueArn: scheduler.intakeQueue.queueArn,
        schedulerRoleArn: scheduler.roleArn,
        scheduleDeadLettersArn: scheduler.deadLetters.queueArn,
      }),
      tracingEnabled: true,
      logs: {
        destination: logGroup,
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
    });

    this.logGroup = logGroup;
    const grants = new Grants(role, config);
    grants.deliversLogsAndTraces();
    if (text.includes('${EventsTopicArn}')) grants.publishesTo(topic);
    grants.invokes(tasks.map((task) => functions[task]));
    grants.starts(starts);
    if (fanOut) grants.runsChildren(machine, fanOut);
    machines[machine].grants?.(grants, scheduler.roleArn);
  }
}
