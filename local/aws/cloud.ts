import { buildApp } from 'fauxqs';
import { type StepFunctionsOptions, startStepFunctions } from '../step-functions/server.ts';
import { authorization as authorizationOf, type Credentials, type Grant } from './access/authorization.ts';
import type { Fault, InjectedFault } from './access/faults.ts';
import { accessKeyOf, type GatewayOptions, type RecordedCall, startGateway } from './access/gateway.ts';
import { type Clients, clientConfiguration, clientsOf } from './clients.ts';
import { type Athena, startAthena } from './emulators/athena.ts';
import { type Glue, type GlueJob, startGlue } from './emulators/glue.ts';
import { type Inbox, startInbox } from './emulators/inbox.ts';
import { invoke, lambda } from './emulators/lambda.ts';
import type { LambdaFunction } from './emulators/lambda-function.ts';
import { startPipe } from './emulators/pipe.ts';
import { startRule } from './emulators/rule.ts';
import { s3 } from './emulators/s3.ts';
import { type Scheduler, scheduler, startScheduler } from './emulators/scheduler.ts';
import { getSecretValue, secretsManager } from './emulators/secrets-manager.ts';
import { ses } from './emulators/ses.ts';
import { answerSes, type ConfigurationSets } from './emulators/ses-events.ts';
import { sns } from './emulators/sns.ts';
import { sqs } from './emulators/sqs.ts';
import { states } from './emulators/step-functions.ts';
import type { AssemblyStack } from './template/assembly.ts';
import { deploy } from './template/deployment.ts';
import { pseudoParameters } from './template/intrinsics.ts';
import { type Resource, resolveResources } from './template/resources.ts';

/** Options of a cloud. */
export interface CloudOptions {
  stacks: AssemblyStack[];
  /** Exports of stacks outside the assembly, by name. */
  imports?: Record<string, string>;
  /** Secrets that exist outside the assembly, by ARN. */
  secrets?: Map<string, string>;
  /** Glue jobs that exist outside the assembly, by name. */
  glueJobs?: Record<string, GlueJob>;
  /** Makes the functions that exist outside the assembly, with the administrator's clients. */
  platformFunctions?(clients: Clients): LambdaFunction[];
  /** Factor for waits and retry intervals; 1 is real time. */
  waitTimeScale: number;
  /** Runs schedules by the real clock; by default only `scheduler.runUntil` runs them. */
  schedulesOnTime?: boolean;
  /** Folder for the logs of the functions. */
  logFolder: string;
  /** Free ports by default. */
  ports?: { gateway?: number; inbox?: number; stepFunctions?: number };
  log?(line: string): void;
  onVisit?: StepFunctionsOptions['onVisit'];
  onRoleCall?: GatewayOptions['onRoleCall'];
}

/** Services that can be switched off, named as in request signatures. */
export type ServiceName =
  | 's3'
  | 'sns'
  | 'sqs'
  | 'ses'
  | 'lambda'
  | 'states'
  | 'secretsmanager'
  | 'scheduler'
  | 'athena'
  | 'glue';

/** The resources of a cloud assembly, running on this machine. */
export interface Cloud {
  /** URL of all AWS services. */
  endpoint: string;
  /** Access keys of the administrator, who may do everything. */
  credentials: Credentials;
  /** SDK clients of the administrator. */
  clients: Clients;
  resources: Resource[];
  functions: Map<string, LambdaFunction>;
  inbox: Inbox;
  scheduler: Scheduler;
  athena: Athena;
  glue: Glue;
  /** Runs every rule that has a schedule, once. */
  runScheduledRules(): void;
  /** Every call that came through the gateway. */
  calls: RecordedCall[];
  /** The permissions of each role. */
  grants: Grant[];
  /** Switches a service off for a number of calls, or until the returned function switches it on again. */
  outage(service: ServiceName, calls?: number): () => void;
  /** Holds the calls of a service until the returned function releases them. */
  hold(service: ServiceName): () => void;
  /** Puts a fault in the way of calls to come, and gives what takes it back and says how many calls it met. */
  fault(fault: Fault): InjectedFault;
  /** Has EventBridge lose the events that fit, until the returned function is called. Delivery is best effort on AWS. */
  loseEvents(fits: (event: object) => boolean): () => void;
  stop(): Promise<void>;
}

