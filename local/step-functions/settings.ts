import { randomUUID } from 'node:crypto';

/** Any JSON value: what travels between states. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Configuration of an AWS SDK client, as its constructor takes it. */
export interface ClientConfiguration {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  [option: string]: unknown;
}

/** PENDING_REDRIVE: a child of a redriven Map Run waits for its turn. */
export type ExecutionStatus =
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'TIMED_OUT'
  | 'ABORTED'
  | 'PENDING_REDRIVE';

export type RedriveStatus = 'REDRIVABLE' | 'NOT_REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN';

/** The EventBridge event that AWS sends for every change of status of a Standard execution. */
export interface StatusChangeEvent {
  version: '0';
  id: string;
  'detail-type': 'Step Functions Execution Status Change';
  source: 'aws.states';
  account: string;
  /** ISO 8601, whole seconds. */
  time: string;
  region: string;
  /** The execution's ARN. */
  resources: [string];
  detail: {
    executionArn: string;
    stateMachineArn: string;
    name: string;
    status: ExecutionStatus;
    /** Milliseconds since 1970. */
    startDate: number;
    stopDate: number | null;
    input: string | null;
    inputDetails: { included: boolean };
    output: string | null;
    outputDetails: { included: boolean } | null;
    stateMachineVersionArn: null;
    stateMachineAliasArn: null;
    redriveCount: number;
    /** Milliseconds since 1970. */
    redriveDate: number | null;
    redriveStatus: RedriveStatus;
    redriveStatusReason: string | null;
    error: string | null;
    cause: string | null;
  };
}

export interface StepFunctionsOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  host?: string;
  region?: string;
  accountId?: string;
  /** A folder that keeps machines and executions, so that they can be redriven after a restart. Default: none. */
  data?: string;
  /** A MockConfigFile.json; executions of `<machine ARN>#<test case>` take answers from it. Default: SFN_MOCK_CONFIG. */
  mockConfig?: string | undefined;
  /** Factor on waits and retry intervals; timeouts are never scaled. Default: WAIT_TIME_SCALE, else 1. */
  waitTimeScale?: number;
  /**
   * Client configuration for what a machine with this role calls. `service` is the word that follows `aws-sdk:` in a
   * Resource (`lambda`, `s3`, `sfn`, `sns` …), for the optimized integrations too. Default: the environment.
   */
  clients?: (roleArn: string, service: string) => ClientConfiguration;
  /**
   * Whether a role may do something to the children of its Map Runs (`states:StartExecution` and others, as AWS documents
   * them), which happens without a call to any service. Default: everything.
   */
  mayControlChildren?: (roleArn: string, action: string, resource: string) => Promise<boolean>;
  /** Called for every change of status of a Standard execution; must not throw. */
  onStatusChange?: (event: StatusChangeEvent) => void;
  /** Milliseconds since 1970. */
  clock?: () => number;
  randomUUID?: () => string;
  /** At least 0, below 1; also feeds `$random()` and `$uuid()`. */
  random?: () => number;
}

export type Settings = Required<Omit<StepFunctionsOptions, 'port' | 'host' | 'data' | 'mockConfig'>> &
  Pick<StepFunctionsOptions, 'mockConfig'>;

/** Options with their defaults. Throws for a WAIT_TIME_SCALE that is no number of at least 0. */
export function settingsOf(options: StepFunctionsOptions): Settings {
  const scale = options.waitTimeScale ?? Number(process.env.WAIT_TIME_SCALE ?? 1);
  if (!(scale >= 0)) throw new Error(`WAIT_TIME_SCALE must be a number of at least 0, not ${scale}`);
  return {
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '123456789012',
    waitTimeScale: scale,
    mockConfig: options.mockConfig ?? process.env.SFN_MOCK_CONFIG,
    clients: options.clients ?? (() => ({})),
    mayControlChildren: options.mayControlChildren ?? (() => Promise.resolve(true)),
    onStatusChange: options.onStatusChange ?? (() => {}),
    clock: options.clock ?? Date.now,
    randomUUID: options.randomUUID ?? randomUUID,
    random: options.random ?? Math.random,
  };
}
