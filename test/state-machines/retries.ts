import errors from '../../contract/errors.json' with { type: 'json' };
import retries from '../../state-machines/retries.json' with { type: 'json' };

/** A retrier as a machine has it, with every field that it uses. */
export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds: number;
  BackoffRate: number;
  MaxAttempts: number;
  MaxDelaySeconds?: number;
  JitterStrategy: string;
}
export interface Policy {
  /** Names the policy in a comment that has several. */
  label: string;
  reason: string;
  /** Sets of error names: of `errors` in the file, or `transient`, our own errors that contract/errors.json marks so. */
  errors: string[];
  retrier: Omit<Retrier, 'ErrorEquals'>;
}

export const policies: Record<string, Policy> = retries.policies;

const sets: Record<string, Record<string, string[]>> = retries.errors;
const transient = Object.entries(errors).flatMap(([name, error]) => (error.transient ? [name] : []));

/** The retrier of a policy for a task's resource; undefined where the policy has no errors for the service. */
export function retrierOf(policy: Policy, resource: string): Retrier | undefined {
  const call = resource.split(':').slice(5).join(':');
  const service = call.replace(/:[\w.]+$/, '');
  const names = policy.errors.map((set) =>
    set === 'transient' ? transient : (sets[set]![call] ?? sets[set]![service]),
  );
  if (names.includes(undefined)) return undefined;
  return { ErrorEquals: names.flatMap((set) => set!), ...policy.retrier };
}

/** The longest wait before each attempt, in seconds. Full jitter waits half of it on average. */
export function waitsOf({ IntervalSeconds, BackoffRate, MaxAttempts, MaxDelaySeconds }: Policy['retrier']) {
  return Array.from({ length: MaxAttempts }, (_, attempt) =>
    Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds ?? Number.POSITIVE_INFINITY),
  );
}

/** The end of a task's comment: the longest time that each of its policies can wait. */
export function spoken(used: Policy[]): string {
  const parts = used.map(({ label, retrier }) => {
    const duration = durationOf(waitsOf(retrier).reduce((sum, wait) => sum + wait));
    return used.length === 1 ? duration : `${label} ${duration}`;
  });
  return `Retries: ${parts.join(', ')}.`;
}

function durationOf(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
