import { readdirSync, readFileSync } from 'node:fs';
import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, vi } from 'vitest';
import { config } from '../../cdk/config.ts';
import { caseIds, connectAsAdmin } from '../../local/database/seed.ts';
import type { TopicEvent } from '../../local/rails/rails.ts';
import { cancel, request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';
import { readXlsx, rowsOfSheet } from '../support/xlsx.ts';

// Retries until there is room take an hour.
it.override('waitTimeScale', { scope: 'file' }, () => 0.001);

let stack: TestStack;
it.beforeAll(async ({ stack: shared }) => {
  stack = shared;
});
afterEach(() => {
  stack.search.beforeTerm = undefined;
});

const terms = ['seal', 'pump*', 'seal AND pump', '(seal', '-pump', 'seal w/5 pump', 'nothing', ' seal '];
const folder = { scope: { folderIds: [1] } };

const executionArn = (jobId: string, machine = 'search-hit') => stack.executionArn(machine, jobId);
const searches = (jobId: string) => stack.search.searches.filter((search) => search.jobId === jobId).length;

const text = (key: string) => stack.textOf(key);

/** The rows of the file, by header. */
async function rowsOf({ eventDetail }: TopicEvent): Promise<Record<string, string>[]> {
  return parse(await text(eventDetail.file.key), { bom: true, columns: true });
}

const countsOf = (row: Record<string, string>) =>
  ['Documents With Hits', 'Documents With Hits Including Family', 'Unique Documents'].map(
    (name) => row[name],
  );

async function manifestOf({ eventDetail }: TopicEvent) {
  return JSON.parse(await text(eventDetail.file.key.replace(/[^/]+$/, 'manifest.json')));
}

/** The cells that a right report on the terms `seal` and `nothing` has. */
async function expectRight(event: TopicEvent) {
  expect(event.eventType).toBe('REPORT_COMPLETED');
  const rows = await rowsOf(event);
  expect(rows.map((row) => [row['Search Term'], ...countsOf(row)])).toEqual([
    ['seal', '2', '4', '2'],
    ['nothing', '0', '0', '0'],
    ['All terms (de-duplicated)', '2', '4', ''],
    ['Documents in scope', '7', '', ''],
  ]);
}

it('can be run again after Rails deleted its terms', async ({ stack }) => {
  const first = await stack.searchHits('again', ['seal', 'nothing']);
  await stack.ask(first);
  const Key = `development/cases/${caseIds.pumps}/requests/again.json`;
  await stack.clients.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key }));
  const repeatOf = { reportType: 'search_hit', jobId: 'again' };
  await expectRight(await stack.ask(request('again-2', { reportType: 'search_hit', repeatOf })));
});

