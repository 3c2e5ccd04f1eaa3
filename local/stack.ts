import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, config } from '../cdk/config.ts';
import type { Credentials, Grant } from './aws/access/authorization.ts';
import type { Fault, InjectedFault } from './aws/access/faults.ts';
import type { RecordedCall } from './aws/access/gateway.ts';
import type { Clients } from './aws/clients.ts';
import { type CloudOptions, type ServiceName, startCloud } from './aws/cloud.ts';
import type { Athena } from './aws/emulators/athena.ts';
import type { Glue } from './aws/emulators/glue.ts';
import type { Mail } from './aws/emulators/inbox.ts';
import type { LambdaFunction } from './aws/emulators/lambda-function.ts';
import type { Scheduler } from './aws/emulators/scheduler.ts';
import { type AssemblyStack, readAssembly, synthesize } from './aws/template/assembly.ts';
import { arn } from './aws/template/resource-types.ts';
import { createDataFolder } from './data-folder.ts';
import { seedDatabase } from './database/seed.ts';
import { type Database, startDatabase } from './database/server.ts';
import { downloadPath } from './rails/downloads.ts';
import { maySeeBy } from './rails/file-access.ts';
import { type Rails, startRails } from './rails/rails.ts';
import { type Violation, violationOf } from './rails/violations.ts';
import { type SearchPlatform, searchPlatform } from './search/platform.ts';

/** Options of the stack. */
export interface StackOptions {
  /** Factor for waits and retry intervals; 1 is real time. */
  waitTimeScale: number;
  /** Free ports by default. */
  ports?: { gateway?: number; inbox?: number; rails?: number; stepFunctions?: number };
  /** Runs schedules by the real clock; by default only `scheduler.runUntil` runs them. */
  schedulesOnTime?: boolean;
  /** Folder for the assembly and the logs. By default a temporary folder, which is removed at the end. */
  dataFolder?: string;
  /** Folder of a cloud assembly to deploy. By default the CDK app is synthesized. */
  assembly?: string;
  /** Prints no warnings. */
  quiet?: boolean;
  /** Called for each place of a machine that an execution visits, see Step Functions Local. */
  onVisit?: CloudOptions['onVisit'];
  /** Called with each step of the start. */
  onProgress?(line: string): void;
}

/** The whole report service, running on this machine. */
export interface Stack {
  /** URL of all AWS services. */
  endpoint: string;
  /** Access keys of the administrator, who may do everything. */
  credentials: Credentials;
  /** SDK clients of the administrator. */
  clients: Clients;
  topicArn: string;
  bucket: string;
  /** ARNs by name. */
  stateMachines: Record<string, string>;
  /** By name. */
  functions: Record<string, LambdaFunction>;
  /** URLs by name. */
  queues: Record<string, string>;
  /** URL of the page that shows the mails. */
  inboxUrl: string;
  railsUrl: string;
  rails: Rails;
  database: Database;
  /** The schedules and their clock. */
  scheduler: Scheduler;
  /** The searches of the backend's stand-in. */
  search: SearchPlatform;
  athena: Athena;
  glue: Glue;
  /** Every permission that a call needed, in order. */
  calls: RecordedCall[];
  /** Events that break the contract. There should be none. */
  violations: Violation[];
  /** When a machine or a function made a call last, in milliseconds since 1970. What moves is worth waiting for. */
  movedAt(): number;
  /** The folder of the stack's files, and the one of its logs within. */
  folder: string;
  logFolder: string;
  /** All mails sent so far. */
  mails(): Promise<Mail[]>;
  /** Switches a service off for a number of calls, or until the returned function switches it on again. */
  outage(service: ServiceName | 'database', calls?: number): Promise<() => Promise<void>>;
  /** Holds the calls of a service until the returned function releases them. */
  hold(service: ServiceName): () => void;
  /** Injects a fault into later calls. The returned function removes it and returns the number of calls it met. */
  fault(fault: Fault): InjectedFault;
  /** Has EventBridge lose the events that fit, until the returned function is called. Delivery is best effort on AWS. */
  loseEvents(fits: (event: object) => boolean): () => void;
  /** Runs every rule that has a schedule, once. */
  runScheduledRules(): void;
  /** The permissions of each role. A grant that no call uses is one too many. */
  grants: Grant[];
  stop(): Promise<void>;
}

const app = fileURLToPath(new URL('../cdk/app.ts', import.meta.url));
const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
const secretArn = arn('secretsmanager', 'secret:reports-database-local');
const writerSecretArn = arn('secretsmanager', 'secret:reports-database-writer-local');

