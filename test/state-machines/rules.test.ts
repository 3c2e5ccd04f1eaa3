import { describe, expect, it } from 'vitest';
import { longestTaskSeconds } from '../../cdk/functions.ts';
import { policies, policiesOf, waitsOf, withRetries } from '../../state-machines/retries.ts';
import { allMachines, allStates, type Graph, innerOf, type State } from './machines.ts';

// The rules for all machines. docs/decisions.md gives the reasons.

const mostRecipients = 50;

/** For the service of a resource: the SDK client, the prefix of its errors, and the name of errors outside its model. */
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

describe.each(allMachines)('%s', (_, machine, text) => {
  const states = allStates(machine);
  const tasks = states.filter(([, state]) => state.Type === 'Task');

  it('has its keys in the order of the house, and JSONata for all states', () => {
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

  it('retries tasks only: a Map would start all its children again', () => {
    expect(states.filter(([, { Type, Retry }]) => Retry && Type !== 'Task')).toEqual([]);
  });

  it('retries every task by the policies that its comment names, and states how long they can wait', () => {
    for (const [name, task] of tasks) {
      expect(policiesOf(task), name).not.toEqual([]);
      expect(task, name).toEqual(withRetries(task));
    }
  });

  it('states no other duration in a comment', () => {
    const comments = states.map(([, { Comment = '' }]) => Comment.replace(/Retries: .*/, ''));
    expect(comments.filter((comment) => /\d+ (s|sec\w*|min\w*|h|hours?|days?)\b/.test(comment))).toEqual([]);
  });

  it('retries throttling, Lambda errors and transient errors of a function, but only throttling of one that mails', () => {
    for (const [name, task] of tasks.filter(([, { Resource }]) => Resource!.endsWith(':lambda:invoke'))) {
      const covered = policiesOf(task).flatMap((policy) => policies[policy]!.errors);
      const mails = task.Arguments!.FunctionName === '${MailReportFunction}';
      expect(covered, name).toEqual(
        mails ? ['throttling', 'transient'] : ['throttling', 'service', 'transient'],
      );
    }
  });

  it.each(tasks.filter(([, { Resource }]) => serviceOf(Resource!) in services))(
    'names only errors that the service of "%s" has',
    async (_, { Resource, Retry = [], Catch = [] }) => {
      const [service, prefix, unmodelled] = services[serviceOf(Resource!)]!;
      const modelled = Object.keys(await import(`@aws-sdk/client-${service}`)).map((name) =>
        name.replace(/(Exception)?$/, 'Exception'),
      );
      const ofService = [...modelled, unmodelled, 'SdkClientException'].map((name) => `${prefix}.${name}`);
      const known = [...ofService, 'States.Timeout', 'States.TaskFailed', 'States.DataLimitExceeded'];
      const named = [...Retry, ...Catch].flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(named.filter((name) => !known.includes(name))).toEqual([]);
    },
  );

  it('retries a call whose answer was lost or came too late, except one that mails', () => {
    for (const [name, task] of tasks.filter(([, { Resource }]) => !Resource!.includes(':sesv2:'))) {
      if (task.Arguments!.FunctionName === '${MailReportFunction}') continue;
      // The time limit of a job is that of its work, and a search is made once.
      if (/\.(sync|waitForTaskToken)$/.test(task.Resource!)) continue;
      const retried = (task.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(retried, name).toContain('States.Timeout');
      expect(
        retried.filter((error) => error.endsWith('.SdkClientException')),
        name,
      ).toHaveLength(1);
    }
  });

  it('never catches an error on its way to a Fail state, since a redrive would only fail again', () => {
    for (const [name, state] of states) {
      // A state that goes on as if nothing had happened leaves nothing to a redrive.
      for (const catcher of (state.Catch ?? []).filter(({ Next }) => Next !== state.Next)) {
        const reached = reachable(catcher.Next, Object.fromEntries(states));
        expect(
          reached.filter((next) => Object.fromEntries(states)[next]?.Type === 'Fail'),
          name,
        ).toEqual([]);
      }
    }
  });

  it('passes the schedule of a report on to its delivery', () => {
    if (!text.includes('"StateMachineArn": "${DeliverReportMachine}"')) return;
    expect(text).toContain('"originalJobId": "{% $exists($states.context.Execution.Input.originalJobId)');
  });

  it('has a longer time limit than all its tasks with their retries', () => {
    expect(longestSeconds(machine)).toBeLessThan(machine.TimeoutSeconds);
  });

  it('has no blank outside the braces of an expression, which would make it plain text', () => {
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
    // The rounds of a Map of cases are not known here: at least, it must have time for the worst case of one child.
    const distributed = state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED';
    const rounds =
      state.ItemProcessor && !distributed
        ? Math.ceil(mostRecipients / (state.MaxConcurrency ?? mostRecipients))
        : 1;
    const waits = (state.Retry ?? []).flatMap(waitsOf);
    // A throttled invocation has not run.
    const ran = (state.Retry ?? []).filter(
      ({ ErrorEquals }) => ErrorEquals[0] !== 'Lambda.TooManyRequestsException',
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
