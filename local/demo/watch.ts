// The outcomes of the demo's requests.
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { machineOf } from '../../cdk/machines.ts';
import { isAbout, type Mail } from '../aws/emulators/inbox.ts';
import { wrapped } from '../narrate.ts';
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

/** The outcome of a request. */
export interface Ending {
  request: DemoRequest;
  event: TopicEvent;
  /** `REPORT_FAILED (InvalidRequest)`. */
  came: string;
  asIntended: boolean;
  /** Its rows, its file, its mails, its executions, its time. */
  facts: string;
}

/** Each request with what was to be expected, and what came. */
export async function endingsOf(
  stack: Stack,
  outcomes: [DemoRequest, Outcome][],
  mails: Mail[],
): Promise<Ending[]> {
  const endings = outcomes.map(async ([request, { event, milliseconds }]) => {
    const { eventType, eventDetail } = event;
    const { file, error, reason } = eventDetail;
    const refused = eventType === 'REPORT_REFUSED';
    const came = eventType + (error || reason ? ` (${error ?? reason})` : '');
    const sent = refused ? '' : mailKinds(event, request.message.jobId, mails);
    const facts = [
      refused ? 'report-router' : machineFor(request.message),
      refused ? '' : await executionStatuses(stack, request.message),
      file && `${file.rows} rows, ${(file.bytes / 1000).toFixed(1)} KB`,
      sent && `mail: ${sent}`,
      `${(milliseconds / 1000).toFixed(1)} s`,
    ];
    return {
      request,
      event,
      came,
      asIntended: came === request.expected,
      facts: facts.filter(Boolean).join('; '),
    };
  });
  return Promise.all(endings);
}

/** What was asked for, what was to be expected, and what came, for a terminal. */
export function summaryOf(endings: Ending[]): string {
  const ended = endings.filter(({ asIntended }) => asIntended).length;
  const list = endings.map(({ request, came, asIntended, facts }) =>
    [
      wrapped(`${asIntended ? 'ok' : 'NOT AS INTENDED'}  ${request.title}`, '    '),
      wrapped(`    expected  ${request.expected}${request.why ? `: ${request.why}` : ''}`, ' '.repeat(14)),
      wrapped(`    came      ${came}; ${facts}`, ' '.repeat(14)),
    ].join('\n'),
  );
  return `${list.join('\n')}\n\n${ended} of ${endings.length} ended as intended.`;
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
    .filter((mail) => isAbout(mail, jobId))
    .map((mail) => recipients.find(({ messageId }) => messageId === mail.messageId)?.outcome ?? 'failure')
    .join(', ');
}
