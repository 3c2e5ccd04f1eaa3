import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { refusedMail } from '../../tasks/mail-report/limit.ts';
import { type Config, nameOf } from '../config.ts';
import { type Machine, reports } from '../machines.ts';
import { platformValue } from './platform-value.ts';
import type { ReportMachine } from './state-machine.ts';

export interface AlarmsProps {
  config: Config;
  stateMachines: Record<Machine, ReportMachine>;
  intakeQueue: IQueue;
  intakeDeadLetters: IQueue;
  failureDeadLetters: IQueue;
  scheduleDeadLetters: IQueue;
  mailFunction: IFunction & { readonly logGroup: ILogGroup };
}

const runbook = 'docs/operations.md';

/** The alarms for operators. The description of each names its section of the runbook. */
export class Alarms extends Construct {
  readonly #config: Config;
  readonly #action?: IAlarmAction;

  constructor(
    scope: Construct,
    {
      config,
      stateMachines,
      intakeQueue,
      intakeDeadLetters,
      failureDeadLetters,
      scheduleDeadLetters,
      mailFunction,
    }: AlarmsProps,
  ) {
    super(scope, 'Alarms');
    this.#config = config;
    const { alarmTopicArn } = config.platform;
    if (alarmTopicArn)
      this.#action = new SnsAction(Topic.fromTopicArn(this, 'Topic', platformValue(this, alarmTopicArn)));
    const period = Duration.minutes(5);
    const age = (queue: IQueue) =>
      queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' });
    const held = (queue: IQueue) =>
      queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' });
    const failed = (machine: Machine) =>
      new MathExpression({
        // Without FILL, a metric without data points would leave the sum without any.
        expression: 'FILL(failed, 0) + FILL(timedOut, 0)',
        period,
        usingMetrics: {
          failed: stateMachines[machine].metricFailed({ period, statistic: 'Sum' }),
          timedOut: stateMachines[machine].metricTimedOut({ period, statistic: 'Sum' }),
        },
      });

    this.#alarm('intake-stuck', 'Requests have been waiting for more than 15 minutes', age(intakeQueue), 900);
    this.#alarm(
      'dead-letters-stuck',
      'Requests that the router could not process are not answered',
      age(intakeDeadLetters),
      900,
    );
    this.#alarm(
      'failures-unheard',
      'Neither Rails nor the requester was told about a failure',
      held(failureDeadLetters),
      1,
    );
    this.#alarm('slots-missed', 'A schedule could not ask for its report', held(scheduleDeadLetters), 1);
    this.#alarm(
      'schedule-failed',
      'A schedule was neither created nor refused',
      failed('schedule-report'),
      1,
    );
    this.#alarm(
      'unschedule-failed',
      'A schedule that should be deleted may still exist',
      failed('unschedule-report'),
      1,
    );
    this.#alarm(
      'announce-failure-failed',
      'A failure was not announced or not mailed',
      failed('announce-failure'),
      1,
    );
    this.#alarm(
      'stop-search-jobs-failed',
      'Jobs of a search that ended may still run',
      failed('stop-search-jobs'),
      1,
    );
    this.#alarm(
      'start-announcement-failed',
      'The announcement of a failure was not started',
      failed('start-announcement'),
      1,
    );
    this.#alarm(
      'answer-dead-letter-failed',
      'A message that the router could not process was not answered',
      failed('answer-dead-letter'),
      1,
    );
    this.#alarm(
      'reconcile-failed',
      'Nobody looks for failures whose event was lost',
      failed('reconcile-reports'),
      1,
    );
    this.#alarm(
      'cancel-failed',
      'A cancelled report may still be running, or its file may still exist',
      failed('cancel-report'),
      1,
    );
    this.#alarm('delivery-failed', 'A finished report was not delivered', failed('deliver-report'), 1);
    this.#alarm(
      'mail-undeliverable',
      'A mail bounced, was reported as spam, or could not be rendered',
      stateMachines['announce-mail-problem'].metricStarted({ period, statistic: 'Sum' }),
      1,
    );
    const refused = new MetricFilter(this, 'RefusedMails', {
      logGroup: mailFunction.logGroup,
      filterPattern: FilterPattern.stringValue('$.message', '=', refusedMail),
      metricNamespace: nameOf(config),
      metricName: 'refused-mails',
    });
    this.#alarm(
      'mails-refused',
      'SES refuses more than a tenth of the recipients',
      new MathExpression({
        expression: 'IF(FILL(mails, 0) > 0, 100 * FILL(refused, 0) / mails, 0)',
        period: Duration.hours(1),
        usingMetrics: {
          refused: refused.metric({ period: Duration.hours(1), statistic: 'Sum' }),
          mails: mailFunction.metricInvocations({ period: Duration.hours(1), statistic: 'Sum' }),
        },
      }),
      10,
    );
    this.#alarm(
      'announce-mail-problem-failed',
      'A mail problem was not announced',
      failed('announce-mail-problem'),
      1,
    );
    for (const report of reports) {
      // A refused request is a failed execution too, so a single one raises no alarm.
      this.#alarm(`${report}-failed`, 'Many reports fail', failed(report), 5);
    }
  }

  #alarm(name: string, text: string, metric: IMetric, threshold: number) {
    const section = reports.some((report) => name === `${report}-failed`) ? 'reports-failed' : name;
    const alarm = new Alarm(this, name, {
      alarmName: nameOf(this.#config, name),
      alarmDescription: `${text}. What to do: ${runbook}#${section}`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (this.#action) alarm.addAlarmAction(this.#action);
  }
}
