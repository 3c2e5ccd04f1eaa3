// The rules for all machines, each with the reason for it and a definition that breaks it. docs/decisions.md has the longer story.

import languageService from 'amazon-states-language-service';
import aslValidator from 'asl-validator';
import { longestTaskSeconds } from '../../cdk/functions.ts';
import { variableReferences } from '../../local/step-functions/definition/variable-references.ts';
import { pascalCase, type Schema, shapeOf } from '../../local/step-functions/integrations/members.ts';
import { serviceNamed } from '../../local/step-functions/integrations/services.ts';
import type { JsonObject } from '../../local/step-functions/settings.ts';
import { policies, policiesOf, waitsOf, withRetries } from '../../state-machines/retries.ts';
import { allStates, type Definition, type Graph, innerOf, type State } from './machines.ts';
import { undefinedPaths } from './undefined-paths.ts';

/** A rule. `check` lists what breaks it; `bad` changes a good report of one query, or its text, so that it does. */
export interface Rule {
  id: string;
  says: string;
  reason: string;
  check(machine: Definition, text: string): string[] | Promise<string[]>;
  bad(machine: Definition): unknown;
}

const mostStates = 15;
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
const mails = (task: State) => task.Arguments?.FunctionName === '${MailReportFunction}';
const tasksOf = (machine: Definition) => allStates(machine).filter(([, { Type }]) => Type === 'Task');
const names = (states: [string, State][]) => states.map(([name]) => name);
/** A name from the catalogue, or one that a function or an execution of ours gave. */
const ours = /\$\{\w+\}|\$execution\.|\$\w+\.file\.bucket /;
/** The definition without the names that are filled in at synthesis: they become a variable that is no one's. */
const neutral = (text: string) => text.replaceAll(/\$\{\w+\}/g, '$filled');

