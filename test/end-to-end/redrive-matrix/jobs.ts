// What became of a job: its executions, its events, its files and its mails.
import { createHash } from 'node:crypto';
import type { TopicEvent } from '../../../local/rails/rails.ts';
import type { TestStack } from '../../support/stack.ts';

/** An execution as EventBridge tells of it. */
export interface Execution {
  executionArn: string;
  machine: string;
  status: string;
  redriveCount: number;
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

export const failed = ['FAILED', 'TIMED_OUT', 'ABORTED'];

/** Follows the executions of a stack by their status changes, and says of a job what became of it. */
export function followJobs(stack: TestStack) {
  const executions = new Map<string, Execution & { text: string; changed: number }>();
  const lost = new Set<string>();
  const parked = new Map<string, string>();
  stack.loseEvents((event) => {
    const { detail } = event as { detail: Record<string, string> & { redriveCount: number } };
    if (detail.executionArn)
      executions.set(detail.executionArn, {
        executionArn: detail.executionArn,
        machine: /reports-development-([a-z-]+)/.exec(detail.stateMachineArn!)![1]!,
        status: detail.status!,
        redriveCount: detail.redriveCount,
        error: detail.error ?? null,
        text: `${detail.executionArn} ${detail.input}`,
        changed: Date.now(),
      });
    return [...lost].some((jobId) => JSON.stringify(event).includes(jobId));
  });

  /** The executions of a job, and those that deal with them. */
  function executionsOf(jobId: string) {
    const all = [...executions.values()];
    const own = all.filter(({ text }) => text.includes(jobId));
    const arns = own.map(({ executionArn }) => executionArn);
    const others = all.filter((one) => !own.includes(one) && arns.some((arn) => one.text.includes(arn)));
    return [...own, ...others];
  }

  const eventsOf = (jobId: string): TopicEvent[] =>
    stack.rails.events
      .filter((event) => event.jobId?.startsWith(jobId) || JSON.stringify(event).includes(jobId))
      .sort((a, b) => Date.parse(a.eventDetail.occurredAt) - Date.parse(b.eventDetail.occurredAt));

  async function endOf(jobId: string): Promise<End> {
    const event = eventsOf(jobId).at(-1);
    const files: Record<string, string> = {};
    const keys = (await stack.keysUnder('')).filter(
      (key) => key.includes(`-${jobId}/`) && !key.includes('/tmp/'),
    );
    for (const key of keys)
      files[general(key, jobId)] = key.endsWith('manifest.json')
        ? 'there'
        : createHash('sha256')
            .update(general(await stack.textOf(key), jobId))
            .digest('hex');
    const mails = (await stack.mails())
      .filter(({ text, subject }) => `${subject} ${text}`.includes(jobId))
      .map(({ to, subject }) => `${to}: ${general(subject!, jobId)}`)
      .sort();
    const aboutFailure = (mail: string) => /could not be/.test(mail);
    return {
      says: event && saidBy(event, jobId),
      files,
      mails: mails.filter((mail) => !aboutFailure(mail)),
      failureMails: mails.filter(aboutFailure),
    };
  }

  /** Waits until nothing of the job runs, and nothing of it has happened for a moment. */
  async function settled(
    jobId: string,
    onFailure: (execution: Execution) => void = () => {},
    others: (execution: Execution) => boolean = () => false,
  ): Promise<void> {
    const begun = Date.now();
    let size = -1;
    let since = begun;
    for (;;) {
      const all = [...executionsOf(jobId), ...[...executions.values()].filter(others)];
      for (const one of all) if (failed.includes(one.status)) onFailure(one);
      const events = eventsOf(jobId).length;
      const now = Date.now();
      const changed = Math.max(since, ...all.map(({ changed }) => changed));
      if (events !== size) [size, since] = [events, now];
      const running = all.some(
        ({ status, machine }) =>
          ['RUNNING', 'PENDING_REDRIVE'].includes(status) && parked.get(jobId) !== machine,
      );
      if (!running && now - changed > 300 && all.length + events > 0) return;
      if (now - changed > 30_000)
        throw new Error(
          `${jobId}: nothing has moved for 30 s: ${JSON.stringify(all.map(({ text: _, ...rest }) => rest))}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  return {
    executionsOf,
    eventsOf,
    endOf,
    settled,
    /** Has `settled` not wait for a machine, which itself waits for the job, until the returned function is called. */
    park(jobId: string, machine: string) {
      parked.set(jobId, machine);
      return () => void parked.delete(jobId);
    },
    /** Has EventBridge lose what it would say of a job, until the returned function is called. */
    lose(jobId: string) {
      lost.add(jobId);
      return () => void lost.delete(jobId);
    },
  };
}

export type Jobs = ReturnType<typeof followJobs>;

/** The text without what differs between two jobs that are alike. */
function general(text: string, jobId: string): string {
  return text.replaceAll(jobId, 'JOB').replace(/\d{4}-\d{2}-\d{2}T?[\d:.-]*Z?|\d{8}[T-]?\d*Z?/g, 'TIME');
}

function saidBy({ eventType, status, eventDetail }: TopicEvent, jobId: string): object {
  const { error, stage, change, reason, kind, delivery } = eventDetail;
  const recipients = delivery?.recipients?.map(({ email, outcome }: Record<string, string>) => ({
    email,
    outcome,
  }));
  return JSON.parse(
    general(JSON.stringify({ eventType, status, error, stage, change, reason, kind, recipients }), jobId),
  );
}
