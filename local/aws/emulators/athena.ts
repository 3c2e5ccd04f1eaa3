import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { GetBucketLocationCommand } from '@aws-sdk/client-s3';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Permission } from '../access/authorization.ts';
import { type Answer, json, ServiceError } from '../access/errors.ts';
import { arn } from '../template/resource-types.ts';
import type { Resource } from '../template/resources.ts';
import { fingerprint, type JobControl, jobControl, seconds } from './jobs.ts';
import { download, literal, locationOf, upload, withDuckDb } from './parquet.ts';
import { type Service, type ServiceRequest, unknownOperation } from './service.ts';

/** A table of the catalog whose partitions are projected, each key of the type `injected`. */
interface Table {
  database: string;
  name: string;
  columns: { Name: string; Type: string }[];
  keys: string[];
  /** The location of a partition's files: `s3://bucket/${key}/…` */
  template: string;
}

interface WorkGroup {
  outputLocation: string;
  /** In bytes. */
  cutoff: number;
}

/** A query, as Athena describes it. */
interface QueryExecution {
  QueryExecutionId: string;
  Query: string;
  StatementType: 'DML';
  ResultConfiguration: { OutputLocation: string };
  QueryExecutionContext: { Database: string };
  Status: {
    State: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
    StateChangeReason?: string;
    SubmissionDateTime: number;
    CompletionDateTime?: number;
  };
  Statistics: { DataScannedInBytes?: number; TotalExecutionTimeInMillis?: number };
  WorkGroup: string;
  ExecutionParameters?: string[];
}

interface StartInput {
  QueryString: string;
  ClientRequestToken?: string;
  QueryExecutionContext?: { Database?: string };
  WorkGroup?: string;
  ExecutionParameters?: string[];
}

/** Athena as far as queries of the templates' tables go. */
export interface Athena {
  service: Service;
  answer(request: ServiceRequest): Answer;
  control: JobControl;
  queries: QueryExecution[];
  stop(): Promise<void>;
}

class CutOff extends Error {}

const operations = ['StartQueryExecution', 'GetQueryExecution', 'StopQueryExecution'];

/**
 * Runs queries over the tables and in the workgroups of the templates.
 * @param clientOf the S3 client of whoever asks, whose permissions the query reads and writes with
 */
