// The requests of the demo: the samples of the contract, and some that cannot work.
import { type Message, requests as samples } from '../../contract/samples/index.ts';
import { caseIds, emails, userIds } from '../database/seed.ts';

/** A request of the demo. */
export interface DemoRequest {
  /** A user's words for it. */
  title: string;
  message: Message;
  /** The event that is to end it, with the error or the reason. */
  expected: string;
  /** Why it is meant to fail. */
  why?: string;
  /** The number of times that it is published; once by default. */
  times?: number;
  /** Published in place of the message, to show what happens to a text that is not JSON. */
  text?: string;
}

/** Cases that the demo adds to the six of the account. */
export const addedCases = 60;

/** Requests that are published together. */
export const requests: DemoRequest[] = [
  sample('transcript-metadata', 'Gaps in transcript metadata, linked, to 2 people; published 3 times', 3),
  sample('transcript-metadata-in-app', 'Proceedings, in the application'),
  sample('deposition-summary', 'Designations, as an attached workbook'),
  sample('review-log', 'A privilege log'),
  sample('page-count', 'Pages by relevancy, in the mail'),
  sample('grid-data-export', 'A grid with custom fields'),
  sample('grid-data-export-stored', 'The same grid, with its parameters on S3'),
  sample('search-hit', 'Hits of 4 search terms, one of them in another syntax, in the application'),
  sample('deposition-search-pdf', 'Hits in testimony, as an attached PDF'),
  sample('user-activity', `User activity in ${addedCases + 6} databases, 3 of them unreadable`),
  sample('custom', 'The databases of an account, with their users'),
  sample('custom-user-activity', 'User activity as a custom report'),
  onTranscripts('rpt-empty', 'A case without transcripts', { caseId: caseIds.empty }),
  failing(
    onTranscripts('rpt-bad-parameter', 'An unknown parameter', {
      eventDetail: { parameters: { colour: 'red' } },
    }),
    'REPORT_FAILED (InvalidRequest)',
    'the contract has no such parameter',
  ),
  failing(
    onTranscripts('rpt-no-access', 'A user without access', {
      eventDetail: { requestedBy: { userId: userIds.withoutAccess, email: emails.withoutAccess } },
    }),
    'REPORT_FAILED (AccessDenied)',
    'the requester may not open the case',
  ),
  failing(
    onTranscripts('rpt-missing-case', 'A case whose database is missing', { caseId: caseIds.missing }),
    'REPORT_FAILED (CaseUnavailable)',
    'there is nothing to read',
  ),
  failing(
    onTranscripts('rpt-sql', 'A caseId that tries to be SQL', { caseId: '1001; DROP TABLE users' }),
    'REPORT_FAILED (InvalidRequest)',
    'a caseId is a number',
  ),
  failing(
    onTranscripts('rpt-unknown', 'A report that does not exist', {
      eventDetail: { reportType: 'deposition_search_docx' },
    }),
    'REPORT_REFUSED (unknown_report_type)',
    'the contract has no such report',
  ),
  failing(
    { ...onTranscripts('', 'A message that is not JSON'), text: 'Please send me the transcripts' },
    'REPORT_REFUSED (not_json)',
    'nobody can read it',
  ),
];

/** The `jobId` of the first request again, with other content. */
export const reusedId = failing(
  onTranscripts('rpt-transcript-metadata', 'The first jobId for another case', { caseId: caseIds.empty }),
  'REPORT_REFUSED (job_id_taken)',
  'a jobId names one report',
);

const overlay = samples['coding-overlay']!;

/** One after the other: each works on what the one before left. */
export const overlays: DemoRequest[] = [
  sample('coding-overlay', 'An overlay as a dry run', 1, {
    jobId: 'rpt-overlay-dry-run',
    eventDetail: { parameters: { ...overlay.eventDetail.parameters, dryRun: true } },
  }),
  sample('coding-overlay', 'The overlay'),
  sample('coding-overlay', 'The overlay taken back', 1, {
    jobId: 'rpt-overlay-restore',
    eventDetail: { parameters: { restore: overlay.jobId } },
  }),
];

/** Cancelled while its query runs. */
export const cancelled = failing(
  onTranscripts('rpt-cancelled', 'Cancelled while its query runs', { caseId: caseIds.large }),
  'REPORT_CANCELLED',
  'the requester does so',
);

/** Fails when the database goes down while it runs. */
export const acrossOutage = sample('user-activity', 'Across databases during an outage, then redriven', 1, {
  jobId: 'rpt-across-outage',
  eventDetail: { format: 'xlsx' },
});

/** Fails because the database is down when it starts. */
export const duringOutage = onTranscripts('rpt-outage', 'While the database is down, then redriven');

/** The schedule whose first slot the demo runs. */
export const schedule = sample('review-log-weekly', 'A weekly schedule');

/** The first slot of the schedule, and the report that it asks for. */
export const slotTime = '2030-01-07T12:00:00Z';
export const slot = sample('review-log-weekly', 'The first slot of a weekly schedule', 1, {
  jobId: `${schedule.message.jobId}-20300107T1200Z`,
});

/** Fields of a message to replace; those of `eventDetail` one by one. */
type Changes = { jobId?: string; caseId?: unknown; eventDetail?: object };

function sample(
  name: string,
  title: string,
  times = 1,
  { eventDetail, ...changes }: Changes = {},
): DemoRequest {
  const message = samples[name]!;
  const detail = { ...message.eventDetail, ...eventDetail };
  return {
    title,
    expected: 'REPORT_COMPLETED',
    times,
    message: { ...message, ...changes, eventDetail: detail } as Message,
  };
}

/** The request, meant to end in another way. */
function failing(request: DemoRequest, expected: string, why: string): DemoRequest {
  return { ...request, expected, why };
}

/** A request for the transcripts of a case, without parameters. */
function onTranscripts(jobId: string, title: string, { eventDetail, ...changes }: Changes = {}): DemoRequest {
  return sample('transcript-metadata', title, 1, {
    jobId,
    ...changes,
    eventDetail: { parameters: {}, delivery: { mode: 'attachment' }, ...eventDetail },
  });
}
