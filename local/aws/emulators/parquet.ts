// Parquet on S3, read and written by DuckDB: what Athena and Glue do, on one machine.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { DuckDBConnection } from '@duckdb/node-api';

/** A place on S3. */
export interface Location {
  bucket: string;
  /** The start of its objects' keys. */
  prefix: string;
}

/** `s3://bucket/prefix` taken apart. */
export function locationOf(url: string): Location {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/(.*)$/.exec(url) ?? [];
  if (!bucket) throw new Error(`${url} is not a location on S3`);
  return { bucket, prefix: prefix! };
}

/** A database of its own, and a folder for files; both are gone at the end. An abort interrupts what runs. */
export async function withDuckDb<T>(
  signal: AbortSignal,
  work: (connection: DuckDBConnection, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'report-duckdb-'));
  // Loaded when first needed: it is large, and most stacks never count.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '1GB',
    threads: '2',
    temp_directory: join(folder, 'spill'),
  });
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    signal.throwIfAborted();
    return await work(connection, folder);
  } finally {
    signal.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Fetches every object of a location into a folder. */
export async function download(s3: S3Client, { bucket, prefix }: Location, folder: string) {
  const files: string[] = [];
  let bytes = 0;
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key, Size = 0 } of page.Contents ?? []) {
      if (!Size) continue;
      const file = join(folder, Key!.replaceAll('/', '~'));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      await pipeline(Body as Readable, createWriteStream(file));
      files.push(file);
      bytes += Size;
    }
  }
  return { files, bytes };
}

/** Sends a file to S3. */
export async function upload(s3: S3Client, { bucket, prefix }: Location, file: string): Promise<void> {
  const params = { Bucket: bucket, Key: prefix, Body: createReadStream(file) };
  await new Upload({ client: s3, params }).done();
}

/** Text as a literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
