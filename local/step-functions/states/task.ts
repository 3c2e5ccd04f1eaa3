import { findIntegration, type Integration, isLambdaArn } from '../integrations/index.ts';
import { ArgumentsError } from '../integrations/members.ts';
import { checkSize, StateError } from '../interpreter/errors.ts';
import type { EventDetails } from '../interpreter/history.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import type { Json, JsonObject } from '../settings.ts';
import { delay, unlessAborted } from '../timers.ts';
import { leave } from './ends.ts';
import type { Exit } from './index.ts';

/** One attempt: the arguments are evaluated again on every retry. */
export async function runTask(run: StateRun): Promise<Exit> {
  const { state } = run;
  const values = await run.evaluate({
    Arguments: state.Arguments,
    Credentials: state.Credentials as JsonObject | undefined,
    TimeoutSeconds: state.TimeoutSeconds,
    HeartbeatSeconds: state.HeartbeatSeconds,
  });
  const parameters = values.Arguments === undefined ? run.input : values.Arguments;
  if (!isLambdaArn(state.Resource!)) run.typed('Arguments', parameters, 'object', state.Arguments ?? null);
  const timeout = run.count('TimeoutSeconds', values.TimeoutSeconds, 1, state.TimeoutSeconds);
  const heartbeat = run.count('HeartbeatSeconds', values.HeartbeatSeconds, 1, state.HeartbeatSeconds);
  const roleArn = (values.Credentials as { RoleArn?: string } | undefined)?.RoleArn;
  const integration = findIntegration(state.Resource!);
  const events = new TaskEvents(run, state.Resource!, integration);
  events.scheduled(parameters, timeout, heartbeat, roleArn);
  try {
    // A task without a token has no way to send a heartbeat: the shorter of the two ends it.
    const seconds = Math.min(timeout ?? Number.POSITIVE_INFINITY, heartbeat ?? Number.POSITIVE_INFINITY);
    const result = await call(run, integration, parameters, roleArn, seconds);
    const output = JSON.stringify(result);
    checkSize(output, integration.resourceType);
    events.succeeded(output);
    return await leave(run, result, true);
  } catch (error) {
    if (error instanceof StateError && events.open) events.failed(error);
    throw error;
  }
}

async function call(
  run: StateRun,
  integration: Integration,
  parameters: Json,
  roleArn: string | undefined,
  seconds: number,
): Promise<Json> {
  const { flow } = run;
  const { clients, machine } = flow.execution;
  const deadline = new AbortController();
  const signal = AbortSignal.any([flow.signal, deadline.signal]);
  if (seconds < Number.POSITIVE_INFINITY)
    delay(seconds * 1000, signal).then(
      () => deadline.abort(new StateError('States.Timeout', undefined)),
      () => {},
    );
  try {
    const caller = { clients, roleArn: roleArn ?? machine.roleArn, signal };
    return await unlessAborted(integration.call(parameters as JsonObject, caller), signal);
  } catch (error) {
    if (!(error instanceof ArgumentsError)) throw error;
    throw run.error(
      'States.Runtime',
      `The Arguments '${JSON.stringify(parameters)}' could not be used to start the Task: [${error.message}]`,
    );
  } finally {
    deadline.abort();
  }
}

/** The events of one attempt; those of a function's ARN as Resource are a family of their own. */
class TaskEvents {
  /** Scheduled, and without an end yet. */
  open = false;
  private readonly run: StateRun;
  private readonly family: 'Task' | 'LambdaFunction';
  private readonly common: EventDetails;

  constructor(run: StateRun, resource: string, integration: Integration) {
    this.run = run;
    this.family = isLambdaArn(resource) ? 'LambdaFunction' : 'Task';
    const { resourceType } = integration;
    this.common = this.family === 'Task' ? { resourceType, resource: integration.resource } : {};
  }

  scheduled(parameters: Json, timeout?: number, heartbeat?: number, roleArn?: string): void {
    const text = JSON.stringify(parameters);
    const details =
      this.family === 'Task'
        ? { ...this.common, region: this.run.flow.execution.settings.region, parameters: text }
        : { resource: this.run.state.Resource!, input: text, inputDetails: { truncated: false } };
    this.add('Scheduled', {
      ...details,
      ...(timeout !== undefined && { timeoutInSeconds: timeout }),
      ...(heartbeat !== undefined && this.family === 'Task' && { heartbeatInSeconds: heartbeat }),
      ...(roleArn && { taskCredentials: { roleArn } }),
    });
    this.add('Started', this.family === 'Task' ? this.common : undefined);
    this.open = true;
  }

  succeeded(output: string): void {
    this.end('Succeeded', { output, outputDetails: { truncated: false } });
  }

  failed({ error, cause }: StateError): void {
    this.end(error === 'States.Timeout' ? 'TimedOut' : 'Failed', { error, cause });
  }

  private end(type: string, details: EventDetails): void {
    this.open = false;
    this.add(type, { ...this.common, ...details });
  }

  private add(type: string, details?: EventDetails): void {
    this.run.flow.thread.add(this.family + type, details);
  }
}