export function startAthena(resources: Resource[], clientOf: (request: ServiceRequest) => S3Client): Athena {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const workGroups = new Map(ofType('AWS::Athena::WorkGroup').map((one) => [one.name, workGroupOf(one)]));
  const tables = ofType('AWS::Glue::Table').map(tableOf);
  const queries: QueryExecution[] = [];
  const tokens = new Map<string, { id: string; parameters: string }>();
  const stops = new Map<string, AbortController>();
  const ends = new Set<Promise<void>>();
  const control = jobControl();

  function find(id: string): QueryExecution {
    const query = queries.find(({ QueryExecutionId }) => QueryExecutionId === id);
    if (!query) throw invalid(`QueryExecution ${id} was not found`);
    return query;
  }

  function start(input: StartInput, s3: S3Client) {
    const { QueryString, ClientRequestToken, ExecutionParameters, WorkGroup = 'primary' } = input;
    const workGroup = workGroups.get(WorkGroup);
    if (!workGroup) throw invalid(`WorkGroup ${WorkGroup} is not found.`);
    const parameters = fingerprint(input);
    if (ClientRequestToken) {
      if (!/^.{32,128}$/s.test(ClientRequestToken))
        throw invalid('ClientRequestToken must have a length between 32 and 128');
      const known = tokens.get(ClientRequestToken);
      if (known && known.parameters !== parameters) throw invalid('Idempotent parameters do not match');
      // The same query, whatever has become of it.
      if (known) return { QueryExecutionId: known.id };
    }
    if (ExecutionParameters?.length === 0) throw invalid('ExecutionParameters must not be empty');
    const id = randomUUID();
    const query: QueryExecution = {
      QueryExecutionId: id,
      Query: QueryString,
      StatementType: 'DML',
      // Enforced by the workgroup: a location in the request does not count.
      ResultConfiguration: { OutputLocation: `${workGroup.outputLocation.replace(/\/?$/, '/')}${id}.csv` },
      QueryExecutionContext: { Database: input.QueryExecutionContext?.Database ?? 'default' },
      Status: { State: 'QUEUED', SubmissionDateTime: seconds() },
      Statistics: {},
      WorkGroup,
      ...(ExecutionParameters && { ExecutionParameters }),
    };
    queries.push(query);
    if (ClientRequestToken) tokens.set(ClientRequestToken, { id, parameters });
    const stop = new AbortController();
    stops.set(id, stop);
    const end = work(query, workGroup, s3, stop.signal).finally(() => ends.delete(end));
    ends.add(end);
    return { QueryExecutionId: id };
  }

  async function work(query: QueryExecution, { cutoff }: WorkGroup, s3: S3Client, signal: AbortSignal) {
    const { Status, Statistics } = query;
    try {
      await control.begin(signal);
      Status.State = 'RUNNING';
      const sql = filled(query.Query, query.ExecutionParameters ?? []);
      const own = tables.filter(({ database }) => database === query.QueryExecutionContext.Database);
      await s3.send(
        new GetBucketLocationCommand({ Bucket: locationOf(query.ResultConfiguration.OutputLocation).bucket }),
      );
      await withDuckDb(signal, async (connection, folder) => {
        Statistics.DataScannedInBytes = 0;
        const read = own.filter(({ name }) => references(sql, name));
        const times = read.reduce((sum, { name }) => sum + references(sql, name), 0);
        for (const table of read)
          Statistics.DataScannedInBytes += await attach(connection, table, { sql, times }, s3, folder);
        if (Statistics.DataScannedInBytes > cutoff) throw new CutOff('Bytes scanned limit was exceeded');
        const file = join(folder, 'result');
        await writeFile(file, csv(connection, sql));
        signal.throwIfAborted();
        await upload(s3, locationOf(query.ResultConfiguration.OutputLocation), file);
      });
      Status.State = 'SUCCEEDED';
    } catch (error) {
      const cancelled = signal.aborted || error instanceof CutOff;
      Status.State = cancelled ? 'CANCELLED' : 'FAILED';
      Status.StateChangeReason = signal.aborted ? 'Query cancelled by user' : (error as Error).message;
    }
    Status.CompletionDateTime = seconds();
    Statistics.TotalExecutionTimeInMillis = Math.ceil(
      1000 * (Status.CompletionDateTime - Status.SubmissionDateTime),
    );
  }

  function permissions(operation: string, input: StartInput & { QueryExecutionId: string }): Permission[] {
    const name =
      operation === 'StartQueryExecution' ? input.WorkGroup : find(input.QueryExecutionId).WorkGroup;
    const own = { action: `athena:${operation}`, resource: arn('athena', `workgroup/${name ?? 'primary'}`) };
    if (operation !== 'StartQueryExecution') return [own];
    const database = input.QueryExecutionContext?.Database ?? 'default';
    const read = tables.filter((one) => one.database === database && references(input.QueryString, one.name));
    const onTable = (action: string): Permission[] => [
      { action, resource: arn('glue', 'catalog') },
      { action, resource: arn('glue', `database/${database}`) },
      ...read.map((table) => ({ action, resource: arn('glue', `table/${database}/${table.name}`) })),
    ];
    return [
      own,
      { action: 'athena:GetDataCatalog', resource: arn('athena', 'datacatalog/AwsDataCatalog') },
      { action: 'glue:GetDatabase', resource: arn('glue', 'catalog') },
      { action: 'glue:GetDatabase', resource: arn('glue', `database/${database}`) },
      ...onTable('glue:GetTable'),
      ...onTable('glue:GetPartitions'),
    ];
  }

  return {
    service: {
      protocol: 'json',
      denial: { status: 400, code: 'AccessDeniedException' },
      outageCode: 'InternalServerException',
      describe({ headers, body }) {
        const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
        if (!operations.includes(operation)) throw unknownOperation(operation);
        return { operation, requires: permissions(operation, JSON.parse(body)) };
      },
    },
    answer(request) {
      const input = JSON.parse(request.body);
      switch (String(request.headers['x-amz-target']).split('.')[1]) {
        case 'StartQueryExecution':
          return json(200, start(input, clientOf(request)));
        case 'GetQueryExecution':
          return json(200, { QueryExecution: find(input.QueryExecutionId) });
        default:
          find(input.QueryExecutionId);
          stops.get(input.QueryExecutionId)!.abort();
          return json(200, {});
      }
    },
    control,
    queries,
    async stop() {
      for (const one of stops.values()) one.abort();
      await Promise.all(ends);
    },
  };
}

function workGroupOf({ logicalId, properties }: Resource): WorkGroup {
  const { EnforceWorkGroupConfiguration, ResultConfiguration, BytesScannedCutoffPerQuery } =
    properties.WorkGroupConfiguration ?? {};
  if (!EnforceWorkGroupConfiguration || !ResultConfiguration?.OutputLocation)
    throw new Error(`${logicalId}: only workgroups that enforce where results go are supported`);
  return {
    outputLocation: ResultConfiguration.OutputLocation,
    cutoff: Number(BytesScannedCutoffPerQuery ?? Number.POSITIVE_INFINITY),
  };
}

