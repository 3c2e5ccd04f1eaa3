import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Config, nameOf } from '../config.ts';
import { type Task, tasks } from '../functions.ts';
import { type Machine, reports } from '../machines.ts';
import type { ReportMachine } from './state-machine.ts';
import type { TaskFunction } from './task-function.ts';

export interface OverviewProps {
  config: Config;
  stateMachines: Record<Machine, ReportMachine>;
  functions: Record<Task, TaskFunction>;
  /** Queues by the words for their messages. */
  queues: Record<string, IQueue>;
  alarms: Alarm[];
}

/** The dashboard. Its first row answers whether anyone is waiting. */
export class Overview extends Construct {
  constructor(scope: Construct, { config, stateMachines, functions, queues, alarms }: OverviewProps) {
    super(scope, 'Overview');
    const period = Duration.minutes(5);
    const ofReports = (metric: (machine: ReportMachine) => IMetric) =>
      reports.map((report) => metric(stateMachines[report]));
    const graph = (title: string, left: IMetric[], width = 12) =>
      new GraphWidget({ title, left, width, height: 6 });
    const ofTasks = (metric: (task: TaskFunction) => IMetric) =>
      (Object.keys(tasks) as Task[]).map((task) => metric(functions[task]));
    const [intake] = Object.values(queues);
    const labelled = (label: string) => ({ label, period, statistic: 'Sum' });
    new Dashboard(this, 'Dashboard', {
      dashboardName: nameOf(config),
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          new SingleValueWidget({
            title: 'Is anyone waiting?',
            width: 24,
            height: 4,
            metrics: [
              intake!.metricApproximateAgeOfOldestMessage({
                label: 'Oldest request in seconds',
                period: Duration.minutes(1),
                statistic: 'Maximum',
              }),
              ...Object.entries(queues).map(([label, queue]) =>
                queue.metricApproximateNumberOfMessagesVisible({
                  label,
                  period: Duration.minutes(1),
                  statistic: 'Maximum',
                }),
              ),
              new Metric({
                namespace: 'AWS/States',
                metricName: 'OpenExecutionCount',
                label: 'Executions running in the account',
                period: Duration.minutes(1),
                statistic: 'Maximum',
              }),
            ],
          }),
        ],
        [new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 6 })],
        [
          graph(
            'Reports started',
            ofReports((machine) => machine.metricStarted({ period, statistic: 'Sum' })),
          ),
          graph(
            'Reports that failed',
            ofReports((machine) => machine.metricFailed({ period, statistic: 'Sum' })),
          ),
        ],
        [
          graph(
            'How long reports take, nine of ten (ms)',
            ofReports((machine) => machine.metricTime({ period, statistic: 'p90' })),
          ),
          graph('Deliveries', [
            stateMachines['deliver-report'].metricSucceeded(labelled('delivered')),
            stateMachines['deliver-report'].metricFailed(labelled('failed')),
            stateMachines['announce-mail-problem'].metricStarted(labelled('mail problems')),
            functions['mail-report'].metricInvocations(labelled('mails')),
          ]),
        ],
        [
          graph(
            'Errors of functions',
            ofTasks((task) => task.metricErrors({ period, statistic: 'Sum' })),
            8,
          ),
          graph(
            'Longest run of functions (ms)',
            ofTasks((task) => task.metricDuration({ period, statistic: 'Maximum' })),
            8,
          ),
          graph(
            'Functions at once',
            ofTasks((task) => task.metric('ConcurrentExecutions', { period, statistic: 'Maximum' })),
            8,
          ),
        ],
      ],
    });
  }
}
