import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A mail in the inbox. */
export interface Mail {
  messageId: string;
  from: string;
  to: string[];
  subject: string;
  html?: string;
  text?: string;
  attachments: { filename: string; contentType: string; content: Buffer }[];
}

/** Whether a mail is about a job. */
export function isAbout({ text = '' }: Mail, jobId: string): boolean {
  return new RegExp(`^Reference: +${jobId}$`, 'm').test(text);
}

/** The emulator's response at /store. */
interface Store {
  emails: {
    messageId: string;
    from: string;
    destination: { to: string[] };
    subject: string;
    body: { html?: string; text?: string };
    attachments: { filename?: string; contentType: string; content: string }[];
  }[];
}

/** The SES emulator and its inbox page. */
export interface Inbox {
  url: string;
  mails(): Promise<Mail[]>;
  stop(): Promise<void>;
}

/** Starts the SES emulator in a worker, on a free port by default. */
export async function startInbox(port = 0): Promise<Inbox> {
  const worker = new Worker(new URL('inbox-worker.ts', import.meta.url), {
    workerData: port,
    // Hides the emulator's report of each mail.
    stdout: true,
    execArgv: [],
    // As SES does, refuses a mail that lacks a variable of its template. By default the emulator leaves a blank.
    env: { ...process.env, AWS_SES_STRICT_TEMPLATE_RENDERING: 'true' },
  });
  const [listening] = await once(worker, 'message');
  const url = `http://127.0.0.1:${listening}`;
  return {
    url,
    async mails() {
      const store = (await (await fetch(`${url}/store`)).json()) as Store;
      return store.emails.map((email) => ({
        messageId: email.messageId,
        from: email.from,
        to: email.destination.to,
        subject: email.subject,
        html: email.body.html,
        text: email.body.text,
        attachments: email.attachments.map(({ filename = '', contentType, content }) => ({
          filename,
          contentType,
          content: Buffer.from(content, 'base64'),
        })),
      }));
    },
    async stop() {
      await worker.terminate();
    },
  };
}
