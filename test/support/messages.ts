// Messages as Rails publishes them.
import * as samples from '../../contract/samples/index.ts';
import { caseIds, emails, userIds } from '../../local/database/seed.ts';

export const administrator = { userId: userIds.dashboardAdministrator, email: emails.dashboardAdministrator };
export const paralegal = { userId: userIds.paralegal, email: emails.paralegal };

/** A request for transcript metadata, with `more` in its eventDetail. */
export function request(jobId: unknown, more: Record<string, unknown> = {}, caseId: unknown = caseIds.pumps) {
  return {
    source: 'rails',
    eventType: 'REPORT_REQUESTED',
    jobId,
    caseId,
    batchId: null,
    status: 'SUCCESS',
    timestamp: new Date().toISOString(),
    eventDetail: { reportType: 'transcript_metadata', requestedBy: paralegal, ...more },
  };
}

export type Request = ReturnType<typeof request>;

/** A request for user activity in the cases of an account, with `more` in its eventDetail. */
export function acrossCases(
  jobId: string,
  { parameters, ...more }: { parameters?: object; [field: string]: unknown } = {},
): Request {
  const { reportType, requestedBy, parameters: days } = samples.requestOf('user_activity').eventDetail;
  return request(jobId, { reportType, requestedBy, parameters: { ...days, ...parameters }, ...more }, null);
}

/** A custom report of the same. */
export function customAcrossCases(
  jobId: string,
  { parameters, ...more }: { parameters?: object; [field: string]: unknown } = {},
): Request {
  const type = 'user_activity';
  return acrossCases(jobId, { reportType: 'custom', parameters: { type, ...parameters }, ...more });
}

/** A cancel, with the report type and requester of a request with `more` in its eventDetail. */
export function cancel(jobId: string, more: Record<string, unknown> = {}): Request {
  const { reportType, requestedBy } = request(jobId, more).eventDetail;
  const caseId = ['custom', 'user_activity'].includes(reportType) ? null : caseIds.pumps;
  return {
    ...request(jobId, {}, caseId),
    eventType: samples.cancel.eventType,
    eventDetail: { reportType, requestedBy },
  };
}
