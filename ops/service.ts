// The deployed service of one environment, as the commands see it.

import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { DescribeExecutionCommand, paginateListStateMachines, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Config, config, type Environment, nameOf } from '../cdk/config.ts';
import { type Machine, machineOf, machines } from '../cdk/machines.ts';
import type { ReportType } from '../contract/types.ts';

/** Options that every client of the SDK takes: the AWS CLI's profile and region, and in tests the endpoint of the local stack. */
export type ClientOptions = NonNullable<ConstructorParameters<typeof SFNClient>[0]>;

/** A command that ends without having done its work: what it prints, and its exit code. */
export class Stop extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** 0: done. 1: something failed. 2: wrong usage. 3: nothing was found. 4: refused, because it would do harm or nothing. */
export const exitCodes = { done: 0, failed: 1, usage: 2, notFound: 3, refused: 4 } as const;

/** An execution, as far as the commands look at it. */
export interface Execution {
  arn: string;
  machine: Machine;
  name: string;
  status: string;
  startDate: Date;
  stopDate: Date | undefined;
  redriveCount: number;
  redriveStatus: string;
  redriveReason: string | undefined;
  /** Of one that was stopped without an error, `Aborted`; of one that timed out, `States.Timeout`. */
  error: string | undefined;
  cause: string;
  // biome-ignore lint/suspicious/noExplicitAny: every machine has an input of its own shape.
  input: any;
}

export interface Service {
  config: Config;
  sfn: SFNClient;
  sqs: SQSClient;
  scheduler: SchedulerClient;
  /** Machines that are deployed, with their ARNs. */
  machineArns: ReadonlyMap<Machine, string>;
  machineArn(machine: Machine): string;
  /** Reads an execution by machine and name; undefined when there is none. */
  find(machine: Machine, name: string): Promise<Execution | undefined>;
  /** Reads an execution by its ARN. Throws what Step Functions answers. */
  describe(arn: string): Promise<Execution>;
  queueUrl(queue: string): Promise<string>;
  /** Prints progress, apart from the result. */
  progress(line: string): void;
}

/**
 * Connects to the service of an environment.
 * @throws Stop when there are no machines of that environment
 */
export async function connect(
  environment: Environment,
  client: ClientOptions,
  progress: (line: string) => void,
): Promise<Service> {
  // Throttled calls are slowed down and repeated: the quotas are shared with the service itself.
  const options = { retryMode: 'adaptive', maxAttempts: 8, ...client };
  const settings = config(environment, 'us-east-1');
  const sfn = new SFNClient(options);
  const sqs = new SQSClient(options);
  const prefix = nameOf(settings, '');
  const machineArns = new Map<Machine, string>();
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: sfn }, {}))
    for (const { name = '', stateMachineArn } of stateMachines)
      if (name.startsWith(prefix) && name.slice(prefix.length) in machines)
        machineArns.set(name.slice(prefix.length) as Machine, stateMachineArn!);
  if (machineArns.size === 0)
    throw new Stop(
      exitCodes.notFound,
      `There are no machines ${prefix}… here. Check --environment, --region and --profile.`,
    );

  async function describe(executionArn: string): Promise<Execution> {
    const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const { status = '' } = found;
    const ended = status === 'ABORTED' ? 'Aborted' : status === 'TIMED_OUT' ? 'States.Timeout' : undefined;
    return {
      arn: executionArn,
      machine: found.stateMachineArn!.split(`:${prefix}`)[1] as Machine,
      name: found.name!,
      status,
      startDate: found.startDate!,
      stopDate: found.stopDate,
      redriveCount: found.redriveCount ?? 0,
      redriveStatus: found.redriveStatus ?? '',
      redriveReason: found.redriveStatusReason,
      error: found.error || ended,
      cause: found.cause ?? '',
      input: JSON.parse(found.input ?? '{}'),
    };
  }

  const machineArn = (machine: Machine) => {
    const arn = machineArns.get(machine);
    if (!arn) throw new Stop(exitCodes.notFound, `The machine ${prefix}${machine} is not deployed.`);
    return arn;
  };
  return {
    config: settings,
    sfn,
    sqs,
    scheduler: new SchedulerClient(options),
    machineArns,
    machineArn,
    find(machine, name) {
      return describe(`${machineArn(machine).replace(':stateMachine:', ':execution:')}:${name}`).catch(
        (error) => {
          if (error.name === 'ExecutionDoesNotExist' || error.name === 'InvalidArn') return undefined;
          throw error;
        },
      );
    },
    describe,
    async queueUrl(queue) {
      const command = new GetQueueUrlCommand({ QueueName: nameOf(settings, queue) });
      return (await sqs.send(command)).QueueUrl!;
    },
    progress,
  };
}

/**
 * The report type of that name.
 * @throws Stop when there is none
 */
export function reportTypeOf(text: string | undefined): keyof typeof machineOf {
  if (text !== undefined && text in machineOf) return text as keyof typeof machineOf;
  throw new Stop(
    exitCodes.usage,
    `${text === undefined ? 'The report type is missing' : `There is no report type ${text}`}. ` +
      `Use one of ${(Object.keys(machineOf) as ReportType[]).join(', ')}.`,
  );
}

/** The results of a function for each item, in their order, so many at a time. */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
  atOnce = 4,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await act(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
