// The services that the tasks call: MariaDB, S3 behind a recorder, Secrets Manager. The tasks find them by their environment.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import { seedDatabase } from '../../local/database/seed.ts';
import { type Database, startDatabase } from '../../local/database/server.ts';

/** Starts a seeded database, and sets the environment of the tasks. */
export async function startSeededDatabase(): Promise<Database> {
  const database = await startDatabase();
  await seedDatabase(database);
  process.env.RDS_READER_ENDPOINT = `${database.host}:${database.port}`;
  process.env.RDS_DBNAME = 'nextpoint';
  process.env.RDS_SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:reports';
  process.env.ENV = 'development';
  useAwsCredentials();
  return database;
}

/** Answers GetSecretValue with the login. A test may change `secret`. */
export async function startSecrets(login: { user: string; password: string }) {
  const secrets = { secret: secretOf(login), reads: 0, stop: () => server.close() };
  const server = createServer((_, response) => {
    secrets.reads++;
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ SecretString: secrets.secret }));
  });
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = await listen(server);
  return secrets;
}

export function secretOf({ user, password }: { user: string; password: string }): string {
  return JSON.stringify({ username: user, password });
}

type Answered = boolean | Promise<boolean>;
export type S3Request = { operation: string; key: string; headers: IncomingMessage['headers'] };

/**
 * Starts S3 behind a recorder. `interfere` may answer a request itself, or leave it unanswered; it then returns true.
 */
export async function startStorage() {
  const bucket = 'reports-test';
  const fauxqs = await startFauxqs({ port: 0, logger: false });
  fauxqs.createBucket(bucket);
  const storage = {
    bucket,
    requests: [] as S3Request[],
    interfere: undefined as ((request: S3Request, response: ServerResponse) => Answered) | undefined,
    operations: () => storage.requests.map(({ operation }) => operation),
    async bytes(key: string) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return await Body!.transformToByteArray();
    },
    put: (key: string, body: string) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body })),
    text: async (key: string) => Buffer.from(await storage.bytes(key)).toString('utf8'),
    /** The keys of all files. */
    async files() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key }) => Key!);
    },
    /** Deletes all files and forgets all requests. */
    async reset() {
      storage.interfere = undefined;
      for (const Key of await storage.files())
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      storage.requests.length = 0;
    },
    async stop() {
      gateway.closeAllConnections();
      gateway.close();
      await fauxqs.stop();
    },
  };
  const gateway = createServer(async (incoming, response) => {
    const seen = {
      operation: operationOf(incoming),
      key: keyOf(incoming, bucket),
      headers: incoming.headers,
    };
    storage.requests.push(seen);
    if (await storage.interfere?.(seen, response)) return void incoming.resume();
    const { method, url, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port: fauxqs.port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  process.env.AWS_ENDPOINT_URL_S3 = await listen(gateway);
  Object.assign(process.env, { REPORTS_BUCKET: bucket, REQUEST_DAYS: '400' });
  useAwsCredentials();
  const client = new S3Client();
  return storage;
}

export type Storage = Awaited<ReturnType<typeof startStorage>>;
export type Secrets = Awaited<ReturnType<typeof startSecrets>>;

function operationOf({ method, url }: IncomingMessage): string {
  const query = new URL(url!, 'http://s3').searchParams;
  if (query.has('uploads')) return 'CreateMultipartUpload';
  if (query.has('partNumber')) return 'UploadPart';
  if (query.has('uploadId')) return method === 'DELETE' ? 'AbortMultipartUpload' : 'CompleteMultipartUpload';
  return method === 'PUT' ? 'PutObject' : method === 'GET' ? 'GetObject' : `${method}`;
}

function keyOf({ url }: IncomingMessage, bucket: string): string {
  return decodeURIComponent(new URL(url!, 'http://s3').pathname).slice(bucket.length + 2);
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function useAwsCredentials(): void {
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
}
