import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { config } from '../../cdk/config.ts';
import { tasks } from '../../cdk/functions.ts';
import { machines, reports } from '../../cdk/machines.ts';
import { ServiceStack, StorageStack } from '../../cdk/stacks.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of every shape CloudFormation knows.
type Json = any;

const configuration = config('production', 'us-west-1');
const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
const storage = new StorageStack(app, 'storage', configuration, {});
const service = new ServiceStack(app, 'service', configuration, storage, {});
const resources: Json[] = Object.values(Template.fromStack(service).toJSON().Resources);
const ofType = (type: string): Json[] =>
  resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);

const alarms: Record<string, Json> = Object.fromEntries(
  ofType('AWS::CloudWatch::Alarm').map((alarm) => [
    alarm.AlarmName.replace('reports-production-', ''),
    alarm,
  ]),
);
/** The text of a description; what only CloudFormation knows becomes a dot. */
const descriptionOf = ({ AlarmDescription }: Json): string =>
  typeof AlarmDescription === 'string'
    ? AlarmDescription
    : AlarmDescription['Fn::Join'][1]
        .map((part: unknown) => (typeof part === 'string' ? part : '.'))
        .join('');
const expressionOf = (name: string) =>
  alarms[name].Metrics.find(({ Expression }: Json) => Expression)?.Expression;

describe.each(Object.entries(alarms))('the alarm %s', (_, alarm) => {
  const description = descriptionOf(alarm);

  it('says how urgent it is, in words and as a tag', () => {
    const severity = /^Severity (high|low)\. /.exec(description)![1];
    expect(alarm.Tags).toContainEqual({ Key: 'severity', Value: severity });
  });

  it('links to a section of the runbook that exists', () => {
    const [, address, section] = /What to do: (https:\/\/\S+)#(\S+) /.exec(description)!;
    expect(address).toBe(configuration.runbook);
    expect(readFileSync('docs/operations.md', 'utf8')).toMatch(new RegExp(`^### ${section}$`, 'm'));
  });

  it('links to the console of its region', () => {
    expect(description).toMatch(
      /Where to look: https:\/\/us-west-1\.console\.aws\.amazon\.com\/[\w/]+\?region=us-west-1#\/\S+$/,
    );
  });

  it('fits the 1,024 characters of a description, and the 10 metrics of an expression', () => {
    expect(description.length).toBeLessThan(900);
    expect((alarm.Metrics ?? []).length).toBeLessThanOrEqual(10);
  });

  it('counts a metric without data points as none', () => {
    const formula = (alarm.Metrics ?? []).map(({ Expression = '' }: Json) => Expression).join();
    // A divisor without data points leaves the condition before it false.
    for (const { Id } of (alarm.Metrics ?? []).filter(({ MetricStat }: Json) => MetricStat))
      expect(formula.includes(`FILL(${Id}, 0)`) || formula.includes(`/ ${Id},`), Id).toBe(true);
  });
});

it('every section of the runbook about alarms belongs to an alarm', () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  const part = page.slice(page.indexOf('\n## Alarms'), page.indexOf('\n## What only AWS can prove'));
  const linked = Object.values(alarms).map((alarm) => /#(\S+) Where/.exec(descriptionOf(alarm))![1]);
  expect([...part.matchAll(/^### (.+)$/gm)].map(([, section]) => section).sort()).toEqual(
    [...new Set(linked)].sort(),
  );
});

describe.each(reports)('failures of %s', (report) => {
  it('are counted without the requests that can never work, which end in the Fail state', () => {
    expect(expressionOf(`${report}-failed`)).toContain('failed, 0) - FILL(rejected, 0)');
    const filter = ofType('AWS::Logs::MetricFilter').find(
      ({ MetricTransformations: [metric] }) => metric.MetricName === `${report}-rejected`,
    );
    expect(filter.FilterPattern).toBe('{ $.type = "FailStateEntered" }');
  });

  it('raise an alarm at once when it runs a Map Run, otherwise when there are five', () => {
    expect(alarms[`${report}-failed`].Threshold).toBe(machines[report].fanOut ? 1 : 5);
  });

  it('and its time-outs raise an alarm each', () => {
    expect(alarms[`${report}-timed-out`]).toMatchObject({ Threshold: 1, MetricName: 'ExecutionsTimedOut' });
  });
});

it.each(Object.entries(tasks))('%s raises an alarm before its time limit', (task, { seconds }) => {
  expect(alarms[`${task}-slow`]).toMatchObject({ MetricName: 'Duration', Threshold: seconds * 900 });
  expect(alarms).toHaveProperty(`${task}-errors`);
});

it('every dead-letter queue raises an alarm by its depth or the age of its messages', () => {
  const names = [
    'dead-letters-stuck',
    'dead-letters-many',
    'unreadable-stuck',
    'failures-unheard',
    'slots-missed',
  ];
  expect(names.map((name) => alarms[name].MetricName)).toEqual([
    'ApproximateAgeOfOldestMessage',
    'ApproximateNumberOfMessagesVisible',
    'ApproximateAgeOfOldestMessage',
    'ApproximateNumberOfMessagesVisible',
    'ApproximateNumberOfMessagesVisible',
  ]);
});

it('bounces, complaints and faults of mails count what their own rule matched', () => {
  const rules = ofType('AWS::Events::Rule').map(({ Name }) => Name);
  for (const name of ['mail-undeliverable', 'mail-complained', 'mail-broken']) {
    const [{ Value }] = alarms[name].Dimensions;
    expect(rules).toContain(Value);
  }
});

it('every pipe raises an alarm when it fails, and the intake pipe when it stands still', () => {
  const pipes = ofType('AWS::Pipes::Pipe').map(({ Name }) => Name);
  const watched = Object.values(alarms).flatMap(({ Dimensions = [] }) =>
    Dimensions.filter(({ Name }: Json) => Name === 'PipeName').map(({ Value }: Json) => Value),
  );
  expect(watched.sort()).toEqual(pipes.sort());
  expect(expressionOf('intake-pipe-stopped')).toBe('IF(FILL(age, 0) > 300 AND FILL(taken, 0) == 0, 1, 0)');
});

it('the first row of the dashboard says whether anyone is waiting', () => {
  const [{ DashboardName, DashboardBody }] = ofType('AWS::CloudWatch::Dashboard');
  expect(DashboardName).toBe('reports-production');
  const body = JSON.stringify(DashboardBody);
  const first = body.slice(0, body.indexOf('Alarms'));
  expect(first).toContain('Is anyone waiting?');
  for (const word of [
    'Oldest request in seconds',
    'Requests waiting',
    'Requests that failed',
    'Schedules missed',
  ])
    expect(first).toContain(word);
});
