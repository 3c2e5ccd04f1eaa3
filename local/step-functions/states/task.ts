import type { Caller } from '../integrations/call.ts';
import { findIntegration, type Integration, isLambdaArn } from '../integrations/index.ts';
import { ArgumentsError } from '../integrations/members.ts';
import type { Callback } from '../interpreter/callbacks.ts';
import { watchDeadlines } from '../interpreter/deadlines.ts';
import { checkSize, StateError } from '../interpreter/errors.ts';
import type { EventDetails } from '../interpreter/history.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import type { Json, JsonObject } from '../settings.ts';
import { unlessAborted } from '../timers.ts';
import { leave } from './ends.ts';
import type { Exit } from './index.ts';

/** Runs one attempt. Every attempt evaluates the arguments again and has a new token. */
export async function runTask(run: StateRun): Promise<Exit> {
  const { callbacks } = run.flow.execution.surroundings;
  const integration = findIntegration(run.state.Resource!);
  const callback = integration.waitsForToken ? callbacks.begin() : undefined;
  run.taskToken = callback?.token;
  try {
    return await attempt(run, integration, callback);
  } finally {
    if (callback) callbacks.end(callback);
  }
}

async function attempt(run: StateRun, integration: Integration, callback?: Callback): Promise<Exit> {
  const { state } = run;
  const values = await run.evaluate({
    Arguments: state.Arguments,
    Credentials: state.Credentials as JsonObject | undefined,
    TimeoutSeconds: state.TimeoutSeconds,
    HeartbeatSeconds: state.HeartbeatSeconds,
  });
  const parameters = values.Arguments === undefined ? run.input : values.Arguments;
  if (!isLambdaArn(state.Resource!)) run.typed('Arguments', parameters, 'object', state.Arguments ?? null);
  run.inspect({ [run.argumentsName]: parameters });
  checkSize(JSON.stringify(parameters), integration.resourceType, 'was given Arguments');
  const timeout = run.count('TimeoutSeconds', values.TimeoutSeconds, 1, state.TimeoutSeconds);
  const heartbeat = run.count('HeartbeatSeconds', values.HeartbeatSeconds, 1, state.HeartbeatSeconds);
  const roleArn = (values.Credentials as { RoleArn?: string } | undefined)?.RoleArn;
  const events = new TaskEvents(run, state.Resource!, integration);
  events.scheduled(parameters, timeout, heartbeat, roleArn);
  const deadlines = watchDeadlines(run.flow.signal, timeout, heartbeat, callback);
  try {
    const { clients, machine, executionArn } = run.flow.execution;
    const caller = {
      clients,
      roleArn: roleArn ?? machine.roleArn,
      signal: deadlines.signal,
      task: { executionArn, state: run.name },
    };
    const result = await resultOf(run, integration, parameters, caller, events, callback);
    run.inspect({ result });
    const output = JSON.stringify(result);
    checkSize(output, integration.resourceType);
    events.succeeded(output);
    return await leave(run, result);
  } catch (error) {
    if (error instanceof StateError && events.open) events.failed(error);
    throw error;
  } finally {
    deadlines.end();
  }
}

async function resultOf(
  run: StateRun,
  integration: Integration,
  parameters: Json,
  caller: Caller,
  events: TaskEvents,
  callback: Callback | undefined,
): Promise<Json> {
  const mocked = run.flow.execution.mocks?.next(run.name);
  if (mocked && 'Return' in mocked) return mocked.Return;
  if (mocked) throw new StateError(mocked.Throw.Error, mocked.Throw.Cause);
  try {
    const request = parameters as JsonObject;
    const answer = await unlessAborted(integration.call(request, caller), caller.signal);
    const later = callback?.outcome ?? integration.follow?.(answer as JsonObject, request, caller);
    if (!later) return answer;
    events.submitted(JSON.stringify(answer));
    return await unlessAborted(later, caller.signal);
  } catch (error) {
    if (!(error instanceof ArgumentsError)) throw error;
    throw run.error(
      'States.Runtime',
      `The Arguments '${JSON.stringify(parameters)}' could not be used to start the Task: [${error.message}]`,
    );
  }
}

/** Writes the events of one attempt. A function's ARN as Resource has its own types of events. */
class TaskEvents {
  /** True from TaskScheduled to the event that ends the task. */
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

  submitted(output: string): void {
    this.add('Submitted', { ...this.common, output, outputDetails: { truncated: false } });
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