export const rules: Rule[] = [
  {
    id: 'ASL-01',
    says: 'is a state machine to asl-validator',
    reason: 'An independent reading of the language; it also compiles the expressions.',
    check: (_, text) =>
      // It takes an empty text for no value.
      aslValidator(JSON.parse(neutral(text).replaceAll(/: ?""/g, ': "-"')), { checkArn: false }).errors.map(
        (error) => JSON.stringify(error),
      ),
    bad: (machine) => Object.assign(machine.States['Export rows']!, { ResultPath: '$.rows' }),
  },
  {
    id: 'ASL-02',
    says: "is a state machine to AWS's language service",
    reason: 'Editors show its findings, so a definition opens in them without any.',
    async check(_, text) {
      const service = languageService.getLanguageService({});
      const document = languageService.TextDocument.create('file:///a.asl.json', 'json', 1, neutral(text));
      const found = await service.doValidation(document, service.parseJSONDocument(document));
      return found.map(({ message }) => String(message));
    },
    bad: (machine) => Object.assign(machine.States['Load context']!, { Next: 'Nowhere' }),
  },
  {
    id: 'SHAPE-01',
    says: 'has its keys in the order of the house, and JSONata for all states',
    reason: 'Definitions are read side by side.',
    check: (machine) =>
      Object.keys(machine).join() === 'Comment,QueryLanguage,StartAt,TimeoutSeconds,States' &&
      machine.QueryLanguage === 'JSONata' &&
      allStates(machine).every(([, state]) => !('QueryLanguage' in state))
        ? []
        : [Object.keys(machine).join()],
    bad: (machine) => Object.assign(machine, { Version: '1.0' }),
  },
  {
    id: 'SHAPE-02',
    says: `has at most ${mostStates} states`,
    reason: 'More than that is a program, which nobody reads as a picture.',
    check: (machine) => names(allStates(machine)).slice(mostStates),
    bad(machine) {
      for (let number = 0; number < mostStates; number++)
        machine.States[`Wait ${number}`] = { Type: 'Succeed' };
    },
  },
  {
    id: 'SHAPE-03',
    says: 'has state names that are unique in the file',
    reason: 'Metrics, histories and the runbook name a state without its place.',
    check: (machine) => {
      const all = names(allStates(machine));
      return all.filter((name, index) => all.indexOf(name) !== index);
    },
    bad(machine) {
      const inner = { StartAt: 'Load context', States: { 'Load context': { Type: 'Succeed' } } };
      machine.States['Load parts'] = { Type: 'Map', ItemProcessor: inner };
    },
  },
  {
    id: 'TASK-01',
    says: 'gives every task a time limit',
    reason: 'A task without one waits for a lost answer until the execution ends.',
    check: (machine) => names(tasksOf(machine).filter(([, task]) => !task.TimeoutSeconds)),
    bad: (machine) => delete machine.States['Export rows']!.TimeoutSeconds,
  },
  {
    id: 'TASK-02',
    says: 'gives every task literal arguments with expressions in the leaves',
    reason: 'Arguments that an expression makes cannot be checked.',
    check: (machine) => names(tasksOf(machine).filter(([, task]) => typeof task.Arguments !== 'object')),
    bad: (machine) => Object.assign(machine.States['Export rows']!, { Arguments: '{% $context %}' }),
  },
  {
    id: 'TASK-03',
    says: "gives every task the arguments that the SDK's schema has, and all that it requires",
    reason: 'AWS refuses others only when the state runs.',
    check: (machine) =>
      tasksOf(machine).flatMap(([name, { Resource = '', Arguments = {} }]) => {
        const [, service = '', action = ''] = /:(?:aws-sdk:)?([^:]+):([^:.]+)[^:]*$/.exec(Resource) ?? [];
        const Command = serviceNamed(service === 'states' ? 'sfn' : service).command(action);
        if (!Command) return [`${name}: ${Resource}`];
        return problemsOf(new Command({}).schema[4], Arguments, name);
      }),
    bad: (machine) => Object.assign(machine.States['Write manifest']!.Arguments!, { Keys: 'k' }),
  },
  {
    id: 'TASK-04',
    says: 'names no function, machine, topic or bucket but those filled in from the catalogue',
    reason: 'Permissions come from the catalogue: a call that it does not know is refused on AWS.',
    check: (machine) =>
      tasksOf(machine).flatMap(([name, { Arguments = {} }]) =>
        ['FunctionName', 'StateMachineArn', 'TopicArn', 'Bucket', 'GroupName', 'JobName', 'WorkGroup']
          .map((field) => Arguments[field])
          .filter((value) => value !== undefined && !ours.test(String(value)))
          .map((value) => `${name}: ${value}`),
      ),
    bad: (machine) => Object.assign(machine.States['Write manifest']!.Arguments!, { Bucket: 'my-bucket' }),
  },
  {
    id: 'VAR-01',
    says: 'reads only variables that are assigned on every way to the state',
    reason: 'A variable that is missing fails the state when it runs, on the one way that nobody tried.',
    check: (_, text) => {
      const machine = JSON.parse(neutral(text)) as Definition;
      const read = variableReferences(machine as unknown as JsonObject);
      return unassigned(machine, new Set(['filled']), read);
    },
    bad: (machine) => Object.assign(machine.States['Load context']!, { Assign: {} }),
  },
  {
    id: 'VAR-02',
    says: 'has no expression that can be undefined, as far as AWS and the contract say what is there',
    reason:
      'An undefined value fails the state, in the one execution whose request or answer lacks the member.',
    check: (_, text) => undefinedPaths(JSON.parse(neutral(text)), text.includes('"${DeliverReportMachine}"')),
    bad: (machine) =>
      Object.assign(machine.States['Start delivery']!.Arguments!.Input as object, {
        originalJobId: '{% $states.context.Execution.Input.originalJobId %}',
      }),
  },
  {
    id: 'TEXT-01',
    says: 'has no blank outside the braces of an expression',
    reason: 'AWS takes such an expression for plain text, without a word.',
    check: (_, text) => text.match(/"\s+\{%|%\}\s+"/g) ?? [],
    bad: (machine) => JSON.stringify(machine).replace('"{% $context', '" {% $context'),
  },
  {
    id: 'RETRY-01',
    says: 'retries tasks only',
    reason: 'A Map that is retried would start all its children again.',
    check: (machine) => names(allStates(machine).filter(([, { Type, Retry }]) => Retry && Type !== 'Task')),
    bad(machine) {
      machine.States['Load parts'] = { Type: 'Map', Retry: machine.States['Export rows']!.Retry };
    },
  },
  {
    id: 'RETRY-02',
    says: 'retries every task by the policies that its comment names, and states how long they can wait',
    reason: 'How long an outage may last is decided once, in retries.json.',
    check: (machine) =>
      names(
        tasksOf(machine).filter(
          ([, task]) =>
            policiesOf(task).length === 0 ||
            JSON.stringify(task) !== JSON.stringify({ ...task, ...withRetries(task) }),
        ),
      ),
    bad: (machine) => Object.assign(machine.States['Export rows']!.Retry![0]!, { MaxAttempts: 1 }),
  },
  {
    id: 'RETRY-03',
    says: 'states no other duration in a comment',
    reason: 'It would be wrong after the next change of a policy.',
    check: (machine) =>
      allStates(machine)
        .map(([, { Comment = '' }]) => Comment.replace(/Retries: .*/, ''))
        .filter((comment) => /\d+ (s|sec\w*|min\w*|h|hours?|days?)\b/.test(comment)),
    bad: (machine) =>
      Object.assign(machine.States['Export rows']!, {
        Comment: 'Runs for 15 minutes. Retries: Lambda 2 min.',
      }),
  },
  {
    id: 'RETRY-04',
    says: 'retries throttling, Lambda errors and transient errors of a function, but of one that mails only what surely sent nothing',
    reason: 'SES has no idempotency key: a repeated mail is a second mail.',
    check: (machine) =>
      tasksOf(machine)
        .filter(([, { Resource }]) => Resource!.endsWith(':lambda:invoke'))
        .filter(([, task]) => {
          const covered = policiesOf(task).flatMap((policy) => policies[policy]!.errors);
          const wanted = mails(task) ? 'throttling,transient' : 'throttling,service,transient';
          return covered.join() !== wanted;
        })
        .map(([name]) => name),
    bad: (machine) =>
      Object.assign(machine.States['Load context']!, { Comment: 'Retries: throttling 97 min.' }),
  },
  {
    id: 'RETRY-05',
    says: 'retries a call whose answer was lost or came too late, except one that mails or runs a job',
    reason: 'Every other call can be repeated: it is named, or writes the same again.',
    check: (machine) =>
      tasksOf(machine)
        .filter(([, task]) => !mails(task) && !task.Resource!.includes(':sesv2:'))
        // The time limit of a job is that of its work, and a search is made once.
        .filter(([, task]) => !/\.(sync|waitForTaskToken)$/.test(task.Resource!))
        .filter(([, { Retry = [] }]) => {
          const retried = Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
          const lost = retried.filter((error) => error.endsWith('.SdkClientException'));
          return !retried.includes('States.Timeout') || lost.length !== 1;
        })
        .map(([name]) => name),
    bad: (machine) => delete machine.States['Start delivery']!.Retry,
  },
  {
    id: 'ERROR-01',
    says: 'names only errors that the service of the task has',
    reason: 'A retrier or catcher of an error with a wrong name never acts.',
    async check(machine) {
      const found: string[] = [];
      for (const [name, { Resource, Retry = [], Catch = [] }] of tasksOf(machine)) {
        const known = services[serviceOf(Resource!)];
        if (!known) continue;
        const [service, prefix, unmodelled] = known;
        const modelled = Object.keys(await import(`@aws-sdk/client-${service}`)).map((each) =>
          each.replace(/(Exception)?$/, 'Exception'),
        );
        const errors = [
          ...[...modelled, unmodelled, 'SdkClientException'].map((each) => `${prefix}.${each}`),
          'States.Timeout',
          'States.TaskFailed',
          'States.DataLimitExceeded',
        ];
        const named = [...Retry, ...Catch].flatMap(({ ErrorEquals }) => ErrorEquals);
        found.push(...named.filter((each) => !errors.includes(each)).map((each) => `${name}: ${each}`));
      }
      return found;
    },
    bad: (machine) => machine.States['Write manifest']!.Retry![0]!.ErrorEquals.push('S3.Sleepy'),
  },
  {
    id: 'ERROR-02',
    says: 'never catches an error on its way to a Fail state',
    reason: 'A redrive would only run the Fail state again.',
    check: (machine) => {
      const states = Object.fromEntries(allStates(machine));
      return names(
        Object.entries(states).filter(([, state]) =>
          (state.Catch ?? [])
            // A state that goes on as if nothing had happened leaves nothing to a redrive.
            .filter(({ Next }) => Next !== state.Next)
            .some(({ Next }) => reachable(Next, states).some((next) => states[next]?.Type === 'Fail')),
        ),
      );
    },
    bad: (machine) =>
      Object.assign(machine.States['Export rows']!, {
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Reject request' }],
      }),
  },
  {
    id: 'TIME-01',
    says: 'has a longer time limit than all its tasks with their retries',
    reason: 'Nothing catches the time limit of a machine.',
    check: (machine) => {
      const longest = longestSeconds(machine);
      return longest < machine.TimeoutSeconds ? [] : [`${longest} s`];
    },
    bad: (machine) => Object.assign(machine, { TimeoutSeconds: 60 }),
  },
  {
    id: 'REPORT-01',
    says: 'passes the schedule of a report on to its delivery',
    reason: 'Every event of a slot names its schedule.',
    check: (_, text) =>
      text.includes('"${DeliverReportMachine}"') &&
      !text.includes('{% $exists($states.context.Execution.Input.originalJobId)')
        ? ['originalJobId']
        : [],
    bad: (machine) =>
      JSON.stringify(machine).replaceAll('Execution.Input.originalJobId', 'Execution.Input.none'),
  },
];

