import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { PublishCommand } from '@aws-sdk/client-sns';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startRails } from '../../../local/rails/rails.ts';
import { cloudOf, queue } from '../../support/cloud-of.ts';
import { queueAttributes } from '../../support/queue-attributes.ts';

const topicArn = 'arn:aws:sns:us-east-1:000000000000:events';

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

/** A completion with the fields that the stand-in reads. */
const completed = (expiresAt: string, sidecar: { key: string } | null = null) => ({
  ...started,
  eventType: 'REPORT_COMPLETED',
  eventDetail: {
    ...started.eventDetail,
    delivery: { mode: 'link', recipients: [] },
    file: { bucket: 'files', key: 'a/pages.csv', expiresAt, sidecar },
  },
});

async function railsOnACloud() {
  const cloud = await cloudOf({
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'events' } },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } },
    Intake: queue('intake'),
    Subscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: { Ref: 'Topic' },
        Protocol: 'sqs',
        Endpoint: { 'Fn::GetAtt': ['Intake', 'Arn'] },
        RawMessageDelivery: true,
        FilterPolicy: { eventType: ['REPORT_REQUESTED'] },
      },
    },
  });
  const rails = await startRails();
  onTestFinished(() => rails.stop());
  // Everybody except user 43 may see the files.
  await rails.connect({
    clients: cloud.clients,
    topicArn,
    maySee: async (userId) => userId !== 43,
    movedAt: () => 0,
  });
  const publish = (event: object) =>
    cloud.clients.sns.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(event) }));
  const upload = () =>
    cloud.clients.s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'a/pages.csv', Body: 'content' }));
  const download = `${rails.url}/reports/page_count/job-1/download`;
  return { cloud, rails, publish, upload, download };
}

const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();

describe('The stand-in for Rails', () => {
  test('leads from the link of a completed report to its file', async () => {
    const { rails, publish, upload, download } = await railsOnACloud();
    await upload();
    await publish(completed(tomorrow()));
    await rails.waitFor(({ jobId }) => jobId === 'job-1');
    const redirect = await fetch(download, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    expect(redirect.headers.get('location')).toContain('X-Amz-Expires=300');
    expect(await (await fetch(download)).text()).toBe('content');
  });

  test('leads to the full texts of cells that were cut, if there are any', async () => {
    const { cloud, rails, publish, upload, download } = await railsOnACloud();
    await upload();
    await publish(completed(tomorrow()));
    await rails.waitFor(({ jobId }) => jobId === 'job-1');
    expect((await fetch(`${download}?part=full-texts`)).status).toBe(404);
    const key = 'a/pages-full-texts.csv';
    await cloud.clients.s3.send(new PutObjectCommand({ Bucket: 'files', Key: key, Body: 'full texts' }));
    await publish(completed(tomorrow(), { key }));
    await rails.waitFor(({ eventDetail }) => eventDetail.file.sidecar);
    expect(await (await fetch(`${download}?part=full-texts`)).text()).toBe('full texts');
    expect(await (await fetch(download)).text()).toBe('content');
  });

  test('says that it does not know a report', async () => {
    const { download } = await railsOnACloud();
    const response = await fetch(download);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('We do not know this report');
  });

  test('says that a file has expired', async () => {
    const { rails, publish, upload, download } = await railsOnACloud();
    await upload();
    await publish(completed('2026-01-01T00:00:00Z'));
    await rails.waitFor(({ jobId }) => jobId === 'job-1');
    const response = await fetch(download);
    expect(response.status).toBe(410);
    expect(await response.text()).toContain('Run the report again');
  });

  test('denies the file to a user who may not see the report, expired or not', async () => {
    const { rails, publish, upload, download } = await railsOnACloud();
    await upload();
    await publish(completed('2026-01-01T00:00:00Z'));
    await rails.waitFor(({ jobId }) => jobId === 'job-1');
    const response = await fetch(`${download}?as=43`, { redirect: 'manual' });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('You may not see this report');
    expect((await fetch(`${download}?as=44`)).status).toBe(410);
  });

  test('says that a file has been deleted', async () => {
    const { cloud, rails, publish, upload, download } = await railsOnACloud();
    await upload();
    await publish(completed(tomorrow()));
    await rails.waitFor(({ jobId }) => jobId === 'job-1');
    await cloud.clients.s3.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a/pages.csv' }));
    expect((await fetch(download)).status).toBe(410);
  });

  test('publishes requests with the attributes that subscriptions filter by', async () => {
    const { cloud, rails } = await railsOnACloud();
    const request = { source: 'rails', eventType: 'REPORT_REQUESTED', jobId: 'job-1', caseId: 1001 };
    await rails.publish(request);
    await vi.waitFor(async () =>
      expect(await queueAttributes(cloud, 'intake')).toEqual({ visible: 1, inFlight: 0 }),
    );
    expect(rails.events).toEqual([]);
  });

  test('receives only the events of the service from the shared topic', async () => {
    const { cloud, rails, publish } = await railsOnACloud();
    await cloud.clients.sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'no JSON' }));
    await publish({ ...started, source: 'other' });
    await publish(started);
    await rails.waitFor(({ jobId }) => jobId === 'job-1');
    expect(rails.events).toEqual([started]);
  });
});