/** Starts the report service as the CDK app defines it, with a database, AWS and Rails around it. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const started = new AsyncDisposableStack();
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopOnce();
    return stopping;
  };
  const stopOnce = async () => {
    // Not everything that is awaited here keeps the process alive.
    const alive = setInterval(() => {}, 60_000);
    await started.disposeAsync();
    clearInterval(alive);
    for (const signal of signals) process.off(signal, onSignal);
  };
  // The signal is sent again after the cleanup, so that it ends the process as usual.
  const onSignal = (signal: NodeJS.Signals) => void stop().finally(() => process.kill(process.pid, signal));
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return { ...(await start(options, started)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: StackOptions, started: AsyncDisposableStack): Promise<Omit<Stack, 'stop'>> {
  const { waitTimeScale, ports = {}, quiet, onProgress = () => {} } = options;
  const warn = (line: string) => quiet || console.warn(line);
  const folder = options.dataFolder ?? (await createDataFolder());
  if (!options.dataFolder) started.defer(() => rm(folder, { recursive: true, force: true }));
  const logFolder = join(folder, 'logs');
  await mkdir(logFolder, { recursive: true });

  const assemble = async () => {
    const assembly = options.assembly ?? join(folder, 'assembly');
    if (!options.assembly) await synthesize(app, assembly);
    return readAssembly(assembly);
  };
  onProgress('Synthesizing the CDK app; starting the database');
  const [assembled, served] = await Promise.allSettled([
    assemble(),
    startDatabase().then(async (server) => {
      started.defer(() => server.remove());
      await seedDatabase(server);
      return server;
    }),
  ]);
  // Waits for both before it throws, so that a database that was started is stopped too.
  if (assembled.status === 'rejected') throw assembled.reason;
  if (served.status === 'rejected') throw served.reason;
  const { value: stacks } = assembled;
  const { value: database } = served;
  const rails = await startRails(ports.rails);
  started.defer(() => rails.stop());

  onProgress('Starting the services and deploying the templates');
  const { user: username, password } = database.service;
  const violations: Violation[] = [];
  let movedAt = Date.now();
  const configuration = config('development', 'us-east-1');
  const search = searchPlatform(database, configuration);
  const cloud = await startCloud({
    stacks: withDownloadLink(stacks, configuration, rails.url + downloadPath),
    glueJobs: search.glueJobs,
    platformFunctions: (clients) => [search.backendFunction(clients)],
    waitTimeScale,
    onVisit: options.onVisit,
    schedulesOnTime: options.schedulesOnTime,
    logFolder,
    ports,
    imports: platformExports(`${database.host}:${database.port}`),
    secrets: new Map([
      [secretArn, JSON.stringify({ username, password })],
      [
        writerSecretArn,
        JSON.stringify({ username: database.writer.user, password: database.writer.password }),
      ],
    ]),
    log: warn,
    onRoleCall(operation, { body }) {
      // Pipes poll, whether or not there is anything.
      if (operation !== 'ReceiveMessage') movedAt = Date.now();
      const violation = operation === 'Publish' && violationOf(body);
      if (!violation) return;
      violations.push(violation);
      const { event, problems } = violation;
      console.error(`The event ${event.eventType} of ${event.jobId} breaks the contract:`, problems);
    },
  });
  started.defer(() => cloud.stop());

  const ofType = (type: string) => cloud.resources.filter((resource) => resource.type === type);
  const refs = (type: string) => Object.fromEntries(ofType(type).map(({ name, ref }) => [name, ref]));
  const topicArn = ofType('AWS::SNS::Topic')[0]!.ref;
  await rails.connect({
    clients: cloud.clients,
    topicArn,
    maySee: maySeeBy(database),
    movedAt: () => movedAt,
  });
  onProgress(`Ready: AWS at ${cloud.endpoint}, mails at ${cloud.inbox.url}`);

  return {
    endpoint: cloud.endpoint,
    credentials: cloud.credentials,
    clients: cloud.clients,
    topicArn,
    bucket: ofType('AWS::S3::Bucket')[0]!.name,
    stateMachines: refs('AWS::StepFunctions::StateMachine'),
    functions: Object.fromEntries(cloud.functions),
    queues: refs('AWS::SQS::Queue'),
    inboxUrl: cloud.inbox.url,
    railsUrl: rails.url,
    rails,
    database,
    scheduler: cloud.scheduler,
    search,
    athena: cloud.athena,
    glue: cloud.glue,
    calls: cloud.calls,
    grants: cloud.grants,
    violations,
    movedAt: () => movedAt,
    folder,
    logFolder,
    mails: cloud.inbox.mails,
    hold: cloud.hold,
    fault: cloud.fault,
    loseEvents: cloud.loseEvents,
    runScheduledRules: cloud.runScheduledRules,
    async outage(service, calls) {
      if (service !== 'database') {
        const restore = cloud.outage(service, calls);
        return async () => restore();
      }
      await database.stop();
      let restored: Promise<void> | undefined;
      return () => {
        restored ??= database.start();
        return restored;
      };
    },
  };
}

/** The stacks with another download route in the definitions of their machines. */
function withDownloadLink(stacks: AssemblyStack[], { downloadLink }: Config, other: string): AssemblyStack[] {
  return stacks.map((stack) => ({
    ...stack,
    template: JSON.parse(JSON.stringify(stack.template).replaceAll(downloadLink, other)),
  }));
}

/** The exports of the platform's own stacks. The ids of the network are mere names: everything is on loopback. */
function platformExports(readerEndpoint: string): Record<string, string> {
  const exports = {
    DatabaseSecretArn: secretArn,
    DatabaseWriterSecretArn: writerSecretArn,
    LambdaSecurityGroupId: 'sg-local',
    PrivateSubnet1Id: 'subnet-local-1',
    PrivateSubnet2Id: 'subnet-local-2',
    ReaderProxyEndpoint: readerEndpoint,
    VpcId: 'vpc-local',
    // One server is reader and writer.
    WriterProxyEndpoint: readerEndpoint,
  };
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [`nextpoint-development-${name}`, value]),
  );
}
