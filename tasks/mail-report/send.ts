// The one call of SES.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { type Attachment, type MessageTag, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { MailAnswerUnknown, MailNotAccepted } from '../lib/errors.ts';
import { refusedMail } from './limit.ts';

export type Mail = {
  /** The name of an SES template, and its values. */
  template: string;
  data: Record<string, unknown>;
  to: string;
  /** With a name to display: `Reports <reports@…>`. */
  from: string;
  replyTo: string;
  configurationSet: string;
  tags: MessageTag[];
};

export type SendResult = { outcome: 'sent'; messageId: string } | { outcome: 'refused'; reason: string };

/** Milliseconds for one mail, of 10 MB at most. */
const timeLimit = 30_000;

/** Whether the connection for the current mail was made; before, nothing of the mail can have been written. */
let connected = false;

/** Agents make a connection for each mail: one that was kept open may be closed by SES at any moment. */
function watched<Agent extends HttpAgent>(agent: Agent, event: 'connect' | 'secureConnect'): Agent {
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = create(options, callback) as Duplex;
    return socket.once(event, () => {
      connected = true;
    });
  };
  return agent;
}

// A mail that was perhaps sent is not sent again: retries are the state machine's.
const ses = new SESv2Client({
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: 5_000,
    httpAgent: watched(new HttpAgent(), 'connect'),
    httpsAgent: watched(new HttpsAgent(), 'secureConnect'),
  },
});

/**
 * Sends a mail. An address that SES refuses is a result. Throws MailNotAccepted when the mail was surely not sent,
 * MailAnswerUnknown when it was handed over and no clear answer came.
 */
export async function send(mail: Mail, attachments: Attachment[]): Promise<SendResult> {
  connected = false;
  const command = new SendEmailCommand({
    FromEmailAddress: mail.from,
    ReplyToAddresses: [mail.replyTo],
    Destination: { ToAddresses: [mail.to] },
    ConfigurationSetName: mail.configurationSet,
    EmailTags: mail.tags,
    Content: {
      Template: {
        TemplateName: mail.template,
        TemplateData: JSON.stringify(mail.data),
        ...(attachments.length > 0 && { Attachments: attachments }),
      },
    },
  });
  try {
    const { MessageId } = await ses.send(command, { abortSignal: AbortSignal.timeout(timeLimit) });
    return { outcome: 'sent', messageId: MessageId! };
  } catch (error) {
    return judge(
      error as Error & { $metadata?: { httpStatusCode?: number } },
      mail.from.replace(/^.*<(.*)>$/, '$1'),
    );
  }
}

/** 500 and the gateway errors may come after the mail was taken; 503 and every 4xx say that it was not. */
function judge(
  { name, message, $metadata }: Error & { $metadata?: { httpStatusCode?: number } },
  sender: string,
): SendResult {
  const status = $metadata?.httpStatusCode;
  // In its sandbox, SES knows verified addresses only: that says nothing of the recipient.
  const isOurs = message.includes(sender) || /not verified/i.test(message);
  const isRefusal = ['MessageRejected', 'BadRequestException'].includes(name) && !isOurs;
  if (status && isRefusal) {
    console.warn(refusedMail);
    return { outcome: 'refused', reason: message };
  }
  if (status === undefined ? !connected : status === 503 || (status >= 400 && status < 500))
    throw new MailNotAccepted(`SES did not take the mail (${name}).`);
  throw new MailAnswerUnknown(`SES gave no clear answer to the mail (${name}).`);
}
