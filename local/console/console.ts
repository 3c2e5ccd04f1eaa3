// The console page of `npm run local`: executions and their graphs, requests, mails and files.
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  type ExecutionStatus,
  type HistoryEvent,
  ListExecutionsCommand,
  ListMapRunsCommand,
  paginateGetExecutionHistory,
  RedriveExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type Machine, machines } from '../../cdk/machines.ts';
import { requests } from '../../contract/samples/index.ts';
import { definitions, diagramOf } from '../../state-machines/diagrams.ts';
import type { Stack } from '../stack.ts';
import { read } from './history.ts';

/** Rows of a list. Filters reach the older ones. */
const mostRows = 200;
const prefix = 'reports-development-';

const pages: Record<string, [file: string, type: string]> = {
  '/': ['index.html', 'text/html'],
  '/console.css': ['console.css', 'text/css'],
  '/console.js': ['console.js', 'text/javascript'],
  '/form.js': ['form.js', 'text/javascript'],
};

/** Starts the page on loopback, on a free port by default. Rejects when the port is taken. */
export async function startConsole(stack: Stack, port = 0): Promise<{ url: string; stop(): Promise<void> }> {
  const { sfn, s3 } = stack.clients;
  const jobs = new Map<string, Promise<string>>();

  /** The jobId that an execution is about, wherever its input has it. Inputs never change. */
  function jobOf(executionArn: string): Promise<string> {
    const known = jobs.get(executionArn);
    if (known) return known;
    const job = sfn
      .send(new DescribeExecutionCommand({ executionArn }))
      .then(({ input = '' }) => /\\*"jobId\\*":\s*\\*"([\w-]+)/.exec(input)?.[1] ?? '');
    jobs.set(executionArn, job);
    job.catch(() => jobs.delete(executionArn));
    return job;
  }

  async function executions(machine: string, status: string, job: string) {
    const names = Object.keys(machines).filter((name) => !machines[name as Machine].express);
    const lists = await Promise.all(
      names
        .filter((name) => !machine || name === machine)
        .map(async (name) => {
          const stateMachineArn = stack.stateMachines[prefix + name];
          const statusFilter = (status || undefined) as ExecutionStatus | undefined;
          const { executions = [] } = await sfn.send(
            new ListExecutionsCommand({ stateMachineArn, statusFilter, maxResults: 1000 }),
          );
          return executions.map(
            ({ executionArn = '', name: execution, status, startDate, redriveCount }) => ({
              arn: executionArn,
              machine: name,
              name: execution,
              status,
              startDate,
              redriveCount,
            }),
          );
        }),
    );
    const found = await Promise.all(lists.flat().map(async (one) => ({ ...one, job: await jobOf(one.arn) })));
    const fitting = found
      .filter((one) => `${one.job} ${one.name}`.includes(job))
      .sort((a, b) => Number(b.startDate) - Number(a.startDate));
    return { machines: names, total: fitting.length, executions: fitting.slice(0, mostRows) };
  }

  async function execution(executionArn: string) {
    const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const events: HistoryEvent[] = [];
    for await (const page of paginateGetExecutionHistory({ client: sfn, pageSize: 1000 }, { executionArn }))
      events.push(...(page.events ?? []));
    const { mapRuns = [] } = found.mapRunArn
      ? {}
      : await sfn.send(new ListMapRunsCommand({ executionArn, maxResults: 1000 }));
    const job = await jobOf(executionArn);
    const { name, status, startDate, stopDate, input, output, error, cause, redriveCount } = found;
    return {
      arn: executionArn,
      machine: executionArn.split(':')[6]!.slice(prefix.length).split('/')[0],
      ...{ name, job, status, startDate, stopDate, input, output, error, cause, redriveCount },
      notRedrivable: found.redriveStatus === 'REDRIVABLE' ? undefined : found.redriveStatusReason,
      parent: found.mapRunArn && (await parentOf(found.mapRunArn)),
      ...read(events),
      mapRuns: await Promise.all(mapRuns.map(({ mapRunArn }) => mapRun(mapRunArn!))),
      events: found.mapRunArn ? [] : stack.rails.events.filter(({ jobId }) => jobId === job),
    };
  }

  async function parentOf(mapRunArn: string) {
    return (await sfn.send(new DescribeMapRunCommand({ mapRunArn }))).executionArn;
  }

  /** A Map Run with its children, those that failed first. */
  async function mapRun(mapRunArn: string) {
    const [{ status, executionCounts, redriveCount }, failed, all] = await Promise.all([
      sfn.send(new DescribeMapRunCommand({ mapRunArn })),
      sfn.send(new ListExecutionsCommand({ mapRunArn, statusFilter: 'FAILED', maxResults: mostRows })),
      sfn.send(new ListExecutionsCommand({ mapRunArn, maxResults: mostRows })),
    ]);
    const others = all.executions!.filter((one) => one.status !== 'FAILED');
    const children = [...failed.executions!, ...others].slice(0, mostRows);
    return {
      status,
      redriveCount,
      counts: executionCounts,
      children: children.map(({ executionArn, name, status }) => ({ arn: executionArn, name, status })),
    };
  }

  const gets: Record<string, (query: URLSearchParams) => Promise<unknown>> = {
    async '/api/executions'(query) {
      const [machine, status, job] = ['machine', 'status', 'job'].map((name) => query.get(name) ?? '');
      const [list, files] = await Promise.all([
        executions(machine!, status!, job!),
        filesOf(s3, stack.bucket, job!),
      ]);
      return { ...list, files, inboxUrl: stack.inboxUrl };
    },
    '/api/execution': (query) => execution(query.get('arn') ?? ''),
    '/api/events': async (query) => stack.rails.events.filter(({ jobId }) => jobId === query.get('job')),
    '/api/form': async () => ({ schema: JSON.parse(await readFile(schemaFile, 'utf8')), samples: requests }),
  };
  const posts: Record<string, (body: Record<string, never>) => Promise<unknown>> = {
    '/api/redrive': ({ arn }) => sfn.send(new RedriveExecutionCommand({ executionArn: arn })),
    '/api/stop': ({ arn }) =>
      sfn.send(new StopExecutionCommand({ executionArn: arn, cause: 'Stopped in the console' })),
    // The service itself checks what is asked, so that testers may ask for anything.
    '/api/ask': ({ jobId, caseId, eventDetail }) =>
      stack.rails.publish({
        source: 'rails',
        eventType: 'REPORT_REQUESTED',
        ...{ jobId, caseId, batchId: null, status: 'SUCCESS', timestamp: new Date().toISOString() },
        eventDetail,
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const send = (type: string, body: string) => {
      response.setHeader('content-type', `${type}; charset=utf-8`);
      response.end(body);
    };
    // Other pages in the tester's browser must not act here: they cannot send JSON, nor use another name for this host.
    const { host, 'content-type': type } = request.headers;
    if (host !== new URL(url).host) return void response.writeHead(403).end();
    if (request.method === 'POST') {
      const act = posts[pathname];
      if (!act) return void response.writeHead(404).end();
      if (type !== 'application/json') return void response.writeHead(415).end();
      await act(JSON.parse(Buffer.concat(await request.toArray()).toString()));
      return send('application/json', '{}');
    }
    const page = pages[pathname];
    if (page) return send(page[1], await readFile(new URL(page[0], import.meta.url), 'utf8'));
    const get = gets[pathname];
    if (get) return send('application/json', JSON.stringify(await get(searchParams)));
    if (pathname === '/graph') return send('image/svg+xml', graphOf(searchParams.get('machine') as Machine));
    if (pathname === '/file') return download(s3, stack.bucket, searchParams.get('key') ?? '', response);
    response.writeHead(404).end();
  }

  const server = createServer((request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader(
      'content-security-policy',
      `default-src 'self'; frame-src ${stack.inboxUrl}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    );
    answer(request, response).catch(({ message }: Error) => {
      if (!response.headersSent) response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const schemaFile = new URL('../../contract/request.schema.json', import.meta.url);

/** The diagram of a machine as docs/machines/ has it. Throws when there is none. */
function graphOf(machine: Machine): string {
  const { shared } = machines[machine];
  const [, definition] = definitions.find(([name]) => name === (shared?.definition ?? machine))!;
  const comment = definition.Comment.replace('${Purpose}', shared?.purpose ?? '');
  return diagramOf(machine, { ...definition, Comment: comment });
}

/** The newest files for people, not those in passing; all that name the job. */
async function filesOf(s3: S3Client, Bucket: string, job: string) {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '', Size, LastModified }) => ({ key: Key, bytes: Size, at: LastModified }))
    .filter(({ key }) => !/\/(tmp|requests)\//.test(key) && key.includes(job))
    .sort((a, b) => Number(b.at) - Number(a.at))
    .slice(0, mostRows);
}

async function download(s3: S3Client, Bucket: string, Key: string, response: ServerResponse) {
  const { Body, ContentDisposition } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const name = encodeURIComponent(Key.split('/').at(-1)!);
  response.setHeader('content-type', 'application/octet-stream');
  response.setHeader('content-disposition', ContentDisposition ?? `attachment; filename*=UTF-8''${name}`);
  await pipeline(Body as NodeJS.ReadableStream, response);
}