describe('A search hit report', () => {
  let event: TopicEvent;
  let rows: Record<string, string>[];
  it.beforeAll(async () => {
    event = await stack.ask(await stack.searchHits('counts', terms, { byCustodian: true, byMonth: true }));
    rows = await rowsOf(event);
  });

  it('has a row for each term as it was typed, then all terms without counting a document twice, and the scope', () => {
    expect(rows.map((row) => [row['Term ID'], row['Search Term'], row.Status, ...countsOf(row)])).toEqual([
      ['T1', 'seal', 'OK', '2', '4', '0'],
      ['T2', 'pump*', 'OK', '1', '1', '1'],
      ['T3', 'seal AND pump', 'OK', '0', '0', '0'],
      ['T4', '(seal', 'Error', '', '', ''],
      ['T5', "'-pump", 'Warning', '6', '6', '4'],
      ['T6', 'seal w/5 pump', 'Error', '', '', ''],
      ['T7', 'nothing', 'OK', '0', '0', '0'],
      ['T8', ' seal ', 'Warning', '2', '4', '0'],
      ['', 'All terms (de-duplicated)', '', '7', '7', ''],
      ['', 'Documents in scope', '', '7', '', ''],
    ]);
    expect(rows.map((row) => row['Percent Of Scope']).slice(0, 3)).toEqual(['28.57', '14.29', '0.00']);
  });

  it('says of a term why it is an error, what it may not mean, and which other it repeats', () => {
    expect(rows[3]!.Message).toContain('The term ends where a word or a closing sign is expected.');
    expect(rows[4]!.Message).toContain('only excludes');
    expect(rows[5]!.Message).toContain('"w/5" is not a proximity operator here');
    expect(rows[7]!.Message).toContain('The same as term T1');
    expect(event.eventDetail.file.warnings).toEqual(
      expect.arrayContaining([expect.stringContaining('2 terms could not be searched')]),
    );
  });

  it('has a file of its own for each breakdown', async () => {
    const { custodians, months } = event.eventDetail.file.breakdowns;
    expect(custodians.name).toMatch(/-by-custodian\.csv$/);
    const byCustodian = parse(await text(custodians.key), { bom: true });
    expect(byCustodian.slice(0, 2)).toEqual([
      ['Term ID', 'Search Term', 'Custodian', 'Documents With Hits', 'Documents With Hits Including Family'],
      ['T1', 'seal', '(no custodian)', expect.any(String), expect.any(String)],
    ]);
    const byMonth = parse(await text(months.key), { bom: true });
    expect(byMonth.map(([, term, month]) => [term, month])).toContainEqual(['seal', '2024-05']);
    expect([custodians.rows, months.rows]).toEqual([byCustodian.length - 1, byMonth.length - 1]);
  });

  it('is delivered in the application, with no mail, and says what the counting cost', async () => {
    expect(event.eventDetail.delivery).toEqual({ mode: 'in_app', recipients: [] });
    const { search, counting } = await manifestOf(event);
    expect(search).toEqual({ snapshot: 'pit', documentsInScope: 7, terms: 8, termsWithErrors: 2 });
    expect(counting.bytesScanned).toBeGreaterThan(0);
    // Three queries of 10 MB at least, and a minute of two workers.
    const least = (3 * 10 * 1024 ** 2 * 5) / 1024 ** 4 + (2 * 60 * 0.44) / 3600;
    expect(counting.estimatedCostUsd).toBeCloseTo(least, 5);
  });

  it('lets no term out of S3: not into an event, a history, a log, a Glue argument, a query or a manifest', async () => {
    const term = 'attorneyworkproduct';
    const done = await stack.ask(await stack.searchHits('secret', [term, `${term} AND (`]));
    const history = await stack.clients.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: executionArn('secret'), maxResults: 1000 }),
    );
    const delivery = await stack.clients.sfn.send(
      new DescribeExecutionCommand({ executionArn: executionArn('search_hit-secret', 'deliver-report') }),
    );
    const logs = Object.values(stack.functions).flatMap(({ logFile }) =>
      logFile && readdirSync(logFile.replace(/[^/]+$/, '')).includes(logFile.replace(/.*\//, ''))
        ? readFileSync(logFile, 'utf8')
        : [],
    );
    const told = [stack.rails.events, history, delivery, logs, stack.glue.runs, stack.athena.queries];
    expect(JSON.stringify([...told, await manifestOf(done)])).not.toContain(term);
    // The file has it, or this test would see nothing.
    expect(await text(done.eventDetail.file.key)).toContain(term);
  });

  it('counts family members outside the scope apart', async () => {
    const counted = await stack.ask(await stack.searchHits('folder', ['*:*'], folder));
    const [row, , scope] = await rowsOf(counted);
    expect(scope!['Documents With Hits']).toBe('2');
    expect(row!['Family Members Outside Scope']).toBe('2');
  });

  it('comes as a workbook with a sheet on its scope, its snapshot and its counts', async () => {
    const { eventDetail } = await stack.ask(
      await stack.searchHits('workbook', ['*:*'], folder, { format: 'xlsx' }),
    );
    const { Body } = await stack.clients.s3.send(
      new GetObjectCommand({ Bucket: stack.bucket, Key: eventDetail.file.key }),
    );
    const { 'Read Me': readMe, ...sheets } = readXlsx(await Body!.transformToByteArray());
    const lines = Object.values(readMe!.cells).map(({ value }) => value);
    expect(lines).toEqual(
      expect.arrayContaining([
        'Hits of 1 search term; documents of selected folders; trash excluded',
        expect.stringContaining('documents that some users cannot open'),
        expect.stringContaining('All terms were searched in one snapshot, taken on '),
      ]),
    );
    const [, row] = rowsOfSheet(Object.values(sheets)[0]!);
    expect(row!.slice(0, 5)).toEqual(['T1', '*:*', 'OK', 2, 2]);
  });

  it('is mailed on request, with a link to each file', async () => {
    const more = { byCustodian: true, byMonth: true };
    await stack.ask(await stack.searchHits('mailed', ['seal'], more, { delivery: { mode: 'link' } }));
    const [mail] = await stack.mailsOf('mailed', 1);
    const rowsAt = async (label: string) => {
      const [, link] = new RegExp(`^${label}: (\\S+)$`, 'm').exec(mail!.text!)!;
      expect(mail!.html).toContain(link!.replaceAll('&', '&amp;'));
      return parse(Buffer.from(await (await fetch(link!)).arrayBuffer()), { bom: true });
    };
    expect((await rowsAt('Hits by custodian'))[0]).toContain('Custodian');
    expect((await rowsAt('Hits by month'))[0]).toContain('Month');
    expect(mail!.text).not.toContain('seal');
  });

  it('only checks its terms in a dry run', async () => {
    const queries = stack.athena.queries.length;
    const runs = stack.glue.runs.length;
    const checked = await stack.ask(
      await stack.searchHits('dry', ['seal', '(seal', 're: seal'], { dryRun: true }),
    );
    expect(await rowsOf(checked)).toEqual([
      { 'Term ID': 'T1', 'Search Term': 'seal', Status: 'OK', Message: '' },
      { 'Term ID': 'T2', 'Search Term': '(seal', Status: 'Error', Message: expect.any(String) },
      {
        'Term ID': 'T3',
        'Search Term': 're: seal',
        Status: 'Warning',
        Message: expect.stringContaining('"re:"'),
      },
    ]);
    expect([stack.athena.queries.length, stack.glue.runs.length]).toEqual([queries, runs]);
  });

  it('refuses terms in the message itself', async () => {
    const refused = await stack.ask(
      request('in-message', { reportType: 'search_hit', parameters: { terms: [{ id: '1', term: 'seal' }] } }),
    );
    expect(refused.eventDetail).toMatchObject({
      error: 'InvalidRequest',
      cause: expect.stringContaining('parametersKey: Missing.'),
    });
  });

  it('searches once for a job however often it is asked for, and anew for another job with equal terms', async () => {
    const message = await stack.searchHits('repeated', ['seal', 'nothing']);
    await stack.rails.publish(message);
    await expectRight(await stack.ask(message));
    await expectRight(await stack.ask(await stack.searchHits('again', ['seal', 'nothing'])));
    expect([searches('repeated'), searches('again')]).toEqual([1, 1]);
  });
});

