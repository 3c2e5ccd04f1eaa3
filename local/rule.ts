import { setTimeout as sleep } from 'node:timers/promises';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Clients } from './clients.ts';
import { matches } from './event-pattern.ts';
import type { Resource } from './resources.ts';

/** What an EventBridge rule of the local stack needs. */
export interface RuleOptions {
  rule: Resource;
  /** The clients of a target's role. */
  clientsOf(roleArn: string): Clients;
  administrator: Clients;
  queueUrl(queueArn: string): string;
  waitTimeScale: number;
  log(line: string): void;
}

/** A rule that takes events until it is stopped. */
export interface Rule {
  /** Gives the event to the targets, if the rule's pattern matches. */
  offer(event: object): void;
  stop(): Promise<void>;
}

interface Target {
  Arn: string;
  RoleArn: string;
  RetryPolicy?: { MaximumEventAgeInSeconds?: number; MaximumRetryAttempts?: number };
  DeadLetterConfig?: { Arn: string };
}

// What EventBridge does not retry, since time cannot mend it.
const permanent = ['AccessDeniedException', 'StateMachineDoesNotExist', 'InvalidArn'];

/** A rule whose targets are state machines; a target's failures are retried, and in the end go to its queue. */
export function startRule(options: RuleOptions): Rule {
  const { rule, clientsOf, administrator, queueUrl, waitTimeScale, log } = options;
  const { EventPattern, State = 'ENABLED', Targets = [], ScheduleExpression } = rule.properties;
  if (ScheduleExpression)
    throw new Error(`${rule.logicalId}: schedules are not supported by the local stack`);
  const targets = (Targets as Target[]).map((target) => {
    refuseUnsupported(rule, target);
    return { target, sfn: clientsOf(target.RoleArn).sfn };
  });
  const stopped = new AbortController();
  const deliveries = new Set<Promise<void>>();

  async function deliver({ target, sfn }: (typeof targets)[number], input: string): Promise<void> {
    const { MaximumEventAgeInSeconds = 86_400, MaximumRetryAttempts = 185 } = target.RetryPolicy ?? {};
    const start = new StartExecutionCommand({ stateMachineArn: target.Arn, input });
    // The age is what it would be unscaled, so that the scale changes the pace and not the outcome.
    for (let attempt = 0, age = 0; ; attempt++) {
      try {
        await sfn.send(start, { abortSignal: stopped.signal });
        return;
      } catch (thrown) {
        const error = thrown as Error;
        if (stopped.signal.aborted) return;
        log(`${rule.name}: ${error.name} ${error.message}`);
        const delay = Math.min(2 ** attempt, 60);
        age += delay;
        if (
          permanent.includes(error.name) ||
          attempt >= MaximumRetryAttempts ||
          age > MaximumEventAgeInSeconds
        )
          return giveUp(target, input, error);
        await sleep(delay * 1000 * waitTimeScale, undefined, { signal: stopped.signal });
      }
    }
  }

  async function giveUp(target: Target, MessageBody: string, error: Error): Promise<void> {
    if (!target.DeadLetterConfig) return;
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.Arn,
      ERROR_CODE: error.name,
      ERROR_MESSAGE: error.message,
    };
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    );
    const QueueUrl = queueUrl(target.DeadLetterConfig.Arn);
    await administrator.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
  }

  return {
    offer(event) {
      if (State !== 'ENABLED' || !matches(EventPattern, event)) return;
      for (const target of targets) {
        const delivery = deliver(target, JSON.stringify(event))
          .catch((error) => stopped.signal.aborted || log(`${rule.name}: ${error}`))
          .then(() => void deliveries.delete(delivery));
        deliveries.add(delivery);
      }
    },
    async stop() {
      stopped.abort();
      await Promise.allSettled(deliveries);
    },
  };
}

function refuseUnsupported(rule: Resource, target: Target): void {
  if (!target.Arn.startsWith('arn:aws:states:'))
    throw new Error(`${rule.logicalId}: the local stack supports no target but state machines`);
  for (const property of ['Input', 'InputPath', 'InputTransformer'])
    if (property in target)
      throw new Error(`${rule.logicalId}: the local stack supports no ${property} on a target`);
}
