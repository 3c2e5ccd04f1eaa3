import type { StateMachineDefinition } from '../definition/language.ts';
import type { Evaluator } from '../expressions/evaluator.ts';
import type { Clients } from '../integrations/clients.ts';
import type { ExecutionStatus, Json, JsonObject, Settings } from '../settings.ts';
import type { StateMachine } from '../state-machine.ts';
import { delay, unlessAborted } from '../timers.ts';
import { Aborted, StateError } from './errors.ts';
import { runBlock } from './flow.ts';
import { type EventDetails, History, Thread } from './history.ts';
import { statusChangeOf } from './status-change.ts';
import { Variables } from './variables.ts';

/** What an execution needs of its surroundings. */
export interface Surroundings {
  settings: Settings;
  evaluator: Evaluator;
  clients: Clients;
}

/** Seconds that an Express execution may take. */
const expressTimeout = 300;
const endings = { SUCCEEDED: 'Succeeded', FAILED: 'Failed', TIMED_OUT: 'TimedOut', ABORTED: 'Aborted' };

/** One execution, from its start to its final status. */
export class Execution {
  readonly executionArn: string;
  readonly name: string;
  /** As it was at the start: an update does not touch what runs. */
  readonly machine: StateMachine;
  readonly input: string;
  /** Milliseconds since 1970. */
  readonly startDate: number;
  stopDate: number | undefined;
  status: ExecutionStatus = 'RUNNING';
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  readonly history: History;
  readonly settings: Settings;
  readonly evaluator: Evaluator;
  readonly clients: Clients;
  /** The part of the context object that is the same in every state. */
  readonly context: JsonObject;
  private readonly definition: StateMachineDefinition;
  private readonly thread: Thread;
  private readonly abort = new AbortController();
  private readonly ended = Promise.withResolvers<void>();

  constructor(
    surroundings: Surroundings,
    machine: StateMachine,
    executionArn: string,
    name: string,
    input: string,
  ) {
    this.settings = surroundings.settings;
    this.evaluator = surroundings.evaluator;
    this.clients = surroundings.clients;
    this.machine = machine;
    this.definition = JSON.parse(machine.definition) as StateMachineDefinition;
    this.executionArn = executionArn;
    this.name = name;
    this.input = input;
    this.startDate = this.settings.clock();
    this.history = new History(this.settings.clock, machine.type === 'STANDARD');
    this.thread = new Thread(this.history, 0);
    this.context = {
      Execution: {
        Id: executionArn,
        Input: JSON.parse(input) as Json,
        StartTime: new Date(this.startDate).toISOString(),
        Name: name,
        RoleArn: machine.roleArn,
        RedriveCount: 0,
      },
      StateMachine: { Id: machine.stateMachineArn, Name: machine.name },
    };
  }

  /** Resolves when the execution has a final status. */
  get done(): Promise<void> {
    return this.ended.promise;
  }

  get redriveStatus(): { redriveStatus: 'REDRIVABLE' | 'NOT_REDRIVABLE'; redriveStatusReason?: string } {
    if (['FAILED', 'TIMED_OUT', 'ABORTED'].includes(this.status)) return { redriveStatus: 'REDRIVABLE' };
    const redriveStatusReason = `Execution is ${this.status} and cannot be redriven`;
    return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason };
  }

  start(): void {
    this.history.add('ExecutionStarted', 0, {
      input: this.input,
      inputDetails: { truncated: false },
      roleArn: this.machine.roleArn,
    });
    this.announce();
    void this.watchTimeout();
    void this.run();
  }

  /** Ends a running execution with status ABORTED, as StopExecution does. */
  stop(error: string | undefined, cause: string | undefined): void {
    this.finish('ABORTED', { error, cause }, this.thread.settled);
  }

  /** Stops without a trace, when the emulator closes. */
  discard(): void {
    this.abort.abort(new Aborted());
    this.ended.resolve();
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    const flow = { execution: this, thread: this.thread, variables: new Variables(), signal };
    try {
      const work = runBlock(flow, this.definition, JSON.parse(this.input) as Json);
      const output = JSON.stringify(await unlessAborted(work, signal));
      this.finish('SUCCEEDED', { output, outputDetails: { truncated: false } }, this.thread.tip);
    } catch (error) {
      if (signal.aborted) return;
      const failure =
        error instanceof StateError
          ? error
          : new StateError('States.Runtime', String((error as Error).stack));
      this.finish('FAILED', { error: failure.error, cause: failure.cause }, this.thread.tip);
    }
  }

  private async watchTimeout(): Promise<void> {
    const own = this.definition.TimeoutSeconds ?? Number.POSITIVE_INFINITY;
    const seconds = this.machine.type === 'EXPRESS' ? Math.min(own, expressTimeout) : own;
    if (seconds === Number.POSITIVE_INFINITY) return;
    await delay(seconds * 1000, this.abort.signal).then(
      () => this.finish('TIMED_OUT', { error: 'States.Timeout' }, this.thread.settled),
      () => {},
    );
  }

  private finish(
    status: keyof typeof endings,
    details: EventDetails & { error?: string; cause?: string; output?: string },
    previousEventId: number,
  ): void {
    if (this.status !== 'RUNNING' || this.abort.signal.aborted) return;
    this.status = status;
    this.stopDate = this.settings.clock();
    this.output = details.output;
    // A timed out execution is described without the error that its last event names (measured).
    if (status !== 'TIMED_OUT' || this.machine.type === 'EXPRESS') {
      this.error = details.error;
      this.cause = details.cause;
    }
    this.history.add(`Execution${endings[status]}`, previousEventId, details);
    this.abort.abort(new Aborted());
    this.announce();
    this.ended.resolve();
  }

  /** Express executions send no status changes. */
  private announce(): void {
    if (this.machine.type === 'STANDARD') this.settings.onStatusChange(statusChangeOf(this));
  }
}
