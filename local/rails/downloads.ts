import type { ServerResponse } from 'node:http';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { TopicEvent } from './consumer.ts';
import type { MaySee } from './file-access.ts';

/** The path of the download route, as mails link to it. */
export const downloadPath = '/reports/{reportType}/{jobId}/download';

const linkLifetimeSeconds = 5 * 60;

/** A page that says why there is no file. */
class Problem extends Error {
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, message: string) {
    super(message);
    this.status = status;
    this.title = title;
  }
}

/**
 * Answers the download route: a redirect to a presigned URL, or a page that says why there is none. `?part=` chooses the
 * full texts, the list of issues, a breakdown, or a file of a coding overlay. Instead of a session, `?as=<userId>` says who clicks; the requester by default.
 */
export async function answerDownload(
  url: URL,
  response: ServerResponse,
  { s3, events, maySee }: { s3: S3Client; events: TopicEvent[]; maySee: MaySee },
): Promise<void> {
  try {
    const completed = completionOf(url.pathname, events);
    await authorize(completed, url.searchParams.get('as'), maySee);
    const location = await locationOf(completed, url.searchParams.get('part'), s3);
    response.writeHead(302, { location }).end();
  } catch (error) {
    const { status, title, message } =
      error instanceof Problem ? error : new Problem(500, 'Something went wrong', 'Try again in a minute.');
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
    response.end(
      `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1><p>${message}</p></html>`,
    );
  }
}

function completionOf(pathname: string, events: TopicEvent[]): TopicEvent {
  const route = /^\/reports\/([^/]+)\/([^/]+)\/download$/.exec(pathname);
  const [reportType, jobId] = (route?.slice(1) ?? []).map(decodeURIComponent);
  const completed = events.findLast(
    (event) =>
      // A cancelled overlay has results, too; a dry run has no file.
      event.eventDetail.file && event.jobId === jobId && event.eventDetail.reportType === reportType,
  );
  if (!completed)
    throw new Problem(404, 'We do not know this report', 'Check the link, or run the report again.');
  return completed;
}

async function authorize({ caseId, eventDetail }: TopicEvent, as: string | null, maySee: MaySee) {
  const { requestedBy, delivery } = eventDetail;
  const report = {
    caseId,
    requesterId: requestedBy.userId,
    recipients: delivery.recipients.map(({ email }: { email: string }) => email),
  };
  if (!(await maySee(Number(as ?? requestedBy.userId), report)))
    throw new Problem(
      403,
      'You may not see this report',
      'It is for its requester and its recipients, as long as they have access to the database. Run a report of your own.',
    );
}

/** The presigned URL of a part of the report, or of its file. */
async function locationOf({ eventDetail }: TopicEvent, wanted: string | null, s3: S3Client): Promise<string> {
  const { file } = eventDetail;
  const parts: Record<string, { key: string } | undefined> = {
    'full-texts': file.sidecar,
    issues: file.issues,
    ...file.breakdowns,
    ...Object.fromEntries(
      (file.overlay?.files ?? []).map((part: { kind: string; key: string }) => [part.kind, part]),
    ),
  };
  const part = wanted ? parts[wanted] : file;
  if (!part)
    throw new Problem(
      404,
      'There is no such file',
      'No cell of this report was too long for its file, and no database was left out.',
    );
  const object = { Bucket: file.bucket, Key: part.key };
  const exists = await s3.send(new HeadObjectCommand(object)).catch(() => undefined);
  if (!exists || Date.parse(file.expiresAt) < Date.now())
    throw new Problem(
      410,
      'This file has expired',
      'Report files are kept for some days only. Run the report again.',
    );
  return getSignedUrl(s3, new GetObjectCommand(object), { expiresIn: linkLifetimeSeconds });
}
