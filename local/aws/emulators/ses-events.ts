import { randomUUID } from 'node:crypto';
import type { Answer } from '../access/errors.ts';
import { pseudoParameters } from '../template/intrinsics.ts';
import { arn } from '../template/resource-types.ts';
import type { ServiceRequest } from './service.ts';
import type { SendEmail } from './ses.ts';

/** Events that SES publishes about a mail, by their name in `MatchingEventTypes`. */
const kinds = {
  bounce: { detailType: 'Email Bounced', eventType: 'Bounce' },
  complaint: { detailType: 'Email Complaint Received', eventType: 'Complaint' },
  renderingFailure: { detailType: 'Email Rendering Failed', eventType: 'Rendering Failure' },
} as const;
type Kind = keyof typeof kinds;

/** Configuration sets by name, each with the types of events that it sends to EventBridge. */
export type ConfigurationSets = Map<string, Set<string>>;

export interface SesOptions {
  inboxUrl: string;
  configurationSets: ConfigurationSets;
  /** Receives the events that SES sends to the default event bus. */
  publish(event: object): void;
}

/**
 * Forwards requests to the inbox, and publishes the events that SES publishes after it has accepted a mail: a bounce or a
 * complaint for addresses of the mailbox simulator, and a rendering failure for a template that lacks a value.
 * https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html,
 * https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html
 */
export async function answerSes(request: ServiceRequest, options: SesOptions): Promise<Answer> {
  const { method, url, body } = request;
  const { authorization = '' } = request.headers;
  const response = await fetch(new URL(url.pathname, options.inboxUrl), {
    method,
    headers: { 'content-type': 'application/json', authorization },
    body,
  });
  const text = await response.text();
  const headers = { 'content-type': 'application/json' };
  if (!url.pathname.endsWith('/outbound-emails')) return { status: response.status, headers, body: text };
  const email: SendEmail = JSON.parse(body);
  const [, problem] = /template rendering failed - ([^"]*)/.exec(text) ?? [];
  if (problem !== undefined) {
    const MessageId = randomUUID();
    tell(email, MessageId, 'renderingFailure', options, {
      failure: { errorMessage: problem, templateName: email.Content?.Template?.TemplateName },
    });
    return { status: 200, headers, body: JSON.stringify({ MessageId }) };
  }
  if (!response.ok) {
    // The emulator does not send the error code.
    const code = response.status === 404 ? 'NotFoundException' : 'BadRequestException';
    return { status: response.status, headers: { ...headers, 'x-amzn-errortype': code }, body: text };
  }
  simulate(email, JSON.parse(text).MessageId, options);
  return { status: 200, headers, body: text };
}

/** Imitates the mailbox simulator, which also accepts labels: `bounce+label@`. */
function simulate(email: SendEmail, messageId: string, options: SesOptions): void {
  for (const emailAddress of email.Destination?.ToAddresses ?? []) {
    const [, mailbox] = /^(\w+)(?:\+[^@]*)?@simulator\.amazonses\.com$/.exec(emailAddress) ?? [];
    const timestamp = new Date().toISOString();
    if (mailbox === 'bounce' || mailbox === 'suppressionlist')
      tell(email, messageId, 'bounce', options, {
        bounce: {
          bounceType: 'Permanent',
          bounceSubType: mailbox === 'bounce' ? 'General' : 'Suppressed',
          bouncedRecipients: [
            {
              emailAddress,
              action: 'failed',
              status: '5.1.1',
              diagnosticCode: 'smtp; 550 5.1.1 user unknown',
            },
          ],
          timestamp,
          feedbackId: randomUUID(),
        },
      });
    if (mailbox === 'complaint')
      tell(email, messageId, 'complaint', options, {
        complaint: {
          complainedRecipients: [{ emailAddress }],
          complaintFeedbackType: 'abuse',
          timestamp,
          feedbackId: randomUUID(),
        },
      });
  }
}

/** Publishes an event about a mail if the mail's configuration set sends such events to EventBridge. */
function tell(email: SendEmail, messageId: string, kind: Kind, options: SesOptions, facts: object): void {
  const name = email.ConfigurationSetName ?? '';
  if (!options.configurationSets.get(name)?.has(kind)) return;
  const tags = Object.fromEntries((email.EmailTags ?? []).map(({ Name, Value }) => [Name, [Value]]));
  const timestamp = new Date().toISOString();
  const { detailType, eventType } = kinds[kind];
  options.publish({
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source: 'aws.ses',
    account: pseudoParameters['AWS::AccountId'],
    time: timestamp,
    region: pseudoParameters['AWS::Region'],
    resources: [arn('ses', `configuration-set/${name}`)],
    detail: {
      eventType,
      ...facts,
      mail: {
        timestamp,
        source: email.FromEmailAddress,
        sendingAccountId: pseudoParameters['AWS::AccountId'],
        messageId,
        destination: email.Destination?.ToAddresses ?? [],
        headersTruncated: false,
        tags: { 'ses:configuration-set': [name], ...tags },
      },
    },
  });
}
