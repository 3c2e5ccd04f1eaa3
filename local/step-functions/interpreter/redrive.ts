import type { RedriveStatus } from '../settings.ts';
import type { Execution } from './execution.ts';

/** Milliseconds after its end during which an execution can be redriven (14 days). */
const redrivablePeriod = 14 * 24 * 3600 * 1000;
/** The most milliseconds that an execution may be open, including redrives. */
const longestExecution = 365 * 24 * 3600 * 1000;
/** The number of events at which ExecutionRedriven and one more no longer fit into the history. */
const mostEvents = 24_999;

/** Says whether RedriveExecution or the Map Run of a child could redrive the execution. The reasons are AWS's. */
export function redriveStatusOf(execution: Execution): {
  redriveStatus: RedriveStatus;
  redriveStatusReason?: string;
} {
  const { mapRun, machine } = execution;
  // An Express child starts over, so it cannot be too old or too long.
  const redriveStatusReason = machine.type === 'EXPRESS' ? statusReason(execution) : reasonOf(execution);
  if (redriveStatusReason) return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason };
  return { redriveStatus: mapRun ? 'REDRIVABLE_BY_MAP_RUN' : 'REDRIVABLE' };
}

function reasonOf(execution: Execution): string | undefined {
  const { startDate, stopDate, history, settings } = execution;
  const now = settings.clock();
  if (statusReason(execution)) return statusReason(execution);
  if (history.lastId >= mostEvents) return 'Execution history event limit exceeded';
  if (now - startDate >= longestExecution) return 'Execution has exceeded the max execution time';
  if (stopDate !== undefined && now - stopDate >= redrivablePeriod)
    return 'Execution redrivable period exceeded';
  return undefined;
}

function statusReason({ status }: Execution): string | undefined {
  return status === 'RUNNING' || status === 'SUCCEEDED'
    ? `Execution is ${status} and cannot be redriven`
    : undefined;
}
