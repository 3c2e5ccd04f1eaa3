// Prints events as they arrive, and a table of the outcomes.
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { machineOf } from '../../cdk/machines.ts';
import type { Mail } from '../aws/emulators/inbox.ts';
import type { TopicEvent } from '../rails/rails.ts';
import type { Stack } from '../stack.ts';
import type { DemoRequest } from './requests.ts';

/** Events that end a report. */
export const finalEvents = ['REPORT_COMPLETED', 'REPORT_FAILED', 'REPORT_CANCELLED', 'REPORT_REFUSED'];

/** The event that ended a request, and how long it took in milliseconds. */
export interface Outcome {
  event: TopicEvent;
  milliseconds: number;
}

const begin = Date.now();

/** Prints a line with the seconds since the start. */
export function say(text: string): void {
  console.log(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

/** Prints each event when it arrives; returns a function that prints the rest and stops. */
export function narrate({ rails }: Stack): () => void {
  let told = 0;
  const tell = () => {
    for (; told < rails.events.length; told++) say(lineOf(rails.events[told]!));
  };
  const timer = setInterval(tell, 50);
  return () => {
    clearInterval(timer);
    tell();
  };
}

function lineOf({ eventType, jobId, eventDetail }: TopicEvent): string {
  const { cause, message, change, file, progress } = eventDetail;
  const more =
    cause ?? message ?? change ?? (file && `${file.rows} rows`) ?? (progress && bar(progress)) ?? '';
  return `${eventType.padEnd(23)} ${(jobId ?? '(no jobId)').padEnd(36)} ${more}`;
}

function bar({ done, total }: { done: number; total: number }): string {
  const full = Math.floor((30 * done) / total);
  return `${'█'.repeat(full)}${'░'.repeat(30 - full)} ${done} of ${total} databases`;
}

/** One row per request: its executions, its file, its mails, its last event. */
export async function outcomeTable(
  stack: Stack,
  outcomes: [DemoRequest, Outcome][],
  mails: Mail[],
): Promise<string> {
  const rows = outcomes.map(async ([{ title, message }, { event, milliseconds }]) => {
    const { eventType, eventDetail } = event;
    const { file, error, reason } = eventDetail;
    const refused = eventType === 'REPORT_REFUSED';
    return {
      Request: title,
      'State machine': refused ? 'report-router' : machineFor(message),
      Execution: refused ? 'SUCCEEDED' : await executionStatuses(stack, message),
      Rows: file?.rows ?? '',
      File: file ? `${(file.bytes / 1024).toFixed(1)} KB` : '',
      Mail: refused ? '' : mailKinds(event, message.jobId, mails),
      Event: eventType + (error || reason ? ` (${error ?? reason})` : ''),
      Time: `${(milliseconds / 1000).toFixed(1)} s`,
    };
  });
  return plainTable(await Promise.all(rows));
}

const machineFor = ({ eventDetail }: DemoRequest['message']) =>
  machineOf[eventDetail.reportType as keyof typeof machineOf];

/** The status of the report's execution and of its delivery's, where there is one. */
async function executionStatuses(stack: Stack, message: DemoRequest['message']): Promise<string> {
  const names = {
    [machineFor(message)]: message.jobId,
    'deliver-report': `${message.eventDetail.reportType}-${message.jobId}`,
  };
  const found = Object.entries(names).map(async ([machine, name]) => {
    const machineArn = stack.stateMachines[`reports-development-${machine}`]!;
    const executionArn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const execution = await stack.clients.sfn
      .send(new DescribeExecutionCommand({ executionArn }))
      .catch(() => undefined);
    return execution?.status;
  });
  return (await Promise.all(found)).filter((status) => status !== undefined).join(', delivery ');
}

/** The outcomes of a job's mails. A mail that the delivery does not list is the mail about a failure. */
function mailKinds({ eventDetail }: TopicEvent, jobId: string, mails: Mail[]): string {
  const recipients: { messageId?: string; outcome: string }[] = eventDetail.delivery?.recipients ?? [];
  return mails
    .filter(({ text }) => text?.includes(`job ${jobId}.`))
    .map((mail) => recipients.find(({ messageId }) => messageId === mail.messageId)?.outcome ?? 'failure')
    .join(', ');
}

function plainTable(rows: Record<string, unknown>[]): string {
  const names = Object.keys(rows[0]!);
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)));
  const line = (cells: unknown[]) =>
    cells
      .map((cell, index) => String(cell).padEnd(widths[index]!))
      .join('  ')
      .trimEnd();
  return [
    line(names),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map((row) => line(Object.values(row))),
  ].join('\n');
}
