import type { StateMachineDefinition } from '../definition/language.ts';
import type { Evaluator } from '../expressions/evaluator.ts';
import type { Clients } from '../integrations/clients.ts';
import type { ExecutionStatus, Json, JsonObject, Settings } from '../settings.ts';
import type { StateMachine } from '../state-machine.ts';
import { delay, unlessAborted } from '../timers.ts';
import type { Callbacks } from './callbacks.ts';
import { Aborted, StateError } from './errors.ts';
import { runBlock } from './flow.ts';
import { type EventDetails, History, type HistoryEvent, Thread } from './history.ts';
import type { MapRun } from './map-run.ts';
import type { Mocks } from './mocks.ts';
import type { Progress } from './progress.ts';
import { statusChangeOf } from './status-change.ts';
import { Variables } from './variables.ts';

/** The parts of the engine that an execution uses. */
export interface Surroundings {
  settings: Settings;
  evaluator: Evaluator;
  clients: Clients;
  callbacks: Callbacks;
  /** Standard executions and the children of Map Runs by ARN, oldest first. */
  executions: Map<string, Execution>;
  /** By ARN, oldest first. */
  mapRuns: Map<string, MapRun>;
  /** Called when an execution begins or ends, and while it runs when the emulator closes. */
  keep(execution: Execution): void;
}

/** The text of an execution or answer that fails because of a fault of this emulator. */
export const internalError = 'An internal error occurred.';
/** The most seconds of an Express execution. */
const expressTimeout = 300;
const endings = { SUCCEEDED: 'Succeeded', FAILED: 'Failed', TIMED_OUT: 'TimedOut', ABORTED: 'Aborted' };
const unsuccessful: ExecutionStatus[] = ['FAILED', 'TIMED_OUT', 'ABORTED'];

/** The identity of an execution. */
export interface ExecutionIdentity {
  machine: StateMachine;
  executionArn: string;
  name: string;
  /** The input as JSON text, as the client sent it. */
  input: string;
  /** The Map Run, if the execution is one of its children. */
  mapRun?: MapRun;
  mocks?: Mocks | undefined;
}

/** One execution, from its start through all redrives. */
export class Execution {
  readonly executionArn: string;
  readonly name: string;
  /** The machine as it was at the start. An update does not affect a running execution. */
  readonly machine: StateMachine;
  readonly input: string;
  readonly mapRun: MapRun | undefined;
  readonly mocks: Mocks | undefined;
  /** Milliseconds since 1970. */
  startDate: number;
  stopDate: number | undefined;
  redriveDate: number | undefined;
  redriveCount = 0;
  status: ExecutionStatus = 'RUNNING';
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  readonly history: History;
  readonly surroundings: Surroundings;
  /** The part of the context object that all states share. */
  context: JsonObject = {};
  progress: Progress = {};
  /** The times of redrives in milliseconds since 1970, by the client's token. */
  readonly redriveTokens = new Map<string, number>();
  private statusBefore: ExecutionStatus = 'RUNNING';
  private thread: Thread;
  private abort = new AbortController();
  private ended = Promise.withResolvers<void>();

  constructor(
    surroundings: Surroundings,
    { machine, executionArn, name, input, mapRun, mocks }: ExecutionIdentity,
  ) {
    this.surroundings = surroundings;
    this.machine = machine;
    this.executionArn = executionArn;
    this.name = name;
    this.input = input;
    this.mapRun = mapRun;
    this.mocks = mocks ?? mapRun?.parent.mocks;
    this.startDate = this.settings.clock();
    this.history = new History(this.settings.clock, machine.type === 'STANDARD');
    this.thread = new Thread(this.history, 0);
  }

  /** The query language of states that do not name one. */
  get queryLanguage(): string {
    return definitionOf(this.machine).QueryLanguage ?? 'JSONPath';
  }

  get settings(): Settings {
    return this.surroundings.settings;
  }

  get evaluator(): Evaluator {
    return this.surroundings.evaluator;
  }

  get clients(): Clients {
    return this.surroundings.clients;
  }

  /** Resolves when the execution has a final status. */
  get done(): Promise<void> {
    return this.ended.promise;
  }

  get running(): boolean {
    return this.status === 'RUNNING' || this.status === 'PENDING_REDRIVE';
  }

  get unsuccessful(): boolean {
    return unsuccessful.includes(this.status);
  }

  start(): void {
    this.history.add('ExecutionStarted', 0, {
      input: this.input,
      inputDetails: { truncated: false },
      roleArn: this.machine.roleArn,
    });
    this.begin();
  }

