// Which values are the same, and which comes first, is what a report says it is: never the character set or the collation that a
// column of an old case happens to have.
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect } from 'vitest';
import type { ReportType } from '../../../contract/types.ts';
import { caseIds, caseSchema, connectAsAdmin } from '../../../local/database/seed.ts';
import type { Database } from '../../../local/database/server.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { documentFields } from '../../../tasks/lib/documents/document-fields.ts';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { it } from '../../support/fixtures.ts';
import type { Storage } from '../../support/services.ts';

const caseId = caseIds.empty;
/** Neighbours that some collation takes for the same: by case, accent, blank, expansion, width, or beyond the basic plane. */
const alike = [
  ...['resume', 'Resume', 'résumé', 'resume ', 'Straße', 'Strasse', 'Ａ', 'A'],
  ...['🔴', '🟢', '𠮷', 'a\u200b', 'a'],
];
const logs = ['privilege', 'relevancy', 'confidentiality'] as const;
const columns = {
  privilege: 'privilege_status',
  relevancy: 'relevancy_status',
  confidentiality: 'confidentiality_code',
};
const tables = [
  ...[
    'exhibits',
    'labels',
    'folders',
    'folder_exhibits',
    'depositions',
    'deposition_volumes',
    'deposition_clips',
  ],
  ...logs.map((log) => `${log}_logs`),
];

/** Fills the empty case with a document, a change, a label with a clip, and a folder for each value. */
async function fill(database: Database, values: string[], alter: string[] = []): Promise<void> {
  const admin = await connectAsAdmin(database, caseSchema(caseId));
  for (const table of tables) await admin.query(`TRUNCATE ${table}`);
  for (const statement of alter) await admin.query(statement);
  await admin.query("INSERT INTO depositions (npcase_id, last_name, created_at) VALUES (1, 'Lee', NOW())");
  await admin.query(
    'INSERT INTO deposition_volumes (npcase_id, deposition_id, created_at) VALUES (1, 1, NOW())',
  );
  for (const [index, value] of values.entries()) {
    const id = index + 1;
    const row = { id, npcase_id: 1 };
    const created = { created_at: '2026-01-05 09:00:00' };
    const statuses = Object.fromEntries(logs.map((log) => [columns[log], value]));
    const place = { start_page: 1, start_line: 1, end_page: 1, end_line: 2 };
    await admin.query('INSERT INTO exhibits SET ?', { ...row, ...created, ...statuses, title: value });
    for (const log of logs)
      await admin.query(`INSERT INTO ${log}_logs SET ?`, {
        ...row,
        ...created,
        exhibit_id: id,
        new_value: value,
      });
    await admin.query('INSERT INTO labels SET ?', { ...row, name: value, label_type: 'issue' });
    await admin.query('INSERT INTO deposition_clips SET ?', {
      ...row,
      ...created,
      ...place,
      deposition_volume_id: 1,
      label_id: id,
    });
    await admin.query('INSERT INTO folders SET ?', { ...row, name: value });
    await admin.query('INSERT INTO folder_exhibits SET ?', { ...row, folder_id: id, exhibit_id: id });
  }
  await admin.end();
}

function run(reportType: ReportType, parameters: object) {
  return handler(exportEvent(caseId, parameters, 'UTC', reportType), {
    getRemainingTimeInMillis: () => 60_000,
  });
}

/** One column of a report. */
async function ask(
  storage: Storage,
  column: string,
  reportType: ReportType,
  parameters: object,
): Promise<string[]> {
  const { file } = await run(reportType, parameters);
  const rows = await rowsOf(storage, file.key);
  return rows.filter((row) => row.Deponent !== 'Total').map((row) => row[column]!);
}

type Filter = [title: string, column: string, ReportType, (value: string) => object];

/** Each report that chooses by a value: the column that shows it, and the parameters that choose. */
const filters: Filter[] = [
  ...logs.flatMap((logType): Filter[] => {
    const title = [{ field: 'Title', header: 'Title' }];
    return [
      [
        `${logType} log`,
        'Title',
        'review_log',
        (status) => ({ logType, statuses: [status], columns: title }),
      ],
      [
        `history of ${logType}`,
        'New Value',
        'review_log',
        (status) => ({ logType, layout: 'history', statuses: [status] }),
      ],
    ];
  }),
  ['list of clips', 'Label', 'deposition_summary', (label) => ({ layout: 'detail', labels: [label] })],
  ['count of clips', 'Label', 'deposition_summary', (label) => ({ layout: 'counts', labels: [label] })],
];

const chosen = (storage: Storage, [, column, reportType, parameters]: Filter, value: string) =>
  ask(storage, column, reportType, parameters(value));

/** The header over the groups of a page count. */
const groupHeaders: Record<string, string> = {
  relevancy: 'Relevancy Status',
  privilege: 'Privilege Status',
  confidentiality: 'Confidentiality',
  folder: 'Folder',
};

describe('Values that look alike', () => {
  it.beforeAll(({ database }) => fill(database, alike));

  it.for(filters)('are told apart by the filter of a %s', async (filter, { storage }) => {
    for (const value of alike) expect(await chosen(storage, filter, value)).toEqual([value]);
  });

  it.for([...logs, 'folder'])(
    'are groups of their own in a page count by %s',
    async (groupBy, { storage }) => {
      const groups = await ask(storage, groupHeaders[groupBy]!, 'page_count', { groupBy });
      expect(groups).toEqual(expect.arrayContaining(alike));
    },
  );

  it('are labels of their own in a count of clips', async ({ storage }) => {
    const labels = await ask(storage, 'Label', 'deposition_summary', { layout: 'counts' });
    expect(labels.sort()).toEqual(alike.toSorted());
  });
});

