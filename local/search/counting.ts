// The backend as it is today: it runs Glue and Athena itself and waits for them.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { GetJobRunCommand, StartJobRunCommand } from '@aws-sdk/client-glue';
import { type Config, searchDatabase, searchWorkGroup } from '../../cdk/config.ts';
import type { Clients } from '../aws/clients.ts';
import type { SearchRequest } from './backend.ts';

/** Converts and counts the hits of a search. Gives the key of each result, as the state machine takes them. */
export async function countHits(
  { athena, glue }: Clients,
  config: Config,
  { bucket, caseId, jobId, outputPrefix }: SearchRequest,
  dataPrefix: string,
): Promise<Record<string, string>> {
  const attempt = 'backend';
  const output = `s3://${bucket}/${outputPrefix.replace(/search\/$/, '')}case=${caseId}/attempt=${attempt}/`;
  const JobName = config.search.conversionJob;
  const { JobRunId } = await glue.send(
    new StartJobRunCommand({
      JobName,
      Arguments: { '--input': `s3://${bucket}/${dataPrefix}`, '--output': output },
    }),
  );
  await ending('The Glue run', async () => {
    const { JobRun } = await glue.send(new GetJobRunCommand({ JobName, RunId: JobRunId }));
    return JobRun!.JobRunState!;
  });
  const results: Record<string, string> = {};
  for (const name of ['terms', 'custodians', 'months']) {
    const QueryString = readFileSync(`tasks/reports/search-hit/${name}.sql`, 'utf8');
    const tables = QueryString.match(/case_id = \?/g)!.length;
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString,
        QueryExecutionContext: { Database: searchDatabase(config) },
        WorkGroup: searchWorkGroup(config),
        ExecutionParameters: Array.from({ length: tables }, () =>
          [String(caseId), jobId, attempt].map((value) => `'${value}'`),
        ).flat(),
      }),
    );
    await ending(`The query ${name}`, async () => {
      const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      results[name] = QueryExecution!.ResultConfiguration!.OutputLocation!.replace(`s3://${bucket}/`, '');
      return QueryExecution!.Status!.State!;
    });
  }
  return results;
}

async function ending(what: string, state: () => Promise<string>): Promise<void> {
  let now = await state();
  for (; ['QUEUED', 'RUNNING'].includes(now); now = await state()) await sleep(20);
  if (now !== 'SUCCEEDED') throw new Error(`${what} ended as ${now}.`);
}