  /** Continues an unsuccessful Standard execution where it stopped, with its original definition and input. */
  redrive(): void {
    this.redriveCount++;
    this.redriveDate = this.settings.clock();
    this.status = 'RUNNING';
    this.stopDate = this.error = this.cause = undefined;
    this.abort = new AbortController();
    this.ended = Promise.withResolvers();
    const { lastId } = this.history;
    const eventId = this.history.add('ExecutionRedriven', lastId, { redriveCount: this.redriveCount });
    this.thread = new Thread(this.history, eventId);
    this.begin();
  }

  /** Ends a running execution with status ABORTED, as StopExecution does. */
  stop(error: string | undefined, cause: string | undefined): void {
    this.finish('ABORTED', { error, cause }, this.thread.settled);
  }

  /** Marks a child of a redriven Map Run as waiting for its turn. */
  awaitRedrive(): void {
    this.statusBefore = this.status;
    this.status = 'PENDING_REDRIVE';
    this.announce();
  }

  /** Ends the waiting of a child whose turn did not come. */
  giveUpRedrive(): void {
    if (this.status === 'PENDING_REDRIVE') this.status = this.statusBefore;
  }

  /** Stops without an event or status change, when the emulator closes. */
  discard(): void {
    this.abort.abort(new Aborted());
    this.ended.resolve();
  }

  /** Restores an execution of an earlier process. One that was running then is ABORTED now. */
  restore(kept: KeptExecution): void {
    const { events, ...members } = kept;
    Object.assign(this, members);
    this.history.restore(events);
    this.thread = new Thread(this.history, this.history.lastId);
    if (this.running) {
      this.status = 'ABORTED';
      this.stopDate = this.settings.clock();
      this.cause = 'The emulator was stopped.';
      this.history.add('ExecutionAborted', this.history.lastId, { cause: this.cause });
    }
    this.discard();
  }

  private begin(): void {
    this.context = {
      Execution: {
        Id: this.executionArn,
        Input: JSON.parse(this.input) as Json,
        StartTime: new Date(this.startDate).toISOString(),
        Name: this.name,
        RoleArn: this.machine.roleArn,
        RedriveCount: this.redriveCount,
        ...(this.redriveDate !== undefined && { RedriveTime: new Date(this.redriveDate).toISOString() }),
      },
      StateMachine: { Id: this.machine.stateMachineArn, Name: this.machine.name },
    };
    this.surroundings.keep(this);
    this.announce();
    void this.watchTimeout();
    void this.run();
  }

  private async run(): Promise<void> {
    const { progress, thread } = this;
    const { signal } = this.abort;
    const flow = {
      execution: this,
      thread,
      progress,
      variables: new Variables(progress),
      signal,
      over: signal,
    };
    try {
      const work = runBlock(flow, definitionOf(this.machine), JSON.parse(this.input) as Json);
      const output = JSON.stringify(await unlessAborted(work, signal));
      this.finish('SUCCEEDED', { output, outputDetails: { truncated: false } }, thread.tip);
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof StateError ? error : faultOf(error);
      this.finish('FAILED', { error: failure.error, cause: failure.cause }, thread.tip);
    }
  }

  private async watchTimeout(): Promise<void> {
    const own = definitionOf(this.machine).TimeoutSeconds ?? Number.POSITIVE_INFINITY;
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
    // AWS describes an execution that timed out without the error of its last event (measured).
    if (status !== 'TIMED_OUT' || this.machine.type === 'EXPRESS') {
      this.error = details.error;
      this.cause = details.cause;
    }
    this.history.add(`Execution${endings[status]}`, previousEventId, details);
    this.abort.abort(new Aborted());
    // Saves memory: a Map Run can have ten thousand children, and a succeeded one is never redriven.
    this.context = {};
    if (status === 'SUCCEEDED') this.progress = {};
    this.surroundings.keep(this);
    this.announce();
    this.ended.resolve();
  }

  /** Express executions send no status changes. */
  private announce(): void {
    if (this.machine.type === 'STANDARD') this.settings.onStatusChange(statusChangeOf(this));
  }
}

/** The part of an execution that is kept in the folder. */
export type KeptExecution = Pick<
  Execution,
  | 'startDate'
  | 'stopDate'
  | 'redriveDate'
  | 'redriveCount'
  | 'status'
  | 'output'
  | 'error'
  | 'cause'
  | 'progress'
> & { events: HistoryEvent[] };

/** Turns a fault of this emulator into the error of an execution. The stack goes to the console only. */
function faultOf(error: unknown): StateError {
  console.error(error);
  return new StateError('States.Runtime', internalError);
}

const definitions = new WeakMap<StateMachine, StateMachineDefinition>();

/** Parses a machine's definition once. The children of a Map Run share one machine. */
function definitionOf(machine: StateMachine): StateMachineDefinition {
  const known = definitions.get(machine);
  if (known) return known;
  const definition = JSON.parse(machine.definition) as StateMachineDefinition;
  definitions.set(machine, definition);
  return definition;
}