describe('A status of blanks only', () => {
  it('is no status', async ({ database, storage }) => {
    await fill(database, ['  ', '', 'Hot']);
    for (const [index, log] of logs.entries()) {
      const unset = ['Not Reviewed', 'Not Reviewed', 'No Code'][index];
      const event = exportEvent(caseId, { groupBy: log }, 'UTC', 'page_count');
      const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
      const counts = (await rowsOf(storage, file.key)).map((row) => [row[groupHeaders[log]!], row.Documents]);
      expect(counts.filter(([, documents]) => documents !== '0')).toEqual([
        [unset, '2'],
        ['Hot', '1'],
        ['Total', '3'],
      ]);
      const columns = [{ field: 'Title', header: 'Title' }];
      expect(await ask(storage, 'Title', 'review_log', { logType: log, columns })).toEqual(['Hot']);
    }
  });
});

describe('Names', () => {
  it('come in one order on every server, capitals and accents aside', async ({ database, storage }) => {
    const names = ['-', ' x', ...'10 9 a B Łuk Lux Lyx ö Oz ss ß st Z Ａb я 文 🔴 🟢'.split(' ')];
    await fill(database, names.toSorted());
    const expected = [' x', "'-", ...'10 9 a Ａb B Łuk Lux Lyx ö Oz ss ß st Z я 文 🔴 🟢'.split(' ')];
    expect((await ask(storage, 'Folder', 'page_count', { groupBy: 'folder' })).slice(0, -2)).toEqual(
      expected,
    );
    expect(
      (await ask(storage, 'Relevancy Status', 'page_count', { groupBy: 'relevancy' })).slice(4, -1),
    ).toEqual(expected);
    expect(await ask(storage, 'Label', 'deposition_summary', { layout: 'counts' })).toEqual(expected);
  });
});

describe('Values that an old column cannot hold', () => {
  it.for(['utf8mb3', 'latin1'])('match nothing in a column of %s', async (charset, { database, storage }) => {
    await fill(
      database,
      ['Café', 'Cafe'],
      tables.map((table) => `ALTER TABLE ${table} CONVERT TO CHARACTER SET ${charset}`),
    );
    for (const filter of filters) {
      expect(await chosen(storage, filter, '🔴')).toEqual([]);
      expect(await chosen(storage, filter, 'Café')).toEqual(['Café']);
    }
    await fill(
      database,
      [],
      tables.map((table) => `ALTER TABLE ${table} CONVERT TO CHARACTER SET utf8mb4`),
    );
  });
});

describe('Columns of several collations', () => {
  const odd = [
    ...[
      'latin1 COLLATE latin1_german2_ci',
      'utf8mb3 COLLATE utf8mb3_bin',
      'utf8mb4 COLLATE utf8mb4_czech_ci',
    ],
    ...[
      'utf8mb3 COLLATE utf8mb3_unicode_ci',
      'latin1 COLLATE latin1_general_cs',
      'utf8mb4 COLLATE utf8mb4_bin',
    ],
  ];
  const from = '2020-01-01';
  const scope = { folderIds: [1, 2] };
  const requests: [ReportType, object][] = [
    ...logs.flatMap((logType): [ReportType, object][] => [
      ['review_log', { logType, sort: 'bates', includeFamilies: true, scope }],
      ['review_log', { logType, sort: 'date', from }],
      ['review_log', { logType, layout: 'history', sort: 'bates', from }],
      ['review_log', { logType, layout: 'history', sort: 'date', scope }],
    ]),
    ...[...logs, 'folder'].flatMap((groupBy): [ReportType, object][] => [
      ['page_count', { groupBy }],
      ['page_count', { groupBy, scope, includeFamilies: true }],
    ]),
    ['deposition_summary', { layout: 'detail', labels: ['Café'] }],
    ['deposition_summary', { layout: 'counts' }],
    ['transcript_metadata', { onlyMissing: true, sort: 'date' }],
    ['transcript_metadata', {}],
    [
      'grid_data_export',
      { columns: Object.keys(documentFields).map((field) => ({ field })), selection: { all: true } },
    ],
  ];

  it.for([0, 1, 2, 3, 4, 5])('change no report, shifted by %s', async (shift, { database, storage }) => {
    const files = async () => {
      const texts: string[] = [];
      for (const [reportType, parameters] of requests) {
        const { file } = await run(reportType, parameters);
        texts.push(`${reportType} ${JSON.stringify(parameters)}\n${await storage.text(file.key)}`);
      }
      return texts;
    };
    const admin = await connectAsAdmin(database, caseSchema(caseId));
    await fill(database, ['cafe ', ...'Café Cafe Zürich Äther ö z a B 10 9 - ß'.split(' ')]);
    const expected = await files();
    const [texts] = await admin.query<
      RowDataPacket[]
    >(`SELECT table_name AS 'table', column_name AS 'column', column_type AS type
      FROM information_schema.columns WHERE table_schema = DATABASE() AND character_set_name IS NOT NULL`);
    for (const [index, { table, column, type }] of texts.entries())
      await admin.query(
        `ALTER TABLE ${table} MODIFY ${column} ${type} CHARACTER SET ${odd[(index + shift) % odd.length]}`,
      );
    await admin.end();
    expect(await files()).toEqual(expected);
  });
});
