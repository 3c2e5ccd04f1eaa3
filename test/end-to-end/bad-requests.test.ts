import { PublishCommand } from '@aws-sdk/client-sns';
import { describe, expect } from 'vitest';
import { caseIds, emails, userIds } from '../../local/database/seed.ts';
import { paralegal, request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

const publishText = (stack: TestStack, Message: string) =>
  stack.clients.sns.send(
    new PublishCommand({
      TopicArn: stack.topicArn,
      Message,
      MessageAttributes: { eventType: { DataType: 'String', StringValue: 'REPORT_REQUESTED' } },
    }),
  );

describe('the answer is REPORT_REFUSED to a message with', () => {
  it.for([
    ['no JSON', 'Please send me the transcripts', 'not_json', null],
    ['JSON that is not an object', '["transcript_metadata"]', 'not_json', null],
    ['no jobId', JSON.stringify({ ...request(''), jobId: undefined }), 'illegal_job_id', null],
    ['an illegal jobId', JSON.stringify(request('../../etc')), 'illegal_job_id', null],
    ['a jobId with a line break', JSON.stringify(request('abc\n')), 'illegal_job_id', null],
    ['a jobId of 41 characters', JSON.stringify(request('a'.repeat(41))), 'illegal_job_id', null],
    ['a jobId that is a number', JSON.stringify(request(7)), 'illegal_job_id', null],
    [
      'no eventType',
      JSON.stringify({ ...request('untyped'), eventType: undefined }),
      'unknown_event_type',
      'untyped',
    ],
    [
      'an eventType that no request has',
      JSON.stringify({ ...request('mistyped'), eventType: 'report_requested' }),
      'unknown_event_type',
      'mistyped',
    ],
    [
      'an unknown report type',
      JSON.stringify(request('who', { reportType: 'horoscope' })),
      'unknown_report_type',
      'who',
    ],
    [
      'a message of more than 32,768 characters',
      JSON.stringify(
        request('long', { parameters: { deponentIds: Array.from({ length: 9_000 }, (_, id) => id) } }),
      ),
      'too_large',
      'long',
    ],
    [
      'a schedule so long that its slots would be too large',
      JSON.stringify(
        request('long-slots', {
          parameters: { text: 'x'.repeat(31_700) },
          schedule: { expression: 'rate(1 day)', timeZone: 'UTC' },
        }),
      ),
      'too_large',
      'long-slots',
    ],
    [
      'JSON nested 2,500 levels deep',
      JSON.stringify(request('deep')).replace('"deep"', `"deep","x":${'['.repeat(2500)}${']'.repeat(2500)}`),
      'too_deep',
      null,
    ],
    [
      'a jobId that no number can hold',
      JSON.stringify(request(7)).replace(':7,', ':1e400,'),
      'not_json',
      null,
    ],
    ['130 KB', JSON.stringify(request('long-130', { text: 'x'.repeat(130_000) })), 'too_large', 'long-130'],
    ['250 KB', JSON.stringify(request('long-250', { text: 'x'.repeat(250_000) })), 'too_large', 'long-250'],
    [
      'no eventDetail',
      JSON.stringify({ ...request('bare'), eventDetail: undefined }),
      'unknown_report_type',
      'bare',
    ],
  ] as const)('%s', async ([_, text, reason, jobId], { stack }) => {
    const refused = await stack.nextEvent(() => publishText(stack, text));
    expect(refused).toMatchObject({
      jobId,
      eventType: 'REPORT_REFUSED',
      status: 'FAILED',
      eventDetail: { reason, received: text.slice(0, 100) },
    });
  });
});

// Escaped in the input of an execution, such a message is longer than an execution takes.
it.for([
  ['200 KB of quotes', JSON.stringify(request('quotes', { text: '"'.repeat(100_000) }))],
  ['the 256 KB that SNS takes', JSON.stringify(request('full', { text: 'x'.repeat(261_500) }))],
  ['brackets only', '['.repeat(262_000)],
] as const)('answers a message of %s by REPORT_REFUSED', async ([_, text], { stack }) => {
  const refused = await stack.nextEvent(() => publishText(stack, text));
  expect(refused).toMatchObject({
    jobId: null,
    eventType: 'REPORT_REFUSED',
    eventDetail: { reason: 'too_large', received: expect.stringContaining('"messageId":') },
  });
  for (const queue of ['intake', 'intake-dead-letters', 'intake-unreadable'])
    await expect.poll(() => stack.messagesIn(queue), { timeout: 20_000 }).toBe(0);
});

it('reads messages as before after any of these', async ({ stack }) => {
  expect(await stack.ask(request('afterwards'))).toMatchObject({ eventType: 'REPORT_COMPLETED' });
});

describe('a request that can never work fails without retries, and the requester is told why', () => {
  const detail = (more: Record<string, unknown>) => request('', more);
  const bad = (userId: number, email: string) => ({ requestedBy: { userId, email } });
  it.for([
    [
      'an Unknown parameter., by name',
      detail({ parameters: { colour: 'red' } }),
      'InvalidRequest',
      'parameters.colour: Unknown parameter.',
    ],
    [
      'a bad zone',
      detail({ timeZone: 'Mars/Base' }),
      'InvalidRequest',
      'timeZone: "Mars/Base" is not a time zone',
    ],
    [
      'a day that does not exist',
      detail({ parameters: { dateFrom: '2026-02-30' } }),
      'InvalidRequest',
      'parameters.dateFrom: "2026-02-30" is not a date',
    ],
    [
      'a range that ends before it begins',
      detail({ parameters: { dateFrom: '2026-03-02', dateTo: '2026-03-01' } }),
      'InvalidRequest',
      'parameters.dateTo: "2026-03-01" is before dateFrom',
    ],
    [
      'a format that is not built',
      detail({ format: 'pdf' }),
      'InvalidRequest',
      'format: "pdf" is not one of csv, xlsx',
    ],
    [
      'a caseId that would be SQL',
      request('', {}, '1001; DROP TABLE users'),
      'InvalidRequest',
      'caseId: "1001; DROP TABLE users" is not a whole number.',
    ],
    [
      "a caseId that would be another schema's name",
      request('', {}, 'nextpoint_case_1005'),
      'InvalidRequest',
      'caseId: "nextpoint_case_1005" is not a whole number.',
    ],
    ['no caseId', request('', {}, null), 'InvalidRequest', 'caseId'],
    ['an unknown case', request('', {}, 999_999), 'CaseNotFound', 'has no case 999999'],
    ['a case of another account', request('', {}, caseIds.otherAccount), 'CaseNotFound', 'has no case 1005'],
    ['an archived case', request('', {}, caseIds.archived), 'CaseUnavailable', 'archived'],
    [
      'a case whose schema is missing',
      request('', {}, caseIds.missing),
      'CaseUnavailable',
      'archived or missing',
    ],
    [
      'a user without access',
      detail(bad(userIds.withoutAccess, emails.withoutAccess)),
      'AccessDenied',
      'does not have access to case 1001',
    ],
    ['a removed user', detail(bad(userIds.removed, emails.removed)), 'UserNotFound', 'was removed'],
    ['an unknown user', detail(bad(4711, emails.paralegal)), 'UserNotFound', 'No user has the id 4711.'],
    [
      "somebody else's address",
      detail(bad(userIds.paralegal, emails.attorney)),
      'UserNotFound',
      'is not the address of user 2',
    ],
    [
      'a recipient without access',
      detail({ delivery: { recipients: [emails.withoutAccess] } }),
      'RecipientDenied',
      `${emails.withoutAccess} does not have access to this case`,
    ],
  ] as const)('%s', async ([title, message, error, cause], { stack }) => {
    const jobId = title.replace(/[^a-z]+/gi, '-').slice(0, 40);
    const failed = await stack.ask({ ...message, jobId });
    expect(failed).toMatchObject({
      eventType: 'REPORT_FAILED',
      eventDetail: { error, cause: expect.stringContaining(cause), stage: 'report', redrivable: false },
    });
    // An address that is not the one of the user gets no mail.
    const mails = await stack.mailsOf(jobId, error === 'UserNotFound' ? 0 : 1);
    for (const { subject } of mails)
      expect(subject).toMatch(/^Ahoy! Yer Transcript Metadata report could not be created/);
  });

  it.for([
    ['nobody', 'requestedBy'],
    ['no-user-id', {}],
    ['id-as-text', { userId: '2', email: emails.paralegal }],
    ['one-field-more', { ...paralegal, name: 'Priya' }],
  ] as const)('publishes null for an invalid requester: %s', async ([jobId, requestedBy], { stack }) => {
    const { eventType, eventDetail } = await stack.ask(request(jobId, { requestedBy }));
    expect([eventType, eventDetail.error]).toEqual(['REPORT_FAILED', 'InvalidRequest']);
  });

  it.for([-5, 1.5, 0])('publishes null for the case %d', async (caseId, { stack }) => {
    const jobId = `case-${String(caseId).replace(/\W/g, '_')}`;
    expect(await stack.ask(request(jobId, {}, caseId))).toMatchObject({
      caseId: null,
      eventType: 'REPORT_FAILED',
    });
  });

  it('lists the first twenty problems and counts the others', async ({ stack }) => {
    const parameters = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`unknown${index}`, 1]));
    const { eventDetail } = await stack.ask(request('thirty-mistakes', { parameters }));
    expect(eventDetail.cause.split('\n')).toHaveLength(21);
    expect(eventDetail.cause).toMatch(/And 10 more\.$/);
  });

  it('lists all problems at once', async ({ stack }) => {
    const message = request('two-mistakes', { timeZone: 'Mars/Base', parameters: { scope: 'all' } });
    const { eventDetail } = await stack.ask(message);
    expect(eventDetail.cause.split('\n')).toHaveLength(2);
  });

  it('retries nothing: every task ran once', async ({ stack }) => {
    const asked = (await stack.executions('transcript-metadata')).length;
    expect(stack.invocations('load-context')).toBe(asked);
  });
});
