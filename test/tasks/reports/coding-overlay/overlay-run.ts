// An overlay without its state machine: the same functions in the same order, run again from where they failed, on a real
// database and a real S3, with a second writer beside it when a test wants one.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { type Connection, createConnection } from 'mysql2/promise';
import { coreSchema, type Database, startDatabase } from '../../../../local/database/server.ts';
import { storageClient } from '../../../../tasks/lib/files/upload.ts';
import { applyChunk } from '../../../../tasks/reports/coding-overlay/apply.ts';
import { checkLoadFile } from '../../../../tasks/reports/coding-overlay/check.ts';
import {
  type Check,
  type Chunk,
  fileNames,
  type OverlayJob,
  type OverlayParameters,
  type Plan,
} from '../../../../tasks/reports/coding-overlay/job.ts';
import { planOverlay } from '../../../../tasks/reports/coding-overlay/plan.ts';
import { checkRestore } from '../../../../tasks/reports/coding-overlay/restore.ts';
import { type Results, writeResults } from '../../../../tasks/reports/coding-overlay/results.ts';
import { openSession } from '../../../../tasks/reports/coding-overlay/session.ts';
import { linesOf } from '../../../../tasks/reports/coding-overlay/storage.ts';
import { releaseTurn } from '../../../../tasks/reports/coding-overlay/turn.ts';
import { type Storage, startStorage } from '../../../support/services.ts';

export const caseId = 1;
export const schema = `${coreSchema}_case_${caseId}`;

export const defaults: OverlayParameters = {
  documentKey: 'auto',
  mapping: [],
  encoding: 'auto',
  format: 'auto',
  rowAtomic: false,
  applyToFamily: false,
  onUnmatched: 'warn',
  dryRun: false,
  blankMeans: 'skip',
  clearToken: '[CLEAR]',
  multiValueMode: 'replace',
  multiValueDelimiter: ';',
  dateOrder: 'MDY',
  stripSpreadsheetGuard: true,
  createMissingChoices: false,
  longText: 'error',
};

/** Decides, each time the database or S3 is about to be asked, whether that fails; `after` fails once it was done. */
export type Faults = (operation: string) => 'before' | 'after' | undefined;

export type Stage = {
  database: Database;
  storage: Storage;
  client: S3Client;
  connect(): Promise<Connection>;
  stop(): Promise<void>;
};

/** A server with one empty case, and S3. */
export async function startStage(): Promise<Stage> {
  const database = await startDatabase();
  const storage = await startStorage();
  const connect = () =>
    createConnection({
      host: database.host,
      port: database.port,
      user: database.admin.user,
      password: database.admin.password,
      namedPlaceholders: true,
      dateStrings: true,
      multipleStatements: true,
    }).then(async (connection) => {
      connection.on('error', () => {});
      await connection.query(`CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4`);
      await connection.query(`USE ${schema}`);
      return connection;
    });
  const connection = await connect();
  const tables = readFileSync(new URL('../../../../local/database/schema/case.sql', import.meta.url), 'utf8');
  await connection.query({ sql: tables, namedPlaceholders: false } as never);
  await connection.end();
  const client = storageClient(10_000);
  const stop = async () => {
    client.destroy();
    await storage.stop();
    await database.remove();
  };
  return { database, storage, client, connect, stop };
}

export function jobOf(
  stage: { client: S3Client; storage: { bucket: string } },
  jobId: string,
  parameters: Partial<OverlayParameters> = {},
): OverlayJob {
  const overlays = `development/cases/${caseId}/exports/coding_overlay-`;
  return {
    jobId,
    caseId,
    userId: 7,
    keepsFieldsOnS3: false,
    parameters: { ...defaults, ...parameters },
    bucket: stage.storage.bucket,
    folder: `development/tmp/coding_overlay-${jobId}/`,
    exports: `${overlays}${jobId}/`,
    overlays,
    storage: stage.client,
    backupDays: 400,
  };
}

/** Puts a load file on S3 and gives its key. */
export async function putLoadFile(stage: Stage, name: string, content: string | Buffer): Promise<string> {
  const key = `development/cases/${caseId}/uploads/${name}`;
  await stage.storage.put(key, content as string);
  return key;
}

export class InjectedFault extends Error {
  errno?: number;
}

