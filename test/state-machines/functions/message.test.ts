import { describe, expect, it } from 'vitest';
import { call } from './call.ts';

const request = { eventType: 'REPORT_REQUESTED', jobId: 'rpt-1', caseId: 7, eventDetail: {} };
const slot = { ...request, timestamp: '2026-11-01T00:00:00Z', scheduleId: 'weekly' };

describe('A message', () => {
  it('from Rails stays as it is', async () => {
    expect(await call('Message', [request])).toEqual({ ...request, originalJobId: null, slot: {} });
  });

  it('without a case gets none', async () => {
    const { caseId: _, ...account } = request;
    expect(await call('Message', [account])).toMatchObject({ caseId: null });
  });

  it('cannot bring an originalJobId of its own', async () => {
    expect(await call('Message', [{ ...request, originalJobId: 'other' }])).toMatchObject({
      originalJobId: null,
    });
  });

  it.each([[null], ['text'], [7], [[]], [[request]]])('that is %o becomes empty', async (body) => {
    expect(await call('Message', [body])).toEqual({});
  });
});

describe('A message of a schedule', () => {
  it('gets a jobId made from the time it was due', async () => {
    expect(await call('Message', [{ ...slot, scheduledFor: '2026-11-30T06:05:59Z' }])).toMatchObject({
      jobId: 'weekly-20261130T0605Z',
      originalJobId: 'weekly',
      slot: {
        originalJobId: 'weekly',
        scheduleTimestamp: '2026-11-01T00:00:00Z',
        scheduledFor: '2026-11-30T06:05:59Z',
      },
    });
  });

  it('with the longest id gets a jobId of 58 characters, as long as one may be', async () => {
    const message = { ...slot, scheduleId: 's'.repeat(40), scheduledFor: '2026-11-30T06:00:00Z' };
    expect((await call('Message', [message])).jobId).toHaveLength(40 + '-20261130T0600Z'.length);
  });

  it.each([
    ['no time', {}],
    ['a time that is none', { scheduledFor: 'now' }],
    ['a day that does not exist', { scheduledFor: '2026-02-30T06:00:00Z' }],
    ['a time of another zone', { scheduledFor: '2026-11-30T06:00:00+01:00' }],
    ['an id that is too long', { scheduleId: 's'.repeat(41), scheduledFor: '2026-11-30T06:00:00Z' }],
    ['an illegal id', { scheduleId: '../etc', scheduledFor: '2026-11-30T06:00:00Z' }],
    ['an id of null', { scheduleId: null, scheduledFor: '2026-11-30T06:00:00Z' }],
  ])('with %s has no jobId, and is no slot', async (_, more) => {
    expect(await call('Message', [{ ...slot, ...more }])).toMatchObject({
      jobId: null,
      originalJobId: null,
      slot: {},
    });
  });
});
