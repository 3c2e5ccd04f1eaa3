// What happened to the states of an execution, read from its history.
import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** One stay in a state. */
export interface Visit {
  /** The event that entered it. */
  id: number;
  state: string;
  status: 'running' | 'succeeded' | 'caught' | 'failed' | 'aborted';
  enteredAt: Date;
  endedAt?: Date;
  /** Attempts after errors, those of redrives included. */
  retries: number;
  input?: string;
  output?: string;
  /** The last error, also of a state that succeeded at last. */
  error?: string;
  cause?: string;
}

/** An event, and the state that it belongs to. */
export interface Step {
  id: number;
  type: string;
  at: Date;
  state?: string;
  details?: object;
}

const ends: Record<string, Visit['status']> = {
  ExecutionFailed: 'failed',
  ExecutionTimedOut: 'failed',
  ExecutionAborted: 'aborted',
};

/** Reads a whole history, oldest event first. */
export function read(events: HistoryEvent[]): { visits: Visit[]; steps: Step[] } {
  const visits: Visit[] = [];
  const visitAt = new Map<number, Visit>();
  const steps: Step[] = [];
  for (const event of events) {
    const { id = 0, type = '', timestamp = new Date(0), previousEventId = 0 } = event;
    const details = detailsOf(event);
    let visit = visitAt.get(previousEventId);
    const { stateEnteredEventDetails: entered, stateExitedEventDetails: exited } = event;
    const end = ends[type];
    if (entered) {
      visit = {
        id,
        state: entered.name!,
        status: 'running',
        enteredAt: timestamp,
        retries: 0,
        input: entered.input,
      };
      visits.push(visit);
    } else if (exited) {
      // An iteration ends in another thread than its Map, so the name decides.
      visit = visits.findLast(({ state, endedAt }) => state === exited.name && !endedAt) ?? visit;
      if (visit) {
        visit.status = visit.status === 'failed' ? 'caught' : 'succeeded';
        visit.endedAt = timestamp;
        visit.output = exited.output;
      }
    } else if (end) {
      // In the other branches, nothing failed: the end of the execution ends them.
      for (const open of visits.filter(({ endedAt }) => !endedAt))
        open.status = open === visit || open.status === 'failed' ? end : 'aborted';
      if (visit && !visit.endedAt) Object.assign(visit, errorOf(details));
    } else if (type === 'ExecutionRedriven') {
      for (const open of visits.filter(({ endedAt }) => !endedAt)) {
        open.status = 'running';
        open.retries++;
      }
    } else if (visit && !visit.endedAt) {
      if (/(Failed|TimedOut|Aborted)$/.test(type)) {
        visit.status = 'failed';
        Object.assign(visit, errorOf(details));
      } else if (visit.status === 'failed') {
        visit.status = 'running';
        visit.retries++;
      }
    }
    if (visit) visitAt.set(id, visit);
    steps.push({ id, type, at: timestamp, state: visit?.state, details });
  }
  return { visits, steps };
}

function detailsOf(event: HistoryEvent): object | undefined {
  return Object.entries(event).find(([name]) => name.endsWith('EventDetails'))?.[1] as object | undefined;
}

function errorOf(details: { error?: string; cause?: string } = {}) {
  return { error: details.error, cause: details.cause };
}
