// Holding up a report, so that it can be cancelled at a certain point.
import { expect, onTestFinished } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin } from '../../local/database/seed.ts';
import { request } from './messages.ts';
import type { TestStack } from './stack.ts';

/** Asks for a report and waits until its export has started. */
export async function begin(stack: TestStack, jobId: string, more: Record<string, unknown> = {}) {
  const exports = stack.invocations('export-rows');
  await stack.rails.publish(request(jobId, more));
  await stack.waitFor(() => expect(stack.invocations('export-rows')).toBe(exports + 1));
}

/** Locks a table until the returned function unlocks it, or the test ends. */
export async function lock(stack: TestStack, table: string, schema: string) {
  const admin = await connectAsAdmin(stack.database, schema);
  await admin.query(`LOCK TABLES ${table} WRITE`);
  return untilTheEnd(() => admin.end());
}

/** Holds up exports of transcripts. */
export const lockTranscripts = (stack: TestStack) =>
  lock(stack, 'deposition_volumes', caseSchema(caseIds.pumps));

/** Holds the calls of a service until the returned function releases them, or the test ends. */
export const hold = (stack: TestStack, service: 'ses' | 'lambda' | 's3') => untilTheEnd(stack.hold(service));

function untilTheEnd(release: () => unknown) {
  onTestFinished(async () => void (await release()));
  return release;
}

/** The keys of a job, parts included. */
export async function files(stack: TestStack, jobId: string): Promise<string[]> {
  const keys = await stack.keysUnder('');
  // The request stays, so that it can be made again.
  return keys.filter((key) => key.includes(`-${jobId}/`) && !key.includes('/requests/kept/'));
}

/** Waits until every cancel has deleted its files. */
export const cancelsDone = (stack: TestStack) =>
  stack.waitFor(async () => {
    const statuses = (await stack.executions('cancel-report')).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(['SUCCEEDED']));
  });
