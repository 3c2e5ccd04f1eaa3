// What became of a job: its executions, its events, its files and its mails.
import { createHash } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Mail } from '../../../local/aws/emulators/inbox.ts';
import { calderAccountId, caseIds } from '../../../local/database/seed.ts';
import type { TopicEvent } from '../../../local/rails/rails.ts';
import { readPdf } from '../../support/pdf.ts';
import type { TestStack } from '../../support/stack.ts';

/** An execution as EventBridge tells of it. */
export interface Execution {
  executionArn: string;
  machine: string;
  status: string;
  error: string | null;
}

/** The end of a job, as far as a run with a fault must not differ from one without. */
export interface End {
  /** What the last event says, in the order of `occurredAt`. */
  says: object | undefined;
  /** The hash of each file by its key; of a manifest, which names times, only that it is there. */
  files: Record<string, string>;
  /** Recipient and subject of each mail but those about a failure. */
  mails: string[];
  failureMails: string[];
}

interface Job {
  executions: Map<string, Execution>;
  /** Machine and error of each execution that failed, those that were redriven since included. */
  errors: Set<string>;
  events: TopicEvent[];
  /** When anything of it happened last. */
  moved: number;
  onError?(error: string): void;
  /** Its machine that itself waits for something, so that nobody should wait for it. */
  parked?: string;
}

export const isFailed = ({ status }: Execution) => ['FAILED', 'TIMED_OUT', 'ABORTED'].includes(status);
const isRunning = ({ status }: Execution) => ['RUNNING', 'PENDING_REDRIVE'].includes(status);
const jobIds = /fault-\d{4}/g;
/** How many turns of 50 ms nothing must have moved until there is nothing to wait for. */
const patience = 1200;