/** What of these arguments a schema does not have, and what it lacks. Leaves that are expressions may be anything. */
function problemsOf(schema: Schema, value: unknown, place: string): string[] {
  if (value === null || typeof value !== 'object') return [];
  const shape = shapeOf(schema);
  if (Array.isArray(value))
    return shape.kind === 'list' ? value.flatMap((item) => problemsOf(shape.of, item, `${place}[]`)) : [];
  if (shape.kind === 'map')
    return Object.entries(value).flatMap(([key, item]) => problemsOf(shape.of, item, `${place}.${key}`));
  // Text for the service, which Step Functions makes of JSON.
  if (shape.kind !== 'structure') return [];
  const required = shape.members.slice(0, requiredOf(schema)).map(([name]) => pascalCase(name));
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${place} lacks ${name}`),
    ...Object.entries(value).flatMap(([key, item]) => {
      const member = shape.members.find(([name]) => pascalCase(name) === key);
      return member ? problemsOf(member[1], item, `${place}.${key}`) : [`${place} has ${key}`];
    }),
  ];
}

/** A structure names its required members first; the number stands at the end of its schema. */
function requiredOf(schema: Schema): number {
  if (typeof schema === 'function') return requiredOf(schema());
  if (typeof schema === 'number') return 0;
  return typeof schema[1] === 'string'
    ? ((schema[6] as number | undefined) ?? 0)
    : requiredOf(schema[0] as Schema);
}

/** The variables that a state reads although a way to it does not assign them, those of graphs inside too. */
function unassigned(graph: Graph, outer: Set<string>, read: Record<string, string[]>): string[] {
  const before = new Map<string, Set<string>>([[graph.StartAt, outer]]);
  const queue = [graph.StartAt];
  for (const name of queue) {
    const state = graph.States[name]!;
    for (const [next, assign] of waysFrom(state)) {
      const after = new Set([...before.get(name)!, ...Object.keys(assign ?? {})]);
      const known = before.get(next);
      const both = known ? new Set([...known].filter((each) => after.has(each))) : after;
      if (known && both.size === known.size) continue;
      before.set(next, both);
      queue.push(next);
    }
  }
  return Object.entries(graph.States).flatMap(([name, state]) => {
    const here = before.get(name) ?? new Set<string>();
    const distributed = state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED';
    return [
      ...(read[name] ?? []).filter((each) => !here.has(each)).map((each) => `${name}: ${each}`),
      ...innerOf(state).flatMap((inner) => unassigned(inner, distributed ? new Set(['filled']) : here, read)),
    ];
  });
}

/** The states that may follow, each with what is assigned on the way. */
function waysFrom({
  Next,
  Default,
  Assign,
  Choices = [],
  Catch = [],
}: State): [string, object | undefined][] {
  return [
    ...(Next ? [[Next, Assign] as [string, object | undefined]] : []),
    ...(Default ? [[Default, Assign] as [string, object | undefined]] : []),
    ...[...Choices, ...Catch].map((way): [string, object | undefined] => [way.Next, way.Assign]),
  ];
}

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
    const attempts = 1 + ran.reduce((total, { MaxAttempts }) => total + MaxAttempts, 0);
    return (
      sum +
      (state.Type === 'Wait' ? longestTaskSeconds : 0) +
      attempts * (state.TimeoutSeconds ?? 0) +
      waits.reduce((total, wait) => total + wait, 0) +
      rounds * inner.reduce((total, part) => total + longestSeconds(part), 0)
    );
  }, 0);
}
