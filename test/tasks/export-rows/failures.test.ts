import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, connect as dial } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import { caseIds, connectAsAdmin, fillCase, numbersTo } from '../../../local/database/seed.ts';
import { exportRows } from '../../../tasks/export-rows/handler.ts';
import { connect, select } from '../../../tasks/lib/database/connection.ts';
import { abandon, openRows } from '../../../tasks/lib/database/rows.ts';
import { transfer } from '../../../tasks/lib/files/transfer.ts';
import { storageClient } from '../../../tasks/lib/files/upload.ts';
import { csv } from '../../../tasks/lib/formats/csv.ts';
import { cellsOf } from '../../support/cells.ts';
import { exportEvent } from '../../support/exports.ts';
import { database, storage, it as test } from '../../support/fixtures.ts';

test.beforeAll(async ({ database }) => {
  // About 90 MB of CSV, so that four parts on their way to S3 leave most of it on the server.
  await fillCase(database, caseIds.large, rowCount);
  const admin = await connectAsAdmin(database, `nextpoint_case_${caseIds.large}`);
  await admin.query("UPDATE deposition_volumes SET description = REPEAT('x', 4000)");
  await admin.end();
});
beforeEach(() => storage.reset());
afterEach(async () => {
  await database.start();
  process.env.RDS_READER_ENDPOINT = `${database.host}:${database.port}`;
  // A statement that outlives its client, as MySQL's SLEEP does, must not be counted by the next test.
  await noStatementIsLeft();
});

const rowCount = 22_000;
const limits = { time: 40_000, stall: 2_000, request: 10_000, grace: 1_000 };
const large = exportEvent(caseIds.large);
const run = (event = large, more = {}) => exportRows(event, { ...limits, ...more });

/** A subquery that fails where one row is wanted. */
const twoRows = 'SELECT 1 UNION SELECT 2';

/** Does something in the middle of the rows: S3 takes no part before it is done. */
function atFirstPart(action: () => Promise<unknown>) {
  let held: Promise<unknown> | undefined;
  storage.interfere = async ({ operation }) => {
    if (operation === 'UploadPart') {
      held ??= action();
      await held;
    }
    return false;
  };
}

/** Lets S3 answer an operation with an error. */
function s3Refuses(operation: string, status: number, code: string) {
  storage.interfere = (request, response) => {
    if (request.operation !== operation) return false;
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
    return true;
  };
}

async function statementsOf(user: string) {
  const admin = await connectAsAdmin(database);
  const [threads] = await admin.query('SELECT id FROM information_schema.processlist WHERE user = ?', [user]);
  await admin.end();
  return threads as { id: number }[];
}

const noStatementIsLeft = () =>
  vi.waitFor(async () => expect(await statementsOf(database.service.user)).toEqual([]), 15_000);

async function kill(what: 'CONNECTION' | 'QUERY') {
  const [thread] = await statementsOf(database.service.user);
  const admin = await connectAsAdmin(database);
  await admin.query(`KILL ${what} ${thread!.id}`);
  await admin.end();
}

/** After a failure nothing may be left on S3: no file, no unfinished upload. */
async function expectNothingLeft() {
  expect(storage.operations()).toContain('AbortMultipartUpload');
  expect(await storage.files()).toEqual([]);
}

describe('A database that fails in the middle of the rows', () => {
  test('by a killed connection gives ConnectionLost', async () => {
    atFirstPart(() => kill('CONNECTION'));
    await expect(run()).rejects.toMatchObject({ name: 'ConnectionLost' });
    await expectNothingLeft();
  });

  test('by a killed statement gives ConnectionLost', async () => {
    atFirstPart(() => kill('QUERY'));
    await expect(run()).rejects.toMatchObject({
      name: 'ConnectionLost',
      message: 'The statement was killed on the database.',
    });
    await expectNothingLeft();
  });

  test('by going down gives ConnectionLost', async () => {
    atFirstPart(() => database.stop('SIGKILL'));
    await expect(run()).rejects.toMatchObject({ name: 'ConnectionLost' });
    await database.start();
    await expectNothingLeft();
  });

  test('by falling silent gives ConnectionLost', async () => {
    const gateway = await startGateway();
    atFirstPart(async () => gateway.fallSilent());
    await expect(run()).rejects.toMatchObject({
      name: 'ConnectionLost',
      message: 'The database sent no more rows.',
    });
    gateway.stop();
    await expectNothingLeft();
  });

  test('by an error in a late row gives QueryFailed', async () => {
    await expect(
      exportStatement(
        `SELECT REPEAT('x', 1000), IF(seq = 50000, (${twoRows}), 1) FROM ${numbersTo(100_000)}`,
      ),
    ).rejects.toMatchObject({
      name: 'QueryFailed',
      message: expect.stringContaining('ER_SUBQUERY_NO_1_ROW'),
    });
    await expectNothingLeft();
  });
});

