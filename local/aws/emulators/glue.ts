import { randomUUID } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { type Answer, json, ServiceError } from '../access/errors.ts';
import { arn } from '../template/resource-types.ts';
import { type JobControl, jobControl, seconds } from './jobs.ts';
import { type Service, type ServiceRequest, unknownOperation } from './service.ts';

/** The code of a Glue job. The message of its error becomes the run's. */
export type GlueJob = (
  jobArguments: Record<string, string>,
  s3: S3Client,
  signal: AbortSignal,
) => Promise<void>;

/** A run of a job, as Glue describes it. */
interface JobRun {
  Id: string;
  JobName: string;
  JobRunState: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED';
  Arguments: Record<string, string>;
  Attempt: 0;
  StartedOn: number;
  CompletedOn?: number;
  /** Seconds. */
  ExecutionTime: number;
  MaxCapacity: number;
  DPUSeconds?: number;
  ErrorMessage?: string;
}

/** Glue as far as jobs go. */
export interface Glue {
  service: Service;
  answer(request: ServiceRequest): Answer;
  control: JobControl;
  runs: JobRun[];
  stop(): Promise<void>;
}

const capacity = 2;
const operations = ['StartJobRun', 'GetJobRun', 'GetJobRuns', 'BatchStopJobRun'];

/**
 * Runs the jobs that exist outside the templates, by name.
 * @param concurrentRuns so many runs of one job may there be at a time
 */
export function startGlue(jobs: Record<string, GlueJob>, s3: S3Client, concurrentRuns = 10): Glue {
  const runs: JobRun[] = [];
  const stops = new Map<string, AbortController>();
  const ends = new Set<Promise<void>>();
  const control = jobControl();

  function find(jobName: string, runId: string): JobRun {
    const run = runs.find(({ Id, JobName }) => Id === runId && JobName === jobName);
    if (!run) throw new ServiceError(400, 'EntityNotFoundException', `Job run ${runId} not found.`);
    return run;
  }

  function start({ JobName, Arguments = {} }: { JobName: string; Arguments?: Record<string, string> }) {
    const job = jobs[JobName];
    if (!job)
      throw new ServiceError(
        400,
        'EntityNotFoundException',
        `Failed to start job run due to missing metadata`,
      );
    if (
      runs.filter((run) => run.JobName === JobName && run.JobRunState === 'RUNNING').length >= concurrentRuns
    )
      throw new ServiceError(
        400,
        'ConcurrentRunsExceededException',
        `Concurrent runs exceeded for ${JobName}`,
      );
    const run: JobRun = {
      Id: `jr_${randomUUID().replaceAll('-', '')}`,
      JobName,
      JobRunState: 'RUNNING',
      Arguments,
      Attempt: 0,
      StartedOn: seconds(),
      ExecutionTime: 0,
      MaxCapacity: capacity,
    };
    runs.push(run);
    const stop = new AbortController();
    stops.set(run.Id, stop);
    const end = work(run, job, stop.signal).finally(() => ends.delete(end));
    ends.add(end);
    return { JobRunId: run.Id };
  }

  async function work(run: JobRun, job: GlueJob, signal: AbortSignal): Promise<void> {
    const outcome = await control
      .begin(signal)
      .then(() => job(run.Arguments, s3, signal))
      .then(
        () => ({ JobRunState: 'SUCCEEDED' as const }),
        (error: Error) =>
          signal.aborted
            ? { JobRunState: 'STOPPED' as const }
            : { JobRunState: 'FAILED' as const, ErrorMessage: error.message },
      );
    const CompletedOn = seconds();
    const ExecutionTime = Math.ceil(CompletedOn - run.StartedOn);
    // The first minute is always charged.
    Object.assign(run, outcome, {
      CompletedOn,
      ExecutionTime,
      DPUSeconds: capacity * Math.max(60, ExecutionTime),
    });
  }

  return {
    service: {
      protocol: 'json',
      denial: { status: 400, code: 'AccessDeniedException' },
      outageCode: 'InternalServiceException',
      describe({ headers, body }) {
        const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
        if (!operations.includes(operation)) throw unknownOperation(operation);
        const resource = arn('glue', `job/${JSON.parse(body).JobName}`);
        return { operation, requires: [{ action: `glue:${operation}`, resource }] };
      },
    },
    answer({ headers, body }) {
      const input = JSON.parse(body);
      switch (String(headers['x-amz-target']).split('.')[1]) {
        case 'StartJobRun':
          return json(200, start(input));
        case 'GetJobRun':
          return json(200, { JobRun: find(input.JobName, input.RunId) });
        case 'GetJobRuns':
          return json(200, { JobRuns: runs.filter(({ JobName }) => JobName === input.JobName).toReversed() });
        default: {
          const stopped = (input.JobRunIds as string[]).map((JobRunId) => {
            find(input.JobName, JobRunId);
            stops.get(JobRunId)!.abort();
            return { JobName: input.JobName, JobRunId };
          });
          return json(200, { SuccessfulSubmissions: stopped, Errors: [] });
        }
      }
    },
    control,
    runs,
    async stop() {
      for (const one of stops.values()) one.abort();
      await Promise.all(ends);
    },
  };
}
