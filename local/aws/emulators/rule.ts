import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Clients } from '../clients.ts';
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
  waitTimeScale: number;
  log(line: string): void;
}

/** A running rule. */
export interface Rule {
  /** Passes the event to the targets if it matches the rule's pattern. */
  offer(event: object): void;
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

  return {
    offer(event) {
      if (State !== 'ENABLED' || !matches(EventPattern, event)) return;
      for (const target of targets) {
        const delivery = start(target, JSON.stringify(event))
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
