// Measures an execution by its history and those of its children.
import {
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListMapRunsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';

export type ExecutionFacts = {
  /** As AWS bills them: the start, each entered state, and each retry. */
  transitions: number;
  /** In the execution's own history, which AWS limits to 25,000. */
  events: number;
  children: number;
  /** The largest input or output of a state or task, which AWS limits to 262,144 bytes. */
  largest: { bytes: number; of: string };
};

/** The facts of an execution that has ended, including its children. */
export async function factsOf(client: SFNClient, executionArn: string): Promise<ExecutionFacts> {
  const events = await historyOf(client, executionArn);
  const facts: ExecutionFacts = {
    transitions: transitionsIn(events),
    events: events.length,
    children: 0,
    largest: largestIn(events),
  };
  for (const childArn of await childrenOf(client, executionArn)) {
    const child = await factsOf(client, childArn);
    facts.children++;
    facts.transitions += child.transitions;
    if (child.largest.bytes > facts.largest.bytes) facts.largest = child.largest;
  }
  return facts;
}

async function historyOf(client: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const pages = await allPages((nextToken) =>
    client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken })),
  );
  return pages.flatMap(({ events }) => events!);
}

/** The ARNs of the children in all Map Runs of the execution. */
async function childrenOf(client: SFNClient, executionArn: string): Promise<string[]> {
  // The ARN of a child contains a slash. A child has no Map Runs.
  if (executionArn.split(':')[6]!.includes('/')) return [];
  const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
  const lists = await Promise.all(
    mapRuns!.map(({ mapRunArn }) =>
      allPages((nextToken) =>
        client.send(new ListExecutionsCommand({ mapRunArn, maxResults: 1000, nextToken })),
      ),
    ),
  );
  return lists.flat().flatMap(({ executions }) => executions!.map((child) => child.executionArn!));
}

async function allPages<Page extends { nextToken?: string }>(
  get: (nextToken?: string) => Promise<Page>,
): Promise<Page[]> {
  const pages = [await get()];
  while (pages.at(-1)!.nextToken) pages.push(await get(pages.at(-1)!.nextToken));
  return pages;
}

function transitionsIn(events: HistoryEvent[]): number {
  const count = (pattern: RegExp) => events.filter(({ type }) => pattern.test(type!)).length;
  const retries = count(/^TaskScheduled$/) - count(/^TaskStateEntered$/);
  return 1 + count(/StateEntered$/) + Math.max(0, retries);
}

function largestIn(events: HistoryEvent[]): ExecutionFacts['largest'] {
  const texts = events.flatMap(
    ({
      type,
      executionStartedEventDetails: started,
      stateEnteredEventDetails: entered,
      stateExitedEventDetails: exited,
      taskScheduledEventDetails: scheduled,
      taskSucceededEventDetails: succeeded,
    }) => [
      { text: started?.input ?? entered?.input, of: `input of ${entered?.name ?? type}` },
      { text: exited?.output, of: `output of ${exited?.name}` },
      { text: scheduled?.parameters, of: `arguments of a ${scheduled?.resource}` },
      { text: succeeded?.output, of: `result of a ${succeeded?.resource}` },
    ],
  );
  return texts
    .map(({ text = '', of }) => ({ bytes: Buffer.byteLength(text), of }))
    .reduce((one, other) => (other.bytes > one.bytes ? other : one));
}
