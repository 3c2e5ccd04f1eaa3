import { expect, it } from 'vitest';
import { call } from './call.ts';

const name = (ExecutionArn: string, RedriveCount: number) =>
  call('AnnouncementName', [{ ExecutionArn, RedriveCount }]);

it('is the same for the same end, and another for the end after a redrive', async () => {
  expect(await name('arn:a', 0)).toBe(await name('arn:a', 0));
  expect(await name('arn:a', 1)).not.toBe(await name('arn:a', 0));
  expect(await name('arn:a 1', 0)).not.toBe(await name('arn:a', 10));
});

it('fits the name of an execution, however long that of its subject is', async () => {
  expect(await name(`arn:${'x'.repeat(200)}`, 0)).toMatch(/^[0-9a-f]{64}$/);
});
