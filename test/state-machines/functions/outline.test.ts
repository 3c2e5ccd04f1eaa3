import { expect, it } from 'vitest';
import { call } from './call.ts';

it('keeps of a message what an event says of it, however long it is', async () => {
  const requestedBy = { userId: 1, email: 'a@b.example' };
  const eventDetail = { reportType: 'page_count', requestedBy, parameters: 'x'.repeat(1000) };
  const message = { jobId: 'rpt-1', caseId: 7, originalJobId: null, slot: {}, eventDetail };
  expect(await call('Outline', [message])).toEqual({
    jobId: 'rpt-1',
    caseId: 7,
    originalJobId: null,
    eventDetail: { reportType: 'page_count', requestedBy },
  });
});

it.each([[{}], [{ eventDetail: 'text' }], [{ eventDetail: null }]])('takes %j', async (message) => {
  expect(await call('Outline', [message])).toBeTypeOf('object');
});
