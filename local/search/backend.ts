// The stand-in for search-hit-report-backend: what docs/search-backend.md asks of it, over documents in memory.
import { randomUUID } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { DepositionSearchPdfParameters, SearchHitParameters } from '../../contract/types.ts';
import { parse, type Query, SyntaxProblem, Unsupported } from './query.ts';
import { SearchIndex } from './search-index.ts';
import { type TestimonyFilter, TestimonyIndex, type TestimonyLine } from './testimony.ts';

/** A document of a case, as the search knows it. */
export interface SearchDocument {
  id: number;
  /** The id of the head of its family, its own for a document without one. */
  family: number;
  /** The searched texts by field. A query that names no field searches `body`. */
  fields: Record<string, string>;
  custodians: string[];
  /** ISO 8601. */
  date: string | null;
  folders: number[];
}

/** The payload that the state machine sends. */
export interface SearchRequest {
  taskToken: string;
  jobId: string;
  caseId: number;
  bucket: string;
  /** JSON with the parameters of the report. */
  parametersKey: string;
  /** Equal for equal parameters. */
  requestHash: string;
  /** Ends with a slash. */
  outputPrefix: string;
  /** The state fails when it hears nothing for so long; this backend speaks before each term. */
  heartbeatSeconds: number;
  /** Documents, unless it says so. */
  searches?: 'testimony';
}

/** The outcome of one term. */
export interface TermOutcome {
  /** From 1 on. */
  term: number;
  status: 'ok' | 'error';
  message: string | null;
}

/** The file that is written last: without it, nothing has been searched. */
export interface SearchManifest {
  requestHash: string;
  /** The folder of hits, documents and custodians. An abandoned search leaves a folder that nobody reads. */
  dataPrefix: string;
  /** The files of hits in testimony. */
  hitKeys?: string[];
  /** Whether all terms saw the same state of the index. */
  snapshot: 'pit' | 'none';
  searchedAt: string;
  documentsInScope?: number;
  /** Only the terms were checked. */
  dryRun: boolean;
  terms: TermOutcome[];
}

/** The services and documents that the backend works with. */
export interface Backend {
  s3: S3Client;
  sfn: SFNClient;
  documents(caseId: number): Promise<SearchDocument[]>;
  testimony(caseId: number, filter: TestimonyFilter): Promise<TestimonyLine[]>;
  /** Called for each search that finds no earlier results. */
  onSearch?(request: SearchRequest): void;
  /** Converts and counts the hits, if the backend does so itself. Gives the key of each result. */
  count?(request: SearchRequest, dataPrefix: string): Promise<Record<string, string> | undefined>;
  /** Called before each term is searched. It may hold the search, or fail it by throwing. */
  beforeTerm?(term: number): Promise<void> | void;
}

/** Ends a search whose answer nobody waits for any more. */
class Abandoned extends Error {}

const rowsPerFile = 250_000;

/** Searches, writes the hits to S3 and answers the task, unless it no longer waits. */
export async function search(backend: Backend, request: SearchRequest): Promise<void> {
  const { sfn } = backend;
  const { taskToken } = request;
  try {
    const output = await searchOnce(backend, request);
    await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  } catch (error) {
    if (error instanceof Abandoned || isNoLongerWaitedFor(error)) return;
    const cause = (error as Error).message;
    await sfn.send(new SendTaskFailureCommand({ taskToken, error: 'SearchFailed', cause }));
  }
}

async function searchOnce(backend: Backend, request: SearchRequest) {
  const { bucket, outputPrefix, parametersKey, requestHash } = request;
  const manifestKey = `${outputPrefix}manifest.json`;
  const earlier = await read(backend.s3, bucket, manifestKey).then(
    (text) => JSON.parse(text) as SearchManifest,
    () => undefined,
  );
  if (earlier?.requestHash === requestHash) return answer(backend, request, manifestKey, earlier);

  backend.onSearch?.(request);
  const parameters = JSON.parse(await read(backend.s3, bucket, parametersKey));
  const searched = await (request.searches === 'testimony' ? searchTestimony : searchDocuments)(
    backend,
    request,
    parameters,
  );
  const manifest: SearchManifest = { requestHash, snapshot: 'pit', ...searched };
  await write(backend.s3, bucket, manifestKey, JSON.stringify(manifest));
  return answer(backend, request, manifestKey, manifest);
}

type Searched = Omit<SearchManifest, 'requestHash' | 'snapshot'>;

async function searchDocuments(
  backend: Backend,
  request: SearchRequest,
  { terms, scope, dryRun = false }: SearchHitParameters,
): Promise<Searched> {
  const { bucket, caseId, outputPrefix } = request;
  const beat = () => heartbeat(backend.sfn, request.taskToken);
  const searchedAt = new Date().toISOString();
  const all = await backend.documents(caseId);
  const inScope = ({ folders }: SearchDocument) =>
    !scope?.folderIds || scope.folderIds.some((folder) => folders.includes(folder));
  const scoped = all.filter(inScope);
  const index = new SearchIndex();
  if (!dryRun)
    for (const [number, { fields }] of scoped.entries()) {
      index.add(fields);
      if (number % 5000 === 0) await beat();
    }
  const dataPrefix = `${outputPrefix}${randomUUID()}/`;
  const hits = csvFiles(backend.s3, bucket, `${dataPrefix}hits/`, 'term,document_id,family_id');
  const outcomes = await searchEach(backend, request, terms, async (term, query) => {
    if (dryRun) return;
    const found = index.search(query);
    for (const [place, { id, family }] of scoped.entries())
      if (found[place]) await hits.add([term, id, family]);
  });
  await hits.end();
  if (!dryRun) await writeDocuments(backend.s3, bucket, dataPrefix, all, inScope);
  return { dataPrefix, searchedAt, documentsInScope: scoped.length, dryRun, terms: outcomes };
}

