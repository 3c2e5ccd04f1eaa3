// Tells what happens on a stack as it happens: requests, events, files and mails.
import type { TopicEvent } from './rails/rails.ts';
import type { Stack } from './stack.ts';

const begin = Date.now();
/** Terminals that are wider are not easier to read. */
const widest = 100;
const indent = ' '.repeat(10);

/** Columns of what is printed. */
export function width(): number {
  return Math.min(process.stdout.columns ?? widest, widest);
}

/** Breaks a text where words end. */
export function wrapped(text: string, indent = ''): string {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width()) {
    const blank = rest.lastIndexOf(' ', width());
    const end = blank > indent.length ? blank : width();
    lines.push(rest.slice(0, end));
    rest = indent + rest.slice(end).trimStart();
  }
  return [...lines, rest].join('\n');
}

/** Whether the last line is one of progress, which the next one replaces. */
let isMoving = false;

/** Prints a line with the seconds since the start. */
export function say(text: string): void {
  console.log(`${endOfMoving()}${wrapped(stamped(text), indent)}`);
}

function stamped(text: string): string {
  return `${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${text}`;
}

function endOfMoving(): string {
  const end = isMoving ? '\r\x1b[2K' : '';
  isMoving = false;
  return end;
}

/** On a terminal, progress is one line that moves; elsewhere, each quarter is a line. */
function sayProgress(text: string): void {
  process.stdout.write(`${endOfMoving()}${stamped(text).slice(0, width())}`);
  isMoving = true;
}

/** Tells each message and mail when it arrives; returns a function that tells the rest and stops. */
export function narrate(stack: Stack): () => Promise<void> {
  const { rails } = stack;
  let told = 0;
  let mailsTold = 0;
  const quarters = new Map<string | null, number>();
  const tell = () => {
    for (; told < rails.messages.length; told++) {
      const message = rails.messages[told]!;
      const { progress } = message.eventDetail ?? {};
      if (progress && process.stdout.isTTY) sayProgress(lineOf(message));
      else if (progress) {
        const quarter = Math.floor((4 * progress.done) / progress.total);
        if (quarters.get(message.jobId) !== quarter) say(lineOf(message));
        quarters.set(message.jobId, quarter);
      } else say(lineOf(message));
    }
  };
  const tellMails = async () => {
    const mails = await stack.mails();
    for (const { to, subject } of mails.slice(mailsTold)) say(`mail to ${to.join(', ')}: ${subject}`);
    mailsTold = Math.max(mailsTold, mails.length);
  };
  let reading = Promise.resolve();
  const timer = setInterval(tell, 50);
  const mailTimer = setInterval(() => {
    // The inbox may be away during an outage.
    reading = reading.then(tellMails).catch(() => {});
  }, 1000);
  return async () => {
    clearInterval(timer);
    clearInterval(mailTimer);
    await reading;
    tell();
    await tellMails();
  };
}

function lineOf({ eventType, jobId, caseId, eventDetail }: TopicEvent): string {
  const { cause, message, change, file, progress, reportType } = eventDetail ?? {};
  const asked = eventType === 'REPORT_REQUESTED' && `${reportType}, ${caseId ? `case ${caseId}` : 'account'}`;
  const more =
    asked || (cause ?? message ?? change ?? (file && fileIn(file)) ?? (progress && bar(progress)) ?? '');
  return `${eventType} ${jobId ?? '(no jobId)'} ${String(more).replaceAll('\n', '; ')}`.trimEnd();
}

function fileIn({ rows, bytes, name }: { rows: number; bytes: number; name: string }): string {
  return `${rows} rows, ${(bytes / 1000).toFixed(1)} KB: ${name}`;
}

function bar({ done, total }: { done: number; total: number }): string {
  const full = Math.floor((20 * done) / total);
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)} ${done} of ${total} databases`;
}
