/** A fault between a caller and a service, for tests of what a failure leaves behind. */
export interface Fault {
  /**
   * - `refuse`: the service answers with an error, and nothing happened.
   * - `drop`: the call takes effect, and its answer is lost: the connection closes.
   * - `timeout`: the call takes effect, and the Task that made it times out at once.
   * - `delay`: the call waits before it takes effect, whether or not its caller still listens.
   */
  kind: 'refuse' | 'drop' | 'timeout' | 'delay';
  /** The operation of the API, `Publish` or `SendEmail` for example. */
  operation: string;
  /** A part of the caller's name. A role is named after its machine or function; any caller when left out. */
  caller?: string;
  /** The name of the state whose Task makes the call; any caller's call when left out. */
  state?: string;
  /** A part of the resource, such as a function's name or a file's key; any resource when left out. */
  resource?: string;
  /**
   * A part of the URL, of the body or of the calling execution's ARN, such as a jobId: many faults of one operation can wait for
   * jobs that run at the same time. The body of a call of S3 is streamed past it.
   */
  text?: string;
  /** The number of calls that it meets; one when left out. */
  calls?: number;
  /** The error of a refusal; 503 with the service's own name for an outage when left out. `connection` closes it unread. */
  error?: { status: number; code: string } | 'connection';
  /** The time that a delayed call waits. */
  milliseconds?: number;
  /** In place of `milliseconds`: what a delayed call waits for. */
  until?: Promise<unknown>;
}

/** Takes back what is left of a fault, and says how many calls it met; `met` only says so. */
export type InjectedFault = (() => number) & { met(): number };

/** The call of a role, as faults see it. */
export interface Call {
  operation: string;
  caller: string;
  /** The Task that makes the call, if one does. */
  task?: { executionArn: string; state: string };
  resources: string[];
  /** URL and body. */
  text: string;
}

/** The faults that are still to come. */
export class Faults {
  readonly #faults: { fault: Fault; left: number; met: number }[] = [];

  /** Adds a fault. */
  add(fault: Fault): InjectedFault {
    const entry = { fault, left: fault.calls ?? 1, met: 0 };
    this.#faults.push(entry);
    const takeBack = () => {
      entry.left = 0;
      return entry.met;
    };
    return Object.assign(takeBack, { met: () => entry.met });
  }

  /** The first fault that this call meets, counted as met. */
  meet({ operation, caller, task, resources, text }: Call): Fault | undefined {
    const entry = this.#faults.find(
      ({ fault, left }) =>
        left > 0 &&
        fault.operation === operation &&
        caller.includes(fault.caller ?? '') &&
        (fault.state === undefined || fault.state === task?.state) &&
        (text.includes(fault.text ?? '') || task?.executionArn.includes(fault.text!)) &&
        resources.some((resource) => resource.includes(fault.resource ?? '')),
    );
    if (entry) {
      entry.left--;
      entry.met++;
    }
    return entry?.fault;
  }
}