test('Nothing is sent to S3 when the database fails within the first part', async () => {
  const sql = `SELECT IF(seq = 5000, (${twoRows}), 1) FROM ${numbersTo(6_000)}`;
  await expect(exportStatement(sql)).rejects.toMatchObject({ name: 'QueryFailed' });
  expect(storage.operations()).toEqual([]);
});

describe('S3', () => {
  test('that refuses a part gives UploadFailed', async () => {
    s3Refuses('UploadPart', 403, 'AccessDenied');
    await expect(run()).rejects.toMatchObject({
      name: 'UploadFailed',
      message: 'S3 did not take the file (AccessDenied).',
    });
    await expectNothingLeft();
  });

  test('that fails a part again and again gives UploadFailed', async () => {
    s3Refuses('UploadPart', 500, 'InternalError');
    await expect(run()).rejects.toMatchObject({ name: 'UploadFailed' });
    await expectNothingLeft();
  });

  test('that fails a part once is asked again', async () => {
    let refused = 0;
    storage.interfere = ({ operation }, response) => {
      if (operation !== 'UploadPart' || refused++ > 0) return false;
      response.writeHead(503).end();
      return true;
    };
    await expect(run()).resolves.toMatchObject({ file: { rows: rowCount } });
    expect(storage.operations()).not.toContain('AbortMultipartUpload');
  });

  test('that stops answering gives UploadFailed', async () => {
    storage.interfere = ({ operation }) => operation === 'UploadPart';
    await expect(run(large, { stall: 30_000, request: 1_000 })).rejects.toMatchObject({
      name: 'UploadFailed',
    });
    await expectNothingLeft();
  });

  test('that stops answering for longer than a transfer may stall gives UploadFailed', async () => {
    storage.interfere = ({ operation }) => operation === 'UploadPart';
    await expect(run(large, { request: 60_000 })).rejects.toMatchObject({
      name: 'UploadFailed',
      message: 'S3 took no more data.',
    });
  });

  test('that does not begin an upload gives UploadFailed', async () => {
    s3Refuses('CreateMultipartUpload', 403, 'AccessDenied');
    await expect(run()).rejects.toMatchObject({ name: 'UploadFailed' });
    expect(storage.operations()).toEqual(['CreateMultipartUpload']);
  });

  test('that does not complete an upload gives UploadFailed', async () => {
    s3Refuses('CompleteMultipartUpload', 403, 'AccessDenied');
    await expect(run()).rejects.toMatchObject({ name: 'UploadFailed' });
    await expectNothingLeft();
  });

  test('that refuses a small file gives UploadFailed', async () => {
    s3Refuses('PutObject', 403, 'AccessDenied');
    await expect(run(exportEvent(caseIds.pumps))).rejects.toMatchObject({ name: 'UploadFailed' });
  });
});