async function searchTestimony(
  backend: Backend,
  request: SearchRequest,
  { terms, query: only, ...filter }: DepositionSearchPdfParameters,
): Promise<Searched> {
  const { bucket, caseId, outputPrefix } = request;
  const searchedAt = new Date().toISOString();
  const index = new TestimonyIndex(await backend.testimony(caseId, filter));
  const dataPrefix = `${outputPrefix}${randomUUID()}/`;
  const hits = csvFiles(
    backend.s3,
    bucket,
    `${dataPrefix}hits/`,
    'term,hit,volume_id,page,line,start,length',
  );
  let count = 0;
  const outcomes = await searchEach(backend, request, terms ?? [{ term: only! }], async (term, query) => {
    for (const marks of index.search(query)) {
      count++;
      for (const { volume, page, line, start, length } of marks)
        await hits.add([term, count, volume, page, line, start, length]);
    }
  });
  const hitKeys = await hits.end();
  return { dataPrefix, hitKeys, searchedAt, dryRun: false, terms: outcomes };
}

/** Gives the outcome of each term: only the term's own fault is the term's. Anything else fails the search and never counts as 0. */
async function searchEach(
  backend: Backend,
  { taskToken }: SearchRequest,
  terms: { term: string }[],
  find: (term: number, query: Query) => Promise<void>,
): Promise<TermOutcome[]> {
  const outcomes: TermOutcome[] = [];
  for (const [position, { term: text }] of terms.entries()) {
    const term = position + 1;
    await backend.beforeTerm?.(term);
    await heartbeat(backend.sfn, taskToken);
    try {
      await find(term, parse(text, 'body'));
      outcomes.push({ term, status: 'ok', message: null });
    } catch (error) {
      if (!(error instanceof SyntaxProblem || error instanceof Unsupported)) throw error;
      outcomes.push({ term, status: 'error', message: error.message });
    }
  }
  return outcomes;
}

async function answer(
  backend: Backend,
  request: SearchRequest,
  manifestKey: string,
  manifest: SearchManifest,
) {
  const { dataPrefix, documentsInScope, dryRun, snapshot, terms } = manifest;
  const failed = terms.filter(({ status }) => status === 'error').length;
  const results = dryRun || request.searches ? undefined : await backend.count?.(request, dataPrefix);
  return {
    manifestKey,
    dataPrefix,
    snapshot,
    ...(documentsInScope !== undefined && { documentsInScope }),
    terms: terms.length,
    termsWithErrors: failed,
    ...(results && { results }),
  };
}

/** Every document in scope, and those outside whose family has a member inside. */
async function writeDocuments(
  s3: S3Client,
  bucket: string,
  dataPrefix: string,
  all: SearchDocument[],
  inScope: (document: SearchDocument) => boolean,
): Promise<void> {
  const families = new Set(all.filter(inScope).map(({ family }) => family));
  const header = 'document_id,family_id,document_date,in_scope';
  const documents = csvFiles(s3, bucket, `${dataPrefix}documents/`, header);
  const custodians = csvFiles(s3, bucket, `${dataPrefix}custodians/`, 'document_id,custodian');
  for (const document of all.filter(({ family }) => families.has(family))) {
    await documents.add([document.id, document.family, document.date ?? '', String(inScope(document))]);
    for (const custodian of document.custodians) await custodians.add([document.id, custodian]);
  }
  await documents.end();
  await custodians.end();
}

/** Tells Step Functions that the search goes on, and learns whether anybody still waits for it. */
async function heartbeat(sfn: SFNClient, taskToken: string): Promise<void> {
  await sfn.send(new SendTaskHeartbeatCommand({ taskToken })).catch((error) => {
    throw isNoLongerWaitedFor(error) ? new Abandoned() : error;
  });
}

function isNoLongerWaitedFor(error: unknown): boolean {
  return ['TaskTimedOut', 'TaskDoesNotExist'].includes((error as Error).name);
}

/** Rows as CSV, in files of a size that Glue can spread. */
function csvFiles(s3: S3Client, bucket: string, prefix: string, header: string) {
  let lines = [header];
  const keys: string[] = [];
  const flush = async () => {
    const key = `${prefix}part-${String(keys.length).padStart(5, '0')}.csv`;
    keys.push(key);
    await write(s3, bucket, key, `${lines.join('\n')}\n`);
    lines = [header];
  };
  return {
    async add(cells: (string | number)[]) {
      lines.push(cells.map(cell).join());
      if (lines.length > rowsPerFile) await flush();
    },
    /** Gives the keys of the files. */
    async end() {
      await flush();
      return keys;
    },
  };
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function read(s3: S3Client, Bucket: string, Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return await Body!.transformToString();
}

async function write(s3: S3Client, Bucket: string, Key: string, Body: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}
