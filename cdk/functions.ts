// The catalogue of functions. It imports no CDK at run time, so that tools load it quickly.
import type { Config } from './config.ts';
import type { Grants } from './constructs/grants.ts';

export type Task =
  | 'load-context'
  | 'export-rows'
  | 'export-case'
  | 'list-cases'
  | 'merge-parts'
  | 'mail-file';

export interface TaskUses {
  /** MB. */
  memory: number;
  /** Time limit. */
  seconds: number;
  /** Reads MySQL through the VPC, one connection at a time: the key of its reserved concurrency. */
  connections?: keyof Config['concurrency'];
  /** Permissions beyond logs and database. */
  grants: (role: Grants) => void;
}

export const tasks: Record<Task, TaskUses> = {
  'load-context': {
    memory: 512,
    seconds: 30,
    connections: 'loadContext',
    grants: (role) => role.readsParameters('cases', 'accounts'),
  },
  'export-rows': {
    memory: 1769,
    seconds: 900,
    connections: 'exportRows',
    grants: (role) => {
      role.writesExports('cases', 'accounts');
      role.readsParameters('cases', 'accounts');
    },
  },
  // Has connections of its own, so that a report across thousands of cases delays no report of one query.
  'export-case': {
    memory: 1769,
    seconds: 900,
    connections: 'exportCase',
    grants: (role) => role.writesParts(),
  },
  'list-cases': {
    memory: 512,
    seconds: 300,
    connections: 'listCases',
    grants: (role) => {
      role.writesParts();
      role.readsParameters('accounts');
    },
  },
  'merge-parts': {
    memory: 1769,
    seconds: 900,
    grants: (role) => {
      role.writesExports('accounts');
      role.readsParts();
    },
  },
  'mail-file': {
    memory: 256,
    seconds: 30,
    grants: (role) => {
      role.readsExports('cases', 'accounts');
      role.sendsAttachments('report-ready');
    },
  },
};

/** Seconds after which no function that was invoked before is still running. */
export const longestTaskSeconds = Math.max(...Object.values(tasks).map(({ seconds }) => seconds)) + 30;
