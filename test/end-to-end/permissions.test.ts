import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { caseIds } from '../../local/database/seed.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { ask, ended, machineArn, mailsOf, request } from './stack.ts';

let stack: Stack;
const dataFolder = mkdtempSync(join(tmpdir(), 'reports-permissions-'));
beforeAll(async () => {
  stack = await startStack({ waitTimeScale: 0.01, quiet: true, dataFolder });
  await ask(stack, request('attached'));
  await ask(stack, request('linked', { delivery: { mode: 'link' } }));
  await stack.rails.publish(request('attached', {}, caseIds.empty));
  await stack.rails.waitFor((event) => event.eventType === 'REPORT_REFUSED');
  await ask(stack, request('failed', {}, caseIds.missing));
  await mailsOf(stack, 'failed', 1);
  await describeFailure('failed');
  await deadLetter('dead');
});
afterAll(async () => {
  await stack?.stop();
  rmSync(dataFolder, { recursive: true, force: true });
});

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

/** What policies allow each role, but for what only AWS itself calls. */
function granted(): string[] {
  const folder = join(dataFolder, 'assembly');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.template.json'))
    .flatMap((name) => Object.values(JSON.parse(readFileSync(join(folder, name), 'utf8')).Resources))
    .filter((resource): resource is Policy => (resource as Policy).Type === 'AWS::IAM::Policy')
    .flatMap(({ Properties: { Roles, PolicyDocument } }) =>
      PolicyDocument.Statement.flatMap(({ Action }) => Action).map((action) => `${Roles[0]!.Ref} ${action}`),
    )
    .filter((grant) => !/ (logs|xray|ec2):/.test(grant));
}
interface Policy {
  Type: string;
  Properties: { Roles: { Ref: string }[]; PolicyDocument: { Statement: { Action: string | string[] }[] } };
}

it('grants nothing that is not used, but what an abandoned upload needs and what pipes poll with on AWS', () => {
  const used = new Set(
    stack.calls.map(({ caller, action }) => `${caller.replace('reports-development-', '')} ${action}`),
  );
  expect(granted().length).toBeGreaterThan(20);
  const unused = granted().filter((grant) => !used.has(grant));
  const elsewhere =
    /s3:AbortMultipartUpload|PipeRole\w+ sqs:(ChangeMessageVisibility|GetQueueAttributes|GetQueueUrl)$/;
  expect(unused.filter((grant) => !elsewhere.test(grant))).toEqual([]);
});

it('denied nothing on the way', () => {
  expect(stack.calls.filter(({ allowed }) => !allowed)).toEqual([]);
});
