import { StateError } from '../interpreter/errors.ts';
import { object, parsed } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { delay } from '../timers.ts';
import { type Api, type Caller, callService } from './call.ts';

/** Describes how `.sync` follows a job. */
export interface Job {
  /** The action that describes the job, the one that cancels it, and their parameters. */
  describe: string;
  cancel: string;
  identity(answer: JsonObject, parameters: JsonObject): JsonObject;
  cancelled(identity: JsonObject): JsonObject;
  /** The task's result, taken from the description, and the job's status in it. */
  result(description: JsonObject): JsonObject;
  status(result: JsonObject): Json | undefined;
}

const same = (identity: JsonObject) => identity;

const execution = {
  describe: 'describeExecution',
  cancel: 'stopExecution',
  identity: ({ ExecutionArn }: JsonObject) => ({ ExecutionArn: ExecutionArn! }),
  cancelled: same,
  status: ({ Status }: JsonObject) => Status,
};

/** The jobs by integration. AWS waits for events of executions; this emulator polls everything. */
export const jobs: Record<string, Job> = {
  // Recorded in 2023, before redrive; `.sync:2` was recorded later and has its members.
  'states:startExecution.sync': {
    ...execution,
    result: ({ RedriveCount, RedriveStatus, RedriveStatusReason, ...description }) => description,
  },
  'states:startExecution.sync:2': {
    ...execution,
    result: ({ Input, Output, ...description }) => ({
      ...description,
      Input: parsed(String(Input)) ?? null,
      ...(Output !== undefined && { Output: parsed(String(Output)) ?? null }),
    }),
  },
  'athena:startQueryExecution.sync': {
    describe: 'getQueryExecution',
    cancel: 'stopQueryExecution',
    identity: ({ QueryExecutionId }) => ({ QueryExecutionId: QueryExecutionId! }),
    cancelled: same,
    result: same,
    status: ({ QueryExecution }) => object(object(QueryExecution)?.Status)?.State,
  },
  'glue:startJobRun.sync': {
    describe: 'getJobRun',
    cancel: 'batchStopJobRun',
    identity: ({ JobRunId }, { JobName }) => ({ JobName: JobName!, RunId: JobRunId! }),
    cancelled: ({ JobName, RunId }) => ({ JobName: JobName!, JobRunIds: [RunId!] }),
    result: ({ JobRun }) => object(JobRun) ?? {},
    status: ({ JobRunState }) => JobRunState,
  },
};

const pending = ['RUNNING', 'PENDING_REDRIVE', 'QUEUED', 'STARTING', 'STOPPING', 'WAITING'];
/** Milliseconds between two polls: at first, and at most. */
const pauses = { first: 10, longest: 1000 };

/** Waits until the job has ended. Throws States.TaskFailed with the job's description. Cancels the job if the task is aborted. */
export async function followJob(
  job: Job,
  api: Api,
  answer: JsonObject,
  parameters: JsonObject,
  caller: Caller,
): Promise<JsonObject> {
  const identity = job.identity(answer, parameters);
  try {
    for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.longest)) {
      const { SdkHttpMetadata, SdkResponseMetadata, ...description } = await callService(
        { ...api, action: job.describe },
        identity,
        caller,
      );
      const result = job.result(description);
      const status = String(job.status(result));
      if (status === 'SUCCEEDED') return result;
      if (!pending.includes(status)) throw new StateError('States.TaskFailed', JSON.stringify(result));
      await delay(pause, caller.signal);
    }
  } catch (error) {
    if (caller.signal.aborted) {
      const unsignalled = { ...caller, signal: new AbortController().signal };
      callService({ ...api, action: job.cancel }, job.cancelled(identity), unsignalled).catch(() => {});
    }
    throw error;
  }
}
