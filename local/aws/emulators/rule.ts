import { randomUUID } from 'node:crypto';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Clients } from '../clients.ts';
import { pseudoParameters } from '../template/intrinsics.ts';
import type { Resource } from '../template/resources.ts';
import { asAttributes, deliver, type RetryPolicy } from './event-delivery.ts';
import { matches } from './event-pattern.ts';

/** Options of an EventBridge rule. */
export interface RuleOptions {
  rule: Resource;
  /** Clients with the role of a target. */
  clientsOf(roleArn: string): Clients;
  administrator: Clients;
  queueUrl(queueArn: string): string;
  /** Runs a schedule by the real clock; otherwise only `tick` runs it. */
  onTime: boolean;
  waitTimeScale: number;
  log(line: string): void;
}

/** A running rule. */
export interface Rule {
  /** Passes the event to the targets if it matches the rule's pattern. */
  offer(event: object): void;
  /** Passes the event of its schedule to the targets, if it has one. */
  tick(): void;
  stop(): Promise<void>;
}

interface Target {
  Arn: string;
  RoleArn: string;
  RetryPolicy?: RetryPolicy;
  DeadLetterConfig?: { Arn: string };
}

// Errors that EventBridge does not retry.
const permanent = ['AccessDeniedException', 'StateMachineDoesNotExist', 'InvalidArn'];

/** Starts a rule whose targets are state machines. Failed deliveries are retried, then sent to the dead-letter queue. */
export function startRule(options: RuleOptions): Rule {
  const { rule, clientsOf, administrator, queueUrl, onTime, waitTimeScale, log } = options;
  const { EventPattern, State = 'ENABLED', Targets = [], ScheduleExpression } = rule.properties;
  const targets = (Targets as Target[]).map((target) => {
    refuseUnsupported(rule, target);
    return { target, sfn: clientsOf(target.RoleArn).sfn };
  });
  const stopped = new AbortController();
  const deliveries = new Set<Promise<void>>();

  async function start({ target, sfn }: (typeof targets)[number], input: string): Promise<void> {
    const command = new StartExecutionCommand({ stateMachineArn: target.Arn, input });
    const error = await deliver(() => sfn.send(command, { abortSignal: stopped.signal }), {
      policy: target.RetryPolicy,
      permanent,
      signal: stopped.signal,
      waitTimeScale,
      log: (error) => log(`${rule.name}: ${error.name} ${error.message}`),
    });
    if (!error || !target.DeadLetterConfig) return;
    const MessageAttributes = asAttributes({
      RULE_ARN: rule.arn,
      TARGET_ARN: target.Arn,
      ERROR_CODE: error.name,
      ERROR_MESSAGE: error.message,
    });
    const QueueUrl = queueUrl(target.DeadLetterConfig.Arn);
    await administrator.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: input, MessageAttributes }));
  }

  function pass(event: object): void {
    for (const target of targets) {
      const delivery = start(target, JSON.stringify(event))
        .catch((error) => stopped.signal.aborted || log(`${rule.name}: ${error}`))
        .then(() => void deliveries.delete(delivery));
      deliveries.add(delivery);
    }
  }

  function tick(): void {
    if (State !== 'ENABLED' || !ScheduleExpression) return;
    pass({
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: pseudoParameters['AWS::AccountId'],
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      region: pseudoParameters['AWS::Region'],
      resources: [rule.arn],
      detail: {},
    });
  }

  const period = ScheduleExpression && onTime ? periodOf(ScheduleExpression) : undefined;
  const timer = period ? setInterval(tick, period) : undefined;
  return {
    offer(event) {
      if (State === 'ENABLED' && EventPattern && matches(EventPattern, event)) pass(event);
    },
    tick,
    async stop() {
      clearInterval(timer);
      stopped.abort();
      await Promise.allSettled(deliveries);
    },
  };
}

/** Milliseconds between two runs of a rule whose schedule is a rate in minutes. */
function periodOf(expression: string): number {
  const minutes = /^rate\((\d+) minutes?\)$/.exec(expression)?.[1];
  if (!minutes) throw new Error(`The local stack does not support ${expression} on a rule`);
  return Number(minutes) * 60_000;
}

function refuseUnsupported(rule: Resource, target: Target): void {
  if (!target.Arn.startsWith('arn:aws:states:'))
    throw new Error(`${rule.logicalId}: the local stack supports no target but state machines`);
  for (const property of ['Input', 'InputPath', 'InputTransformer'])
    if (property in target)
      throw new Error(`${rule.logicalId}: the local stack supports no ${property} on a target`);
}