/** Follows the executions and events of jobs named `fault-…`, and says what became of each. */
export function followJobs(stack: TestStack) {
  const jobs = new Map<string, Job>();
  const owners = new Map<string, Set<string>>();
  const lost = new Set<string>();
  let heard = 0;

  function jobOf(jobId: string): Job {
    let job = jobs.get(jobId);
    if (!job) {
      job = { executions: new Map(), errors: new Set(), events: [], moved: Date.now() };
      jobs.set(jobId, job);
    }
    return job;
  }

  stack.loseEvents((event) => {
    const { detail } = event as { detail: Record<string, string> };
    const { executionArn, stateMachineArn, status, error } = detail;
    const text = `${executionArn} ${detail.input}`;
    // An announcement is named by a hash, and belongs to the jobs of the executions that it names.
    const named = text.match(/arn:aws:states:[^\s"\\]+:execution:[^\s"\\]+/g) ?? [];
    const ids = new Set([
      ...(text.match(jobIds) ?? []),
      ...named.flatMap((arn) => [...(owners.get(arn) ?? [])]),
    ]);
    if (executionArn) owners.set(executionArn, ids);
    const machine = /reports-development-([a-z-]+)/.exec(stateMachineArn ?? '')?.[1];
    if (executionArn && machine)
      for (const jobId of ids) {
        const job = jobOf(jobId);
        const execution = { executionArn, machine, status: status!, error: error ?? null };
        job.executions.set(executionArn, execution);
        // One that deals with several jobs may have failed because of another.
        if (isFailed(execution) && ids.size === 1) {
          job.errors.add(keyOf(execution));
          job.onError?.(keyOf(execution));
        }
        job.moved = Date.now();
      }
    return [...ids].some((jobId) => lost.has(jobId));
  });

  function listen(): void {
    for (const event of stack.rails.events.slice(heard))
      for (const jobId of new Set(JSON.stringify(event).match(jobIds))) {
        const job = jobOf(jobId);
        job.events.push(event);
        job.moved = Date.now();
      }
    heard = stack.rails.events.length;
  }

  /** The events of a job in the order of what they say. */
  function eventsOf(jobId: string): TopicEvent[] {
    listen();
    return jobOf(jobId).events.toSorted(
      (a, b) => Date.parse(a.eventDetail.occurredAt) - Date.parse(b.eventDetail.occurredAt),
    );
  }

  /** The files of a job. A cancelled one should have none. */
  async function filesOf(jobId: string): Promise<Record<string, string>> {
    const places = [
      ...['transcript_metadata', 'search_hit', 'coding_overlay', 'deposition_search_pdf'].map((type) => [
        `cases/${caseIds.pumps}`,
        type,
      ]),
      ...['custom', 'user_activity'].map((type) => [`accounts/${calderAccountId}`, type]),
    ];
    const keys = await Promise.all(
      places.map(([place, type]) => stack.keysUnder(`${place}/exports/${type}-${jobId}/`)),
    );
    const textOf = async (key: string) => {
      if (!key.endsWith('.pdf')) return await stack.textOf(key);
      const { Body } = await stack.clients.s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key: key }));
      const { text } = await readPdf(await Body!.transformToByteArray());
      return text.replaceAll(/\d+:\d{2} [AP]M/g, 'TIME');
    };
    const hash = async (key: string) =>
      key.endsWith('manifest.json')
        ? 'there'
        : createHash('sha256')
            .update(general(await textOf(key)))
            .digest('hex');
    return Object.fromEntries(
      await Promise.all(keys.flat().map(async (key) => [general(key), await hash(key)] as const)),
    );
  }

  /** What Rails heard of a job, and who got which mail. */
  async function outcomeOf(jobId: string, allMails?: Mail[]): Promise<Omit<End, 'files'>> {
    // A bounce may arrive before or after the end.
    const problem = eventsOf(jobId).find(({ eventType }) => eventType === 'REPORT_DELIVERY_PROBLEM');
    const event = eventsOf(jobId).findLast((one) => one.eventType !== problem?.eventType);
    const mails = (allMails ?? (await stack.mails()))
      .filter(({ text, subject }) => `${subject} ${text}`.includes(jobId))
      .map(({ to, subject }) => `${to}: ${general(subject!)}`)
      .sort();
    const aboutFailure = (mail: string) => /could not be/.test(mail);
    return {
      says: event && { ...saidBy(event), problem: problem && saidBy(problem) },
      mails: mails.filter((mail) => !aboutFailure(mail)),
      failureMails: mails.filter(aboutFailure),
    };
  }

  const endOf = async (jobId: string): Promise<End> => ({
    ...(await outcomeOf(jobId)),
    files: await filesOf(jobId),
  });

  /**
   * Waits until something of the job has happened since a time, a fault has met a call, nothing of the job runs, and nothing
   * has moved for six turns of the event loop. Most of the stack runs in it, so that a slow machine has its turns later.
   */
  async function settled(jobId: string, since: number, isMet = () => true): Promise<void> {
    let moved = 0;
    let waited = 0;
    for (let turns = 0; turns < 6; turns++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      listen();
      const job = jobOf(jobId);
      const all = [...job.executions.values()];
      const running = all.some((one) => isRunning(one) && one.machine !== job.parked);
      if (job.moved !== moved) waited = 0;
      if (job.moved !== moved || job.moved < since || running || !isMet()) turns = 0;
      moved = job.moved;
      if (++waited > patience)
        throw new Error(`${jobId}: nothing has moved for ${patience / 20} s: ${JSON.stringify(all)}`);
    }
  }

  return {
    executionsOf: (jobId: string) => [...jobOf(jobId).executions.values()],
    errorsOf: (jobId: string) => jobOf(jobId).errors,
    eventsOf,
    endOf,
    outcomeOf,
    settled,
    /** Calls back in the moment in which an execution of the job fails. */
    onError(jobId: string, callback: (error: string) => void) {
      jobOf(jobId).onError = callback;
    },
    /** Has `settled` not wait for a machine, which itself waits for the job, until the returned function is called. */
    park(jobId: string, machine: string) {
      jobOf(jobId).parked = machine;
      return () => {
        jobOf(jobId).parked = undefined;
      };
    },
    /** Has EventBridge lose what it would say of a job. */
    lose: (jobId: string) => void lost.add(jobId),
  };
}

export type Jobs = ReturnType<typeof followJobs>;

/** Names a failure by machine and error. */
export const keyOf = ({ machine, error }: Execution) => `${machine} ${error}`;

/** The text without what differs between two jobs that are alike. */
function general(text: string): string {
  return text.replace(jobIds, 'JOB').replace(/\d{4}-\d{2}-\d{2}T?[\d:.-]*Z?|\d{8}[T-]?\d*Z?/g, 'TIME');
}

function saidBy({ eventType, status, eventDetail }: TopicEvent): object {
  const { error, stage, change, reason, kind, delivery } = eventDetail;
  const recipients = delivery?.recipients?.map(({ email, outcome }: Record<string, string>) => ({
    email,
    outcome,
  }));
  return JSON.parse(
    general(JSON.stringify({ eventType, status, error, stage, change, reason, kind, recipients })),
  );
}
