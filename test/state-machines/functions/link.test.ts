import { expect, it } from 'vitest';
import { call } from './call.ts';

it('has report type and job in place of their names', async () => {
  const request = { jobId: 'rpt-1', eventDetail: { reportType: 'page_count' } };
  const template = 'https://app.example/reports/{reportType}/{jobId}/download?part=issues';
  expect(await call('Link', [template, request])).toBe(
    'https://app.example/reports/page_count/rpt-1/download?part=issues',
  );
});
