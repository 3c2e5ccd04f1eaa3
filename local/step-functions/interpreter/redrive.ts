import type { RedriveStatus } from '../settings.ts';
import type { Execution } from './execution.ts';

/** Milliseconds after its end in which an execution can be redriven: 14 days. */
const redrivablePeriod = 14 * 24 * 3600 * 1000;
/** Milliseconds that an execution may be open, redrives included. */
const longestExecution = 365 * 24 * 3600 * 1000;
/** ExecutionRedriven and one more event have to fit into the history. */
const mostEvents = 24_999;

/** Whether RedriveExecution, or the Map Run of a child, would take the execution; the reasons are AWS's. */
export function redriveStatusOf(execution: Execution): {
  redriveStatus: RedriveStatus;
  redriveStatusReason?: string;
} {
  const { mapRun, machine } = execution;
  // An Express child begins anew, so nothing is too old or too long.
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