function tableOf({ logicalId, name, properties }: Resource): Table {
  const { DatabaseName, TableInput } = properties;
  const { Parameters, StorageDescriptor, PartitionKeys } = TableInput;
  const keys = PartitionKeys.map(({ Name }: { Name: string }) => Name);
  const injected = keys.every((key: string) => Parameters[`projection.${key}.type`] === 'injected');
  if (Parameters['projection.enabled'] !== 'true' || !injected)
    throw new Error(`${logicalId}: only tables with injected partitions are supported`);
  return {
    database: DatabaseName,
    name,
    columns: StorageDescriptor.Columns,
    keys,
    template: Parameters['storage.location.template'],
  };
}

/** A query with each `?` replaced by its parameter, which is SQL itself. */
function filled(sql: string, parameters: string[]): string {
  const rest = [...parameters];
  const text = sql.replace(/'(?:[^']|'')*'|--[^\n]*|\?/g, (part) => {
    if (part !== '?') return part;
    const value = rest.shift();
    if (value === undefined) throw new Error('SYNTAX_ERROR: Incorrect number of parameters');
    return value;
  });
  if (rest.length) throw new Error('SYNTAX_ERROR: Incorrect number of parameters');
  return text;
}

function references(sql: string, table: string): number {
  return [...sql.matchAll(new RegExp(String.raw`\b(?:FROM|JOIN)\s+${table}\b`, 'gi'))].length;
}

/**
 * Makes the partitions that the query names readable under the table's name.
 * @param query with how often it reads a table, whichever
 * @returns their bytes
 */
async function attach(
  connection: DuckDBConnection,
  { name, columns, keys, template }: Table,
  query: { sql: string; times: number },
  s3: S3Client,
  folder: string,
): Promise<number> {
  const partitions = keys.reduce<Record<string, string>[]>(
    (found, key) => {
      const values = injectedValues(query, key);
      return found.flatMap((partition) => values.map((value) => ({ ...partition, [key]: value })));
    },
    [{}],
  );
  const typed = columns.map(({ Name, Type }) => ({ Name, type: Type === 'string' ? 'VARCHAR' : Type }));
  const constants = (partition: Record<string, string>) =>
    keys.map((key) => `${literal(partition[key]!)} AS ${key}`).join(', ');
  const nothing = typed.map(({ Name, type }) => `CAST(NULL AS ${type}) AS ${Name}`).join(', ');
  const parts = [`SELECT ${nothing}, ${constants(partitions[0]!)} WHERE false`];
  let scanned = 0;
  for (const partition of partitions) {
    const location = locationOf(template.replace(/\$\{(\w+)\}/g, (_, key: string) => partition[key]!));
    const { files, bytes } = await download(s3, location, folder);
    scanned += bytes;
    if (!files.length) continue;
    const read = typed.map(({ Name, type }) => `CAST(${Name} AS ${type}) AS ${Name}`).join(', ');
    parts.push(`SELECT ${read}, ${constants(partition)} FROM read_parquet([${files.map(literal).join()}])`);
  }
  await connection.run(`CREATE VIEW ${name} AS ${parts.join(' UNION ALL ')}`);
  return scanned;
}

/** The values that a query compares an injected key with. Athena demands one wherever the table is read. */
function injectedValues({ sql, times }: { sql: string; times: number }, key: string): string[] {
  const found = [...sql.matchAll(new RegExp(String.raw`\b${key}\s*=\s*'((?:[^']|'')*)'`, 'gi'))];
  if (found.length < times)
    throw new Error(
      `CONSTRAINT_VIOLATION: For the injected projected partition column ${key}, the WHERE clause must contain only static equality conditions, and at least one such condition must be present.`,
    );
  return [...new Set(found.map(([, value]) => value!.replaceAll("''", "'")))];
}

/** The result as Athena writes it: every cell in quotes, a NULL as nothing at all. */
async function* csv(connection: DuckDBConnection, sql: string): AsyncGenerator<string> {
  const result = await connection.stream(sql);
  const line = (cells: unknown[]) =>
    `${cells.map((cell) => (cell === null ? '' : `"${String(cell).replaceAll('"', '""')}"`)).join()}\n`;
  yield line(result.columnNames());
  for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk())
    yield chunk.getRows().map(line).join('');
}

function invalid(message: string): ServiceError {
  return new ServiceError(400, 'InvalidRequestException', message);
}
