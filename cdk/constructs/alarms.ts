import { Aws, Duration, Tags } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { refusedMail } from '../../tasks/mail-report/limit.ts';
import { manyUnavailable } from '../../tasks/merge-parts/unavailable.ts';
import { Arns } from '../arns.ts';
import { type Config, nameOf } from '../config.ts';
import { type Task, tasks } from '../functions.ts';
import { type Machine, machines, reports } from '../machines.ts';
import { platformValue } from './platform-value.ts';
import type { ReportMachine } from './state-machine.ts';
import type { TaskFunction } from './task-function.ts';

export interface AlarmsProps {
  config: Config;
  stateMachines: Record<Machine, ReportMachine>;
  functions: Record<Task, TaskFunction>;
  intakeQueue: IQueue;
  intakeDeadLetters: IQueue;
  unreadable: IQueue;
  failureDeadLetters: IQueue;
  scheduleDeadLetters: IQueue;
}

/** `high`: somebody waits, or is told something wrong; look at once. `low`: look in the morning. */
type Severity = 'high' | 'low';

interface AlarmProps {
  severity: Severity;
  /** Says what has happened. */
  text: string;
  metric: IMetric;
  threshold: number;
  /** The page of the AWS console to look at. */
  look: string;
  /** The section of the runbook, if it is not that of the name. */
  section?: string;
  periods?: number;
}

const period = Duration.minutes(5);

/** The alarms for operators. The description of each has its severity, and links to the runbook and to the console. */
export class Alarms extends Construct {
  /** In the order of the runbook. */
  readonly all: Alarm[] = [];
  readonly #config: Config;
  readonly #action?: IAlarmAction;

  constructor(scope: Construct, props: AlarmsProps) {
    super(scope, 'Alarms');
    this.#config = props.config;
    const { alarmTopicArn } = props.config.platform;
    if (alarmTopicArn)
      this.#action = new SnsAction(Topic.fromTopicArn(this, 'Topic', platformValue(this, alarmTopicArn)));
    this.#queues(props);
    this.#pipes(props.intakeQueue);
    this.#reports(props);
    this.#service(props);
    this.#mails(props);
    this.#functions(props.functions);
  }

