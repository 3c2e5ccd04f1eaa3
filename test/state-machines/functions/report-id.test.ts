import { expect, it } from 'vitest';
import { call } from './call.ts';

const idOf = (jobId: string, reportType: string) =>
  call('ReportId', [{ jobId, eventDetail: { reportType } }]);

it('tells reports of one jobId apart by their type', async () => {
  expect(await idOf('rpt-1', 'page_count')).toBe('page_count-rpt-1');
  expect(await idOf('rpt-1', 'review_log')).toBe('review_log-rpt-1');
});

it('fits the name of an execution, even of the longest type and job', async () => {
  expect((await idOf('j'.repeat(58), 'deposition_search_pdf')).length).toBeLessThanOrEqual(80);
});
