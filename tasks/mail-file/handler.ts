// Mails a file from S3 as an attachment, which is too big to pass through a state.
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type MessageTag, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { TooLarge, task } from '../lib/errors.ts';
import { setting } from '../lib/settings.ts';
import { largestAttachment } from './limit.ts';

export type MailFileEvent = {
  key: string;
  name: string;
  contentType: string;
  mail: {
    /** The name of an SES template, and its texts. */
    template: string;
    data: Record<string, string>;
    to: string;
    from: string;
    replyTo: string;
    configurationSet: string;
    tags: MessageTag[];
  };
};

const s3 = new S3Client();
// A mail that was perhaps sent is not sent again: retries are the state machine's.
const ses = new SESv2Client({ maxAttempts: 1 });

/** Sends one mail to one address. Throws TooLarge over 7 MB, and SES's own errors under their own names. */
export const handler = task(async (event: MailFileEvent): Promise<{ messageId: string }> => {
  const { key, name, contentType, mail } = event;
  const file = await s3.send(new GetObjectCommand({ Bucket: setting('REPORTS_BUCKET'), Key: key }));
  if (file.ContentLength! > largestAttachment) throw new TooLarge('The file is larger than 7 MB.');
  const attachment = {
    FileName: name,
    ContentType: contentType,
    ContentDisposition: 'ATTACHMENT' as const,
    ContentTransferEncoding: 'BASE64' as const,
    RawContent: await file.Body!.transformToByteArray(),
  };
  const sent = await ses.send(
    new SendEmailCommand({
      FromEmailAddress: mail.from,
      ReplyToAddresses: [mail.replyTo],
      Destination: { ToAddresses: [mail.to] },
      ConfigurationSetName: mail.configurationSet,
      EmailTags: mail.tags,
      Content: {
        Template: {
          TemplateName: mail.template,
          TemplateData: JSON.stringify(mail.data),
          Attachments: [attachment],
        },
      },
    }),
  );
  return { messageId: sent.MessageId! };
});
