import { describe, expect, it } from 'vitest';
import { longestTaskSeconds } from '../../cdk/functions.ts';
import { allMachines, allStates, type Graph, innerOf, type State } from './machines.ts';
import { type Policy, policies, retrierOf, spoken, waitsOf } from './retries.ts';

// The rules that every machine of state-machines/ keeps, whatever it does. docs/decisions.md says why.

const mostRecipients = 50;

/** By a resource's service: the SDK's client, the prefix of its errors, and the name of those that its model lacks. */
const services: Record<string, [string, string, string]> = {
  'aws-sdk:sfn': ['sfn', 'Sfn', 'SfnException'],
  'aws-sdk:s3': ['s3', 'S3', 'S3Exception'],
  'aws-sdk:sesv2': ['sesv2', 'SesV2', 'SesV2Exception'],
  'aws-sdk:scheduler': ['scheduler', 'Scheduler', 'SchedulerException'],
  'aws-sdk:glue': ['glue', 'Glue', 'GlueException'],
  'aws-sdk:athena': ['athena', 'Athena', 'AthenaException'],
  states: ['sfn', 'StepFunctions', 'AWSStepFunctionsException'],
  glue: ['glue', 'Glue', 'AWSGlueException'],
  athena: ['athena', 'Athena', 'AmazonAthenaException'],
};
const serviceOf = (resource: string) => resource.split(':').slice(5, -1).join(':');

/** The policy of each retrier, by name; undefined for a retrier that is none's. */
function policiesOf({ Retry = [], Resource = '' }: State): (string | undefined)[] {
  return Retry.map((retry) => {
    const same = ([, policy]: [string, Policy]) =>
      JSON.stringify(retry) === JSON.stringify(retrierOf(policy, Resource));
    return Object.entries(policies).find(same)?.[0];
  });
}

describe.each(allMachines)('%s', (_, machine, text) => {
  const states = allStates(machine);
  const tasks = states.filter(([, state]) => state.Type === 'Task');

  it('names its keys in the house order, JSONata at the top', () => {
    expect(Object.keys(machine)).toEqual(['Comment', 'QueryLanguage', 'StartAt', 'TimeoutSeconds', 'States']);
    expect(text).toContain('"QueryLanguage": "JSONata"');
  });

  it('has at most 15 states', () => {
    expect(states.length).toBeLessThanOrEqual(15);
  });

  it('has state names that are unique in the file', () => {
    expect(new Set(states.map(([name]) => name)).size).toBe(states.length);
  });

  it('gives every task a time limit', () => {
    expect(tasks.filter(([, task]) => !task.TimeoutSeconds).map(([name]) => name)).toEqual([]);
  });

  it('gives every task literal arguments with expressions in the leaves', () => {
    expect(tasks.filter(([, task]) => typeof task.Arguments !== 'object').map(([name]) => name)).toEqual([]);
  });

  it('retries every task, by the policies of retries.json only', () => {
    expect(tasks.filter(([, { Retry }]) => !Retry).map(([name]) => name)).toEqual([]);
    const others = states.filter(([, state]) => policiesOf(state).includes(undefined));
    expect(others.map(([name, { Retry }]) => [name, Retry])).toEqual([]);
  });

  it('says in a comment how long each retry policy of a task can wait, and names no other duration', () => {
    for (const [name, state] of states) {
      const used = policiesOf(state).map((policy) => policies[policy!]!);
      const { Comment = '' } = state;
      const end = used.length > 0 ? spoken(used) : '';
      expect(Comment.slice(Comment.length - end.length), name).toBe(end);
      expect(Comment.slice(0, -end.length || undefined), name).not.toMatch(
        /\d+ (s|sec\w*|min\w*|h|hours?|days?)\b/,
      );
    }
  });

  it('retries throttling, errors of Lambda and transient errors of a function, or throttling alone where it mails', () => {
    for (const [name, state] of tasks.filter(([, { Resource }]) => Resource!.endsWith(':lambda:invoke'))) {
      const covered = policiesOf(state).flatMap((policy) => policies[policy!]!.errors);
      const mails = state.Arguments!.FunctionName === '${MailFileFunction}';
      expect(covered, name).toEqual(mails ? ['mailThrottling'] : ['throttling', 'service', 'transient']);
    }
  });

  it.each(tasks.filter(([, { Resource }]) => serviceOf(Resource!) in services))(
    'names only errors that the service of "%s" has',
    async (_, { Resource, Retry = [], Catch = [] }) => {
      const [service, prefix, unmodelled] = services[serviceOf(Resource!)]!;
      const modelled = Object.keys(await import(`@aws-sdk/client-${service}`)).map((name) =>
        name.replace(/(Exception)?$/, 'Exception'),
      );
      const known = [...modelled, unmodelled, 'SdkClientException'].map((name) => `${prefix}.${name}`);
      const named = [...Retry, ...Catch].flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(named.filter((name) => !known.includes(name))).toEqual([]);
    },
  );

  it('never catches an error on its way to a Fail state, since a redrive would only fail again', () => {
    for (const [name, state] of states) {
      for (const catcher of state.Catch ?? []) {
        const reached = reachable(catcher.Next, Object.fromEntries(states));
        expect(
          reached.filter((next) => Object.fromEntries(states)[next]?.Type === 'Fail'),
          name,
        ).toEqual([]);
      }
    }
  });

  it('tells the delivery of a report which schedule the report came from', () => {
    if (!text.includes('"StateMachineArn": "${DeliverReportMachine}"')) return;
    expect(text).toContain('"originalJobId": "{% $exists($states.context.Execution.Input.originalJobId)');
  });

  it('lives longer than its tasks with all their retries', () => {
    expect(longestSeconds(machine)).toBeLessThan(machine.TimeoutSeconds);
  });

  it('has no expression that a blank outside the braces turns into plain text', () => {
    expect(text.match(/"\s+\{%|%\}\s+"/g)).toBeNull();
  });
});

function reachable(from: string, states: Record<string, State>, seen = new Set<string>()): string[] {
  const state = states[from];
  if (seen.has(from) || !state) return [...seen];
  seen.add(from);
  const next = [state.Next, state.Default, ...(state.Choices ?? []).map((choice) => choice.Next)];
  for (const name of next) if (name) reachable(name, states, seen);
  return [...seen];
}

/** All states one after the other, tasks as often as their retriers allow, with the longest waits. */
function longestSeconds(graph: Graph): number {
  return Object.values(graph.States).reduce((sum, state) => {
    const inner = innerOf(state);
    // How many rounds a Map of cases takes, nobody knows: it must have time for a case that goes as badly as it can.
    const distributed = state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED';
    const rounds =
      state.ItemProcessor && !distributed
        ? Math.ceil(mostRecipients / (state.MaxConcurrency ?? mostRecipients))
        : 1;
    const waits = (state.Retry ?? []).flatMap(waitsOf);
    // A throttled invocation has not run.
    const ran = (state.Retry ?? []).filter(
      ({ ErrorEquals }) => String(ErrorEquals) !== 'Lambda.TooManyRequestsException',
    );
    const attempts = 1 + ran.reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0);
    return (
      sum +
      (state.Type === 'Wait' ? longestTaskSeconds : 0) +
      attempts * (state.TimeoutSeconds ?? 0) +
      waits.reduce((total, wait) => total + wait, 0) +
      rounds * inner.reduce((total, part) => total + longestSeconds(part), 0)
    );
  }, 0);
}
