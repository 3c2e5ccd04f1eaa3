// The catalogue of machines. Their substitutions and permissions come from it, so that the two cannot differ. It imports no
// CDK at run time, so that tools load it quickly. A new report adds an entry to `machineOf` and one to `machines`.
import type { ReportType } from '../contract/types.ts';
import type { Grants } from './constructs/grants.ts';
import type { Task } from './functions.ts';

/** The machine that makes each type of report. */
export const machineOf = {
  custom: 'custom-report',
  user_activity: 'user-activity',
  transcript_metadata: 'transcript-metadata',
  deposition_summary: 'deposition-summary',
  page_count: 'page-count',
  review_log: 'review-log',
  grid_data_export: 'grid-data-export',
  search_hit: 'search-hit',
  coding_overlay: 'coding-overlay',
  deposition_search_pdf: 'deposition-search-pdf',
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
  | 'start-announcement'
  | 'answer-dead-letter'
  | 'reconcile-reports'
  | 'announce-progress'
  | 'stop-search-jobs';

export interface FanOut {
  label: string;
  list: string;
  writesResults: boolean;
}

/** Everything that a machine uses, except publishing events, which follows from its definition. */
export interface MachineUses {
  /** For a definition shared with other machines: its file, and the purpose of this machine, `${Purpose}`. */
  shared?: { definition: string; purpose: string };
  /** Express executions are synchronous and cannot be redriven. Only the router is one. */
  express?: boolean;
  /** Functions that it invokes: `${LoadContextFunction}`. */
  tasks?: readonly Task[];
  /** Machines that it starts: `${DeliverReportMachine}`. */
  starts?: readonly Machine[];
  /** Runs children for the lines of a list among the parts: the Label of its Distributed Map, the list, and whether a ResultWriter collects. */
  fanOut?: FanOut;
  /** Permissions beyond those that follow from the fields above. */
  grants?: (role: Grants, schedulerRoleArn: string) => void;
}

const routed = [...reports, 'schedule-report', 'unschedule-report', 'cancel-report'] as const;

/** Machines whose failures reconcile-reports looks for: those of jobs, and those of the service that can be repeated. */
export const watched = [
  ...reports,
  'deliver-report',
  'schedule-report',
  'unschedule-report',
  'cancel-report',
  'announce-failure',
  'announce-mail-problem',
  'answer-dead-letter',
  'start-announcement',
] as const satisfies readonly Machine[];

const report = {
  tasks: ['load-context', 'export-rows'],
  starts: ['deliver-report'],
} as const satisfies MachineUses;

/** A report on a case that is the rows of one query. */
const singleQueryReport = (purpose: string): MachineUses => ({
  ...report,
  shared: { definition: 'single-query-report', purpose },
  grants: (role) => role.writesManifests('cases'),
});

export const machines: Record<Machine, MachineUses> = {
  'report-router': {
    express: true,
    starts: routed,
    grants: (role) => role.describesExecutions(...routed),
  },
  'schedule-report': {
    tasks: ['load-context'],
    grants: (role, schedulerRoleArn) => {
      role.callsScheduler('Get', 'Create', 'Update');
      role.passesToScheduler(schedulerRoleArn);
    },
  },
  'unschedule-report': {
    tasks: ['load-context'],
    grants: (role) => role.callsScheduler('Get', 'Delete'),
  },
  'custom-report': {
    ...report,
    starts: ['deliver-report', 'user-activity'],
    grants: (role) => role.writesManifests('accounts'),
  },
  'user-activity': {
    tasks: ['load-context', 'list-cases', 'export-case', 'merge-parts'],
    starts: ['deliver-report'],
    fanOut: { label: 'ExportCases', list: 'cases.jsonl', writesResults: true },
    grants: (role) => role.writesManifests('accounts'),
  },
  'transcript-metadata': singleQueryReport(
    'Lists the transcripts of a case with their metadata, one row per volume',
  ),
  'deposition-summary': singleQueryReport(
    'Lists the clips of a case with their testimony, or counts them by deponent and label',
  ),
  'page-count': singleQueryReport('Counts the documents and pages of a case by status or folder'),
  'review-log': singleQueryReport(
    'Lists the documents of a case by review status, or the changes of that status',
  ),
  'grid-data-export': singleQueryReport('Exports the documents of a grid with the columns of its view'),
  'search-hit': {
    tasks: ['load-context', 'export-hits'],
    starts: ['deliver-report'],
    grants: (role) => {
      role.writesManifests('cases');
      role.searches();
      role.convertsHits();
      role.countsHits();
    },
  },
  'deposition-search-pdf': {
    tasks: ['load-context', 'export-testimony'],
    starts: ['deliver-report'],
    grants: (role) => {
      role.writesManifests('cases');
      role.searches();
    },
  },
  'stop-search-jobs': {
    grants: (role) => {
      role.readsHistories('search-hit');
      role.stopsSearchJobs();
    },
  },
  'deliver-report': { tasks: ['mail-report'] },
  'coding-overlay': {
    tasks: ['load-context', 'check-load-file', 'back-up-documents', 'apply-overlay', 'write-results'],
    starts: ['deliver-report'],
    fanOut: { label: 'ApplyChunks', list: 'chunks.jsonl', writesResults: false },
    grants: (role) => role.writesManifests('cases'),
  },
  'announce-mail-problem': {},
  'cancel-report': {
    tasks: ['load-context'],
    grants: (role) => {
      role.describesExecutions(...reports, 'deliver-report');
      role.stopsExecutions(...reports, 'deliver-report');
      role.deletesExports('cases', 'accounts');
      role.cancelsOverlays();
    },
  },
  'announce-progress': {},
  'announce-failure': {
    tasks: ['mail-report'],
    grants: (role) => role.describesExecutions(...reports, 'deliver-report', 'schedule-report'),
  },
  'answer-dead-letter': {
    starts: ['announce-failure'],
    grants: (role) => role.describesExecutions(...reports),
  },
  'start-announcement': {
    // The first two as announcements, all as what can no longer be redriven.
    starts: [
      'announce-failure',
      'unschedule-report',
      'cancel-report',
      'announce-mail-problem',
      'answer-dead-letter',
      'start-announcement',
    ],
    grants: (role) => {
      role.describesExecutions(...watched);
      role.redrivesExecutions(...watched);
    },
  },
  'reconcile-reports': {
    starts: ['start-announcement'],
    grants: (role) => {
      role.listsExecutions(...watched);
      role.keepsCursor('reconcile-reports.json');
    },
  },
};

/** The file of a machine's definition. */
export function definitionFile(machine: Machine): string {
  const folder = reports.includes(machine as Report) ? 'reports' : 'service';
  return `state-machines/${folder}/${machines[machine].shared?.definition ?? machine}.asl.json`;
}
