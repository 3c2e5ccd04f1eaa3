import { expect } from 'vitest';
import type { ReportType } from '../../../contract/types.ts';
import { caseIds } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { documentFields } from '../../../tasks/lib/documents/document-fields.ts';
import { columnsOf } from '../../../tasks/reports/deposition-search-pdf/rows.ts';
import { meaningsOf } from '../../../tasks/reports/index.ts';
import { breakdowns, checkColumns, countColumns } from '../../../tasks/reports/search-hit/rows.ts';
import { contextOf, runReport } from '../../support/across-cases.ts';
import { exportEvent } from '../../support/exports.ts';
import { storage, it as test } from '../../support/fixtures.ts';
import { readXlsx } from '../../support/xlsx.ts';

/** What the Read Me says of each column. */
async function explained(key: string): Promise<Record<string, unknown>> {
  const { cells } = readXlsx(await storage.bytes(key))['Read Me']!;
  const rows = Object.entries(cells).filter(([place]) => place.startsWith('A'));
  const first = rows.findIndex(([, { value }]) => value === 'Column');
  return Object.fromEntries(
    rows.slice(first + 1).map(([place, { value }]) => [value, cells[place.replace('A', 'B')]?.value]),
  );
}

const allFields = Object.keys(documentFields).map((field) => ({ field }));

test.each<[ReportType, object]>([
  ['transcript_metadata', { onlyMissing: true }],
  ['deposition_summary', {}],
  ['deposition_summary', { layout: 'counts' }],
  ['page_count', {}],
  ['page_count', { groupBy: 'folder' }],
  ['review_log', { logType: 'privilege' }],
  ['review_log', { logType: 'relevancy' }],
  ['review_log', { logType: 'confidentiality' }],
  ['review_log', { logType: 'privilege', layout: 'history' }],
  ['grid_data_export', { columns: allFields, selection: { all: true } }],
  ['custom', { type: 'all_npcases' }],
  ['custom', { type: 'all_npcases', layout: 'database_user' }],
])('The Read Me of %s with %o explains each column', async (reportType, parameters) => {
  const caseId = reportType === 'custom' ? null : caseIds.pumps;
  const event = exportEvent(caseId, parameters, 'UTC', reportType, { format: 'xlsx' });
  const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
  const words = await explained(file.key);
  expect(Object.keys(words)).toEqual(file.columns);
  expect(Object.entries(words).filter(([, text]) => !text)).toEqual([]);
});

test.each(['summary', 'detail'])(
  'The Read Me of user activity in %s explains each column',
  async (layout) => {
    const { file } = await runReport(storage, contextOf({ layout }, 'UTC', 'xlsx'));
    const words = await explained(file.key);
    expect(Object.keys(words)).toEqual(file.columns);
    expect(Object.entries(words).filter(([, text]) => !text)).toEqual([]);
  },
);

test('Every column of search hits has a meaning', () => {
  const columns = [
    checkColumns,
    countColumns,
    breakdowns.custodians.columns,
    breakdowns.months.columns,
  ].flat();
  const meanings = meaningsOf('search_hit');
  expect(columns.filter(({ name }) => !meanings[name])).toEqual([]);
});

test('Every column of a deposition search has a meaning', () => {
  const meanings = meaningsOf('deposition_search_pdf');
  const columns = columnsOf({ includeExhibits: true, includeDesignations: true });
  expect(columns.filter(({ name }) => !meanings[name])).toEqual([]);
});

test('The Read Me of a page count has its totals', async () => {
  const event = exportEvent(caseIds.pumps, {}, 'UTC', 'page_count', { format: 'xlsx' });
  const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
  const { cells } = readXlsx(await storage.bytes(file.key))['Read Me']!;
  const lines = Object.entries(cells).map(([place, { value }]) => [
    value,
    cells[place.replace('A', 'B')]?.value,
  ]);
  expect(lines).toContainEqual(['Rows', '5']);
  expect(lines).toContainEqual(['Total', 'Documents: 7; Pages: 46; Documents Without Page Count: 4']);
});
