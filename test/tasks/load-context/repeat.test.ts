import { describe, expect } from 'vitest';
import { caseIds, emails, userIds } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/load-context/handler.ts';
import { storage, it as test } from '../../support/fixtures.ts';

type Detail = Record<string, unknown>;
const user = (name: keyof typeof userIds) => ({ userId: userIds[name], email: emails[name] });
const startedAt = '2026-11-23T17:04:05.123Z';
const pumps = `development/cases/${caseIds.pumps}/requests`;

type Options = { runs?: boolean; caseId?: number | null; startedAt?: string };

function load(jobId: string, eventDetail: Detail, options: Options = {}) {
  const detail = { reportType: 'review_log', requestedBy: user('paralegal'), ...eventDetail };
  const request = { jobId, caseId: caseIds.pumps as number | null, eventDetail: detail };
  if (options.caseId !== undefined) request.caseId = options.caseId;
  return handler({ request, startedAt, runs: true, ...options } as never);
}

async function context(...asked: Parameters<typeof load>) {
  const { refusal, context } = await load(...asked);
  expect(refusal).toBeNull();
  return context!;
}

const cause = async (...asked: Parameters<typeof load>) => (await load(...asked)).refusal?.cause;
const again = (jobId: string, reportType = 'review_log') => ({
  reportType,
  repeatOf: { reportType, jobId },
});
const history = { logType: 'privilege', layout: 'history', period: 'previous_month' };
const unknown = (jobId: string, reportType = 'review_log') =>
  `repeatOf: This case has no ${reportType} report ${jobId} of the last 400 days.`;

describe('A report that is run again', () => {
  test('has the parameters of the earlier one, and its format, time zone and delivery', async () => {
    const first = {
      parameters: { logType: 'relevancy', sort: 'date' },
      format: 'xlsx',
      timeZone: 'Asia/Tokyo',
      delivery: { mode: 'attachment', recipients: [emails.attorney], expiresInDays: 3 },
    };
    const { report, delivery, scopeDescription } = await context('first', first);
    expect(await context('second', again('first'))).toMatchObject({ report, delivery, scopeDescription });
  });

  test('has the format, the time zone and each part of the delivery that the new message names', async () => {
    const delivery = { mode: 'attachment', recipients: [emails.attorney], expiresInDays: 3 };
    await context('named', { parameters: history, format: 'xlsx', timeZone: 'Asia/Tokyo', delivery });
    const own = { ...again('named'), format: 'csv', timeZone: 'UTC', delivery: { mode: 'in_app' } };
    expect(await context('named-2', own)).toMatchObject({
      report: { format: 'csv', timeZone: 'UTC' },
      delivery: { mode: 'in_app', expiresInDays: 3 },
    });
  });

  test('goes to who asks now when the earlier one named no recipient', async () => {
    await context('mine', { parameters: history });
    const { delivery, requester } = await context('yours', {
      ...again('mine'),
      requestedBy: user('attorney'),
    });
    expect(requester.email).toBe(emails.attorney);
    expect(delivery.recipients.map(({ email }) => email)).toEqual([emails.attorney]);
  });

  test('computes a relative period anew, and can be run again itself', async () => {
    await context('monthly', { parameters: history });
    const later = { startedAt: '2027-01-05T12:00:00Z' };
    const second = await context('monthly-2', again('monthly'), later);
    expect(second.report.parameters).toMatchObject({ from: '2026-12-01', to: '2026-12-31' });
    const third = await context('monthly-3', again('monthly-2'), { startedAt: '2027-02-05T12:00:00Z' });
    expect(third.report.parameters).toMatchObject({ from: '2027-01-01', to: '2027-01-31' });
  });

  test('may be that of a slot', async () => {
    const slot = 'weekly-20261130T1200Z';
    await handler({
      request: {
        jobId: slot,
        originalJobId: 'weekly',
        scheduledFor: '2026-11-30T12:00:00Z',
        schedule: { expression: 'rate(7 days)', timeZone: 'UTC' },
        caseId: caseIds.pumps,
        eventDetail: { reportType: 'review_log', requestedBy: user('paralegal'), parameters: history },
      },
      startedAt,
      runs: true,
    } as never);
    const repeat = await context('weekly-again', again(slot));
    expect(repeat.report.parameters).toMatchObject({ period: 'previous_month' });
    expect(repeat).not.toHaveProperty('schedule');
  });

  test('may be on an account', async () => {
    const requestedBy = user('dashboardAdministrator');
    const account = { caseId: null };
    await context('list', { reportType: 'custom', requestedBy, parameters: { name: 'Licences' } }, account);
    const { report } = await context('list-2', { ...again('list', 'custom'), requestedBy }, account);
    expect(report).toMatchObject({ name: 'Licences', parameters: { layout: 'database' } });
  });

  test('is checked against the rights of who asks now', async () => {
    const delivery = { recipients: [emails.paralegal] };
    await context('rights', { parameters: history, delivery });
    const reviewer = { ...again('rights'), requestedBy: user('reviewer') };
    expect(await load('rights-2', reviewer)).toMatchObject({ refusal: { error: 'AccessLevelTooLow' } });
    const stranger = { ...again('rights'), requestedBy: user('withoutAccess') };
    expect(await load('rights-3', stranger)).toMatchObject({ refusal: { error: 'AccessDenied' } });
  });
});