describe('A task that runs out of time', () => {
  test('while rows come gives QueryTooLong', async () => {
    storage.interfere = ({ operation }) => operation === 'UploadPart';
    await expect(
      run(large, { time: 4_000, stall: 60_000, request: 1_500, grace: 20_000 }),
    ).rejects.toMatchObject({
      name: 'QueryTooLong',
    });
    await expectNothingLeft();
  });

  test('while the database computes gives QueryTooLong', async () => {
    const began = Date.now();
    await expect(
      exportStatement(
        `SELECT COUNT(a.seq + b.seq) FROM ${numbersTo(100_000, 'a')} JOIN ${numbersTo(100_000, 'b')}`,
        { time: 500 },
      ),
    ).rejects.toMatchObject({ name: 'QueryTooLong' });
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});

test('A database that neither answers nor keeps its time limit gives QueryTooLong', async () => {
  await expect(
    exportStatement(
      '/*M! SET STATEMENT max_statement_time = 60 FOR */ SELECT /*+ MAX_EXECUTION_TIME(60000) */ SLEEP(5)',
      { time: 500 },
    ),
  ).rejects.toMatchObject({ name: 'QueryTooLong', message: 'The task ran out of time.' });
});

test('A list of custom fields that is locked gives QueryTooLong', async () => {
  const columns = [{ field: 'custom_field:1' }];
  const grid = exportEvent(caseIds.pumps, { columns, selection: { all: true } }, 'UTC', 'grid_data_export');
  const admin = await connectAsAdmin(database, `nextpoint_case_${caseIds.pumps}`);
  await admin.query('LOCK TABLES custom_fields WRITE');
  const ended = run(grid, { time: 500 });
  await expect(Promise.race([ended, sleep(5_000, 'hangs')])).rejects.toMatchObject({ name: 'QueryTooLong' });
  // While the lock is still held.
  await noStatementIsLeft();
  await admin.end();
});

test('A database that falls silent once connected gives QueryTooLong', async () => {
  const gateway = await startGateway();
  const connection = await connect(`nextpoint_case_${caseIds.empty}`);
  gateway.fallSilent();
  const ended = openRows(connection, { sql: 'SELECT 1', values: {} }, 500);
  await expect(Promise.race([ended, sleep(5_000, 'hangs')])).rejects.toMatchObject({ name: 'QueryTooLong' });
  abandon(connection);
  gateway.stop();
});

test('After a failure the same task, run again, writes the same file', async () => {
  atFirstPart(() => kill('CONNECTION'));
  await expect(run()).rejects.toThrow();
  await expect(run()).resolves.toMatchObject({ file: { rows: rowCount, key: large.context.file.key } });
});

test('The session is set for one long result, in UTC', async () => {
  const connection = await connect(`nextpoint_case_${caseIds.empty}`);
  const { rows } = await openRows(
    connection,
    {
      sql: `SELECT @@time_zone, @@net_write_timeout,
        CAST(/*M! 1000 * @@max_statement_time */ /*!50708 @@max_execution_time */ AS UNSIGNED)`,
      values: {},
    },
    840_000,
  );
  expect(await rows.toArray()).toEqual([['+00:00', '900', '840000']]);
  await connection.end();
});

test('The service may read and nothing else', async () => {
  await using connection = await connect(`nextpoint_case_${caseIds.empty}`);
  // Even where no transaction says so.
  await select(connection, 'COMMIT', {});
  for (const statement of ['DELETE FROM depositions', 'DROP TABLE depositions', 'CREATE TABLE t (id INT)']) {
    await expect(select(connection, statement, {})).rejects.toMatchObject({ name: 'QueryFailed' });
  }
});

/** The export of any statement, as the handler does it. */
async function exportStatement(sql: string, more = {}) {
  const connection = await connect(`nextpoint_case_${caseIds.empty}`);
  try {
    const all = { ...limits, ...more };
    const { fields, rows } = await openRows(connection, { sql, values: {} }, all.time);
    const target = { bucket: storage.bucket, ...large.context.file, expiresInDays: 7 };
    const cells = cellsOf(fields);
    using s3 = storageClient(all.request);
    return await transfer(s3, { rows, cells, write: csv(cells.columns.headers) }, target, all);
  } finally {
    abandon(connection);
  }
}

/** Stands between the tasks and the database, and can stop passing anything on without closing. */
async function startGateway() {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = dial(database.port, database.host);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) sockets.push(socket.on('error', () => {}));
    near.on('close', () => far.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env.RDS_READER_ENDPOINT = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    fallSilent: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
