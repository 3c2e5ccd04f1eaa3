// Which machine may use what, and which function. Substitutions and permissions both come from here, so that they
// can't drift apart. Adding a report adds an entry to `machineOf` and one to `machines`.
import type { ReportType } from '../contract/types.ts';
import type { Config } from './config.ts';

/** The machine that makes each type of report. */
export const machineOf = {
  custom: 'custom-report',
  user_activity: 'user-activity',
  transcript_metadata: 'transcript-metadata',
  deposition_summary: 'deposition-summary',
  page_count: 'page-count',
  review_log: 'review-log',
  grid_data_export: 'grid-data-export',
} as const satisfies Partial<Record<ReportType, string>>;

export type Report = (typeof machineOf)[keyof typeof machineOf];
export const reports: readonly Report[] = Object.values(machineOf);
export type Machine =
  | 'report-router'
  | 'schedule-report'
  | 'unschedule-report'
  | Report
  | 'deliver-report'
  | 'cancel-report'
  | 'announce-mail-problem'
  | 'announce-failure'
  | 'announce-progress';
export type Task =
  | 'load-context'
  | 'export-rows'
  | 'export-case'
  | 'list-cases'
  | 'merge-parts'
  | 'mail-file';
export type Template = 'report-ready' | 'report-failed';

/** What a machine uses beside publishing events, which each does. */
export interface MachineUses {
  /** A definition shared with other machines, and what this one is for: `${Purpose}`. */
  shared?: { definition: string; purpose: string };
  /** Express runs are synchronous and can't be redriven; the router alone is one. */
  express?: boolean;
  /** Functions that it invokes: `${LoadContextFunction}`. */
  tasks?: readonly Task[];
  /** Machines that it starts: `${DeliverReportMachine}`. */
  starts?: readonly Machine[];
  /** Machines whose executions it reads. */
  describes?: readonly Machine[];
  /** Runs children of its own from a list under the folder of parts: the Label of the Distributed Map. */
  fanOut?: string;
  /** What it does with schedules; one that it makes sends in the one role of the scheduler. */
  schedules?: readonly ('Get' | 'Create' | 'Update' | 'Delete')[];
  /** Machines whose executions it stops. */
  stops?: readonly Machine[];
  /** Whose exports it writes a manifest to, beside each file. */
  manifests?: Owner;
  /** Finds and deletes the files of a report. */
  deletes?: boolean;
  /** Templates that it sends, itself or through a task: `${ReportReadyTemplate}`. */
  mails?: readonly Template[];
}

/** What a function uses. Memory in MB, time in seconds. */
export interface TaskUses {
  memory: number;
  seconds: number;
  /** One connection to the reader each, through the VPC, with the secret: so many at once at most. */
  connections?: keyof Config['concurrency'];
  /** Report files: written under, or read from, the exports of a case or an account. */
  files?: 'write' | 'read';
  /** Parts of reports across cases. */
  parts?: 'write' | 'read';
  /** Reads parameters that Rails stored under the requests of a case or an account. */
  parameters?: boolean;
  /** Whose files and parameters; of both unless told. */
  of?: readonly Owner[];
  mails?: readonly Template[];
}

/** Whose file it is: in a key, `cases/1001` or `accounts/7`. */
export type Owner = 'cases' | 'accounts';
export const owners = ['cases', 'accounts'] as const satisfies Owner[];

const report: MachineUses = {
  tasks: ['load-context', 'export-rows'],
  manifests: 'cases',
  starts: ['deliver-report'],
};
/** A report that is the rows of one query on a case. */
const singleQueryReport = (purpose: string): MachineUses => ({
  ...report,
  shared: { definition: 'single-query-report', purpose },
});

export const machines: Record<Machine, MachineUses> = {
  'report-router': {
    express: true,
    starts: [...reports, 'schedule-report', 'unschedule-report', 'cancel-report'],
    describes: [...reports, 'schedule-report', 'unschedule-report', 'cancel-report'],
  },
  'schedule-report': { tasks: ['load-context'], schedules: ['Get', 'Create', 'Update'] },
  'unschedule-report': { schedules: ['Get', 'Delete'] },
  'custom-report': { ...report, manifests: 'accounts', starts: ['deliver-report', 'user-activity'] },
  'user-activity': {
    tasks: ['load-context', 'list-cases', 'export-case', 'merge-parts'],
    fanOut: 'ExportCases',
    manifests: 'accounts',
    starts: ['deliver-report'],
  },
  'transcript-metadata': singleQueryReport(
    "Lists a case's transcripts with their metadata, one row per volume",
  ),
  'deposition-summary': singleQueryReport(
    "Lists a case's clips with their testimony, or counts them by deponent and label",
  ),
  'page-count': singleQueryReport('Counts the documents and pages of a case by status or folder'),
  'review-log': singleQueryReport('Lists the documents of a case by review status, or the changes of it'),
  'grid-data-export': singleQueryReport('Exports the documents of a grid with the columns of its view'),
  'deliver-report': { tasks: ['mail-file'], mails: ['report-ready'] },
  'announce-mail-problem': {},
  'cancel-report': {
    tasks: ['load-context'],
    describes: [...reports, 'deliver-report'],
    stops: [...reports, 'deliver-report'],
    deletes: true,
  },
  'announce-progress': {},
  'announce-failure': { describes: [...reports, 'deliver-report'], mails: ['report-failed'] },
};

export const tasks: Record<Task, TaskUses> = {
  'load-context': { memory: 512, seconds: 30, connections: 'loadContext', parameters: true },
  'export-rows': { memory: 1769, seconds: 900, connections: 'exportRows', files: 'write', parameters: true },
  // Connections of its own, so that a report across thousands of cases keeps no short one waiting.
  'export-case': {
    memory: 1769,
    seconds: 900,
    connections: 'exportCase',
    parts: 'write',
  },
  'list-cases': {
    memory: 512,
    seconds: 300,
    connections: 'listCases',
    parts: 'write',
    parameters: true,
    of: ['accounts'],
  },
  'merge-parts': { memory: 1769, seconds: 900, parts: 'read', files: 'write', of: ['accounts'] },
  'mail-file': { memory: 256, seconds: 30, files: 'read', mails: ['report-ready'] },
};

/** The file of a machine's definition. */
export function definitionOf(machine: Machine): string {
  const folder = reports.includes(machine as Report) ? 'reports' : 'service';
  return `state-machines/${folder}/${machines[machine].shared?.definition ?? machine}.asl.json`;
}

/** Seconds after which no function runs any more that was invoked before. */
export const longestTaskSeconds = Math.max(...Object.values(tasks).map(({ seconds }) => seconds)) + 30;
