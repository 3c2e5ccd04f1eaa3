// An overlay on a real database and S3: check, backup, apply, results, restore.
import type { ServerResponse } from 'node:http';

import { parse } from 'csv-parse/sync';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applyChunk } from '../../../../tasks/reports/coding-overlay/apply.ts';
import { changedSince, checkLoadFile } from '../../../../tasks/reports/coding-overlay/check.ts';
import type {
  Check,
  Chunk,
  OverlayJob,
  OverlayParameters,
} from '../../../../tasks/reports/coding-overlay/job.ts';
import { linesOf, readJson } from '../../../../tasks/reports/coding-overlay/storage.ts';
import { caseId, jobOf, putLoadFile, runOverlay, type Stage, startStage, stateOf } from './overlay-run.ts';

let stage: Stage;
let connection: Connection;
let number = 0;

beforeAll(async () => {
  stage = await startStage();
  connection = await stage.connect();
});
afterAll(async () => {
  await connection?.end();
  await stage?.stop();
});
beforeEach(async () => {
  await stage.storage.reset();
  for (const table of [
    'exhibits',
    'exhibit_values',
    'tags',
    'taggings',
    'custom_fields',
    'field_locks',
    'model_audits',
    'overlay_turns',
    'elasticsearch_index_requests',
    'relevancy_logs',
    'privilege_logs',
    'confidentiality_logs',
    'case_users',
  ])
    await connection.query(`TRUNCATE ${table}`);
  await connection.query(`
    INSERT INTO case_users (id, npcase_id, user_id, name, email) VALUES (70, 1, 7, 'Ann', 'ann@firm.example');
    INSERT INTO exhibits (id, npcase_id, title, bates_start, document_date, author, relevancy_status, trashed_at, created_at) VALUES
      (11, 1, 'One', 'ABC-0001', '2024-01-31', 'Smith', 'Responsive', NULL, NOW()),
      (12, 1, NULL, 'ABC-0002', NULL, '', NULL, NULL, NOW()),
      (13, 1, 'x ', 'SAME', NULL, 'kevlar', NULL, NULL, NOW()),
      (14, 1, 'Four', 'SAME', NULL, NULL, NULL, NULL, NOW()),
      (15, 1, 'Trash', 'ABC-0005', NULL, NULL, NULL, NOW(), NOW()),
      (16, 1, 'Zeros', '000123', NULL, NULL, NULL, NULL, NOW());
    INSERT INTO exhibit_values (npcase_id, exhibit_id, field, position, value) VALUES
      (1, 11, 'custodian', 1, 'Smith; Jones LLP'), (1, 11, 'custodian', 2, 'Records'), (1, 11, 'recipient', 1, 'Bob');
    INSERT INTO custom_fields (id, npcase_id, title, input_type) VALUES (1, 1, 'Deal No.', 'text'), (2, 1, 'Region', 'multiselect');
    INSERT INTO tags (id, npcase_id, custom_field_id, name) VALUES (1, 1, NULL, 'A'), (2, 1, NULL, 'C'), (3, 1, NULL, 'B'), (4, 1, 1, '000123'), (5, 1, 2, 'North');
    INSERT INTO taggings (npcase_id, tag_id, exhibit_id) VALUES (1, 1, 11), (1, 2, 11), (1, 4, 11)`);
});

async function overlay(file: string | Buffer, parameters: Partial<OverlayParameters> = {}) {
  const jobId = `job-${++number}`;
  const loadFile = await putLoadFile(stage, `${jobId}.csv`, file);
  const job = jobOf(stage, jobId, { loadFile, ...parameters });
  const results = await runOverlay(stage, job);
  const text = await stage.storage.text(`${job.exports}results.csv`);
  const rows = parse(text, { bom: true, columns: true }) as Record<string, string>[];
  return { job, results, rows, codes: rows.map(({ Row, Code }) => `${Row} ${Code}`.trim()) };
}

async function rows(sql: string) {
  return (await connection.query({ sql, rowsAsArray: true }))[0] as unknown[][];
}

