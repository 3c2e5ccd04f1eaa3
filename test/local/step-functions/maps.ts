import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
} from '@aws-sdk/client-sfn';
import { startFauxqs } from 'fauxqs';
import type { StepFunctionsOptions } from '../../../local/step-functions/server.ts';
import { startHarness } from './harness.ts';

/** Fields of a Distributed Map beside those that every test here has. */
interface MapFields {
  ExecutionType?: 'STANDARD' | 'EXPRESS';
  [field: string]: unknown;
}

/** A Distributed Map over the input, labelled `Each`; its children run these states. */
export const eachOf = (states: object, { ExecutionType = 'STANDARD', ...fields }: MapFields = {}) => ({
  Each: {
    Type: 'Map',
    Label: 'Each',
    ...(!('ItemReader' in fields) && { Items: '{% $states.input %}' }),
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType },
      StartAt: Object.keys(states)[0],
      States: states,
    },
    End: true,
    ...fields,
  },
});

/** A harness with what is asked about Map Runs. */
export async function startMapHarness(options: StepFunctionsOptions = {}) {
  const harness = await startHarness(options);
  const { client } = harness;
  const mapRunOf = async (executionArn: string) => {
    const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
    return client.send(new DescribeMapRunCommand({ mapRunArn: mapRuns![0]!.mapRunArn }));
  };
  /** The children in the order of their start, as DescribeExecution shows them. */
  const childrenOf = async (executionArn: string) => {
    const { mapRunArn } = await mapRunOf(executionArn);
    const { executions } = await client.send(new ListExecutionsCommand({ mapRunArn, maxResults: 1000 }));
    const describe = (arn: string) => client.send(new DescribeExecutionCommand({ executionArn: arn }));
    return Promise.all(executions!.toReversed().map((child) => describe(child.executionArn!)));
  };
  return { ...harness, mapRunOf, childrenOf };
}

/** S3 with these objects in the bucket `data`, and options for a harness that uses it. */
export async function startS3(objects: Record<string, string | Buffer> = {}) {
  const server = await startFauxqs({ port: 0, logger: false });
  const options = { clients: () => ({ endpoint: server.address }) };
  const { S3Client, PutObjectCommand, GetObjectCommand, ListObjectsV2Command } = await import(
    '@aws-sdk/client-s3'
  );
  server.createBucket('data');
  const client = new S3Client({
    endpoint: server.address,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const put = (Key: string, Body: string | Buffer) =>
    client.send(new PutObjectCommand({ Bucket: 'data', Key, Body }));
  for (const [key, body] of Object.entries(objects)) await put(key, body);
  return {
    options,
    put,
    async text(Key: string) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'data', Key }));
      return Body!.transformToString();
    },
    async keys() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'data' }));
      return Contents.map(({ Key }) => Key!);
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server.stop();
    },
  };
}
