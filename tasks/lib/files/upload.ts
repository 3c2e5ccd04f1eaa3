// A stream to a file on S3, in parts.
import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { UploadFailed } from '../errors.ts';

export type UploadTarget = {
  bucket: string;
  key: string;
  contentType: string;
  /** The name that a browser gives the file; for files that people get. */
  name?: string;
  /** Lifecycle rules delete the file by this tag; others go by their prefix. */
  expiresInDays?: number;
};

const partSize = 8 * 1024 * 1024;
/** Bytes: S3 takes 10,000 parts. */
export const largestFile = 10_000 * partSize;

/**
 * A client for the files of one invocation, to be held by `using`: its end cuts off requests that hang.
 * @param requestTimeout milliseconds that one request, such as one part, may take; there are three attempts
 */
export function storageClient(requestTimeout: number): S3Client & Disposable {
  const client = new S3Client({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5_000, requestTimeout, throwOnRequestTimeout: true },
  });
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
}

/**
 * Uploads what a stream gives until its end. When the stream fails or S3 does, nothing is left on S3: parts
 * already there are dropped before the promise is rejected.
 */
export async function upload(client: S3Client, body: Readable, target: UploadTarget): Promise<void> {
  await new Upload({
    client,
    partSize,
    params: {
      Bucket: target.bucket,
      Key: target.key,
      Body: body,
      ContentType: target.contentType,
      ContentDisposition: target.name && `attachment; filename="${target.name}"`,
      Tagging: target.expiresInDays ? `expires-in-days=${target.expiresInDays}` : undefined,
    },
  }).done();
}

/** A small file, all or none. Throws UploadFailed. */
export async function store(client: S3Client, text: string, target: UploadTarget): Promise<void> {
  try {
    await upload(client, Readable.from([text]), target);
  } catch (error) {
    throw new UploadFailed(`S3 did not take the file (${(error as Error).name}).`);
  }
}
