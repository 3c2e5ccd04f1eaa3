import { describe, expect } from 'vitest';
import { calderAccountId, caseIds, emails, userIds } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/load-context/handler.ts';
import { it } from '../../support/fixtures.ts';

const november = { from: '2026-11-01', to: '2026-11-30' };
const requestedBy = { userId: userIds.calderAdministrator, email: emails.calderAdministrator };

function load(parameters: object, more: object = {}) {
  const eventDetail = { reportType: 'user_activity', requestedBy, parameters, ...more };
  const request = { jobId: 'act-1', caseId: null, eventDetail };
  return handler({ request, startedAt: '2026-11-23T17:04:05.123Z' } as never);
}

const scopeDescription = async (parameters: object) => {
  const { context, refusal } = await load({ ...november, ...parameters });
  expect(refusal).toBeNull();
  return context!.scopeDescription;
};

it('has defaults, and goes to the account attached', async () => {
  const { context } = await load(november);
  expect(context).toMatchObject({
    report: { title: 'User Activity', parameters: { layout: 'summary', includeZeroActivity: true } },
    account: { accountId: calderAccountId },
    case: null,
    delivery: { mode: 'attachment' },
    file: { name: 'user-activity_calder-finch-llp_20261123-170405.csv' },
  });
});

it.each([
  [
    {},
    'Activity by user and database; November 1 to 30, 2026; all databases of the account; all users; idle users included',
  ],
  [
    { layout: 'detail', databaseIds: [caseIds.harbor] },
    'Every event; November 1 to 30, 2026; 1 chosen database; all users',
  ],
  [
    { userEmails: [emails.calderIdle, emails.attorney] },
    'Activity by user and database; November 1 to 30, 2026; all databases of the account; 2 chosen users; idle users included',
  ],
  [
    { actions: ['document_view', 'search'], includeZeroActivity: false },
    'Activity by user and database; November 1 to 30, 2026; all databases of the account; all users; only document view, search; idle users excluded',
  ],
])('says in words what %o means', async (parameters, words) => {
  expect(await scopeDescription(parameters)).toContain(words);
});

it('takes a period in place of days', async () => {
  const { context } = await load({ period: 'previous_month' });
  expect(context!.report.parameters).toMatchObject({ from: '2026-10-01', to: '2026-10-31' });
  expect(context!.scopeDescription).toContain(
    'Activity by user and database; October 1 to 31, 2026; all databases of the account; all users; idle users included',
  );
});

it('quotes no name that the user gave it, and is not mailed without rows to those who want none', async () => {
  expect(await scopeDescription({ name: 'Time sheets' })).toMatch(/^Activity by user and database;/);
  const { context } = await load({ ...november, sendWhenEmpty: false });
  expect(context!.delivery.sendWhenEmpty).toBe(false);
});

describe('as a custom report', () => {
  const loadCustom = (parameters: object, more: object = {}) =>
    load({ type: 'user_activity', ...parameters }, { reportType: 'custom', ...more });

  it('has the defaults and words of user activity, and goes as a link', async () => {
    const { context } = await loadCustom({ ...november, name: 'Monthly', layout: 'detail' });
    expect(context).toMatchObject({
      report: {
        reportType: 'custom',
        title: 'Custom',
        parameters: { type: 'user_activity', ...november, layout: 'detail', includeZeroActivity: true },
      },
      delivery: { mode: 'link', sendWhenEmpty: true },
      scopeDescription: 'Every event; November 1 to 30, 2026; all databases of the account; all users',
    });
    expect(context!.file.key).toBe(
      `development/accounts/${calderAccountId}/exports/custom-act-1/custom-monthly_calder-finch-llp_20261123-170405.csv`,
    );
  });

  it.each([
    ['without days', {}, 'parameters: Give from and to, or period.'],
    [
      'with parameters of a list of databases',
      { ...november, layout: 'database', includeArchived: true },
      'parameters.includeArchived: Unknown parameter.\nparameters.layout: "database" is not one of summary, detail.',
    ],
    [
      'of a type that there is not',
      { type: 'horoscope' },
      'parameters.type: "horoscope" is not one of all_npcases, user_activity.',
    ],
    [
      'of the other type with parameters of this one',
      { type: 'all_npcases', ...november },
      'parameters.from: Unknown parameter.\nparameters.to: Unknown parameter.',
    ],
  ])('is refused %s', async (_, parameters, cause) => {
    expect((await loadCustom(parameters)).refusal).toEqual({ error: 'InvalidRequest', cause });
  });

  it('needs an approval where the account demands one, which user activity itself does not', async () => {
    const brandt = { requestedBy: { userId: userIds.otherAccount, email: emails.otherAccount } };
    const approvedBy = { userId: userIds.dataControlAdmin, email: emails.dataControlAdmin };
    expect((await loadCustom(november, brandt)).refusal).toMatchObject({ error: 'ApprovalMissing' });
    expect((await loadCustom(november, { ...brandt, approvedBy })).refusal).toBeNull();
    expect((await load(november, brandt)).refusal).toBeNull();
  });

  it('is for Dashboard Administrators alone, and on databases of their account', async () => {
    const attorney = { userId: userIds.calderAttorney, email: emails.calderAttorney };
    expect((await loadCustom(november, { requestedBy: attorney })).refusal?.error).toBe('AdministratorsOnly');
    const databaseIds = [caseIds.pumps];
    expect((await loadCustom({ ...november, databaseIds })).refusal?.error).toBe('InvalidRequest');
  });
});

describe('is refused', () => {
  const refusal = async (parameters: object, more?: object) => (await load(parameters, more)).refusal;

  it('when it names databases that the account does not have, by their ids', async () => {
    const databaseIds = [caseIds.harbor, caseIds.pumps, 999_999];
    expect(await refusal({ ...november, databaseIds })).toEqual({
      error: 'InvalidRequest',
      cause: 'parameters.databaseIds: The account has no database 1001, 999999.',
    });
  });

  it('when it names people who are no users of the account and of none of its databases', async () => {
    const userEmails = [emails.calderRemoved, emails.attorney, emails.paralegal];
    expect(await refusal({ ...november, userEmails })).toEqual({
      error: 'InvalidRequest',
      cause: `parameters.userEmails: The account has no user ${emails.paralegal}.`,
    });
  });

  it('without days, or with days in the wrong order', async () => {
    expect(await refusal({})).toEqual({
      error: 'InvalidRequest',
      cause: 'parameters: Give from and to, or period.',
    });
    expect(await refusal({ from: '2026-11-30', to: '2026-11-01' })).toMatchObject({
      cause: 'parameters.to: "2026-11-01" is before from, "2026-11-30".',
    });
  });

  it('when an action is not known', async () => {
    expect(await refusal({ ...november, actions: ['login', 'prayer'] })).toMatchObject({
      cause: expect.stringContaining('"prayer" is not one of login'),
    });
  });

  it('when a user who is no Dashboard Administrator asks', async () => {
    const attorney = { userId: userIds.calderAttorney, email: emails.calderAttorney };
    expect(await refusal(november, { requestedBy: attorney })).toMatchObject({ error: 'AdministratorsOnly' });
  });
});
