import { randomUUID } from 'node:crypto';

/** Any JSON value, as it travels between states. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Configuration of an AWS SDK client, as its constructor takes it. */
export interface ClientConfiguration {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  [option: string]: unknown;
}

/** PENDING_REDRIVE is the status of a child that waits for its turn in a redriven Map Run. */
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
  /** The default, 0, takes a free port. */
  port?: number;
  host?: string;
  region?: string;
  accountId?: string;
  /** The folder in which machines and executions are kept, so that they can be redriven after a restart. Default: none. */
  data?: string;
  /** The path of a MockConfigFile.json, which answers the Tasks of executions of `<machine ARN>#<test case>`. Default: SFN_MOCK_CONFIG. */
  mockConfig?: string | undefined;
  /** Multiplies waits and retry intervals, never timeouts. Default: WAIT_TIME_SCALE, else 1. */
  waitTimeScale?: number;
  /**
   * Client configuration for what a machine with this role calls. `service` is the word that follows `aws-sdk:` in a
   * Resource (`lambda`, `s3`, `sfn`, `sns` …), for the optimized integrations too. Default: the environment.
   */
  clients?: (roleArn: string, service: string) => ClientConfiguration;
  /**
   * Says whether a role may control the children of its Map Runs (`states:StartExecution` and others, as AWS documents
   * them), because that needs no call to a service. Default: everything is allowed.
   */
  mayControlChildren?: (roleArn: string, action: string, resource: string) => Promise<boolean>;
  /** Called for every change of status of a Standard execution; must not throw. */
  onStatusChange?: (event: StatusChangeEvent) => void;
  /**
   * Called with the name of the machine for each state that an execution enters, and for each Choice rule, Default, retrier and
   * catcher that it takes: `Load context`, `Load context/Retry[0]`. Must not throw.
   */
  onVisit?: (machine: string, place: string) => void;
  /** Milliseconds since 1970. */
  clock?: () => number;
  randomUUID?: () => string;
  /** At least 0, below 1; also feeds `$random()` and `$uuid()`. */
  random?: () => number;
}

export type Settings = Required<Omit<StepFunctionsOptions, 'port' | 'host' | 'data' | 'mockConfig'>> &
  Pick<StepFunctionsOptions, 'mockConfig'>;

/** Fills in the defaults. Throws for a WAIT_TIME_SCALE that is not a number of at least 0. */
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
    onVisit: options.onVisit ?? (() => {}),
    clock: options.clock ?? Date.now,
    randomUUID: options.randomUUID ?? randomUUID,
    random: options.random ?? Math.random,
  };
}
