export const environments = ['development', 'staging', 'qa', 'production'] as const;
export const regions = ['us-east-1', 'us-west-1', 'ca-central-1'] as const;

export type Environment = (typeof environments)[number];
export type Region = (typeof regions)[number];

/**
 * The value as one of those that exist.
 * @param name what the value is, for the error
 * @throws Error when there is no such value
 */
export function oneOf<T extends string>(name: string, values: readonly T[], value: string | undefined): T {
  const known = values.find((each) => each === value);
  if (known) return known;
  const problem = value === undefined ? `The ${name} is missing.` : `The ${name} "${value}" is unknown.`;
  throw new Error(`${problem} Use one of ${values.join(', ')}.`);
}

/** The settings that differ between environments and regions. */
export interface Config {
  environment: Environment;
  region: Region;
  platform: Platform;
  /** Start of the schemas of cases: `{databaseName}_case_{caseId}`. */
  databaseName: string;
  /** Schema of the core database. */
  coreDatabaseName: string;
  /** Connections to the reader endpoint that this service may use; the limit of `concurrency` in all. */
  readerConnections: number;
  /** Reserved concurrency of the functions that read MySQL, each through one connection at a time. */
  concurrency: {
    loadContext: number;
    exportRows: number;
    exportCase: number;
    exportTestimony: number;
    listCases: number;
    mailReport: number;
  };
  /** Cases that one report across cases reads at once. */
  casesAtOnce: number;
  /** The parts of the platform that the reports on searches use; docs/search-backend.md is the contract. */
  search: {
    /** The name of the backend's function. */
    backendFunction: string;
    /** One that only searches, or one that converts and counts as well, and knows no testimony. */
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
  /** Days for which requests are kept, and so can be run again. */
  requestDays: number;
  sender: string;
  /** The name that mail programs show in place of the sender's address. */
  senderName: string;
  /** Domains that may receive mail. */
  mailDomains: readonly string[] | 'any';
  supportAddress: string;
  /** The address of docs/operations.md, as alarms link to its sections. */
  runbook: string;
  /** The route of the Rails application that checks access and redirects to the file. */
  downloadLink: string;
  /** Logs contain no execution data. */
  logRetentionDays: 14 | 90;
}

/** A value that the platform provides: an export of another stack, a parameter of the SSM Parameter Store, or the value itself. */
export type PlatformValue = { export: string } | { parameter: string } | { value: string };

/** The resources that the platform provides in one environment and region. */
export interface Platform {
  /** The AWS account, 12 digits. A deployment with the credentials of another account is refused. */
  account: string;
  vpcId: PlatformValue;
  /** Subnets with routes to MySQL, S3 and Secrets Manager. */
  privateSubnetIds: readonly PlatformValue[];
  securityGroupId: PlatformValue;
  /** Endpoint of the proxy, `host` or `host:port`. */
  readerEndpoint: PlatformValue;
  /** ARN of the secret with the database login: JSON with `username` and `password`. */
  secretArn: PlatformValue;
  /** The same for the writer, which the coding overlay uses with a login of its own. */
  writerEndpoint: PlatformValue;
  writerSecretArn: PlatformValue;
  /** ARN of the topic of requests and events. Without it, the storage stack creates one. */
  topicArn?: PlatformValue;
  /** ARN of the topic that alarms notify. */
  alarmTopicArn?: PlatformValue;
  /** ARNs of customer managed KMS keys. Without a key, an AWS managed one or the service's own encryption is in use. */
  keys: { topic?: PlatformValue; secret?: PlatformValue; bucket?: PlatformValue };
}

/** In place of an account that has not been entered yet. No credentials belong to it, so a deployment is refused. */
export const noAccount = '000000000000';

const accounts: Record<Environment, string> = {
  development: noAccount,
  staging: noAccount,
  qa: noAccount,
  production: noAccount,
};

/** The exports of the platform's CommonResourcesStack, and its topic. The local stack stands in for those of development. */
function platform(environment: Environment): Platform {
  const of = (name: string): PlatformValue => ({ export: `nextpoint-${environment}-${name}` });
  return {
    account: accounts[environment],
    vpcId: of('VpcId'),
    privateSubnetIds: [of('PrivateSubnet1Id'), of('PrivateSubnet2Id')],
    securityGroupId: of('LambdaSecurityGroupId'),
    readerEndpoint: of('ReaderProxyEndpoint'),
    secretArn: of('DatabaseSecretArn'),
    writerEndpoint: of('WriterProxyEndpoint'),
    writerSecretArn: of('DatabaseWriterSecretArn'),
    topicArn: environment === 'development' ? undefined : of('TopicArn'),
    keys: {},
  };
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
    'illegal_domain.example',
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
/** The interval at which reconcile-reports looks for ends that no event announced. */
export const reconcileMinutes = 15;

/** The name of a resource: `reports-{environment}-{suffix}`. Of configuration set and schedule group, the prefix alone. */
export const nameOf = ({ environment }: Config, suffix?: string) =>
  ['reports', environment, suffix].filter((part) => part !== undefined).join('-');

/** Glue allows no hyphen in the name of a database. */
export const searchDatabase = ({ environment }: Config) => `reports_${environment}`;
export const searchWorkGroup = (config: Config) => nameOf(config, 'search-hits');

/**
 * The configuration of one environment in one region.
 * @throws Error when the functions or a report use more connections than there are; and, once an account has been entered, when
 *   an address is still an example or the download link is not https
 */
export function config(environment: Environment, region: Region): Config {
  const host = hosts[environment];
  return checked({
    environment,
    region,
    platform: platform(environment),
    databaseName: 'nextpoint',
    coreDatabaseName: 'nextpoint',
    readerConnections: 40,
    // 6 + 14 + 12 + 2 + 2 + 4 = 40. A function that reads two schemas opens one connection after the other.
    concurrency: {
      loadContext: 6,
      exportRows: 14,
      exportCase: 12,
      exportTestimony: 2,
      listCases: 2,
      mailReport: 4,
    },
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
    requestDays: 400,
    sender: `reports@${host}`,
    senderName: 'Nextpoint Reports',
    mailDomains: mailDomains[environment],
    supportAddress: 'support@nextpoint.example',
    runbook: 'https://code.nextpoint.example/report-service/blob/main/docs/operations.md',
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
  const { account } = config.platform;
  if (!/^\d{12}$/.test(account))
    throw new Error(`${config.environment}: the account "${account}" is not 12 digits.`);
  if (account === noAccount) return config;
  if (!/^https:\/\/.*\{reportType\}.*\{jobId\}/.test(config.downloadLink)) {
    throw new Error(
      `${config.environment}: downloadLink must be an https address with {reportType} and {jobId}. Set it in cdk/config.ts.`,
    );
  }
  for (const name of ['sender', 'supportAddress', 'downloadLink', 'runbook'] as const) {
    if (/\.example\b/.test(config[name])) {
      throw new Error(
        `${config.environment}: ${name} is "${config[name]}", which exists nowhere. Enter the real one in cdk/config.ts.`,
      );
    }
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
