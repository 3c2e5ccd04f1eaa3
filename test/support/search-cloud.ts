import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetQueryExecutionCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { GetJobRunCommand, type JobRun, StartJobRunCommand } from '@aws-sdk/client-glue';
import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parse } from 'csv-parse/sync';
import { config } from '../../cdk/config.ts';
import { SearchTables } from '../../cdk/constructs/search-tables.ts';
import type { GlueJob } from '../../local/aws/emulators/glue.ts';
import type { TemplateResource } from '../../local/aws/template/assembly.ts';
import { convertHits } from '../../local/search/convert.ts';
import { startTestCloud } from './cloud-of.ts';

export const bucket = 'reports-development-000000000000-us-east-1';
export const database = 'reports_development';
export const workGroup = 'reports-development-search-hits';
export const job = 'convert-hits';

/** Glue and Athena with the tables of the CDK app over a bucket, and what asks them. */
export async function startSearchCloud(
  more: Record<string, TemplateResource> = {},
  convert: GlueJob = convertHits,
) {
  const stack = new Stack(new App(), 'Tables', { env: { account: '000000000000', region: 'us-east-1' } });
  new SearchTables(stack, config('development', 'us-east-1'));
  const { Resources } = Template.fromStack(stack).toJSON();
  const cloud = await startTestCloud({ ...Resources, ...more }, { glueJobs: { [job]: convert } });
  const { athena, glue, s3 } = cloud.clients;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));

  return {
    ...cloud,
    /** Runs the job to its end. */
    async convert(input: string, output: string): Promise<JobRun> {
      const Arguments = { '--input': `s3://${bucket}/${input}`, '--output': `s3://${bucket}/${output}` };
      const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: job, Arguments }));
      for (;;) {
        const { JobRun } = await glue.send(new GetJobRunCommand({ JobName: job, RunId: JobRunId }));
        if (JobRun!.JobRunState !== 'RUNNING') return JobRun!;
        await sleep(20);
      }
    },
    /** Runs a query to its end, with its parameters as SQL. */
    async query(
      sql: string,
      ExecutionParameters?: string[],
    ): Promise<{ query: QueryExecution; rows: string[][] }> {
      const { QueryExecutionId } = await athena.send(
        new StartQueryExecutionCommand({
          QueryString: sql,
          WorkGroup: workGroup,
          QueryExecutionContext: { Database: database },
          ExecutionParameters,
        }),
      );
      for (;;) {
        const { QueryExecution: query } = await athena.send(
          new GetQueryExecutionCommand({ QueryExecutionId }),
        );
        if (['QUEUED', 'RUNNING'].includes(query!.Status!.State!)) await sleep(20);
        else if (query!.Status!.State !== 'SUCCEEDED') return { query: query!, rows: [] };
        else {
          const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(query!.ResultConfiguration!.OutputLocation!)!;
          const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
          const rows: string[][] = parse(await Body!.transformToString());
          return { query: query!, rows: rows.slice(1) };
        }
      }
    },
  };
}

/** The parameters of a query that reads so many tables, in the quotes that SQL wants. */
export function partition(tables: number, caseId: string, run: string, attempt: string): string[] {
  return Array.from({ length: tables }, () => [caseId, run, attempt].map((value) => `'${value}'`)).flat();
}
