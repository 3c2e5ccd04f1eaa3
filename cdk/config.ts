export const environments = ['development', 'staging', 'qa', 'production'] as const;
export const regions = ['us-east-1', 'us-west-1', 'ca-central-1'] as const;

export type Environment = (typeof environments)[number];
export type Region = (typeof regions)[number];

/** The settings that differ between environments and regions. */
export interface Config {
  environment: Environment;
  region: Region;
  /** Prefix of the exports of the platform's CommonResourcesStack, which provides VPC, proxy, secret and topic. */
  platform: string;
  /** Schema of the core database; a case's is `{databaseName}_case_{caseId}`. */
  databaseName: string;
  /** Connections to the reader endpoint that this service may use; the limit of `concurrency` in all. */
  readerConnections: number;
  /** Reserved concurrency of the functions that read MySQL, each through one connection at a time. */
  concurrency: {
    loadContext: number;
    exportRows: number;
    exportCase: number;
    listCases: number;
    mailReport: number;
  };
  /** Cases that one report across cases reads at once. */
  casesAtOnce: number;
  /** The parts of the platform that the search hit report uses; docs/search-backend.md is the contract. */
  search: {
    /** The name of the backend's function. */
    backendFunction: string;
    /** One that only searches, or one that converts and counts as well. */
    backendKind: 'search_only' | 'complete';
    /** The search fails when the backend says nothing for so long. */
    heartbeatSeconds: number;
    /** The name of the Glue job that turns hits into Parquet. */
    conversionJob: string;
    /** Athena ends a query that scans more bytes. */
    bytesScannedLimit: number;
  };
  /** Connections to the writer endpoint that this service may use; the limit of `writerConcurrency` in all. */
  writerConnections: number;
  /** Reserved concurrency of the functions of the coding overlay, each through one connection at a time. */
  writerConcurrency: {
    checkLoadFile: number;
    backUpDocuments: number;
    applyOverlay: number;
    writeResults: number;
  };
  /** Batches of chunks that one overlay writes at once. */
  batchesAtOnce: number;
  /** Days for which the backup of an overlay is kept, and so can restore it. */
  backupDays: number;
  sender: string;
  /** Domains that may receive mail. */
  mailDomains: readonly string[] | 'any';
  supportAddress: string;
  /** The route of the Rails application that checks access and redirects to the file. */
  downloadLink: string;
  /** Logs contain no execution data. */
  logRetentionDays: 14 | 90;
}

const hosts: Record<Environment, string> = {
  development: 'development.nextpoint.example',
  staging: 'staging.nextpoint.example',
  qa: 'qa.nextpoint.example',
  production: 'app.nextpoint.example',
};

/** The domain for testing bounces and complaints; SES delivers no mail to it. */
const mailboxSimulator = 'simulator.amazonses.com';

const mailDomains: Record<Environment, Config['mailDomains']> = {
  // Our own domain and those of the seeded users.
  development: [
    'nextpoint.example',
    'harlowpike.example',
    'brandtlegal.example',
    'calderfinch.example',
    'unverified.example',
    mailboxSimulator,
  ],
  staging: ['nextpoint.example', mailboxSimulator],
  qa: ['nextpoint.example', mailboxSimulator],
  production: 'any',
};

/** Roughly how many REPORT_PROGRESS events a report across cases publishes. */
export const progressSteps = 20;

/** List prices in dollars, us-east-1, on 2026-11-23: aws.amazon.com/athena/pricing/ and aws.amazon.com/glue/pricing/ (Spark). */
export const countingPrices = { athenaPerTebibyte: 5, gluePerDpuHour: 0.44 };
/** How often reconcile-reports looks for ends that no event announced. */
export const reconcileMinutes = 15;

/** The name of a resource: `reports-{environment}-{suffix}`. Of configuration set and schedule group, the prefix alone. */
export const nameOf = ({ environment }: Config, suffix?: string) =>
  ['reports', environment, suffix].filter((part) => part !== undefined).join('-');

/** Glue allows no hyphen in the name of a database. */
export const searchDatabase = ({ environment }: Config) => `reports_${environment}`;
export const searchWorkGroup = (config: Config) => nameOf(config, 'search-hits');

/**
 * The configuration of one environment in one region.
 * @throws Error when the functions or a report use more connections than there are, or production has no https download link
 */
export function config(environment: Environment, region: Region): Config {
  const host = hosts[environment];
  return checked({
    environment,
    region,
    platform: `nextpoint-${environment}`,
    databaseName: 'nextpoint',
    readerConnections: 40,
    // 6 + 16 + 12 + 2 + 4 = 40. A function that reads two schemas opens one connection after the other.
    concurrency: { loadContext: 6, exportRows: 16, exportCase: 12, listCases: 2, mailReport: 4 },
    // 2 × 6 = 12: two reports across cases run at full speed. With more, children wait.
    casesAtOnce: 6,
    search: {
      backendFunction: `search-hit-report-backend-${environment}`,
      backendKind: 'search_only',
      heartbeatSeconds: 300,
      conversionJob: `search-hits-to-parquet-${environment}`,
      bytesScannedLimit: 20 * 1024 ** 3,
    },
    writerConnections: 12,
    // 2 + 2 + 6 + 2 = 12.
    writerConcurrency: { checkLoadFile: 2, backUpDocuments: 2, applyOverlay: 6, writeResults: 2 },
    // 2 × 3 = 6: two overlays run at full speed, each on a case of its own.
    batchesAtOnce: 3,
    backupDays: 400,
    sender: `reports@${host}`,
    mailDomains: mailDomains[environment],
    supportAddress: 'support@nextpoint.example',
    downloadLink: `https://${host}/reports/{reportType}/{jobId}/download`,
    logRetentionDays: environment === 'production' ? 90 : 14,
  });
}

/**
 * The same configuration, after checking that its values fit together.
 * @throws Error as `config` does
 */
export function checked(config: Config): Config {
  const { environment, concurrency, readerConnections, writerConcurrency, writerConnections } = config;
  checkConnections(environment, 'reader', concurrency, readerConnections);
  checkConnections(environment, 'writer', writerConcurrency, writerConnections);
  if (config.casesAtOnce > config.concurrency.exportCase) {
    throw new Error(
      `${config.environment}: a report reads ${config.casesAtOnce} cases at once, but export-case may use ` +
        `${config.concurrency.exportCase} connections. Lower casesAtOnce in cdk/config.ts.`,
    );
  }
  if (
    config.environment === 'production' &&
    !/^https:\/\/.*\{reportType\}.*\{jobId\}/.test(config.downloadLink)
  ) {
    throw new Error(
      'production: downloadLink must be an https address with {reportType} and {jobId}. Set it in cdk/config.ts.',
    );
  }
  return config;
}

function checkConnections(
  environment: string,
  endpoint: 'reader' | 'writer',
  concurrency: Record<string, number>,
  available: number,
): void {
  const used = Object.values(concurrency).reduce((sum, connections) => sum + connections);
  if (used <= available) return;
  throw new Error(
    `${environment}: the functions may use ${used} connections, but the ${endpoint} has ${available}. ` +
      `Lower concurrency or raise ${endpoint}Connections in cdk/config.ts.`,
  );
}