/** Starts the resources of the stacks on loopback. Several clouds can run side by side. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { stacks, imports, secrets = new Map(), waitTimeScale, log = () => {} } = options;
  const { ports = {}, logFolder, onRoleCall, schedulesOnTime = false } = options;
  await using starting = new AsyncDisposableStack();

  const gateway = await startGateway({ port: ports.gateway, onRoleCall });
  starting.defer(() => gateway.stop());
  const { endpoint, outages, holds, calls } = gateway;
  const resources = resolveResources({ stacks, gateway: endpoint, imports });
  const authorization = authorizationOf(resources);
  const { credentials } = authorization.administrator;
  const administrator = clientsOf(endpoint, credentials);
  const roleClients = (roleArn: string, service: string) =>
    clientsOf(endpoint, authorization.role(roleArn, service).credentials);
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);

  const rules = ofType('AWS::Events::Rule').map((rule) =>
    startRule({
      rule,
      clientsOf: (roleArn) => roleClients(roleArn, 'events'),
      administrator,
      queueUrl: (queueArn) => queueUrl(resources, queueArn),
      onTime: schedulesOnTime,
      waitTimeScale,
      log,
    }),
  );
  for (const rule of rules) starting.defer(() => rule.stop());

  // Events of executions that a test has EventBridge lose.
  let loses: (event: object) => boolean = () => false;
  const offer = (event: object) => {
    if (!loses(event)) for (const rule of rules) rule.offer(event);
  };
  const stepFunctions = await startStepFunctions({
    port: ports.stepFunctions,
    accountId: pseudoParameters['AWS::AccountId'],
    region: pseudoParameters['AWS::Region'],
    waitTimeScale,
    clients: (roleArn) => clientConfiguration(endpoint, authorization.role(roleArn, 'states').credentials),
    async mayControlChildren(roleArn, action, resource) {
      const caller = authorization.role(roleArn, 'states');
      const allowed = (await authorization.decide(caller, { action, resource })) === 'Allowed';
      const operation = action.slice('states:'.length);
      calls.push({ service: 'states', operation, action, resource, caller: caller.name, allowed });
      return allowed;
    },
    onStatusChange: offer,
    ...(options.onVisit && { onVisit: options.onVisit }),
  });
  starting.defer(() => stepFunctions.close());
  const emulator = buildApp({ logger: false });
  starting.defer(() => emulator.close());
  const emulatorEndpoint = await emulator.listen({ host: '127.0.0.1', port: 0 });
  const inbox = await startInbox(ports.inbox);
  starting.defer(() => inbox.stop());
  const functions = new Map<string, LambdaFunction>();
  starting.defer(async () => void (await Promise.all([...functions.values()].map((one) => one.stop()))));
  const configurationSets: ConfigurationSets = new Map();
  const schedules = startScheduler({
    groups: ofType('AWS::Scheduler::ScheduleGroup').map(({ name }) => name),
    clientsOf: (roleArn) => roleClients(roleArn, 'scheduler'),
    queueUrl: (queueArn) => queueUrl(resources, queueArn),
    onTime: schedulesOnTime,
    waitTimeScale,
    log,
  });
  starting.defer(() => schedules.stop());

  const athena = startAthena(
    resources,
    (request) => clientsOf(endpoint, { accessKeyId: accessKeyOf(request), secretAccessKey: 'local' }).s3,
  );
  starting.defer(() => athena.stop());
  const glue = startGlue(options.glueJobs ?? {}, administrator.s3);
  starting.defer(() => glue.stop());
  for (const one of options.platformFunctions?.(administrator) ?? []) functions.set(one.name, one);

  gateway.open(authorization, {
    athena: { service: athena.service, target: athena.answer },
    glue: { service: glue.service, target: glue.answer },
    lambda: { service: lambda, target: (request) => invoke(functions, request) },
    s3: { service: s3, target: emulatorEndpoint },
    scheduler: { service: scheduler, target: schedules.answer },
    secretsmanager: { service: secretsManager, target: ({ body }) => getSecretValue(secrets, body) },
    ses: {
      service: ses(configurationSets),
      target: (request) => answerSes(request, { inboxUrl: inbox.url, configurationSets, publish: offer }),
    },
    sns: { service: sns, target: emulatorEndpoint },
    sqs: { service: sqs, target: emulatorEndpoint },
    states: { service: states, target: stepFunctions.endpoint },
  });
  await deploy(resources, {
    endpoint,
    authorization,
    administrator,
    configurationSets,
    functions,
    logFolder,
  });
  for (const pipe of ofType('AWS::Pipes::Pipe'))
    starting.defer(
      startPipe({
        pipe,
        queueUrl: queueUrl(resources, pipe.properties.Source),
        clients: roleClients(pipe.properties.RoleArn, 'pipes'),
        administrator,
        waitTimeScale,
        log,
      }),
    );
  // The calls so far belong to the deployment.
  calls.length = 0;

  const running = starting.move();
  return {
    endpoint,
    credentials,
    clients: administrator,
    resources,
    functions,
    inbox,
    scheduler: schedules,
    athena,
    glue,
    calls,
    grants: authorization.grants,
    outage(service, calls = Number.POSITIVE_INFINITY) {
      outages.set(service, calls);
      return () => void outages.delete(service);
    },
    hold(service) {
      const { promise, resolve } = Promise.withResolvers<void>();
      holds.set(service, promise);
      return () => {
        holds.delete(service);
        resolve();
      };
    },
    fault: gateway.fault,
    loseEvents(fits) {
      loses = fits;
      return () => {
        loses = () => false;
      };
    },
    runScheduledRules() {
      for (const rule of rules) rule.tick();
    },
    stop: () => running.disposeAsync(),
  };
}

function queueUrl(resources: Resource[], queueArn: string): string {
  const queue = resources.find(({ arn }) => arn === queueArn);
  if (!queue) throw new Error(`No queue of the templates has the ARN ${queueArn}`);
  return queue.ref;
}