it('takes the results of a backend that converts and counts by itself', async () => {
  const stateMachineArn = stack.machineArn('search-hit');
  const { definition } = await stack.clients.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const complete = definition!.replace("'search_only' = 'complete'", "'complete' = 'complete'");
  expect(complete).not.toBe(definition);
  await stack.clients.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: complete }));
  stack.search.complete = true;
  const event = await stack.ask(await stack.searchHits('complete', ['seal', 'nothing']));
  stack.search.complete = false;
  await stack.clients.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: definition! }));
  await expectRight(event);
  const history = await stack.clients.sfn.send(
    new GetExecutionHistoryCommand({ executionArn: executionArn('complete'), maxResults: 1000 }),
  );
  const entered = history.events!.flatMap(
    ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [],
  );
  expect(entered).not.toContain('Convert hits');
});

describe('A failure is said in plain words, and a redrive makes the report right', () => {
  const failing: [string, string, () => () => unknown, object][] = [
    [
      'context',
      'of the function that loads the context',
      () =>
        stack.fault({
          kind: 'refuse',
          operation: 'Invoke',
          caller: 'searchhit',
          resource: 'load-context',
          calls: 99,
          error: { status: 400, code: 'InvalidParameterValueException' },
        }),
      {},
    ],
    [
      'unreachable',
      'of Lambda on the way to the backend',
      () =>
        stack.fault({
          kind: 'refuse',
          operation: 'Invoke',
          resource: 'search-hit-report-backend',
          calls: 99,
        }),
      {},
    ],
    [
      'backend',
      'of the search',
      () => {
        stack.search.beforeTerm = () => {
          throw new Error('2 of 5 shards failed.');
        };
        return () => {
          stack.search.beforeTerm = undefined;
        };
      },
      { error: 'SearchFailed', cause: '2 of 5 shards failed.' },
    ],
    [
      'glue',
      'of the Glue run',
      () => {
        stack.glue.control.failNext('Out of memory on worker 3');
        return () => {};
      },
      { error: 'States.TaskFailed', cause: 'The hits could not be converted: Out of memory on worker 3' },
    ],
    [
      'athena',
      'of the Athena query',
      () => {
        stack.athena.control.failNext('GENERIC_INTERNAL_ERROR: a node was lost');
        return () => {};
      },
      {
        error: 'States.TaskFailed',
        cause: 'The hits could not be counted: GENERIC_INTERNAL_ERROR: a node was lost',
      },
    ],
    [
      'throttled',
      'of Athena that is throttled for an hour',
      () =>
        stack.fault({
          kind: 'refuse',
          operation: 'StartQueryExecution',
          calls: 99,
          error: { status: 400, code: 'TooManyRequestsException' },
        }),
      { error: 'Athena.TooManyRequestsException' },
    ],
    [
      'glue-throttled',
      'of Glue that has no free run for an hour',
      () =>
        stack.fault({
          kind: 'refuse',
          operation: 'StartJobRun',
          calls: 99,
          error: { status: 400, code: 'ConcurrentRunsExceededException' },
        }),
      { error: 'Glue.ConcurrentRunsExceededException' },
    ],
    [
      'upload',
      'of S3 when the file is written',
      () => stack.fault({ kind: 'refuse', operation: 'PutObject', caller: 'exporthits', calls: 99 }),
      { error: 'UploadFailed' },
    ],
    [
      'manifest',
      'of S3 when the manifest is written',
      () =>
        stack.fault({
          kind: 'refuse',
          operation: 'PutObject',
          resource: '/manifest.json',
          caller: 'searchhit',
          calls: 99,
        }),
      {},
    ],
    [
      'delivery',
      'of the start of the delivery',
      () => stack.fault({ kind: 'refuse', operation: 'StartExecution', caller: 'searchhit', calls: 99 }),
      {},
    ],
  ];

  it.each(failing)('%s: %s', async (jobId, _, fail, detail) => {
    const message = await stack.searchHits(jobId, ['seal', 'nothing']);
    const restore = fail();
    const failed = await stack.ask(message);
    restore();
    expect(failed).toMatchObject({
      eventType: 'REPORT_FAILED',
      eventDetail: { redrivable: true, ...detail },
    });
    await expectRight(await stack.redrive('search-hit', jobId));
    expect(searches(jobId)).toBe(jobId === 'backend' ? 2 : 1);
  });

  it('a start that cannot be announced fails nothing', async () => {
    const restore = stack.fault({ kind: 'refuse', operation: 'Publish', caller: 'searchhit', calls: 99 });
    await expectRight(await stack.ask(await stack.searchHits('announce', ['seal', 'nothing'])));
    expect(restore()).toBeGreaterThan(0);
  });

  it('asks Athena anew after a redrive, and reads the attempt of Glue that came back', async () => {
    stack.glue.control.failNext('Lost');
    const message = await stack.searchHits('attempts', ['seal', 'nothing']);
    await stack.ask(message);
    stack.athena.control.failNext('Lost');
    await stack.redrive('search-hit', 'attempts');
    await expectRight(await stack.redrive('search-hit', 'attempts'));
    const runs = stack.glue.runs.filter((run) => run.Arguments['--output']?.includes('search_hit-attempts/'));
    expect(runs.map((run) => run.Arguments['--attempt'])).toEqual(['0-0', '1-0']);
    const queries = stack.athena.queries.filter((query) => query.ExecutionParameters?.includes("'attempts'"));
    expect(queries.map(({ Status }) => Status.State)).toEqual(['FAILED', 'SUCCEEDED']);
    expect(queries.map((query) => query.ExecutionParameters![2])).toEqual(["'1-0'", "'1-0'"]);
  });

  it('when the backend stops answering: it is asked again, and the first search ends by itself', async () => {
    const stateMachineArn = stack.machineArn('search-hit');
    const { definition } = await stack.clients.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const { heartbeatSeconds } = config('development', 'us-east-1').search;
    const impatient = definition!.replaceAll(`{% ${heartbeatSeconds} %}`, '{% 1 %}');
    await stack.clients.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: impatient }));
    const silent = Promise.withResolvers<void>();
    const searched: number[] = [];
    stack.search.beforeTerm = async (term) => {
      if (term === 1) await silent.promise;
      searched.push(term);
    };
    const failed = await stack.ask(await stack.searchHits('silent', ['seal', 'nothing']));
    await stack.clients.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: definition! }));
    expect(failed.eventDetail).toMatchObject({
      error: 'States.Timeout',
      cause: expect.stringContaining('timed out'),
      redrivable: true,
    });
    silent.resolve();
    // It learns at its next heartbeat that nobody waits, and searches no term more.
    await vi.waitFor(() => expect(searched).toEqual([1]));
    stack.search.beforeTerm = undefined;
    await expectRight(await stack.redrive('search-hit', 'silent'));
    expect(searched).toEqual([1]);
  });

  it('retries Glue and Athena while they have no room', async () => {
    const full = (operation: string, code: string) =>
      stack.fault({ kind: 'refuse', operation, calls: 2, error: { status: 400, code } });
    const met = [
      full('StartJobRun', 'ConcurrentRunsExceededException'),
      full('StartQueryExecution', 'TooManyRequestsException'),
    ];
    await expectRight(await stack.ask(await stack.searchHits('patient', ['seal', 'nothing'])));
    expect(met.map((taken) => taken())).toEqual([2, 2]);
  });
});

