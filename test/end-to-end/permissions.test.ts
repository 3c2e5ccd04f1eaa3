import { PutObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { caseIds, emails } from '../../local/database/seed.ts';
import type { Stack } from '../../local/stack.ts';
import {
  administrator,
  ask,
  ended,
  isOnAccount,
  machineArn,
  mailsOf,
  parametersOf,
  request,
  startTestStack,
} from './stack.ts';

let stack: Stack;
const delivery = { mode: 'attachment' };
beforeAll(async () => {
  stack = await startTestStack();
  for (const [reportType, parameters] of Object.entries(parametersOf))
    await ask(
      stack,
      isOnAccount(reportType)
        ? request('attached', { reportType, parameters, delivery, requestedBy: administrator }, null)
        : request('attached', { reportType, parameters, delivery }),
    );
  await askWithStoredParameters('stored');
  await ask(stack, request('linked', { delivery: { mode: 'link', recipients: [emails.bouncing] } }));
  await stack.rails.waitFor((event) => event.eventType === 'REPORT_DELIVERY_PROBLEM');
  await stack.rails.publish(request('attached', {}, caseIds.empty));
  await stack.rails.waitFor((event) => event.eventType === 'REPORT_REFUSED');
  await ask(stack, request('failed', {}, caseIds.missing));
  await mailsOf(stack, 'failed', 1);
  await describeFailure('failed');
  await deadLetter('dead');
});
afterAll(() => stack?.stop());

async function askWithStoredParameters(jobId: string) {
  const parametersKey = `development/cases/${caseIds.pumps}/requests/${jobId}.json`;
  const body = JSON.stringify({ scope: 'deponents' });
  await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: parametersKey, Body: body }));
  await ask(stack, request(jobId, { parametersKey }));
}

/** A status event without the execution's input, so that report-failed must read it. */
async function describeFailure(jobId: string) {
  const stateMachineArn = machineArn(stack, 'transcript-metadata');
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${jobId}`;
  const detail = {
    executionArn,
    stateMachineArn,
    status: 'FAILED',
    redriveCount: 1,
    redriveStatus: 'REDRIVABLE',
  };
  const input = JSON.stringify({ detail: { ...detail, input: null } });
  const before = stack.rails.events.length;
  await stack.clients.sfn.send(
    new StartExecutionCommand({ stateMachineArn: machineArn(stack, 'report-failed'), input }),
  );
  await stack.rails.waitFor((event) => stack.rails.events.indexOf(event) >= before);
}

/** A message that the router could not take. */
async function deadLetter(jobId: string) {
  const QueueUrl = stack.queues['reports-development-intake-dead-letters'];
  await stack.clients.sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(request(jobId)) }),
  );
  await ended(stack, jobId);
}

it('grants nothing that is not used, but what an abandoned upload needs and what pipes poll with on AWS', () => {
  // Logs, traces and network interfaces are Lambda's and Step Functions' own doing on AWS.
  const grants = stack.grants.filter(({ action }) => !/^(logs|xray|ec2):/.test(action));
  const unused = grants.filter(
    (grant) => !stack.calls.some(({ caller, action }) => caller === grant.role && action === grant.action),
  );
  const elsewhere = /^s3:AbortMultipartUpload|sqs:(ChangeMessageVisibility|GetQueueAttributes|GetQueueUrl)$/;
  expect(grants.length).toBeGreaterThan(20);
  expect(unused.filter(({ action }) => !elsewhere.test(action))).toEqual([]);
});

it('denied nothing on the way', () => {
  expect(stack.calls.filter(({ allowed }) => !allowed)).toEqual([]);
});
