// What a search left on S3, for the task that writes its report.
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse';
import { SearchResultMissing, StorageUnavailable } from '../errors.ts';
import { setting } from '../settings.ts';

/** The rows of a CSV, without its header. Throws SearchResultMissing, StorageUnavailable. */
export async function* readCsv(storage: S3Client, key: string): AsyncGenerator<string[]> {
  const rows = parse({ from: 2, relax_column_count: true });
  // Its failure ends the rows, too.
  pipeline(await read(storage, key), rows).catch(() => undefined);
  try {
    for await (const row of rows) yield row;
  } catch (error) {
    throw new StorageUnavailable(`${key} could not be read to its end (${(error as Error).name}).`);
  }
}

/** A small file in UTF-8. Throws SearchResultMissing, StorageUnavailable. */
export async function readText(storage: S3Client, key: string): Promise<string> {
  return (await (await read(storage, key)).toArray()).join('');
}

async function read(storage: S3Client, Key: string): Promise<Readable> {
  try {
    const { Body } = await storage.send(new GetObjectCommand({ Bucket: setting('REPORTS_BUCKET'), Key }));
    const body = Body as Readable;
    return body.setEncoding('utf8');
  } catch (error) {
    const { name } = error as Error;
    // Without the right to list the bucket, S3 calls a file that is not there forbidden.
    if (['NoSuchKey', 'AccessDenied'].includes(name))
      throw new SearchResultMissing(`There is no file ${Key}.`);
    throw new StorageUnavailable(`S3 did not give the file ${Key} (${name}).`);
  }
}
