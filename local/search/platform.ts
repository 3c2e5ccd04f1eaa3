// The platform's side of the search hit report, running in this process: the backend's function, and the Glue job.
import { readFileSync } from 'node:fs';
import type { RowDataPacket } from 'mysql2/promise';
import type { Config } from '../../cdk/config.ts';
import { format } from '../../tasks/lib/database/format.ts';
import type { Clients } from '../aws/clients.ts';
import type { GlueJob } from '../aws/emulators/glue.ts';
import type { LambdaFunction } from '../aws/emulators/lambda-function.ts';
import { arn } from '../aws/template/resource-types.ts';
import { caseSchema, connectAsAdmin } from '../database/seed.ts';
import type { Database } from '../database/server.ts';
import { type Backend, type SearchDocument, type SearchRequest, search } from './backend.ts';
import { convertHits } from './convert.ts';
import { countHits } from './counting.ts';
import type { TestimonyFilter, TestimonyLine } from './testimony.ts';

/** The searches of a stack, and how tests interfere with them. */
export interface SearchPlatform {
  glueJobs: Record<string, GlueJob>;
  /** Makes the backend's function. */
  backendFunction(clients: Clients): LambdaFunction;
  /** The searches that were made; one that found its results already there is none. */
  searches: SearchRequest[];
  /** Called before each term. It may hold the search, or fail it by throwing. */
  beforeTerm: Backend['beforeTerm'];
  /** Whether the backend converts and counts by itself, as it does today. */
  complete: boolean;
  /** Documents in place of those in a case's database. */
  documents: Map<number, SearchDocument[]>;
  /** Lines in place of those in a case's database. */
  testimony: Map<number, TestimonyLine[]>;
}

/** The platform that a service of this configuration works with. */
export function searchPlatform(database: Database, configuration: Config): SearchPlatform {
  const names = configuration.search;
  const platform: SearchPlatform = {
    glueJobs: { [names.conversionJob]: convertHits },
    searches: [],
    beforeTerm: undefined,
    complete: false,
    documents: new Map(),
    testimony: new Map(),
    backendFunction: (clients) => {
      const backend: Backend = {
        ...clients,
        documents: async (caseId) => platform.documents.get(caseId) ?? (await documentsOf(database, caseId)),
        testimony: async (caseId, filter) =>
          platform.testimony.get(caseId) ?? (await testimonyOf(database, caseId, filter)),
        onSearch: (request) => platform.searches.push(request),
        count: async (request, dataPrefix) =>
          platform.complete ? countHits(clients, configuration, request, dataPrefix) : undefined,
        beforeTerm: (term) => platform.beforeTerm?.(term),
      };
      return {
        name: names.backendFunction,
        arn: arn('lambda', `function:${names.backendFunction}`),
        logFile: '',
        maxMemoryUsed: 0,
        async invoke(payload) {
          // Without an answer, the heartbeat of the state runs out.
          await search(backend, JSON.parse(payload)).catch(() => {});
          return { payload: 'null' };
        },
        stop: async () => {},
      };
    },
  };
  return platform;
}

const sql = readFileSync(new URL('documents.sql', import.meta.url), 'utf8');
const testimonySql = readFileSync(new URL('testimony.sql', import.meta.url), 'utf8');

export async function testimonyOf(
  database: Database,
  caseId: number,
  filter: TestimonyFilter,
): Promise<TestimonyLine[]> {
  const connection = await connectAsAdmin(database, caseSchema(caseId));
  try {
    const all = { scope: 'both', deponentIds: [0], volumeIds: [0] };
    const [rows] = await connection.query<RowDataPacket[]>(format(testimonySql, { ...all, ...filter }));
    return rows as TestimonyLine[];
  } finally {
    await connection.end();
  }
}

async function documentsOf(database: Database, caseId: number): Promise<SearchDocument[]> {
  const connection = await connectAsAdmin(database, caseSchema(caseId));
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return rows.map(({ id, family, title, author, body, document_date, custodians, folders }) => ({
      id,
      family,
      fields: { body, title, author, custodian: list(custodians).join(' ') },
      custodians: list(custodians).map(String),
      // Old schemas hold days that are none, such as 2024-05-00.
      date: document_date && !Number.isNaN(Date.parse(document_date)) ? document_date : null,
      folders: list(folders).map(Number),
    }));
  } finally {
    await connection.end();
  }
}

/** MariaDB gives JSON as text, MySQL as a value. */
function list(json: string | unknown[] | null): unknown[] {
  return typeof json === 'string' ? JSON.parse(json) : (json ?? []);
}