describe('an overlay', () => {
  test('writes columns, lists and tags, with audit rows, review logs and index requests', async () => {
    const before = await stateOf(connection);
    const { results, job } = await overlay(
      'nextpoint_id,Title,Document Date,Relevancy Status,Custodians,Tags,Deal No.\r\n' +
        '11,New,2/1/2024,not responsive,Records,B;A,"7; 8"\r\n12,Two,,,,,\r\n',
    );
    expect(results.counts).toMatchObject({ rowsRead: 2, documentsUpdated: 2, cellsChanged: 7 });
    expect(results.stopped).toBeNull();
    const state = await stateOf(connection);
    expect(state.get(11)).toMatchObject({
      title: '"New"',
      document_date: '"2024-02-01"',
      relevancy_status: '"Non-Responsive"',
      custodians: '"Records"',
      tags: '"B""A"',
      'custom_field:1': '"7; 8"',
      recipients: '"Bob"',
      author: '"Smith"',
    });
    expect(await rows('SELECT auditable_id, user_id, job_id, chunk FROM model_audits ORDER BY 1')).toEqual([
      [11, 7, job.jobId, 0],
      [12, 7, job.jobId, 0],
    ]);
    expect(await rows('SELECT record_type, record_id FROM elasticsearch_index_requests ORDER BY 2')).toEqual([
      ['Exhibit', 11],
      ['Exhibit', 12],
    ]);
    expect(
      await rows('SELECT exhibit_id, previous_value, new_value, user_id, change_source FROM relevancy_logs'),
    ).toEqual([[11, 'Responsive', 'Non-Responsive', 70, 'overlay']]);
    const restored = await runOverlay(stage, jobOf(stage, `restore-${number}`, { restore: job.jobId }));
    expect(restored.counts).toMatchObject({ rowsRead: 2, documentsUpdated: 2 });
    expect(await stateOf(connection)).toEqual(before);
    const again = await runOverlay(stage, jobOf(stage, `restore-again-${number}`, { restore: job.jobId }));
    expect(again.counts).toMatchObject({ rowsRead: 2, documentsUpdated: 0, documentsUnchanged: 2 });
  });

  test('takes a change of case or of a trailing blank for a change, and brings it back', async () => {
    const before = await stateOf(connection);
    const { job, results } = await overlay('nextpoint_id,Title,Author\n13,x,Kevlar\n');
    expect(results.counts).toMatchObject({ documentsUpdated: 1, cellsChanged: 2 });
    await runOverlay(stage, jobOf(stage, `case-${number}`, { restore: job.jobId }));
    expect(await stateOf(connection)).toEqual(before);
  });

  test.each([
    ['replace', '"A""B"'],
    ['append', '"A""C""B"'],
    ['remove', '"C"'],
  ] as const)('of tags A;B onto A, C: %s', async (multiValueMode, tags) => {
    await overlay('nextpoint_id,Tags\n11,a; B\n', { multiValueMode });
    expect((await stateOf(connection)).get(11)!.tags).toBe(tags);
  });

  test('leaves blank cells alone, or empties them when asked to; the clear token always does', async () => {
    const file = 'nextpoint_id,Title,Tags\n11,,[CLEAR]\n';
    const { results } = await overlay(file);
    expect(results.counts).toMatchObject({ documentsUpdated: 1, cellsCleared: 1 });
    expect((await stateOf(connection)).get(11)).toMatchObject({ title: '"One"' });
    await overlay(file, { blankMeans: 'clear' });
    expect((await stateOf(connection)).get(11)!.title).toBe('null');
  });

  test('reports each kind of row, and the numbers add up', async () => {
    const file = [
      'nextpoint_id,Bates Start,Title,Document Date,Withheld,Region',
      '11,,Changed,,,',
      '12,,,,,',
      ',ABC-0009,x,,,',
      ',,x,,,',
      ',SAME,x,,,',
      '11,ABC-0002,x,,,',
      '15,,x,,,',
      '13,,same,,,',
      '13,,same,,,',
      '14,,one,,,',
      '14,,other,,,',
      '16,,ok,2/30/2024,maybe,Nowhere',
      '16',
      ',123,x,,,',
    ].join('\n');
    const { codes, results, rows: told, job } = await overlay(file);
    expect(codes).toEqual([
      '1 OV-W01',
      '1 OV-W01',
      '1 OV-W01',
      '1 OV-W01',
      '1 OV-W01',
      '2',
      '3',
      '4 OV-R02',
      '5 OV-R01',
      '6 OV-R03',
      '7 OV-R04',
      '8 OV-R07',
      '9',
      '10 OV-W03',
      '11 OV-R05',
      '12 OV-R05',
      '13 OV-C01',
      '13 OV-C04',
      '13 OV-C02',
      '14 OV-R06',
      '15 OV-R02',
    ]);
    expect(results.counts).toMatchObject({
      rowsRead: 14,
      documentsUpdated: 3,
      documentsUnchanged: 1,
      rowsNotMatched: 2,
      rowsWithErrors: 6,
      rowsSkipped: 1,
      duplicatesMerged: 1,
      cellsSkipped: 3,
    });
    expect(told.find(({ Code }) => Code === 'OV-C02')).toMatchObject({
      Column: 'Region',
      'Original Value': 'Nowhere',
      Result: 'Updated',
      'Nextpoint ID': '16',
    });
    const rejects = parse(await stage.storage.text(`${job.exports}rejects.csv`), {
      bom: true,
      relax_column_count: true,
    }) as string[][];
    expect(rejects[0]).toEqual([
      'overlay_error',
      'nextpoint_id',
      'Bates Start',
      'Title',
      'Document Date',
      'Withheld',
      'Region',
    ]);
    expect(rejects.slice(1).map(([, ...cells]) => cells.join())).toContain('16,,ok,2/30/2024,maybe,Nowhere');
    expect(rejects).toHaveLength(11);
  });

  test('warns of coding by which the members of a family differ', async () => {
    await connection.query('UPDATE exhibits SET parent_id = 11 WHERE id IN (12, 13)');
    const same = await overlay('nextpoint_id,Withheld,Title\n11,Yes,a\n12,Yes,b\n13,Yes,c\n', {
      dryRun: true,
    });
    expect(same.codes).not.toContain('2 OV-W06');
    const { rows: told, results } = await overlay(
      'nextpoint_id,Withheld,Title\n11,Yes,a\n12,Yes,b\n14,Yes,c\n',
    );
    const warned = told.filter(({ Code }) => Code === 'OV-W06');
    expect(warned.map(({ Row, Column, Message }) => [Row, Column, Message!.slice(-30)])).toEqual([
      ['2', 'Withheld', 'Document 13 has another value.'],
      ['3', 'Withheld', 'Document 13 has another value.'],
    ]);
    expect(results.counts).toMatchObject({ documentsUpdated: 3, warnings: { 'OV-W06': 2 } });
  });

  describe('that applies coding to families', () => {
    const family = () => connection.query('UPDATE exhibits SET parent_id = 11 WHERE id IN (12, 13)');
    const lines = (rows: Record<string, string>[]) =>
      rows
        .filter(({ Row }) => Row !== '1')
        .map((row) => [row.Row, row['Key Field'], row['Nextpoint ID'], row.Result, row.Code]);

    test('changes the coding of the other members, and nothing else of them, and can be taken back', async () => {
      await family();
      const before = await stateOf(connection);
      const file = 'nextpoint_id,Title,Withheld,Tags\n11,New,Yes,B\n14,,,C\n';
      const options = { applyToFamily: true, multiValueMode: 'append' } as const;
      const dry = await overlay(file, { ...options, dryRun: true });
      expect(dry.results.counts).toMatchObject({ wouldUpdate: 2, familyWouldUpdate: 2, familyUpdated: 0 });
      const { results, rows: told, job } = await overlay(file, options);
      expect(results.counts).toMatchObject({
        rowsRead: 2,
        documentsUpdated: 2,
        familyUpdated: 2,
        familySkipped: 0,
        cellsChanged: 8,
        warnings: { 'OV-W01': 3 },
      });
      expect(lines(told)).toEqual([
        // Its other tags stay its own.
        ['2', 'nextpoint_id', '11', 'Updated', 'OV-W06'],
        ['2', 'family of nextpoint_id', '12', 'Updated', ''],
        ['2', 'family of nextpoint_id', '13', 'Updated', ''],
        ['3', 'nextpoint_id', '14', 'Updated', ''],
      ]);
      const state = await stateOf(connection);
      expect(state.get(11)).toMatchObject({ title: '"New"', withheld: '1', tags: '"A""C""B"' });
      expect(state.get(12)).toMatchObject({ title: 'null', withheld: '1', tags: '"B"' });
      const restored = await runOverlay(stage, jobOf(stage, 'family-back', { restore: job.jobId }));
      expect(restored.counts).toMatchObject({ rowsRead: 4, documentsUpdated: 4 });
      expect(await stateOf(connection)).toEqual(before);
    });

    test('leaves members with a row of their own to that row, and skips those of which two rows want different things', async () => {
      await family();
      const file = 'nextpoint_id,Withheld,Notes\n11,Yes,\n12,No,\n';
      const { results, rows: told } = await overlay(file, { applyToFamily: true });
      expect(results.counts).toMatchObject({ documentsUpdated: 1, documentsUnchanged: 1, familySkipped: 1 });
      expect(lines(told).filter(([, , id]) => id === '13')).toEqual([
        ['2', 'family of nextpoint_id', '13', 'Error', 'OV-R05'],
      ]);
      const state = await stateOf(connection);
      expect([11, 12, 13].map((id) => state.get(id)!.withheld)).toEqual(['1', '0', '0']);
    });

    test('leaves a member to its own row however far that is from the others', async () => {
      await family();
      const ids = Array.from({ length: 600 }, (_, index) => 1_000 + index);
      const exhibits = ids.map((id) => `(${id}, 1, NOW())`).join();
      await connection.query(`INSERT INTO exhibits (id, npcase_id, created_at) VALUES ${exhibits}`);
      const file = `nextpoint_id,Withheld\n11,Yes\n${ids.map((id) => `${id},No\n`).join('')}13,No\n`;
      const { results } = await overlay(file, { applyToFamily: true });
      expect(results.counts).toMatchObject({ documentsUpdated: 1, familySkipped: 1 });
      const state = await stateOf(connection);
      expect([11, 12, 13].map((id) => state.get(id)!.withheld)).toEqual(['1', '0', '0']);
    });

    test('leaves members to a row that is in error, and follows no row that is', async () => {
      await family();
      const before = await stateOf(connection);
      const file = 'nextpoint_id,Withheld,Title\n12,maybe,\n13,Yes,a\n13,Yes,b\n';
      const { results } = await overlay(file, { applyToFamily: true });
      expect(results.counts).toMatchObject({ rowsWithErrors: 3, familyUpdated: 0, familySkipped: 0 });
      expect(await stateOf(connection)).toEqual(before);
      await overlay('nextpoint_id,Withheld\n12,maybe\n13,Yes\n', { applyToFamily: true });
      const state = await stateOf(connection);
      expect([11, 12, 13].map((id) => state.get(id)!.withheld)).toEqual(['1', '0', '1']);
    });

    test('writes a member once of which two rows want the same', async () => {
      await family();
      const file = 'nextpoint_id,Withheld\n12,Yes\n11,Yes\n';
      const { results, rows: told } = await overlay(file, { applyToFamily: true });
      expect(results.counts).toMatchObject({ documentsUpdated: 2, familyUpdated: 1, familySkipped: 0 });
      expect(lines(told).map(([row, , id]) => `${row} ${id}`)).toEqual(['2 12', '2 13', '3 11']);
    });

    test('changes no member when the row is not applied, nor one in the trash', async () => {
      await family();
      await connection.query('UPDATE exhibits SET trashed_at = NOW() WHERE id = 13');
      const before = await stateOf(connection);
      const file = 'nextpoint_id,Withheld,Relevancy Status\n11,maybe,Responsive\n';
      const { results } = await overlay(file, { applyToFamily: true, rowAtomic: true });
      expect(results.counts).toMatchObject({ rowsWithErrors: 1, familyUpdated: 0 });
      expect(await stateOf(connection)).toEqual(before);
      await overlay('nextpoint_id,Withheld\n11,Yes\n', { applyToFamily: true });
      const state = await stateOf(connection);
      expect([12, 13].map((id) => state.get(id)!.withheld)).toEqual(['1', '0']);
    });
  });

  test.each([
    ['OV-W02', 'nextpoint_id,page_count\n11,7\n', {}],
    ['OV-W04', 'nextpoint_id,Document Date\n11,00/00/0000\n', {}],
    ['OV-W05', 'nextpoint_id,Deal No.\n11,123\n', { createMissingChoices: true }],
    ['OV-W07', "nextpoint_id,Title\n11,'=1\n", {}],
    [
      'OV-W08',
      '\u00fenextpoint_id\u00fe\u0014\u00feTitle\u00fe\r\n\u00fe11\u00fe\u0014\u00fea\u00aeb\u00fe\r\n',
      {},
    ],
    ['OV-W09', `nextpoint_id,Title\n11,${'x'.repeat(300)}\n`, { longText: 'truncate' }],
    ['OV-C03', `nextpoint_id,Title\n11,${'x'.repeat(300)}\n`, {}],
  ] as const)('tells %s with its row and column', async (code, file, parameters) => {
    const { rows: told } = await overlay(file, { ...parameters, dryRun: true });
    const [finding] = told.filter(({ Code }) => Code === code);
    expect(finding).toMatchObject({ Row: code === 'OV-W02' ? '1' : '2' });
    expect(finding!.Column).not.toBe('');
  });

  test('writes nothing on a dry run, and tells what it would', async () => {
    const before = await stateOf(connection);
    const { results } = await overlay('nextpoint_id,Title\n11,x\n12,\n', { dryRun: true });
    expect(results.counts).toMatchObject({ documentsUpdated: 0, wouldUpdate: 1, documentsUnchanged: 1 });
    expect(results.stopped).toBe('dryRun');
    expect(await stateOf(connection)).toEqual(before);
    expect(await rows('SELECT COUNT(*) FROM overlay_turns')).toEqual([[0]]);
  });

  describe('that names the dry run that checked it', () => {
    const file = 'nextpoint_id,Title\n11,x\n';
    async function changed(dryRun: OverlayJob, file: string, at: Partial<OverlayJob> = {}) {
      const jobId = `job-${++number}`;
      const loadFile = await putLoadFile(stage, `${jobId}.csv`, file);
      const job = { ...jobOf(stage, jobId, { loadFile, checkedBy: dryRun.jobId }), ...at };
      return changedSince(job, await checkLoadFile(connection, job));
    }

    test('is applied while the load file is what was checked', async () => {
      const { job } = await overlay(file, { dryRun: true });
      expect(await changed(job, file)).toBeUndefined();
    });

    test.each(['nextpoint_id,Title\n11,y\n', 'nextpoint_id,Title\n11,"x\n'])(
      'is refused when the load file is another: %j',
      async (other) => {
        const { job } = await overlay(file, { dryRun: true });
        expect(await changed(job, other)).toBe(
          `The load file was changed after the dry run ${job.jobId}. Check it again.`,
        );
      },
    );

    test.each<[string, string, Partial<OverlayParameters>, Partial<OverlayJob>]>([
      ['was none', file, {}, {}],
      ['found the file unfit', 'nextpoint_id,Title\n999999,x\n', { dryRun: true, onUnmatched: 'fail' }, {}],
      ['was of another case', file, { dryRun: true }, { caseId: 7 }],
    ])('is refused when it %s', async (_, file, parameters, at) => {
      const { job } = await overlay(file, parameters);
      expect(await changed(job, file, at)).toMatch(/^There is no dry run/);
    });

    test('is refused when nobody knows it', async () => {
      expect(await changed(jobOf(stage, 'nobody'), file)).toMatch(/^There is no dry run nobody of this case/);
    });
  });

  test.each([
    ['OV-F01', 'nextpoint_id,Title\n', {}],
    ['OV-F02', Buffer.from('nextpoint_id,Title\n11,caf\xe9\n', 'latin1'), {}],
    ['OV-F03', 'PK\x03\x04 and more', {}],
    ['OV-F04', 'Title\nx\n', {}],
    ['OV-F05', 'nextpoint_id,Title,title\n11,x,y\n', {}],
    ['OV-F06', 'nextpoint_id,Title\n11,"x\n', {}],
    ['OV-F07', 'nextpoint_id,Author\n11,x\n', {}],
    ['OV-F07', 'nextpoint_id,File_Size\n11,x\n', {}],
    ['OV-F08', 'nextpoint_id,Nonsense\n11,x\n', {}],
    ['OV-F09', `nextpoint_id${',x'.repeat(1001)}\n11\n`, {}],
    [
      'OV-F10',
      `nextpoint_id,Issues\n${Array.from({ length: 64 }, (_, n) => `11,Issue ${n}\n`).join('')}`,
      { createMissingChoices: true },
    ],
  ] as const)('ends in %s, with nothing written', async (code, file, parameters) => {
    await connection.query(
      "INSERT INTO field_locks (npcase_id, field, user_id, created_at) VALUES (1, 'author', 7, NOW())",
    );
    const before = await stateOf(connection);
    const { results, codes } = await overlay(file as string, parameters);
    expect(results.fileError?.code).toBe(code);
    expect(results.stopped).toBe('fileError');
    expect(codes.some((told) => told.endsWith(code))).toBe(true);
    expect(await stateOf(connection)).toEqual(before);
  });

  test('is refused while another has the turn, by its name', async () => {
    await connection.query(
      `INSERT INTO overlay_turns (npcase_id, job_id, load_file, taken_at) VALUES (${caseId}, 'first', 'first.csv', UTC_TIMESTAMP())`,
    );
    await expect(overlay('nextpoint_id,Title\n11,x\n')).rejects.toThrow(
      /Another overlay.*first\.csv \(job first\)/,
    );
    await connection.query('UPDATE overlay_turns SET taken_at = UTC_TIMESTAMP() - INTERVAL 15 DAY');
    const { results } = await overlay('nextpoint_id,Title\n11,x\n');
    expect(results.counts.documentsUpdated).toBe(1);
    expect(await rows('SELECT job_id, fencing_number FROM overlay_turns')).toEqual([[null, 1]]);
  });

  test('skips a document that somebody changed between backup and chunk, with all its cells', async () => {
    const jobId = 'meanwhile';
    const loadFile = await putLoadFile(
      stage,
      'meanwhile.csv',
      'nextpoint_id,Title,Author\n11,x,y\n12,x,y\n13,x,y\n',
    );
    const job = jobOf(stage, jobId, { loadFile });
    const results = await runOverlay(stage, job, undefined, async (step) => {
      if (step !== 'chunk 0') return;
      await connection.query("UPDATE exhibits SET title = 'one' WHERE id = 11");
      await connection.query("UPDATE exhibits SET title = 'x', author = 'y' WHERE id = 12");
    });
    expect(results.counts).toMatchObject({ documentsUpdated: 1, documentsUnchanged: 1, rowsSkipped: 1 });
    expect((await stateOf(connection)).get(11)).toMatchObject({ title: '"one"', author: '"Smith"' });
    expect(await stage.storage.text(`${job.exports}results.csv`)).toContain('OV-R08');
    const restored = await runOverlay(stage, jobOf(stage, 'meanwhile-r', { restore: jobId }));
    expect(restored.counts).toMatchObject({ rowsRead: 1, documentsUpdated: 1 });
    expect((await stateOf(connection)).get(12)).toMatchObject({ title: '"x"', author: '"y"' });
  });

  test('that was cancelled writes nothing more, and says how far it came', async () => {
    const loadFile = await putLoadFile(stage, 'cancel.csv', 'nextpoint_id,Title\n11,x\n12,x\n');
    const job = jobOf(stage, 'cancel', { loadFile });
    const results = await runOverlay(stage, job, undefined, async (step) => {
      if (step === 'chunk 0') await stage.storage.put(`${job.folder}cancel.json`, '{}');
    });
    expect(results).toMatchObject({
      stopped: 'cancelled',
      counts: { rowsRead: 2, notAttempted: 2, documentsUpdated: 0 },
    });
    expect((await stateOf(connection)).get(11)!.title).toBe('"One"');
  });

  describe('whose backup is read back', () => {
    /** Does something as soon as the backup is read back, before the answer; true when it answered itself. */
    function whenReadBack(work: (response: ServerResponse) => Promise<boolean>) {
      let isFirst = true;
      stage.storage.interfere = async ({ operation, key }, response) => {
        if (operation !== 'GetObject' || !key.endsWith('backup.jsonl') || !isFirst) return false;
        isFirst = false;
        return work(response);
      };
    }
    const many = async (count: number) => {
      const ids = Array.from({ length: count }, (_, index) => 100 + index);
      const exhibits = ids.map((id) => `(${id}, 1, 'Before', NOW())`).join();
      await connection.query(`INSERT INTO exhibits (id, npcase_id, title, created_at) VALUES ${exhibits}`);
      return `nextpoint_id,Title\n${ids.map((id) => `${id},After\n`).join('')}`;
    };
    const after = "SELECT COUNT(*) FROM exhibits WHERE title = 'After'";
    const change = async () => {
      await connection.query("UPDATE exhibits SET title = 'Other' WHERE id >= 100");
      return false;
    };

    test('writes nothing when S3 has another file', async () => {
      whenReadBack(async (response) => {
        response.end('{}\n');
        return true;
      });
      await expect(overlay(await many(3))).rejects.toMatchObject({
        name: 'BackupFailed',
        message: 'The backup on S3 is not what was written.',
      });
      expect(await rows(after)).toEqual([[0]]);
    });

    test('writes nothing when no document is as the backup has it', async () => {
      whenReadBack(change);
      await expect(overlay(await many(20))).rejects.toMatchObject({ name: 'BackupFailed' });
      expect(await rows(after)).toEqual([[0]]);
    });

    test('skips the documents, when they are few and somebody changed them all', async () => {
      whenReadBack(change);
      const { results } = await overlay(await many(3));
      expect(results.counts).toMatchObject({ documentsUpdated: 0, rowsSkipped: 3 });
      expect(await rows(after)).toEqual([[0]]);
    });
  });

  /** An overlay of two full chunks and a third; `meanwhile` runs before the second and the third, and may throw. */
  async function inThreeChunks(jobId: string, meanwhile: () => Promise<void>) {
    const ids = Array.from({ length: 1_200 }, (_, index) => 1_000 + index);
    await connection.query({
      sql: 'INSERT INTO exhibits (id, npcase_id, title, created_at) VALUES ?',
      values: [ids.map((id) => [id, 1, 'Before', '2024-01-01'])],
      namedPlaceholders: false,
    } as never);
    const file = `nextpoint_id,Title\n${ids.map((id) => `${id},After\n`).join('')}`;
    const job = jobOf(stage, jobId, { loadFile: await putLoadFile(stage, `${jobId}.csv`, file) });
    let chunks = 0;
    const before = async (step: string) => {
      if (step.startsWith('chunk') && chunks++ > 0) await meanwhile();
    };
    return { job, ended: runOverlay(stage, job, undefined, before, 1) };
  }
  async function partsOf({ bucket, folder }: OverlayJob) {
    const { fields } = await readJson<Check>(stage.client, bucket, `${folder}check.json`);
    const chunks: Chunk[] = [];
    for await (const chunk of linesOf<Chunk>(stage.client, bucket, `${folder}chunks.jsonl`))
      chunks.push(chunk);
    return { fields, chunks };
  }
  const after = "SELECT COUNT(*) FROM exhibits WHERE title = 'After'";

  test('that is cancelled between two chunks keeps the first, attempts no other, and can be taken back', async () => {
    const flag = async () =>
      void (await stage.storage.put('development/tmp/coding_overlay-halfway/cancel.json', '{}'));
    const { ended } = await inThreeChunks('halfway', flag);
    const { stopped, counts } = await ended;
    expect(stopped).toBe('cancelled');
    expect(counts).toMatchObject({ rowsRead: 1_200, documentsUpdated: 200, notAttempted: 1_000 });
    expect(await rows(after)).toEqual([[200]]);
    const restored = await runOverlay(stage, jobOf(stage, 'halfway-back', { restore: 'halfway' }));
    expect(restored.counts).toMatchObject({ rowsRead: 200, documentsUpdated: 200 });
    expect(await rows(after)).toEqual([[0]]);
  });

  test('that failed and was taken back writes nothing when it is redriven', async () => {
    const fail = async () => {
      throw new Error('stopped here');
    };
    const { job, ended } = await inThreeChunks('failed', fail);
    await expect(ended).rejects.toThrow('stopped here');
    expect(await rows(after)).toEqual([[200]]);
    await runOverlay(stage, jobOf(stage, 'failed-back', { restore: 'failed' }));
    expect(await rows(after)).toEqual([[0]]);
    const { fields, chunks } = await partsOf(job);
    for (const chunk of chunks)
      await expect(applyChunk(connection, job, fields, chunk)).rejects.toMatchObject({
        name: 'OverlayRestored',
        message: 'Overlay failed was taken back by failed-back.',
      });
    expect(await rows(after)).toEqual([[0]]);
    expect(await rows('SELECT job_id FROM overlay_turns')).toEqual([[null]]);
  });

  test('that is redriven while it is taken back leaves nothing behind', async () => {
    const fail = async () => {
      throw new Error('stopped here');
    };
    const { job, ended } = await inThreeChunks('racing', fail);
    await expect(ended).rejects.toThrow('stopped here');
    const { fields, chunks } = await partsOf(job);
    const redrive = async (step: string) => {
      if (step === 'plan') await applyChunk(connection, job, fields, chunks[0]!).catch(() => undefined);
    };
    await runOverlay(stage, jobOf(stage, 'racing-back', { restore: 'racing' }), undefined, redrive);
    expect(await rows(after)).toEqual([[0]]);
  });

  test('that is to be taken back tells in a dry run what others changed since, and writes nothing', async () => {
    const { job } = await overlay('nextpoint_id,Title,Author\n11,x,y\n12,x,y\n13,x,y\n14,x,y\n');
    await connection.query(`
      UPDATE exhibits SET title = 'later' WHERE id = 11;
      UPDATE exhibits SET trashed_at = NOW() WHERE id = 12;
      DELETE FROM exhibits WHERE id = 13`);
    const before = await stateOf(connection);
    const dry = jobOf(stage, 'dry-back', { restore: job.jobId, dryRun: true });
    expect((await runOverlay(stage, dry)).counts).toMatchObject({
      rowsRead: 4,
      wouldUpdate: 1,
      rowsSkipped: 3,
    });
    const told = parse(await stage.storage.text(`${dry.exports}results.csv`), { bom: true, columns: true });
    type Told = { Row: string; Result: string; Code: string; Message: string };
    expect((told as Told[]).map(({ Row, Result, Code }) => [Row, Result, Code])).toEqual([
      ['2', 'Skipped', 'OV-R08'],
      ['3', 'Skipped', 'OV-R07'],
      ['4', 'Skipped', 'OV-R08'],
      ['5', 'Would be updated', ''],
    ]);
    expect((told as Told[])[0]!.Message).toContain('by hand');
    expect(await stateOf(connection)).toEqual(before);
    expect(await rows('SELECT job_id FROM overlay_turns')).toEqual([[null]]);
  });

  test('takes a load file that it may not read for S3 being unavailable, and one that is not there for missing', async () => {
    const loadFile = await putLoadFile(stage, 'forbidden.csv', 'nextpoint_id,Title\n11,x\n');
    stage.storage.interfere = ({ operation, key }, response) => {
      if (operation !== 'GetObject' || !/forbidden|gone/.test(key)) return false;
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
      return true;
    };
    const run = (name: string) =>
      checkLoadFile(connection, jobOf(stage, 'forbidden', { loadFile: loadFile.replace('forbidden', name) }));
    await expect(run('forbidden')).rejects.toMatchObject({ name: 'StorageUnavailable' });
    expect((await run('gone')).fileError?.code).toBe('OV-F01');
  });
});
