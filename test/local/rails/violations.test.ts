import { describe, expect, test } from 'vitest';
import { violationOf } from '../../../local/rails/violations.ts';

/** The smallest event that keeps the contract. */
const started = {
  source: 'reports',
  eventType: 'REPORT_STARTED',
  jobId: 'job-1',
  caseId: 1001,
  batchId: null,
  status: 'SUCCESS',
  timestamp: '2026-11-23T17:04:05Z',
  eventDetail: {
    reportType: 'page_count',
    requestedBy: { userId: 42, email: 'a@b.example' },
    executionArn: 'arn',
    redriveCount: 0,
    occurredAt: '2026-11-23T17:04:05Z',
  },
};

const publish = (
  event: object,
  attributes: Record<string, string> = { eventType: 'REPORT_STARTED', caseId: '1001' },
) =>
  new URLSearchParams([
    ['Action', 'Publish'],
    ['Message', JSON.stringify(event)],
    ...Object.entries(attributes).flatMap(([name, value], index): [string, string][] => [
      [`MessageAttributes.entry.${index + 1}.Name`, name],
      [`MessageAttributes.entry.${index + 1}.Value.StringValue`, value],
    ]),
  ]).toString();

describe('An event that the service publishes', () => {
  test('keeps the contract when it has what the schema asks for', () => {
    expect(violationOf(publish(started))).toBeUndefined();
  });

  test('breaks it with a field of the wrong type', () => {
    const { problems } = violationOf(publish({ ...started, source: 7 }))!;
    expect(problems).toEqual(['/source must be equal to constant']);
  });

  test('breaks it with an attribute that differs', () => {
    const { problems } = violationOf(publish(started, { eventType: 'REPORT_FAILED', caseId: '1001' }))!;
    expect(problems).toEqual([
      'the message attribute eventType is REPORT_FAILED, in the event it is REPORT_STARTED',
    ]);
  });

  test('breaks it without the attribute of its case', () => {
    const { problems } = violationOf(publish(started, { eventType: 'REPORT_STARTED' }))!;
    expect(problems).toEqual(['the message attribute caseId is undefined, in the event it is 1001']);
  });

  test('has no such attribute when it has no case', () => {
    expect(
      violationOf(publish({ ...started, caseId: null }, { eventType: 'REPORT_STARTED' })),
    ).toBeUndefined();
  });
});
