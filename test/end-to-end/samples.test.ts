import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { events, files, requests } from '../../contract/samples/index.ts';
import { recordEvents } from '../../local/record-samples.ts';
import { it } from '../support/stack.ts';

it('publishes the sample events; after a change, record them with `npm run samples`', async ({ stack }) => {
  expect(await recordEvents(stack)).toEqual(events);
});

const reports = Object.entries(requests).filter(([, { eventDetail }]) => !eventDetail.schedule);

it.for(reports)('completes the sample request %s', async ([name, message], { stack }) => {
  for (const [Key, Body] of Object.entries(files))
    await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
  const jobId = `again-${name}`;
  expect(await stack.ask({ ...message, jobId })).toMatchObject({
    eventType: 'REPORT_COMPLETED',
    eventDetail: { file: { rows: expect.any(Number) } },
  });
});
