// Executions: which failed, which of them can be redriven, and why the others cannot.
import { paginateListExecutions } from '@aws-sdk/client-sfn';
import { type Machine, machineOf, reports } from '../cdk/machines.ts';
import errors from '../contract/errors.json' with { type: 'json' };
import { type Execution, inTurn, type Service } from './service.ts';

export interface Filter {
  /** Ends before this moment are left out. */
  since?: Date;
  error?: string;
  /** The machines to look at; by default all that are redriven. */
  machines?: readonly Machine[];
  /** Deliveries of other reports are left out. */
  reportType?: string;
}

/** The machines of jobs: the reports and their delivery. */
export const jobMachines: readonly Machine[] = [...reports, 'deliver-report'];

const unsuccessful = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;

/** The ARNs of the executions of some machines with one of these states, newest first by machine. */
export async function listArns(
  { sfn, machineArn }: Service,
  machines: readonly Machine[],
  statuses: readonly ('RUNNING' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'SUCCEEDED')[],
  fits: (execution: { name: string; startDate: Date; stopDate?: Date }) => boolean = () => true,
): Promise<string[]> {
  const pairs = machines.flatMap((machine) => statuses.map((status) => [machine, status] as const));
  const lists = await inTurn(pairs, async ([machine, statusFilter]) => {
    const arns: string[] = [];
    const pages = paginateListExecutions(
      { client: sfn, pageSize: 1000 },
      { stateMachineArn: machineArn(machine), statusFilter },
    );
    for await (const { executions = [] } of pages)
      for (const { executionArn, name, startDate, stopDate } of executions)
        if (fits({ name: name!, startDate: startDate!, stopDate })) arns.push(executionArn!);
    return arns;
  });
  return lists.flat();
}

/** The executions that ended without success and fit, newest end first. */
export async function failures(
  service: Service,
  { since, error, machines, reportType }: Filter,
): Promise<Execution[]> {
  const arns = await listArns(
    service,
    machines ?? jobMachines,
    unsuccessful,
    ({ stopDate }) => !since || (stopDate ?? since) >= since,
  );
  const all = await describeAll(service, arns);
  return all
    .filter((one) => error === undefined || one.error === error)
    .filter((one) => reportType === undefined || reportTypeOf(one) === reportType)
    .sort((a, b) => Number(b.stopDate) - Number(a.stopDate));
}

/** Describes many executions, and says how far it came. */
export function describeAll(service: Service, arns: readonly string[]): Promise<Execution[]> {
  let done = 0;
  return inTurn(arns, async (arn) => {
    const execution = await service.describe(arn);
    if (++done % 50 === 0) service.progress(`Read ${done} of ${arns.length} executions`);
    return execution;
  });
}

/** Whether to redrive an execution; if not, why, and whether an operator may insist. */
export type Verdict = { redrive: true } | { redrive: false; why: string; mayInsist: boolean };

const never = (why: string): Verdict => ({ redrive: false, why, mayInsist: false });
const byName = (why: string): Verdict => ({ redrive: false, why, mayInsist: true });

/** The entry of contract/errors.json for an error. */
const known = (error: string): { redrivable: boolean } =>
  (errors as Record<string, { redrivable: boolean }>)[error] ?? errors['States.ALL'];

/** Decides about an execution that an operator named. */
export function verdictOf(execution: Execution): Verdict {
  const { status, error = '', redriveStatus, redriveReason, machine } = execution;
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return never('it is running');
  if (status === 'SUCCEEDED') return never('it has succeeded');
  // It would publish REPORT_COMPLETED, and cancel-report would still delete its file.
  if (/^(Report|Delivery)Cancelled$/.test(error)) return never('it was cancelled');
  if (redriveStatus !== 'REDRIVABLE') return never(`${redriveReason ?? redriveStatus}; use restart`);
  // It would write without reading the schedule first.
  if (status === 'TIMED_OUT' && /^(un)?schedule-report$/.test(machine))
    return never('it may have written its schedule; start it anew with its input');
  if (!known(error).redrivable) return byName(`${error} is permanent`);
  return { redrive: true };
}

/** Decides about executions that are some of many, in their order. */
export function bulkVerdicts(service: Service, executions: readonly Execution[]): Promise<Verdict[]> {
  return inTurn(executions, async (execution) => {
    const verdict = bulkVerdictOf(execution);
    const machine = machineOf[reportTypeOf(execution) as keyof typeof machineOf];
    if (!verdict.redrive || !machine) return verdict;
    const again = `${jobIdOf(execution).replace(/-r\d+$/, '')}-r2`;
    if (again === execution.name || !(await service.find(machine, again))) return verdict;
    return byName(`its job was started anew as ${again}`);
  });
}

/** Executions that need a look at the single case are left out. */
export function bulkVerdictOf(execution: Execution): Verdict {
  const verdict = verdictOf(execution);
  const { machine, status, error = '' } = execution;
  if (!verdict.redrive) return verdict;
  if (status === 'ABORTED') return byName('somebody stopped it');
  if (machine === 'coding-overlay') return byName('another overlay may have restored its documents');
  if (mayMailTwice(execution)) return byName(`after ${error}, a recipient may get a second mail`);
  return verdict;
}

/** Whether the mail that failed may have been sent: nobody knows after these errors. */
export function mayMailTwice({ machine, error = '' }: Execution): boolean {
  return (
    machine === 'deliver-report' && /^(MailAnswerUnknown$|States\.Timeout$|Sandbox\.|Lambda\.)/.test(error)
  );
}

/** The report type of an execution of a report or a delivery; of another, its machine. */
export function reportTypeOf({ machine, input }: Execution): string {
  const byMachine = Object.entries(machineOf).find(([, name]) => name === machine)?.[0];
  const asked = input?.eventDetail?.reportType;
  return typeof asked === 'string' ? asked : (byMachine ?? machine);
}

/** The job of an execution, or the name of one that has no job. */
export const jobIdOf = ({ input, name }: Execution): string =>
  typeof input?.jobId === 'string' ? input.jobId : name;

/** The error's message: that of a function without its stack trace, and never the description of a Glue or Athena job. */
export function causeOf(cause: string): string {
  let text = cause;
  try {
    const parsed = JSON.parse(cause);
    text = typeof parsed?.errorMessage === 'string' ? parsed.errorMessage : '';
  } catch {}
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
