import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call } from './call.ts';

const now = '2026-11-23T17:04:05.000Z';
// A redrive does not enter its state again.
const context = {
  State: { EnteredTime: '2026-11-22T00:00:00.000Z' },
  Execution: { Id: 'arn:execution', RedriveCount: 2 },
};
const request = {
  jobId: 'rpt-1',
  caseId: 1001,
  eventDetail: {
    reportType: 'page_count',
    requestedBy: { userId: 42, email: 'a@b.example', name: 'Not for events' },
  },
};
const event = (type: string, of: unknown = request, detail: unknown = {}, states: object = { context }) =>
  call('Event', [type, of, detail], states);

beforeEach(() => void vi.useFakeTimers({ now: new Date(now), toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

describe('An event', () => {
  it('has the envelope of the platform, and what every event of ours carries', async () => {
    expect(await event('REPORT_STARTED')).toEqual({
      source: 'reports',
      eventType: 'REPORT_STARTED',
      jobId: 'rpt-1',
      caseId: 1001,
      batchId: null,
      status: 'SUCCESS',
      timestamp: now,
      eventDetail: {
        reportType: 'page_count',
        requestedBy: { userId: 42, email: 'a@b.example' },
        executionArn: 'arn:execution',
        redriveCount: 2,
        occurredAt: now,
      },
    });
  });

  it.each([
    ['REPORT_COMPLETED', 'SUCCESS'],
    ['REPORT_PROGRESS', 'SUCCESS'],
    ['REPORT_FAILED', 'FAILED'],
    ['REPORT_REFUSED', 'FAILED'],
    ['REPORT_DELIVERY_PROBLEM', 'FAILED'],
    ['REPORT_CANCELLED', 'CANCELLED'],
  ])('%s has the status %s', async (type, status) => {
    expect(await event(type)).toMatchObject({ status });
  });

  it('lets its detail say more, or otherwise', async () => {
    const { eventDetail } = await event('REPORT_FAILED', request, { executionArn: null, error: 'Deadlock' });
    expect(eventDetail).toMatchObject({ executionArn: null, error: 'Deadlock', redriveCount: 2 });
  });

  it('of an execution that tells no redrives has none', async () => {
    const states = { context: { ...context, Execution: { Id: 'arn:express' } } };
    expect((await event('REPORT_REFUSED', request, {}, states)).eventDetail.redriveCount).toBe(0);
  });

  it('tells which schedule asked for the job', async () => {
    const { eventDetail } = await event('REPORT_STARTED', { ...request, originalJobId: 'weekly' });
    expect(eventDetail.originalJobId).toBe('weekly');
  });

  it.each([[null], [''], ['a b'], [7]])('names no schedule of id %o', async (originalJobId) => {
    const { eventDetail } = await event('REPORT_STARTED', { ...request, originalJobId });
    expect(eventDetail).not.toHaveProperty('originalJobId');
  });
});

describe('An event about a bad request', () => {
  it.each([[null], [{}], ['text'], [7]])('that is %o has null for what is missing', async (bad) => {
    expect(await event('REPORT_REFUSED', bad)).toMatchObject({
      jobId: null,
      caseId: null,
      eventDetail: { reportType: null, requestedBy: null },
    });
  });

  it.each([[0], [-1], [1.5], ['1001'], [true], [[1001]]])('has no case for the id %o', async (caseId) => {
    expect(await event('REPORT_REFUSED', { ...request, caseId })).toMatchObject({ caseId: null });
  });

  it.each([['a'.repeat(59)], ['a/b'], [{}], [12]])('has no job for the id %o', async (jobId) => {
    expect(await event('REPORT_REFUSED', { ...request, jobId })).toMatchObject({ jobId: null });
  });

  it.each([[{ userId: 42 }], [{ email: 'a@b.example' }], [{ userId: 'x', email: 'a@b.example' }], ['me']])(
    'has no requester for %o',
    async (requestedBy) => {
      const bad = { ...request, eventDetail: { reportType: 'page_count', requestedBy } };
      expect((await event('REPORT_REFUSED', bad)).eventDetail.requestedBy).toBeNull();
    },
  );
});
