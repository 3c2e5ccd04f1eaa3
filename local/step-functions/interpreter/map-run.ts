import type { StateMachine } from '../state-machine.ts';
import { StateError } from './errors.ts';
import { Execution, type Surroundings } from './execution.ts';
import { redriveStatusOf } from './redrive.ts';

/** One item or batch of items and, once its turn has come, its execution. */
export interface Child {
  /** JSON. */
  input: string;
  items: number;
  execution?: Execution;
  /** True once its result has been written. */
  written?: boolean;
}

export interface ResultFile {
  Key: string;
  /** Bytes. */
  Size: number;
}
export type ResultFiles = Record<'FAILED' | 'PENDING' | 'SUCCEEDED', ResultFile[]>;

/** The limits that UpdateMapRun can change. */
export interface MapRunLimits {
  maxConcurrency: number;
  /** Undefined if the state does not set it. Without either, no failure is tolerated. */
  toleratedFailureCount?: number | undefined;
  toleratedFailurePercentage?: number | undefined;
}

type MapRunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

/** The most children that AWS runs at once. */
const greatestConcurrency = 10_000;

/** Returns the effective MaxConcurrency; a missing one or 0 means the greatest. */
export function concurrencyOf(wanted: number | undefined): number {
  return Math.min(wanted || greatestConcurrency, greatestConcurrency);
}

/** The child executions of one entry into a Distributed Map, with all redrives. */
export class MapRun {
  readonly mapRunArn: string;
  /** The execution that runs the Map. */
  readonly parent: Execution;
  /** The ItemProcessor as a machine; its ARN ends in `/<label>`. */
  readonly machine: StateMachine;
  readonly label: string;
  readonly limits: MapRunLimits;
  status: MapRunStatus = 'RUNNING';
  /** Milliseconds since 1970. */
  startDate: number;
  stopDate: number | undefined;
  redriveDate: number | undefined;
  redriveCount = 0;
  /** Undefined until the items are read. */
  children: Child[] | undefined;
  /** The files that the ResultWriter has written in this and earlier attempts. */
  readonly files: ResultFiles = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  private waiting: Child[] = [];
  private readonly running = new Set<Execution>();
  private totalItems = 0;
  private failedItems = 0;
  private failure: StateError | undefined;
  private settled = Promise.withResolvers<void>();

  constructor(
    parent: Execution,
    machine: StateMachine,
    label: string,
    mapRunArn: string,
    limits: MapRunLimits,
  ) {
    this.parent = parent;
    this.machine = machine;
    this.label = label;
    this.mapRunArn = mapRunArn;
    this.limits = limits;
    this.startDate = this.surroundings.settings.clock();
  }

  /** Prepares another attempt with the children that have not succeeded. */
  redrive(): void {
    this.redriveCount++;
    this.redriveDate = this.surroundings.settings.clock();
    this.status = 'RUNNING';
    this.stopDate = undefined;
  }

  /**
   * Runs the children that have not succeeded. Rejects with `States.ExceedToleratedFailureThreshold` once too many have
   * failed; Standard children are then stopped, Express ones finish. Rejects at once when the signal is aborted.
   */
  async run(signal: AbortSignal): Promise<void> {
    const children = this.children!;
    const rests = ({ execution }: Child) => execution && !isToRedrive(execution);
    this.waiting = children.filter((child) => !rests(child));
    this.totalItems = items(children);
    this.failedItems = items(children.filter((child) => rests(child) && child.execution!.unsuccessful));
    this.failure = undefined;
    this.settled = Promise.withResolvers();
    const onAbort = () => {
      this.failure = new StateError(undefined, undefined);
      this.stopChildren();
      this.settled.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.proceed();
      for (const { execution } of this.waiting) execution?.awaitRedrive();
      await this.settled.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      for (const { execution } of this.waiting) execution?.giveUpRedrive();
    }
  }

  /** Starts as many children as may run now, or stops all. Called whenever a child ends or the limits change. */
  proceed(): void {
    if (!this.failure) {
      this.failure = this.exceeded();
      if (this.failure) this.stopChildren();
    }
    const { maxConcurrency } = this.limits;
    while (!this.failure && this.waiting.length > 0 && this.running.size < maxConcurrency)
      this.startChild(this.waiting.shift()!);
    if (this.running.size > 0) return;
    if (this.failure) this.settled.reject(this.failure);
    else if (this.waiting.length === 0) this.settled.resolve();
  }

  end(status: MapRunStatus): void {
    this.status = status;
    this.stopDate = this.surroundings.settings.clock();
  }

  private get surroundings(): Surroundings {
    return this.parent.surroundings;
  }

  private startChild(child: Child): void {
    const former = child.execution;
    if (former?.machine.type === 'STANDARD') former.redrive();
    else {
      const { name, executionArn } = former ?? this.identity();
      const identity = { machine: this.machine, mapRun: this, input: child.input, name, executionArn };
      child.execution = new Execution(this.surroundings, identity);
      if (former) child.execution.redriveCount = former.redriveCount + 1;
      this.surroundings.executions.set(child.execution.executionArn, child.execution);
      child.execution.start();
    }
    const execution = child.execution!;
    this.running.add(execution);
    void execution.done.then(() => {
      this.running.delete(execution);
      if (execution.unsuccessful) this.failedItems += child.items;
      this.proceed();
    });
  }

  private identity(): { name: string; executionArn: string } {
    const { randomUUID } = this.surroundings.settings;
    const { stateMachineArn, type } = this.machine;
    const name = randomUUID();
    const arn = (kind: string) => `${stateMachineArn.replace(':stateMachine:', `:${kind}:`)}:${name}`;
    return {
      name,
      executionArn: type === 'STANDARD' ? arn('execution') : `${arn('express')}:${randomUUID()}`,
    };
  }

  private stopChildren(): void {
    for (const execution of this.running)
      if (execution.machine.type === 'STANDARD') execution.stop(undefined, undefined);
  }

  private exceeded(): StateError | undefined {
    const { toleratedFailureCount, toleratedFailurePercentage } = this.limits;
    return exceededBy(this.failedItems, this.totalItems, toleratedFailureCount, toleratedFailurePercentage);
  }
}

/** Returns the error of a Map in which too many items have failed. Exceeding either tolerance is enough (documented). */
export function exceededBy(
  failed: number,
  total: number,
  count: number | undefined,
  percentage: number | undefined,
): StateError | undefined {
  const byPercentage = percentage === undefined ? undefined : (percentage * total) / 100;
  const tolerated = Math.min(count ?? byPercentage ?? 0, byPercentage ?? count ?? 0);
  if (failed <= tolerated) return undefined;
  return new StateError(
    'States.ExceedToleratedFailureThreshold',
    'The specified tolerated failure threshold was exceeded',
  );
}

function isToRedrive(execution: Execution): boolean {
  return redriveStatusOf(execution).redriveStatus === 'REDRIVABLE_BY_MAP_RUN';
}

function items(children: Child[]): number {
  return children.reduce((sum, child) => sum + child.items, 0);
}