/** One after the other, each run again until it ends without a failure, as an operator's redrive does it. */
export async function runOverlay(
  stage: Stage,
  job: OverlayJob,
  faults: Faults = () => undefined,
  between: (step: string) => Promise<void> = async () => {},
  chunksAtOnce = 3,
): Promise<Results> {
  const faulty = { ...job, storage: withFaults(stage.client, 'send', faults, () => {}) };
  const step = async <Result>(name: string, work: (connection: Connection) => Promise<Result>) => {
    await between(name);
    for (;;) {
      const connection = await stage.connect();
      try {
        await openSession(connection);
        return await work(
          withFaults(connection, 'query', faults, () => connection.destroy(), ['commit', 'beginTransaction']),
        );
      } catch (error) {
        if (!isInjected(error)) throw error;
      } finally {
        connection.destroy();
      }
    }
  };
  const check: Check = await step('check', (connection) =>
    job.parameters.restore ? checkRestore(connection, faulty) : checkLoadFile(connection, faulty),
  );
  let plan: Plan | null = null;
  if (!check.stopped) {
    plan = await step('plan', (connection) => planOverlay(connection, faulty, check));
    const chunks: Chunk[] = [];
    for await (const chunk of linesOf<Chunk>(stage.client, job.bucket, job.folder + fileNames.chunks))
      chunks.push(chunk);
    const workers = Array.from({ length: chunksAtOnce }, async () => {
      for (let chunk = chunks.pop(); chunk; chunk = chunks.pop()) {
        const own = chunk;
        await step(`chunk ${own.chunk}`, (connection) => applyChunk(connection, faulty, check.fields, own));
      }
    });
    await Promise.all(workers);
  }
  const results = await step('results', () => writeResults(faulty, check, plan, 7));
  await step('release', (connection) => releaseTurn(connection, job));
  return results;
}

function isInjected(error: unknown): boolean {
  const { name, message, errno, code } = error as NodeJS.ErrnoException;
  return (
    error instanceof InjectedFault ||
    ['StorageUnavailable', 'UploadFailed', 'TurnLost'].includes(name) ||
    errno === 1213 ||
    errno === 1205 ||
    /closed|injected/i.test(message) ||
    code === 'PROTOCOL_CONNECTION_LOST'
  );
}

/** The same object, whose calls fail when `faults` says so; a failure breaks the connection. */
function withFaults<Target extends object>(
  target: Target,
  method: string,
  faults: Faults,
  broken: () => void,
  more: string[] = [],
): Target {
  return new Proxy(target, {
    get(object, name) {
      const value = Reflect.get(object, name);
      if (typeof value !== 'function') return value;
      if (name !== method && !more.includes(String(name))) return value.bind(object);
      return async (...given: unknown[]) => {
        const fault = faults(String(name));
        const fail = () => {
          broken();
          throw Object.assign(new InjectedFault(`injected ${fault} ${String(name)}`), {
            name: 'InjectedFault',
          });
        };
        if (fault === 'before') fail();
        const result = await value.apply(object, given);
        if (fault === 'after') fail();
        return result;
      };
    },
  });
}

/** Everything of the case that an overlay may change, by document and field, as text to compare. */
export async function stateOf(connection: Connection): Promise<Map<number, Record<string, string>>> {
  const rows = async (sql: string) =>
    (await connection.query(sql))[0] as Record<string, string | number | null>[];
  const state = new Map<number, Record<string, string>>();
  const columns =
    'title, document_date, document_type, author, relevancy_status, privilege_status, confidentiality_code AS confidentiality, withheld, notes';
  for (const { id, ...values } of await rows(`SELECT id, ${columns} FROM exhibits`))
    state.set(
      id as number,
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)])),
    );
  const add = (id: number, name: string, value: string) => {
    const document = state.get(id);
    if (document) document[name] = (document[name] ?? '') + JSON.stringify(value);
  };
  const names: Record<string, string> = {
    recipient: 'recipients',
    cc: 'cc',
    custodian: 'custodians',
    issue: 'issues',
  };
  for (const row of await rows(
    'SELECT exhibit_id, field, value FROM exhibit_values ORDER BY exhibit_id, position, id',
  ))
    add(row.exhibit_id as number, names[row.field as string]!, row.value as string);
  const taggings =
    'SELECT exhibit_id, custom_field_id, name FROM taggings JOIN tags ON tags.id = tag_id ORDER BY taggings.id';
  for (const row of await rows(taggings))
    add(
      row.exhibit_id as number,
      row.custom_field_id ? `custom_field:${row.custom_field_id}` : 'tags',
      row.name as string,
    );
  return state;
}

export { sleep };
