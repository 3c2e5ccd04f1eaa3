// The catalogue of functions. It imports no CDK at run time, so that tools load it quickly.
import { type Config, nameOf } from './config.ts';
import type { Grants } from './constructs/grants.ts';
import { reports } from './machines.ts';

export type Task =
  | 'load-context'
  | 'export-rows'
  | 'export-case'
  | 'list-cases'
  | 'merge-parts'
  | 'export-hits'
  | 'export-testimony'
  | 'mail-report'
  | 'check-load-file'
  | 'back-up-documents'
  | 'apply-overlay'
  | 'write-results';

export interface TaskUses {
  /** MB. */
  memory: number;
  /** Time limit. */
  seconds: number;
  /** Reads MySQL through the VPC, one connection at a time: the key of its reserved concurrency. */
  connections?: keyof Config['concurrency'];
  /** Writes MySQL in the same way, with a login of its own. */
  writes?: keyof Config['writerConcurrency'];
  /** Settings beyond those that every function has. */
  environment?: (config: Config) => Record<string, string>;
  /** Permissions beyond logs and database. */
  grants: (role: Grants) => void;
}

export const tasks: Record<Task, TaskUses> = {
  'load-context': {
    memory: 512,
    seconds: 30,
    connections: 'loadContext',
    environment: (config) => ({ REQUEST_DAYS: String(config.requestDays) }),
    grants: (role) => {
      role.readsParameters('cases', 'accounts');
      role.keepsRequests('cases', 'accounts');
    },
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
      role.listsParts();
    },
  },
  // The functions of the coding overlay read from the writer too: what a replica has yet to learn would pass for a change
  // by somebody else.
  'check-load-file': {
    memory: 1769,
    seconds: 900,
    writes: 'checkLoadFile',
    grants: (role) => {
      role.readsParameters('cases');
      role.readsExports('cases');
      role.listsExports('cases');
      role.readsParts();
      role.listsParts();
      role.writesParts();
    },
  },
  'back-up-documents': {
    memory: 1769,
    seconds: 900,
    writes: 'backUpDocuments',
    grants: (role) => {
      role.readsParts();
      role.writesParts();
      role.readsExports('cases');
      role.writesExports('cases');
    },
  },
  'apply-overlay': {
    memory: 1769,
    seconds: 900,
    writes: 'applyOverlay',
    grants: (role) => {
      role.readsParts();
      role.listsParts();
      role.writesParts();
      role.readsExports('cases');
    },
  },
  'write-results': {
    memory: 1769,
    seconds: 900,
    writes: 'writeResults',
    grants: (role) => {
      role.readsParts();
      role.readsExports('cases');
      role.writesExports('cases');
    },
  },
  'export-hits': {
    memory: 1769,
    seconds: 900,
    grants: (role) => {
      role.writesExports('cases');
      role.readsParameters('cases');
      role.readsSearchResults();
    },
  },
  'export-testimony': {
    memory: 1769,
    seconds: 900,
    connections: 'exportTestimony',
    grants: (role) => {
      role.writesExports('cases');
      role.readsParameters('cases');
      role.readsTestimonyHits();
    },
  },
  // Its limit leaves SES 30 s after the core database and S3.
  'mail-report': {
    memory: 256,
    seconds: 90,
    connections: 'mailReport',
    environment: (config) => ({
      MAIL_TEMPLATE: nameOf(config, 'report'),
      MAIL_SENDER: `${config.senderName} <${config.sender}>`,
      MAIL_DOMAINS: config.mailDomains === 'any' ? 'any' : config.mailDomains.join(),
      SUPPORT_ADDRESS: config.supportAddress,
      DOWNLOAD_LINK: config.downloadLink,
      CONFIGURATION_SET: nameOf(config),
    }),
    grants: (role) => {
      role.readsExports('cases', 'accounts');
      role.readsParameters('cases', 'accounts');
      role.sendsMails();
      role.describesExecutions(...reports, 'deliver-report', 'schedule-report');
    },
  },
};

/** Seconds after which no function that was invoked before is still running. */
export const longestTaskSeconds = Math.max(...Object.values(tasks).map(({ seconds }) => seconds)) + 30;
