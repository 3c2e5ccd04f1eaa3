// Running times are of any length; a TIME of the server ends at 838:59:59.
import type { QueryValues } from 'mysql2/promise';
import { describe, expect } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin } from '../../../local/database/seed.ts';
import type { Database } from '../../../local/database/server.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { it } from '../../support/fixtures.ts';

const caseId = caseIds.empty;
const created = { npcase_id: caseId, created_at: '2026-01-05' };

async function administrate(database: Database, statements: [string, QueryValues?][]): Promise<void> {
  const admin = await connectAsAdmin(database, caseSchema(caseId));
  for (const [sql, values] of statements) await admin.query(sql, values);
  await admin.end();
}

async function column(
  storage: Parameters<typeof rowsOf>[0],
  name: string,
  event: ReturnType<typeof exportEvent>,
) {
  const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
  return (await rowsOf(storage, file.key)).map((row) => row[name]);
}

describe('The video of a transcript', () => {
  it.for([
    [[3_020_400, 600_000], '1005:40:00'],
    [[3_599_999], '999:59:59'],
    [[35_999], '09:59:59'],
    [[36_000], '10:00:00'],
    [[59], '00:00:59'],
    [[0], '00:00:00'],
    [[null], ''],
  ] as const)('runs for %j seconds', async ([seconds, expected], { database, storage }) => {
    const id = 1;
    await administrate(database, [
      ['INSERT INTO deposition_volumes SET ?', { ...created, id, deposition_id: null, title: 'Hearing' }],
      ...seconds.map((runtime_seconds): [string, QueryValues] => [
        'INSERT INTO deposition_video_offsets SET ?',
        { npcase_id: caseId, deposition_volume_id: id, video_filename: 'a.mp4', runtime_seconds },
      ]),
    ]);
    expect(await column(storage, 'Video Runtime', exportEvent(caseId))).toEqual([expected]);
    await administrate(database, [['TRUNCATE deposition_volumes'], ['TRUNCATE deposition_video_offsets']]);
  });
});

describe('Clips', () => {
  it('run for more than 838 hours, each and together, with seconds rounded at the end', async ({
    database,
    storage,
  }) => {
    const place = { deposition_volume_id: 1, label_id: 1, start_page: 1, start_line: 1, end_page: 1 };
    const line = { npcase_id: caseId, deposition_volume_id: 1, page: 1, content: 'A.' };
    await administrate(database, [
      ['ALTER TABLE deposition_lines MODIFY video_seconds DECIMAL(12, 3)'],
      ['INSERT INTO deposition_volumes SET ?', { ...created, id: 1, title: 'Hearing' }],
      ['INSERT INTO labels SET ?', { npcase_id: caseId, id: 1, name: 'Key', label_type: 'issue' }],
      ['INSERT INTO deposition_lines SET ?', { ...line, line: 1, video_seconds: 3_020_400.4 }],
      ['INSERT INTO deposition_lines SET ?', { ...line, line: 2, video_seconds: 604_925.4 }],
      ['INSERT INTO deposition_clips SET ?', { ...created, ...place, end_line: 1 }],
      ['INSERT INTO deposition_clips SET ?', { ...created, ...place, end_line: 2 }],
    ]);
    const ask = (layout: string) =>
      column(
        storage,
        'Runtime',
        exportEvent(caseId, { layout, includeProceedings: true }, 'UTC', 'deposition_summary'),
      );
    expect(await ask('detail')).toEqual(['839:00:00', '1007:02:06']);
    // Of the label, and in total.
    expect(await ask('counts')).toEqual(['1846:02:06', '1846:02:06']);
  });
});
