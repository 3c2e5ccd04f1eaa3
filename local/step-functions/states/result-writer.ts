import type { State } from '../definition/language.ts';
import type { Child, MapRun, ResultFiles } from '../interpreter/map-run.ts';
import { redriveStatusOf } from '../interpreter/redrive.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import type { Json, JsonObject } from '../settings.ts';
import { callS3 } from './s3.ts';

type Transformation = 'NONE' | 'COMPACT' | 'FLATTEN';

/** Returns the children's results as the state's result, if no ResultWriter writes them to S3. */
export function stateResult({ ResultWriter }: State, mapRun: MapRun): Json[] {
  const children = mapRun.children!;
  for (const child of children) child.written = true;
  return resultsOf(children, ResultWriter?.WriterConfig?.Transformation ?? 'COMPACT');
}

/**
 * Writes the results that no earlier attempt has written, and a manifest of all files, to `<prefix>/<id of the Map
 * Run>/`, after a redrive to `Redrive-<n>/` in it (both measured). Returns undefined if the results do not go to S3.
 * Throws `States.ResultWriterFailed`.
 */
export async function writeResults(run: StateRun, mapRun: MapRun): Promise<Json | undefined> {
  const { Resource, Arguments, WriterConfig = {} } = run.state.ResultWriter ?? {};
  if (!Resource) return undefined;
  const values = await run.evaluate({ Arguments }, { prefix: 'ResultWriter/' });
  const target = run.typed('ResultWriter/Arguments', values.Arguments ?? null, 'object', Arguments!);
  const { Prefix = '', ...place } = target as JsonObject;
  const id = mapRun.mapRunArn.split(':').at(-1)!;
  const redrive = mapRun.redriveCount > 0 && `Redrive-${mapRun.redriveCount}`;
  const folder = [String(Prefix).replace(/\/$/, ''), id, redrive].filter(Boolean).join('/');
  const put = (Key: string, Body: string, ContentType: string) =>
    callS3(run, 'putObject', { ...place, Key, Body, ContentType }, 'States.ResultWriterFailed');

  const { Transformation = 'NONE', OutputType = 'JSON' } = WriterConfig;
  for (const status of ['SUCCEEDED', 'FAILED', 'PENDING'] as const) {
    const children = mapRun.children!.filter((child) => fileOf(child) === status && !child.written);
    if (children.length === 0) continue;
    const lines = resultsOf(children, Transformation).map((result) => JSON.stringify(result));
    const body = OutputType === 'JSONL' ? `${lines.join('\n')}\n` : `[${lines.join(',')}]`;
    const key = `${folder}/${status}_0.${OutputType.toLowerCase()}`;
    await put(key, body, 'binary/octet-stream');
    mapRun.files[status].push({ Key: key, Size: Buffer.byteLength(body) });
    if (status === 'SUCCEEDED') for (const child of children) child.written = true;
  }
  const Key = `${folder}/manifest.json`;
  const ResultFiles = mapRun.files;
  const manifest = { DestinationBucket: place.Bucket, MapRunArn: mapRun.mapRunArn, ResultFiles };
  await put(Key, JSON.stringify(manifest), 'application/octet-stream');
  return { MapRunArn: mapRun.mapRunArn, ResultWriterDetails: { Bucket: place.Bucket!, Key } };
}

function fileOf({ execution }: Child): keyof ResultFiles {
  if (!execution) return 'PENDING';
  return execution.unsuccessful ? 'FAILED' : 'SUCCEEDED';
}

/** Formats the results. Children that did not succeed are shown as with NONE. */
function resultsOf(children: Child[], transformation: Transformation): Json[] {
  return children.flatMap((child) => {
    if (transformation === 'NONE' || fileOf(child) !== 'SUCCEEDED') return [described(child)];
    const output = JSON.parse(child.execution!.output!) as Json;
    return transformation === 'FLATTEN' ? output : [output];
  });
}

function described({ execution, input }: Child): JsonObject {
  const InputDetails = { Included: true };
  if (!execution) return { Input: input, InputDetails, Status: 'PENDING' };
  const { executionArn, machine, name, output, error, cause, redriveCount, redriveDate, status } = execution;
  const { redriveStatus, redriveStatusReason } = redriveStatusOf(execution);
  const date = (milliseconds: number) => new Date(milliseconds).toISOString();
  return {
    ...(cause !== undefined && { Cause: cause }),
    ...(error !== undefined && { Error: error }),
    ExecutionArn: executionArn,
    Input: input,
    InputDetails,
    Name: name,
    ...(output !== undefined && { Output: output }),
    OutputDetails: { Included: true },
    RedriveCount: redriveCount,
    ...(redriveDate !== undefined && { RedriveDate: date(redriveDate) }),
    RedriveStatus: redriveStatus,
    ...(redriveStatusReason !== undefined && { RedriveStatusReason: redriveStatusReason }),
    StartDate: date(execution.startDate),
    StateMachineArn: machine.stateMachineArn,
    Status: status,
    StopDate: date(execution.stopDate!),
  };
}
