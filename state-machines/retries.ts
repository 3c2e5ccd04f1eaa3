// Retry policies by name. A task ends its comment with the names of its policies, as in `Retries: throttling 97 min, Lambda
// 2 min.`; `npm run retries` writes the retriers and the durations of every machine after a change of retries.json.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import errors from '../contract/errors.json' with { type: 'json' };
import retries from './retries.json' with { type: 'json' };

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
  reason: string;
  /** Sets of error names: those of `errors` in retries.json, or `transient`, our own errors that errors.json marks so. */
  errors: string[];
  retrier: Omit<Retrier, 'ErrorEquals'>;
}
interface Task {
  Comment?: string;
  Resource?: string;
  Retry?: Retrier[];
}

export const policies: Record<string, Policy> = retries.policies;

const sets: Record<string, Record<string, string[]>> = retries.errors;
const transient = Object.entries(errors).flatMap(([name, error]) => (error.transient ? [name] : []));

/** The policies that the comment of a task names, in the order of its retriers. */
export function policiesOf({ Comment = '' }: Task): string[] {
  const list = /Retries: (.*)\.$/.exec(Comment)?.[1];
  return list ? list.split(', ').map((part) => part.replace(/ \d+ \w+$/, '')) : [];
}

/**
 * The task with the retriers of its policies, and their longest waits in its comment.
 * @throws Error when there is no such policy, or it has no errors for the service that the task calls
 */
export function withRetries<T extends Task>(task: T): T {
  const names = policiesOf(task);
  if (names.length === 0) return task;
  const waits = names.map((name) => `${name} ${durationOf(waitsOf(policyOf(name).retrier))}`);
  return {
    ...task,
    Comment: task.Comment!.replace(/Retries: .*\.$/, `Retries: ${waits.join(', ')}.`),
    Retry: names.map((name) => retrierOf(name, task.Resource!)),
  };
}

/** The longest wait before each attempt, in seconds. With full jitter, the average is half of it. */
export function waitsOf({ IntervalSeconds, BackoffRate, MaxAttempts, MaxDelaySeconds }: Policy['retrier']) {
  return Array.from({ length: MaxAttempts }, (_, attempt) =>
    Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds ?? Number.POSITIVE_INFINITY),
  );
}

function retrierOf(name: string, resource: string): Retrier {
  const call = resource.split(':').slice(5).join(':');
  const service = call.replace(/:[\w.]+$/, '');
  const { errors, retrier } = policyOf(name);
  const names = errors.flatMap((set) => {
    const known = set === 'transient' ? transient : (sets[set]?.[call] ?? sets[set]?.[service]);
    if (!known) throw new Error(`retries.json: "${name}" has no errors for ${call}`);
    return known;
  });
  return { ErrorEquals: names, ...retrier };
}

function policyOf(name: string): Policy {
  const policy = policies[name];
  if (!policy) throw new Error(`retries.json has no policy "${name}"`);
  return policy;
}

function durationOf(waits: number[]): string {
  const seconds = waits.reduce((sum, wait) => sum + wait);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

if (import.meta.main) {
  for (const file of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.asl.json')) continue;
    const path = `${import.meta.dirname}/${file}`;
    const machine = JSON.parse(readFileSync(path, 'utf8'), (_, value) =>
      value?.Type === 'Task' ? withRetries(value) : value,
    );
    writeFileSync(path, `${JSON.stringify(machine, null, 2)}\n`);
  }
}
