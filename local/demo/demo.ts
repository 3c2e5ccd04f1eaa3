// `npm run demo`: asks for reports as Rails would, shows what happens as it happens, and keeps the results.
import { relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeMapRunCommand, ListMapRunsCommand, RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { cancel, files } from '../../contract/samples/index.ts';
import { addCases, caseIds, caseSchema, connectAsAdmin } from '../database/seed.ts';
import { narrate, say } from '../narrate.ts';
import type { TopicEvent } from '../rails/rails.ts';
import { startStack } from '../stack.ts';
import { writeOutput } from './output.ts';
import {
  acrossOutage,
  addedCases,
  cancelled,
  type DemoRequest,
  duringOutage,
  overlays,
  requests,
  reusedId,
  schedule,
  slot,
  slotTime,
} from './requests.ts';
import { endingsOf, finalEvents, type Outcome, summaryOf } from './watch.ts';

const folder = resolve('demo-output');
const outcomes = new Map<DemoRequest, Outcome>();

const stack = await startStack({ waitTimeScale: 0.02, onProgress: say });
try {
  console.log(`\nAsking for reports on ${stack.topicArn}\n`);
  const stopNarrating = narrate(stack);
  await addCases(stack.database, addedCases);
  await storeFiles();
  await Promise.all([...requests.map(run), runAndCancel(cancelled)]);
  await run(reusedId);
  for (const request of overlays) await run(request);

  const across = run(acrossOutage);
  // A report that ends before its last case has no last case to wait for.
  await Promise.race([across, lastCaseIsLeft(acrossOutage)]);
  say('-- the database goes down; one case has not been read');
  const restore = await stack.outage('database');
  await Promise.all([across, run(duringOutage)]);
  await restore();
  say('-- the database is back; an operator redrives the failed reports');
  await Promise.all([redrive(duringOutage), redrive(acrossOutage)]);

  say(`-- a schedule is created, and its clock set to ${slotTime}`);
  await runSlot();
  await stopNarrating();

  const mails = await stack.mails();
  const endings = await endingsOf(stack, inOrder(), mails);
  await writeOutput(stack, endings, mails, folder);
  console.log(`\n${summaryOf(endings)}

Open ${relative('.', folder)}/index.html to read the mails and the files; their links work without the stack.
To keep this stack running, with its inbox page and endpoints: npm run local`);
  if (!endings.every(({ asIntended }) => asIntended)) process.exitCode = 1;
  if (stack.violations.length > 0)
    throw new Error(`${stack.violations.length} events break the contract, see above`);
} finally {
  await stack.stop();
}

/** Publishes the request and waits for the event that ends it. */
async function run(request: DemoRequest): Promise<void> {
  const began = Date.now();
  const seen = stack.rails.events.length;
  for (let time = 0; time < (request.times ?? 1); time++) await publish(request);
  const jobId = request.text === undefined ? request.message.jobId : null;
  keep(request, began, await finalEvent(jobId, (event) => stack.rails.events.indexOf(event) >= seen));
}

async function publish({ message, text }: DemoRequest): Promise<void> {
  if (text === undefined) return stack.rails.publish({ ...message, timestamp: new Date().toISOString() });
  const eventType = { DataType: 'String', StringValue: message.eventType };
  await stack.clients.sns.send(
    new PublishCommand({ TopicArn: stack.topicArn, Message: text, MessageAttributes: { eventType } }),
  );
}

function finalEvent(jobId: string | null, fits: (event: TopicEvent) => boolean = () => true) {
  return stack.rails.waitFor(
    (event) => finalEvents.includes(event.eventType) && event.jobId === jobId && fits(event),
  );
}

function keep(request: DemoRequest, began: number, event: TopicEvent): void {
  outcomes.set(request, { event, milliseconds: Date.now() - began });
}

/** The outcomes in the order in which the demo lists its requests. */
function inOrder(): [DemoRequest, Outcome][] {
  return [...requests, reusedId, ...overlays, cancelled, acrossOutage, duringOutage, slot].map((request) => [
    request,
    outcomes.get(request)!,
  ]);
}

/** Writes the parameters and the load file that requests refer to, as Rails would. */
async function storeFiles(): Promise<void> {
  for (const [Key, Body] of Object.entries(files))
    await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
}

/** Cancels a report while a lock holds up its query. */
async function runAndCancel(request: DemoRequest): Promise<void> {
  const { jobId, caseId, eventDetail } = request.message;
  const admin = await connectAsAdmin(stack.database, caseSchema(caseId!));
  await admin.query('LOCK TABLES deposition_volumes WRITE');
  const cancelIt = async () => {
    await stack.rails.waitFor((event) => event.jobId === jobId);
    say(`-- the requester cancels ${jobId}`);
    const { reportType, requestedBy } = eventDetail;
    await stack.rails.publish({ ...cancel, jobId, caseId, eventDetail: { reportType, requestedBy } });
  };
  await Promise.all([run(request), cancelIt()]);
  await admin.end();
}

/** Holds up one case of a report across cases by a lock, and waits until all others have been read. */
async function lastCaseIsLeft({ message }: DemoRequest): Promise<void> {
  const lock = await connectAsAdmin(stack.database, caseSchema(caseIds.northgate));
  // The outage ends this connection.
  lock.on('error', () => {});
  await lock.query('LOCK TABLES activities WRITE');
  const { eventDetail } = await stack.rails.waitFor((event) => event.jobId === message.jobId);
  const { executionArn } = eventDetail;
  for (let left = Number.POSITIVE_INFINITY; left > 1; await sleep(100)) {
    const { mapRuns } = await stack.clients.sfn.send(new ListMapRunsCommand({ executionArn }));
    const mapRunArn = mapRuns![0]?.mapRunArn;
    if (!mapRunArn) continue;
    const { itemCounts } = await stack.clients.sfn.send(new DescribeMapRunCommand({ mapRunArn }));
    if (itemCounts!.total! > 0) left = itemCounts!.total! - itemCounts!.succeeded!;
  }
}

/** Redrives a failed report, as an operator does. */
async function redrive(request: DemoRequest): Promise<void> {
  const began = Date.now();
  const { executionArn } = outcomes.get(request)!.event.eventDetail;
  await stack.clients.sfn.send(new RedriveExecutionCommand({ executionArn }));
  const completed = ({ eventType }: TopicEvent) => eventType === 'REPORT_COMPLETED';
  keep(request, began, await finalEvent(request.message.jobId, completed));
}

/** Creates the schedule, and sets its clock to its first slot. */
async function runSlot(): Promise<void> {
  await publish(schedule);
  await stack.rails.waitFor(({ eventDetail }) => eventDetail.change === 'created');
  const began = Date.now();
  await stack.scheduler.runUntil(slotTime);
  keep(slot, began, await finalEvent(slot.message.jobId));
}