  #queues({
    intakeQueue,
    intakeDeadLetters,
    unreadable,
    failureDeadLetters,
    scheduleDeadLetters,
  }: AlarmsProps) {
    const look = this.#console('sqs/v3', '/queues');
    const late = (name: string, text: string, queue: IQueue, section = name) =>
      this.#alarm(name, { severity: 'high', text, metric: age(queue), threshold: 900, look, section });
    const holds = (name: string, text: string, queue: IQueue, threshold = 1) =>
      this.#alarm(name, { severity: 'high', text, metric: depth(queue), threshold, look });
    late('intake-stuck', 'Requests have been waiting for more than 15 minutes', intakeQueue);
    late(
      'dead-letters-stuck',
      'Requests that the router could not process are not answered',
      intakeDeadLetters,
    );
    late('unreadable-stuck', 'Messages that are too long are not answered', unreadable, 'dead-letters-stuck');
    holds('dead-letters-many', 'The router cannot process ten requests', intakeDeadLetters, 10);
    holds('failures-unheard', 'Neither Rails nor the requester was told about a failure', failureDeadLetters);
    holds('slots-missed', 'A schedule could not ask for its report', scheduleDeadLetters);
  }

  #pipes(intakeQueue: IQueue) {
    for (const pipe of ['intake', 'dead-letters', 'unreadable']) {
      this.#alarm(`${pipe}-pipe-fails`, {
        severity: 'high',
        text: 'A pipe cannot start its machine, or its machine fails',
        metric: this.#ofPipe(pipe, 'ExecutionFailed'),
        threshold: 1,
        periods: 3,
        look: this.#console('events', `/pipes/${nameOf(this.#config, pipe)}`),
        section: 'pipe-fails',
      });
    }
    this.#alarm('intake-pipe-stopped', {
      severity: 'high',
      text: 'Requests wait, and the intake pipe takes none',
      metric: new MathExpression({
        expression: 'IF(FILL(age, 0) > 300 AND FILL(taken, 0) == 0, 1, 0)',
        period,
        usingMetrics: { age: age(intakeQueue), taken: this.#ofPipe('intake', 'Invocations') },
      }),
      threshold: 1,
      look: this.#console('events', `/pipes/${nameOf(this.#config, 'intake')}`),
    });
  }

  #reports({ stateMachines, functions }: AlarmsProps) {
    for (const report of reports) {
      const look = this.#machinePage(report);
      const { fanOut } = machines[report];
      // The state Reject request ends a request that can never work. That is the answer to its user, and no failure of ours.
      const rejected = this.#logged(
        `${report}-rejected`,
        stateMachines[report].logGroup,
        '$.type',
        'FailStateEntered',
      );
      this.#alarm(`${report}-failed`, {
        severity: fanOut ? 'high' : 'low',
        text: fanOut ? 'A report of many parts failed' : 'Many reports fail',
        metric: new MathExpression({
          expression: 'IF(FILL(failed, 0) > FILL(rejected, 0), FILL(failed, 0) - FILL(rejected, 0), 0)',
          period,
          usingMetrics: { failed: sum(stateMachines[report].metricFailed()), rejected },
        }),
        threshold: fanOut ? 1 : 5,
        look,
        section: fanOut ? 'map-run-failed' : 'reports-failed',
      });
      this.#alarm(`${report}-timed-out`, {
        severity: 'high',
        text: 'A report ran until its time limit',
        metric: sum(stateMachines[report].metricTimedOut()),
        threshold: 1,
        look,
        section: 'timed-out',
      });
    }
    this.#alarm('cases-unavailable', {
      severity: 'low',
      text: 'More than a tenth of the databases of a report could not be read',
      metric: this.#logged(
        'cases-unavailable',
        functions['merge-parts'].logGroup,
        '$.message',
        manyUnavailable,
      ),
      threshold: 1,
      look: this.#machinePage('user-activity'),
    });
    this.#alarm('throttled', {
      severity: 'low',
      text: 'Step Functions slows down the state machines of this account',
      metric: new MathExpression({
        expression: 'FILL(transitions, 0) + FILL(starts, 0)',
        period,
        usingMetrics: {
          transitions: ofStates('ThrottledEvents', { ServiceMetric: 'StateTransition' }),
          starts: ofStates('ThrottledEvents', { APIName: 'StartExecution' }),
        },
      }),
      threshold: 1,
      periods: 3,
      look: this.#console('states', '/statemachines'),
    });
  }

  #service({ stateMachines }: AlarmsProps) {
    const fails = (name: string, machine: Machine, severity: Severity, text: string) =>
      this.#alarm(name, {
        severity,
        text,
        metric: new MathExpression({
          // Without FILL, a metric without data points would leave the sum without any.
          expression: 'FILL(failed, 0) + FILL(timedOut, 0)',
          period,
          usingMetrics: {
            failed: sum(stateMachines[machine].metricFailed()),
            timedOut: sum(stateMachines[machine].metricTimedOut()),
          },
        }),
        threshold: 1,
        look: this.#machinePage(machine),
      });
    fails('schedule-failed', 'schedule-report', 'high', 'A schedule was neither created nor refused');
    fails(
      'unschedule-failed',
      'unschedule-report',
      'high',
      'A schedule that should be deleted may still exist',
    );
    fails('announce-failure-failed', 'announce-failure', 'high', 'A failure was not announced or not mailed');
    fails('stop-search-jobs-failed', 'stop-search-jobs', 'low', 'Jobs of a search that ended may still run');
    fails(
      'start-announcement-failed',
      'start-announcement',
      'high',
      'The announcement of a failure was not started',
    );
    fails(
      'answer-dead-letter-failed',
      'answer-dead-letter',
      'high',
      'A message that the router could not process was not answered',
    );
    fails('reconcile-failed', 'reconcile-reports', 'low', 'Nobody looks for failures whose event was lost');
    fails(
      'cancel-failed',
      'cancel-report',
      'high',
      'A cancelled report may still be running, or its file may still exist',
    );
    fails('delivery-failed', 'deliver-report', 'high', 'A finished report was not delivered');
    fails('announce-mail-problem-failed', 'announce-mail-problem', 'low', 'A mail problem was not announced');
  }

  #mails({ functions }: AlarmsProps) {
    const look = this.#machinePage('announce-mail-problem');
    const told = (name: string, rule: string, severity: Severity, text: string) =>
      this.#alarm(name, {
        severity,
        text,
        metric: new Metric({
          namespace: 'AWS/Events',
          metricName: 'TriggeredRules',
          dimensionsMap: { RuleName: nameOf(this.#config, rule) },
          period,
          statistic: 'Sum',
        }),
        threshold: 1,
        look,
        section: 'mail-undeliverable',
      });
    told('mail-undeliverable', 'mail-bounces', 'low', 'A mail bounced');
    told('mail-complained', 'mail-complaints', 'low', 'A recipient reported a mail as spam');
    told('mail-broken', 'mail-faults', 'high', 'SES found a virus in a mail, or could not render it');
    const hour = Duration.hours(1);
    const refused = this.#logged(
      'refused-mails',
      functions['mail-report'].logGroup,
      '$.message',
      refusedMail,
    );
    this.#alarm('mails-refused', {
      severity: 'low',
      text: 'SES refuses more than a tenth of the recipients',
      metric: new MathExpression({
        expression: 'IF(FILL(mails, 0) > 0, 100 * FILL(refused, 0) / mails, 0)',
        period: hour,
        usingMetrics: {
          refused: refused.with({ period: hour }),
          mails: functions['mail-report'].metricInvocations({ period: hour, statistic: 'Sum' }),
        },
      }),
      threshold: 10,
      look: this.#console('lambda', `/functions/${nameOf(this.#config, 'mail-report')}`),
    });
  }

  #functions(functions: Record<Task, TaskFunction>) {
    for (const task of Object.keys(tasks) as Task[]) {
      const look = this.#console('lambda', `/functions/${nameOf(this.#config, task)}?tab=monitoring`);
      this.#alarm(`${task}-errors`, {
        severity: 'low',
        text: 'At least five and more than half of the invocations of a function failed',
        metric: new MathExpression({
          expression: 'IF(FILL(errors, 0) >= 5, 100 * errors / invocations, 0)',
          period,
          usingMetrics: {
            errors: functions[task].metricErrors({ period, statistic: 'Sum' }),
            invocations: functions[task].metricInvocations({ period, statistic: 'Sum' }),
          },
        }),
        threshold: 50,
        look,
        section: 'function-errors',
      });
      this.#alarm(`${task}-slow`, {
        severity: 'low',
        text: 'A function needed more than nine tenths of its time limit',
        metric: functions[task].metricDuration({ period, statistic: 'Maximum' }),
        // Milliseconds.
        threshold: tasks[task].seconds * 900,
        look,
        section: 'function-slow',
      });
    }
  }

  #alarm(name: string, props: AlarmProps) {
    const { severity, text, metric, threshold, look, section = name, periods = 1 } = props;
    const { runbook } = this.#config;
    const alarm = new Alarm(this, name, {
      alarmName: nameOf(this.#config, name),
      alarmDescription: `Severity ${severity}. ${text}. What to do: ${runbook}#${section} Where to look: ${look}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    Tags.of(alarm).add('severity', severity);
    if (this.#action) alarm.addAlarmAction(this.#action);
    this.all.push(alarm);
  }

  /** Counts the log lines with this value. */
  #logged(name: string, logGroup: ILogGroup, field: string, value: string): Metric {
    const filter = new MetricFilter(this, `${name}-filter`, {
      logGroup,
      filterPattern: FilterPattern.stringValue(field, '=', value),
      metricNamespace: nameOf(this.#config),
      metricName: name,
    });
    return filter.metric({ period, statistic: 'Sum' });
  }

  #ofPipe(pipe: string, metricName: string): Metric {
    const dimensionsMap = { PipeName: nameOf(this.#config, pipe) };
    return new Metric({
      namespace: 'AWS/EventBridge/Pipes',
      metricName,
      dimensionsMap,
      period,
      statistic: 'Sum',
    });
  }

  #machinePage(machine: Machine): string {
    const arn = new Arns(this.#config, Aws.ACCOUNT_ID).machine(machine);
    return this.#console('states', `/statemachines/view/${arn}`);
  }

  /** The address of a page in the console. */
  #console(service: string, page: string): string {
    const { region } = this.#config;
    return `https://${region}.console.aws.amazon.com/${service}/home?region=${region}#${page}`;
  }
}

const age = (queue: IQueue) => queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' });
const depth = (queue: IQueue) =>
  queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' });
const sum = (metric: Metric) => metric.with({ period, statistic: 'Sum' });
const ofStates = (metricName: string, dimensionsMap: Record<string, string>) =>
  new Metric({ namespace: 'AWS/States', metricName, dimensionsMap, period, statistic: 'Sum' });
