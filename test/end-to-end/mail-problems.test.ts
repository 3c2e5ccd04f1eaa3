import { expect } from 'vitest';
import { emails, userIds } from '../../local/database/seed.ts';
import type { TopicEvent } from '../../local/rails/rails.ts';
import { request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

const problem = (stack: TestStack, jobId: string) =>
  stack.rails.waitFor((event) => event.eventType === 'REPORT_DELIVERY_PROBLEM' && event.jobId === jobId);

/** Asks for a report for one recipient. Returns its completion and the problem with its mail. */
async function mailTo(
  stack: TestStack,
  recipient: string,
  jobId: string,
): Promise<{ completed: TopicEvent; told: TopicEvent }> {
  const completed = await stack.ask(request(jobId, { delivery: { mode: 'link', recipients: [recipient] } }));
  return { completed, told: await problem(stack, jobId) };
}

it.for([
  ['bounce', emails.bouncing, 'The mail bounced'],
  ['complaint', emails.complaining, 'reported the mail as spam'],
] as const)('reports a %s, with the id of the mail', async ([kind, recipient, words], { stack }) => {
  const { completed, told } = await mailTo(stack, recipient, kind);
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

it('reports a bounce of the mail about a failure, for the report that failed', async ({ stack }) => {
  const requestedBy = { userId: userIds.bouncing, email: emails.bouncing };
  const more = { reportType: 'page_count', requestedBy, parameters: { colour: 'red' } };
  await stack.ask(request('failed', more));
  expect((await problem(stack, 'failed')).eventDetail).toMatchObject({
    reportType: 'page_count',
    kind: 'bounce',
  });
});

it('reports a bounce of a mail with an attachment', async ({ stack }) => {
  await stack.ask(request('attached', { delivery: { recipients: [emails.bouncing] } }));
  expect((await problem(stack, 'attached')).eventDetail.kind).toBe('bounce');
});

it('reports a mail that lacks a variable of its template, which SES accepts and drops', async ({ stack }) => {
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
        Template: { TemplateName: 'reports-development-report', TemplateData: '{"subject":"Yours"}' },
      },
    }),
  );
  expect((await problem(stack, 'unwritten')).eventDetail).toMatchObject({
    kind: 'rendering_failure',
    messageId: MessageId,
    recipient: emails.paralegal,
  });
  expect((await stack.mails()).filter(({ messageId }) => messageId === MessageId)).toEqual([]);
});

it('reports nothing about mails that arrive', async ({ stack }) => {
  await stack.ask(request('arrives', { delivery: { mode: 'link' } }));
  // An event about the earlier mail would arrive before that of this one.
  await mailTo(stack, emails.bouncing, 'later');
  expect(
    stack.rails.events.filter(({ jobId }) => jobId === 'arrives').map(({ eventType }) => eventType),
  ).toEqual(['REPORT_STARTED', 'REPORT_COMPLETED']);
});
