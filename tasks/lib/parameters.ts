// Parameters too long or too confidential for a message: a JSON file on S3, under the requests of a case or an account.
import { createHash } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { InvalidRequest, StorageUnavailable } from './errors.ts';
import { setting } from './settings.ts';

/** Bytes. A million ids of a document take about 8 MB. */
const largest = 32 * 1024 * 1024;
/** Characters of a value, as JSON, that still travels through states. */
const longest = 1_000;

const storage = new S3Client({ maxAttempts: 3 });

export type StoredParameters = { parameters: Record<string, unknown>; sha256: string; text: string };

/** Stands in a context in place of the parameters themselves. */
export type ParametersInContext = {
  /** With defaults; those that were stored and are long are left out. */
  parameters: Record<string, unknown>;
  parametersKey?: string;
  parametersSha256?: string;
};

/** Throws InvalidRequest when the file is missing, too large, or not a JSON object; StorageUnavailable when S3 fails. */
export async function readParameters(key: string): Promise<StoredParameters> {
  const text = await readText(key);
  if (text === undefined) throw new InvalidRequest(`parametersKey: There is no file ${key}.`);
  try {
    const parameters = JSON.parse(text);
    if (parameters !== null && typeof parameters === 'object' && !Array.isArray(parameters))
      return { parameters, sha256: createHash('sha256').update(text).digest('hex'), text };
  } catch {
    // The parser's message would quote what may be confidential.
  }
  throw new InvalidRequest(`parametersKey: ${key} is not a JSON object.`);
}

/**
 * What a context keeps of stored parameters, after defaults were filled in.
 * @param confidential parameters that it never keeps, however short
 */
export function shortParameters(
  parameters: Record<string, unknown>,
  confidential: readonly string[] = [],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).filter(
      ([name, value]) => !confidential.includes(name) && JSON.stringify(value).length <= longest,
    ),
  );
}

/** All parameters of a context. Throws InvalidRequest when the file is no longer what was checked; else as readParameters. */
export async function allParameters(context: ParametersInContext): Promise<Record<string, unknown>> {
  const { parameters, parametersKey, parametersSha256 } = context;
  if (!parametersKey) return parameters;
  const stored = await readParameters(parametersKey);
  if (stored.sha256 !== parametersSha256)
    throw new InvalidRequest(`parametersKey: ${parametersKey} was changed after the request.`);
  return { ...stored.parameters, ...parameters };
}

/** The text of a file; undefined when there is no such file. Throws InvalidRequest when it is too large, StorageUnavailable. */
export async function readText(Key: string): Promise<string | undefined> {
  try {
    const object = new GetObjectCommand({ Bucket: setting('REPORTS_BUCKET'), Key });
    const { Body, ContentLength } = await storage.send(object);
    if (ContentLength! <= largest) return await Body!.transformToString();
  } catch (error) {
    const { name } = error as Error;
    if (name === 'NoSuchKey') return undefined;
    throw new StorageUnavailable(`S3 did not give the file ${Key} (${name}).`);
  }
  throw new InvalidRequest(`parametersKey: ${Key} is larger than ${largest / 1024 / 1024} MB.`);
}
