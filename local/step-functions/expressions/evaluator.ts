import { Worker } from 'node:worker_threads';
import { expressionIn } from '../definition/language.ts';
import type { Json } from '../settings.ts';
import { memoryLimit } from './functions.ts';

/** The fields of one state by location (`Output`, `Choices[0]/Condition`). They are evaluated in order, in one round trip. */
export interface EvaluationRequest {
  fields: Record<string, Json>;
  /** Holds `states` and the variables in scope. */
  bindings: Record<string, Json>;
  /** If given, each field is evaluated once per item, as `$states.context.Map.Item`, and its value is an array. */
  mapItems?: Json[];
  /** Milliseconds since 1970. */
  now: number;
  /** At least 0, below 1. */
  seed: number;
}

export type EvaluationReply =
  | { values: Record<string, Json> }
  | { failure: { location: string; message: string } };

/** Milliseconds that one expression may take (AWS: 1 second). */
const timeLimit = 1000;
/** Megabytes of heap of the worker, which itself counts the finer limits. */
const heapLimit = 512;

interface Job {
  request: EvaluationRequest;
  /** The request as it is sent: cloning a value fails at fewer levels than a value may have. */
  message: string;
  resolve(reply: EvaluationReply): void;
  reject(error: Error): void;
}

/** Queues requests for one worker thread, and replaces the thread when an expression runs too long. */
export class Evaluator {
  private readonly queue: Job[] = [];
  private current: Job | undefined;
  private worker: Worker | undefined;
  private progress = new Float64Array(new SharedArrayBuffer(16));
  private watch: NodeJS.Timeout | undefined;
  private closed = false;

  evaluate(request: EvaluationRequest): Promise<EvaluationReply> {
    if (!request.mapItems && Object.values(request.fields).every(isLiteral))
      return Promise.resolve({ values: request.fields });
    if (this.closed) return Promise.reject(new Error('The evaluator is closed'));
    return new Promise((resolve, reject) => {
      this.queue.push({ request, message: JSON.stringify(request), resolve, reject });
      this.next();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.watch);
    for (const job of [this.current, ...this.queue.splice(0)])
      job?.reject(new Error('The evaluator is closed'));
    this.current = undefined;
    await this.worker?.terminate();
  }

  private next(): void {
    if (this.current || this.closed) return;
    this.current = this.queue.shift();
    if (!this.current) return;
    this.worker ??= this.startWorker();
    this.progress[1] = 0;
    this.worker.postMessage(this.current.message);
    this.watchFor(timeLimit);
  }

  /** Ends the current job and begins the next one. */
  private settle(end: (job: Job) => void): void {
    clearTimeout(this.watch);
    const job = this.current;
    this.current = undefined;
    if (job) end(job);
    this.next();
  }

  private startWorker(): Worker {
    this.progress = new Float64Array(new SharedArrayBuffer(16));
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: this.progress,
      resourceLimits: { maxOldGenerationSizeMb: heapLimit },
    });
    worker.unref();
    worker.on('message', (reply: string) => {
      if (worker === this.worker) this.settle((job) => job.resolve(JSON.parse(reply) as EvaluationReply));
    });
    worker.on('error', (error: Error & { code?: string }) => {
      if (worker !== this.worker) return;
      // A RangeError: all values together are too long for one text.
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY' || error.name === 'RangeError')
        return this.giveUp(memoryLimit);
      this.worker = undefined;
      this.settle((job) => job.reject(error));
    });
    return worker;
  }

  /** Checks again until the current expression has used up its time. `progress` says when it began (0: none is running). */
  private watchFor(milliseconds: number): void {
    this.watch = setTimeout(() => {
      const begun = this.progress[1]!;
      const rest = begun ? begun + timeLimit - (performance.timeOrigin + performance.now()) : timeLimit;
      if (rest > 0) this.watchFor(rest);
      else this.giveUp('Expression evaluation timeout: Check for infinite loop');
    }, milliseconds);
  }

  private giveUp(problem: string): void {
    void this.worker?.terminate();
    this.worker = undefined;
    this.settle(({ request, resolve }) => {
      const expressions = expressionsOf(request.fields);
      const [location, text] = expressions[Math.max(0, this.progress[0]!) % expressions.length]!;
      const message = `The JSONata expression '${text}' specified for the field '${location}' threw an error during evaluation: ${problem}`;
      resolve({ failure: { location, message } });
    });
  }
}

function isLiteral(template: Json): boolean {
  if (template === null || typeof template !== 'object') return expressionIn(template) === undefined;
  return Object.values(template).every(isLiteral);
}

/** Lists location and text of every expression, in the order of evaluation. */
function expressionsOf(fields: Record<string, Json>): [string, string][] {
  const visit = (template: Json, location: string): [string, string][] => {
    const text = expressionIn(template);
    if (text !== undefined) return [[location, text]];
    if (Array.isArray(template)) return template.flatMap((item, i) => visit(item, `${location}[${i}]`));
    if (template === null || typeof template !== 'object') return [];
    return Object.entries(template).flatMap(([key, item]) => visit(item, `${location}/${key}`));
  };
  return Object.entries(fields).flatMap(([location, template]) => visit(template, location));
}
