import { afterAll, beforeAll, expect, it } from 'vitest';
import { emails, userIds } from '../../local/database/seed.ts';
import type { TopicEvent } from '../../local/rails/rails.ts';
import type { Stack } from '../../local/stack.ts';
import { ask, request, startTestStack, stateNames, statesEntered } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const problem = (jobId: string) =>
  stack.rails.waitFor((event) => event.eventType === 'REPORT_DELIVERY_PROBLEM' && event.jobId === jobId);

/** Asks for a report for one recipient, and gives its end and what SES told of the mail. */
async function mailTo(
  recipient: string,
  jobId: string,
): Promise<{ completed: TopicEvent; told: TopicEvent }> {
  const completed = await ask(stack, request(jobId, { delivery: { mode: 'link', recipients: [recipient] } }));
  return { completed, told: await problem(jobId) };
}

it.each([
  ['bounce', emails.bouncing, 'The mail bounced'],
  ['complaint', emails.complaining, 'reported the mail as spam'],
])('tells of a %s, by the id of the mail', async (kind, recipient, words) => {
  const { completed, told } = await mailTo(recipient, kind);
  expect(completed.eventDetail.delivery.recipients).toMatchObject([{ email: recipient, outcome: 'link' }]);
  expect(told).toMatchObject({
    status: 'FAILED',
    jobId: kind,
    caseId: null,
    eventDetail: {
      reportType: 'transcript_metadata',
      requestedBy: null,
      kind,
      recipient,
      messageId: completed.eventDetail.delivery.recipients[0].messageId,
      cause: expect.stringContaining(words),
    },
  });
});

it('tells so of the mail of a failure, under the report that failed', async () => {
  const requestedBy = { userId: userIds.bouncing, email: emails.bouncing };
  const more = { reportType: 'page_count', requestedBy, parameters: { colour: 'red' } };
  await ask(stack, request('failed', more));
  expect((await problem('failed')).eventDetail).toMatchObject({ reportType: 'page_count', kind: 'bounce' });
});

it('tells so of a mail with an attachment too', async () => {
  await ask(stack, request('attached', { delivery: { recipients: [emails.bouncing] } }));
  expect((await problem('attached')).eventDetail.kind).toBe('bounce');
});

it('tells of a mail that lacks a variable of its template, which SES takes and drops', async () => {
  const { SESv2Client, SendEmailCommand } = await import('@aws-sdk/client-sesv2');
  const ses = new SESv2Client({
    endpoint: stack.endpoint,
    credentials: stack.credentials,
    region: 'us-east-1',
  });
  const { MessageId } = await ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'reports@development.nextpoint.example',
      Destination: { ToAddresses: [emails.paralegal] },
      ConfigurationSetName: 'reports-development',
      EmailTags: [
        { Name: 'jobId', Value: 'unwritten' },
        { Name: 'reportType', Value: 'page_count' },
      ],
      Content: {
        Template: { TemplateName: 'reports-development-report-ready', TemplateData: '{"subject":"Yours"}' },
      },
    }),
  );
  expect((await problem('unwritten')).eventDetail).toMatchObject({
    kind: 'rendering_failure',
    messageId: MessageId,
    recipient: emails.paralegal,
  });
  expect((await stack.mails()).filter(({ messageId }) => messageId === MessageId)).toEqual([]);
});

it('says nothing of mails that arrive', async () => {
  await ask(stack, request('arrives', { delivery: { mode: 'link' } }));
  // What SES tells of an earlier mail would have come before this one's.
  await mailTo(emails.bouncing, 'later');
  expect(
    stack.rails.events.filter(({ jobId }) => jobId === 'arrives').map(({ eventType }) => eventType),
  ).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
});

it('has been through every state, and keeps the contract', async () => {
  expect([...(await statesEntered(stack, 'announce-mail-problem'))].sort()).toEqual(
    stateNames('announce-mail-problem').sort(),
  );
  expect(stack.violations).toEqual([]);
});
