import type { Json } from '../settings.ts';
import { StateError } from './errors.ts';

export interface HistoryEvent {
  /** Seconds since 1970, with three decimals. */
  timestamp: number;
  type: string;
  id: number;
  previousEventId: number;
  [details: `${string}EventDetails`]: EventDetails;
}
export type EventDetails = Record<string, Json | undefined>;

/** The most events of an execution. The last one always ends it (measured, floci#2734). */
const maximumEvents = 25_000;

/** The history of one execution. Events of an Express execution are numbered, but neither kept nor limited. */
export class History {
  readonly events: HistoryEvent[] = [];
  lastId = 0;
  private readonly clock: () => number;
  private readonly kept: boolean;

  constructor(clock: () => number, kept: boolean) {
    this.clock = clock;
    this.kept = kept;
  }

  /** Appends an event and returns its id. */
  add(type: string, previousEventId: number, details?: EventDetails): number {
    const id = this.lastId + 1;
    if (this.kept && id >= maximumEvents && !type.startsWith('Execution'))
      throw new StateError(
        'States.Runtime',
        `The execution reached the maximum number of history events (${maximumEvents}).`,
      );
    this.lastId = id;
    if (!this.kept) return id;
    const event: HistoryEvent = { timestamp: this.clock() / 1000, type, id, previousEventId };
    if (details) event[detailsName(type)] = details;
    this.events.push(event);
    return id;
  }

  /** Takes over the events of an earlier process. */
  restore(events: HistoryEvent[]): void {
    this.events.push(...events);
    this.lastId = events.length;
  }
}

function detailsName(type: string): `${string}EventDetails` {
  const transition = /State(Entered|Exited)$/.exec(type);
  const name = transition ? `state${transition[1]}` : type[0]!.toLowerCase() + type.slice(1);
  return `${name}EventDetails`;
}

/**
 * One line of events: the execution's own, or that of a branch or iteration. It knows the `previousEventId` of the next
 * event. The entry into a state counts only once an event follows: an EvaluationFailed in its first step and the abort
 * of the execution name the event *before* the entry (measured).
 */
export class Thread {
  private readonly history: History;
  private previous: number;
  private entered: number | undefined;

  constructor(history: History, previous: number) {
    this.history = history;
    this.previous = previous;
  }

  /** The last event. */
  get tip(): number {
    return this.entered ?? this.previous;
  }

  /** The event that an abort would follow. */
  get settled(): number {
    return this.previous;
  }

  add(type: string, details?: EventDetails): number {
    this.moveTo(this.history.add(type, this.tip, details));
    return this.previous;
  }

  enter(type: string, details: EventDetails): number {
    this.entered = this.history.add(type, this.tip, details);
    return this.entered;
  }

  evaluationFailed(details: EventDetails, afterEntry: boolean): void {
    this.moveTo(this.history.add('EvaluationFailed', afterEntry ? this.tip : this.previous, details));
  }

  /** Adds an event that the next one does not follow. */
  note(type: string, details?: EventDetails): number {
    return this.history.add(type, this.tip, details);
  }

  fork(previous = this.tip): Thread {
    return new Thread(this.history, previous);
  }

  moveTo(eventId: number): void {
    this.previous = eventId;
    this.entered = undefined;
  }
}
