import type { Json } from '../settings.ts';
import type { StateError } from './errors.ts';

/** A task that waits for SendTaskSuccess or SendTaskFailure. */
export class Callback {
  readonly token: string;
  /** Resolves with the output of SendTaskSuccess, rejects with the error of SendTaskFailure. */
  readonly outcome: Promise<Json>;
  /** Called at every heartbeat. */
  onHeartbeat = () => {};
  readonly succeed: (output: Json) => void;
  readonly fail: (error: StateError) => void;

  constructor(token: string) {
    this.token = token;
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    // A failure may arrive before the task waits for it.
    promise.catch(() => {});
    this.outcome = promise;
    this.succeed = resolve;
    this.fail = reject;
  }
}

const beginning = 'task token ';

/** Keeps the tokens of all waiting tasks. */
export class Callbacks {
  private readonly open = new Map<string, Callback>();
  private readonly randomUUID: () => string;

  constructor(randomUUID: () => string) {
    this.randomUUID = randomUUID;
  }

  begin(): Callback {
    const callback = new Callback(Buffer.from(beginning + this.randomUUID()).toString('base64'));
    this.open.set(callback.token, callback);
    return callback;
  }

  end(callback: Callback): void {
    this.open.delete(callback.token);
  }

  find(token: string): Callback | undefined {
    return this.open.get(token);
  }

  /** Says whether a token was ever issued, by this or an earlier process. */
  isToken(token: string): boolean {
    return Buffer.from(token, 'base64').toString().startsWith(beginning);
  }
}