describe('A cancel', () => {
  /** Waits until the jobs of the report are stopped. */
  async function stopped() {
    await vi.waitFor(async () => {
      const [last] = await stack.executions('stop-search-jobs');
      expect(last?.status).toBe('SUCCEEDED');
    }, 20_000);
  }

  const calledBy = (caller: string, action: string) =>
    stack.calls.filter((call) => call.action === action && call.caller.includes(caller)).length;

  it('stops the Glue run', async () => {
    const release = stack.glue.control.hold();
    await stack.rails.publish(await stack.searchHits('cancel-glue', ['seal']));
    const run = await vi.waitFor(() => {
      const found = stack.glue.runs.find(({ Arguments }) => Arguments['--output']?.includes('cancel-glue'));
      expect(found).toBeDefined();
      return found!;
    }, 20_000);
    const before = calledBy('stopsearchjobs', 'glue:BatchStopJobRun');
    await stack.rails.publish(cancel('cancel-glue', { reportType: 'search_hit' }));
    expect((await stack.ended('cancel-glue')).eventType).toBe('REPORT_CANCELLED');
    await stopped();
    expect(calledBy('stopsearchjobs', 'glue:BatchStopJobRun')).toBe(before + 1);
    await vi.waitFor(() => expect(run.JobRunState).toBe('STOPPED'));
    release();
  });

  it('stops the jobs of a report to 50 recipients with the longest names', async () => {
    const core = await connectAsAdmin(stack.database, 'nextpoint');
    await core.query(
      `INSERT INTO users (account_id, email, first_name, last_name, account_admin, created_at)
       SELECT account_id, CONCAT(LPAD(seq, 236, 'a'), '@nextpoint.example'), REPEAT('𝔸', 100), REPEAT('𝔸', 100), TRUE, NOW()
       FROM npcases JOIN seq_1_to_50 WHERE npcases.id = ?`,
      [caseIds.pumps],
    );
    await core.end();
    const recipients = Array.from(
      { length: 50 },
      (_, index) => `${`${index + 1}`.padStart(236, 'a')}@nextpoint.example`,
    );
    const release = stack.glue.control.hold();
    const delivery = { mode: 'link', recipients };
    await stack.rails.publish(await stack.searchHits('cancel-long', ['seal'], {}, { delivery }));
    const run = await vi.waitFor(() => {
      const found = stack.glue.runs.find(({ Arguments }) => Arguments['--output']?.includes('cancel-long'));
      expect(found).toBeDefined();
      return found!;
    }, 20_000);
    await stack.rails.publish(cancel('cancel-long', { reportType: 'search_hit' }));
    expect((await stack.ended('cancel-long')).eventType).toBe('REPORT_CANCELLED');
    await stopped();
    await vi.waitFor(() => expect(run.JobRunState).toBe('STOPPED'));
    release();
  });

  it('stops the Athena queries', async () => {
    const release = stack.athena.control.hold();
    await stack.rails.publish(await stack.searchHits('cancel-athena', ['seal'], { byMonth: true }));
    const own = () =>
      stack.athena.queries.filter((query) => query.ExecutionParameters?.includes("'cancel-athena'"));
    await vi.waitFor(() => expect(own()).toHaveLength(2), 20_000);
    const before = calledBy('stopsearchjobs', 'athena:StopQueryExecution');
    await stack.rails.publish(cancel('cancel-athena', { reportType: 'search_hit' }));
    expect((await stack.ended('cancel-athena')).eventType).toBe('REPORT_CANCELLED');
    await vi.waitFor(
      () => expect(calledBy('stopsearchjobs', 'athena:StopQueryExecution')).toBe(before + 2),
      20_000,
    );
    await vi.waitFor(() =>
      expect(own().map(({ Status }) => Status.State)).toEqual(['CANCELLED', 'CANCELLED']),
    );
    release();
  });

  it('stops the backend at its next heartbeat, and leaves no file', async () => {
    const searching = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const searched: number[] = [];
    stack.search.beforeTerm = async (term) => {
      searching.resolve();
      await goOn.promise;
      searched.push(term);
    };
    await stack.rails.publish(await stack.searchHits('cancel-search', ['seal', 'pump', 'nothing']));
    await searching.promise;
    await stack.rails.publish(cancel('cancel-search', { reportType: 'search_hit' }));
    expect((await stack.ended('cancel-search')).eventType).toBe('REPORT_CANCELLED');
    goOn.resolve();
    await stopped();
    expect(searched.length).toBeLessThan(3);
    expect(await stack.keysUnder(`cases/${caseIds.pumps}/exports/search_hit-cancel-search/`)).toEqual([]);
    expect(stack.eventTypes('cancel-search')).toEqual(['REPORT_STARTED', 'REPORT_CANCELLED']);
  });
});
