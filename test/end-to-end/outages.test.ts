// Fifty reports are under way when a service fails. An operator redrives what failed for good.
import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import { isAbout } from '../../local/aws/emulators/inbox.ts';
import { caseIds, emails } from '../../local/database/seed.ts';
import { request } from '../support/messages.ts';
import { it, type TestStack } from '../support/stack.ts';

it.override('waitTimeScale', { scope: 'file' }, () => 0.001);

const machines = ['transcript-metadata', 'deliver-report', 'start-announcement', 'announce-failure'];
/** More than the retries of one state, so that some reports fail and others do not. */
const refusedCalls = 150;

it.for(['database', 'lambda', 's3', 'ses', 'sns', 'states'] as const)(
  'makes every report once and mails it once after an outage of %s',
  async (service, { stack }) => {
    const jobs = Array.from({ length: 50 }, (_, index) => `${service}-${index}`);
    const delivery = { mode: 'link', recipients: [emails.paralegal] };
    await Promise.all(jobs.map((jobId) => stack.rails.publish(request(jobId, { delivery }))));
    await stack.rails.waitFor(({ jobId }) => jobs.includes(jobId!));
    const restore = await stack.outage(service, refusedCalls);
    if (service === 'database') await restore();

    for (let open = jobs; open.length > 0; open = open.filter((jobId) => !isCompleted(stack, jobId))) {
      await allIsStill(stack);
      for (const execution of await failedOf(stack, open))
        await stack.clients.sfn.send(new RedriveExecutionCommand(execution));
      await allIsStill(stack);
    }

    await restore();
    const [mails, keys] = [
      await stack.mails(),
      await stack.keysUnder(`cases/${caseIds.pumps}/exports/transcript_metadata-${service}-`),
    ];
    const ends = jobs.map((jobId) => ({
      jobId,
      completions: stack.eventTypes(jobId).filter((type) => type === 'REPORT_COMPLETED').length,
      files: keys.filter((key) => key.includes(`-${jobId}/`) && key.endsWith('.csv')).length,
      mails: mails.filter((mail) => isAbout(mail, jobId) && !/could not be/.test(mail.subject!)).length,
    }));
    expect(ends).toEqual(jobs.map((jobId) => ({ jobId, completions: 1, files: 1, mails: 1 })));
  },
);

const isCompleted = (stack: TestStack, jobId: string) => stack.eventTypes(jobId).includes('REPORT_COMPLETED');

/** Reconciles, as it happens every quarter of an hour, and waits until no machine runs any more. */
async function allIsStill(stack: TestStack) {
  await stack.intakeIsEmpty();
  const before = (await stack.executions('reconcile-reports')).length;
  stack.runScheduledRules();
  await stack.waitFor(async () => {
    expect((await stack.executions('reconcile-reports')).length).toBeGreaterThan(before);
    for (const machine of ['reconcile-reports', ...machines])
      expect((await stack.executions(machine)).map(({ status }) => status)).not.toContain('RUNNING');
  });
}

/** The reports and deliveries of jobs that failed. */
async function failedOf(stack: TestStack, jobs: string[]) {
  const all = [
    ...(await stack.executions('transcript-metadata')),
    ...(await stack.executions('deliver-report')),
  ];
  const isOpen = ({ name }: { name?: string }) =>
    jobs.some((jobId) => name === jobId || name === `transcript_metadata-${jobId}`);
  return all
    .filter((execution) => execution.status === 'FAILED' && isOpen(execution))
    .map(({ executionArn }) => ({ executionArn }));
}
