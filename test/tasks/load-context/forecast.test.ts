import { describe, expect } from 'vitest';
import { caseIds, emails, userIds } from '../../../local/database/seed.ts';
import { handler as exportRows } from '../../../tasks/export-rows/handler.ts';
import type { ReportContext } from '../../../tasks/lib/context.ts';
import { handler } from '../../../tasks/load-context/handler.ts';
import { storage, it as test } from '../../support/fixtures.ts';

type Detail = Record<string, unknown>;
const user = (name: keyof typeof userIds) => ({ userId: userIds[name], email: emails[name] });

function load(eventDetail: Detail, { runs = true, caseId = caseIds.pumps as number | null } = {}) {
  const request = { jobId: 'dry', caseId, eventDetail: { requestedBy: user('paralegal'), ...eventDetail } };
  return handler({ request, startedAt: '2026-11-23T17:04:05.123Z', runs } as never);
}

async function forecast(...asked: Parameters<typeof load>) {
  const { refusal, context } = await load(...asked);
  expect(refusal).toBeNull();
  return context!.dryRun;
}

const cause = async (...asked: Parameters<typeof load>) => (await load(...asked)).refusal?.cause;
const ofAccount = { caseId: null };
const asAdministrator = { requestedBy: user('dashboardAdministrator') };
const logs = { reportType: 'review_log', parameters: { logType: 'privilege' } };
const lambda = { getRemainingTimeInMillis: () => 60_000 };

describe('A dry run', () => {
  test('says what the report would deliver', async () => {
    const delivery = { mode: 'link', recipients: [emails.attorney], expiresInDays: 3 };
    expect(await forecast({ ...logs, format: 'xlsx', delivery, dryRun: true })).toEqual({
      title: 'Privilege Log',
      description: expect.stringContaining('only those withheld, redacted or privileged'),
      rows: null,
      rowsUnknown: 'The rows were not counted: that would take as long as the report itself.',
      file: {
        name: 'privilege-log_muller-v-acme-pumps-inc-trial_20261123-170405.xlsx',
        contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      },
      delivery: {
        mode: 'link',
        recipients: [{ email: emails.attorney, outside: false }],
        expiresInDays: 3,
      },
    });
  });

  test.each<[string, Detail, object]>([
    ['transcript metadata', { reportType: 'transcript_metadata' }, {}],
    [
      'some transcript metadata',
      { reportType: 'transcript_metadata', parameters: { onlyMissing: true, scope: 'deponents' } },
      {},
    ],
    [
      'a grid of all documents',
      {
        reportType: 'grid_data_export',
        parameters: { columns: [{ field: 'title' }], selection: { all: true } },
      },
      {},
    ],
    ['a list of databases', { reportType: 'custom', ...asAdministrator }, ofAccount],
    [
      'a list of users',
      {
        reportType: 'custom',
        ...asAdministrator,
        parameters: { layout: 'database_user', includeArchived: false },
      },
      ofAccount,
    ],
  ])('counts as many rows as the report then has: %s', async (_, detail, options) => {
    const found = await forecast({ ...detail, dryRun: true }, options);
    const { context } = await load(detail, options);
    const { file } = await exportRows({ context: context as ReportContext }, lambda as never);
    expect(found!.rows).toBe(file.rows);
    expect(found!.rows).toBeGreaterThan(0);
    expect(found).not.toHaveProperty('rowsUnknown');
  });

  test.each<[string, Detail, object]>([
    ['page count', { reportType: 'page_count' }, {}],
    ['review log', logs, {}],
    ['designation summary', { reportType: 'deposition_summary' }, {}],
    [
      'grid of chosen documents',
      {
        reportType: 'grid_data_export',
        parameters: { columns: [{ field: 'title' }], selection: { documentIds: [1] } },
      },
      {},
    ],
    [
      'report on user activity',
      { reportType: 'user_activity', ...asAdministrator, parameters: { period: 'previous_day' } },
      ofAccount,
    ],
    [
      'custom report on user activity',
      {
        reportType: 'custom',
        ...asAdministrator,
        parameters: { type: 'user_activity', period: 'previous_day' },
      },
      ofAccount,
    ],
  ])('leaves the rows of a %s uncounted and says so', async (_, detail, options) => {
    const found = await forecast({ ...detail, dryRun: true }, options);
    expect(found).toMatchObject({ rows: null, rowsUnknown: expect.stringContaining('not counted') });
  });

  test('is checked as the report is', async () => {
    const reviewer = { ...logs, requestedBy: user('reviewer'), dryRun: true };
    expect(await load(reviewer)).toMatchObject({ refusal: { error: 'AccessLevelTooLow' } });
  });

  test('can be run in earnest', async () => {
    await forecast({ ...logs, dryRun: true });
    const repeatOf = { reportType: 'review_log', jobId: 'dry' };
    const { context } = await load({ reportType: 'review_log', repeatOf });
    expect(context!.report.parameters).toMatchObject(logs.parameters);
    expect(context).not.toHaveProperty('dryRun');
  });

  test('quotes no parameter that was stored', async () => {
    const parametersKey = `development/cases/${caseIds.pumps}/requests/dry.json`;
    const parameters = { logType: 'privilege', statuses: ['secret'], name: 'secret' };
    await storage.put(parametersKey, JSON.stringify(parameters));
    const found = await forecast({ reportType: 'review_log', parametersKey, dryRun: true });
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  test('is no matter for who only looks at the request, such as a cancel', async () => {
    expect(await forecast({ ...logs, dryRun: true }, { runs: false })).toBeUndefined();
  });
});

describe('A dry run is refused', () => {
  test.each<[string, Detail, string]>([
    [
      'on a schedule',
      { ...logs, schedule: { expression: 'rate(1 day)', timeZone: 'UTC' } },
      "dryRun: A schedule can't be a dry run.",
    ],
    [
      'of an overlay',
      { reportType: 'coding_overlay', parameters: { restore: 'a' } },
      'dryRun: A coding overlay has a dry run of its own: parameters.dryRun.',
    ],
    [
      'of a search',
      { reportType: 'search_hit', parametersKey: 'development/cases/1001/requests/a.json' },
      'dryRun: A search hit report has a dry run of its own: dryRun in its parameters.',
    ],
  ])('%s', async (_, detail, expected) => {
    expect(await cause({ ...detail, dryRun: true })).toBe(expected);
  });
});