describe('Stored parameters', () => {
  const terms = [{ id: '1', term: 'secret seal' }];

  test('are copied beside the request, since Rails may delete its file, and stand nowhere else', async () => {
    const parametersKey = `${pumps}/mine.json`;
    await storage.put(parametersKey, JSON.stringify({ terms }));
    const first = await context('hits', { reportType: 'search_hit', parametersKey });
    await storage.put(parametersKey, JSON.stringify({ terms: [] }));
    const second = await context('hits-2', again('hits', 'search_hit'));
    const copy = `${pumps}/kept/search_hit-hits-2/parameters.json`;
    expect(second.report).toEqual({ ...first.report, parametersKey: copy });
    expect(JSON.parse(await storage.text(copy))).toEqual({ terms });
    expect(JSON.stringify(second)).not.toContain('secret');
    const kept = await storage.text(`${pumps}/kept/search_hit-hits-2/request.json`);
    expect(JSON.parse(kept)).toMatchObject({
      parametersKey: `${pumps}/kept/search_hit-hits-2/parameters.json`,
    });
    expect(kept).not.toContain('secret');
  });
});

describe('A report that runs', () => {
  test('reads its own copy of stored parameters, which outlives the file of Rails', async () => {
    const parametersKey = `${pumps}/own.json`;
    await storage.put(parametersKey, JSON.stringify({ terms: [{ id: '1', term: 'pump' }] }));
    const asked = { reportType: 'search_hit', parametersKey };
    const { report } = await context('own', asked);
    expect(report.parametersKey).toBe(`${pumps}/kept/search_hit-own/parameters.json`);
    const { report: looked } = await context('own', asked, { runs: false });
    expect(looked.parametersKey).toBe(parametersKey);
  });
});

describe('Requests are kept', () => {
  test('apart from the files, for their own number of days', async () => {
    storage.requests.length = 0;
    await context('tagged', { parameters: history });
    expect(storage.requests).toMatchObject([
      {
        operation: 'PutObject',
        key: `${pumps}/kept/review_log-tagged/request.json`,
        headers: { 'x-amz-tagging': 'expires-in-days=400' },
      },
    ]);
  });

  test('without who asked', async () => {
    await context('anonymous', { parameters: history });
    const kept = await storage.text(`${pumps}/kept/review_log-anonymous/request.json`);
    expect(kept).not.toContain(emails.paralegal);
  });

  test('only by reports that run, and not when they are refused', async () => {
    storage.requests.length = 0;
    await context('looked-at', { parameters: history }, { runs: false });
    await load('refused', { parameters: { logType: 'nothing' } });
    expect(storage.requests).toEqual([]);
  });

  test('or the report waits until S3 takes them', async () => {
    storage.interfere = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    const running = load('unkept', { parameters: history });
    await expect(running).rejects.toMatchObject({ name: 'UploadFailed' });
    storage.interfere = undefined;
  });
});

describe('A repeat is refused', () => {
  test.each<[string, Detail, string]>([
    ['of an unknown report', again('nothing'), unknown('nothing')],
    [
      'of a report of another type',
      { repeatOf: { reportType: 'page_count', jobId: 'a' } },
      'repeatOf.reportType: "page_count" is not the reportType of this request.',
    ],
    [
      'of an overlay',
      again('overlay', 'coding_overlay'),
      "repeatOf: A coding overlay or its restore can't be run again. Ask for it with its load file.",
    ],
    [
      'with parameters',
      { ...again('a'), parameters: history },
      'repeatOf: The report is run again with its own parameters. Leave out parameters and parametersKey.',
    ],
    [
      'with stored parameters',
      { ...again('a'), parametersKey: `${pumps}/a.json` },
      'repeatOf: The report is run again with its own parameters. Leave out parameters and parametersKey.',
    ],
    [
      'on a schedule',
      { ...again('a'), schedule: { expression: 'rate(1 day)', timeZone: 'UTC' } },
      'repeatOf: A schedule needs parameters of its own: those of an earlier report expire.',
    ],
    ['without a jobId', { repeatOf: { reportType: 'review_log' } }, 'repeatOf.jobId: Missing.'],
    [
      'of what is no jobId',
      again('../../1005/requests/a'),
      'repeatOf.jobId: "../../1005/requests/a" does not have the required form.',
    ],
  ])('%s', async (_, detail, expected) => {
    expect(await load('refused', detail)).toEqual({
      refusal: { error: 'InvalidRequest', cause: expected },
      context: null,
    });
  });

  test('of a report of another case, in the words of one that does not exist', async () => {
    await context('elsewhere', { parameters: history });
    const requestedBy = user('dashboardAdministrator');
    const other = { caseId: caseIds.empty };
    expect(await cause('here', { ...again('elsewhere'), requestedBy }, other)).toBe(unknown('elsewhere'));
  });

  test('of a report of another account, in the words of one that does not exist', async () => {
    const requestedBy = user('dashboardAdministrator');
    await context('theirs', { reportType: 'custom', requestedBy }, { caseId: null });
    const asker = { ...again('theirs', 'custom'), requestedBy: user('calderAdministrator') };
    expect(await cause('ours', asker, { caseId: null })).toBe(
      'repeatOf: This account has no custom report theirs of the last 400 days.',
    );
  });
});
