import { describe, expect } from 'vitest';
import { caseIds, emails, userIds } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/load-context/handler.ts';
import { it } from '../../support/fixtures.ts';
import type { Storage } from '../../support/services.ts';

let storage: Storage;
it.beforeAll(({ storage: shared }) => {
  storage = shared;
});

const terms = [
  { id: '1', term: 'seal' },
  { id: '2', term: 'pump' },
];
type User = keyof typeof userIds;

async function load(
  parameters: object,
  { as = 'paralegal' as User, ...detail }: Record<string, unknown> = {},
) {
  const user = as as User;
  // The view-only user has a case of their own.
  const caseId = user === 'viewer' ? caseIds.newer : caseIds.pumps;
  const parametersKey = `development/cases/${caseId}/requests/search.json`;
  await storage.put(parametersKey, JSON.stringify(parameters));
  const requestedBy = { userId: userIds[user], email: emails[user] };
  const eventDetail = { reportType: 'search_hit', requestedBy, parametersKey, ...detail };
  const request = { jobId: 'search-1', caseId, eventDetail };
  return handler({ request, startedAt: '2026-11-23T17:04:05.123Z' } as never);
}

async function cause(...asked: Parameters<typeof load>) {
  return (await load(...asked)).refusal?.cause;
}

it('has defaults, and is delivered in the application', async () => {
  const { context } = await load({ terms });
  expect(context).toMatchObject({
    report: { title: 'Search Hits', parameters: { byCustodian: false, byMonth: false, dryRun: false } },
    delivery: { mode: 'in_app', recipients: [] },
    scopeDescription: 'Hits of 2 search terms; all documents; trash excluded',
  });
});

it('says what it covers', async () => {
  const { context } = await load({
    name: 'Custodial search',
    terms,
    scope: { folderIds: [1, 2] },
    byCustodian: true,
    byMonth: true,
  });
  expect(context!.scopeDescription).toBe(
    'Custodial search; Hits of 2 search terms; documents of selected folders; by custodian; by month; trash excluded',
  );
  expect((await load({ terms, dryRun: true })).context!.scopeDescription).toContain(
    'Check of 2 search terms',
  );
});

it('keeps no term in the context, however short', async () => {
  const { context } = await load({ terms });
  expect(context!.report.parameters).not.toHaveProperty('terms');
  expect(JSON.stringify(context)).not.toContain('seal');
});

describe('refuses, without quoting a term,', () => {
  it.each<[string, object, string]>([
    ['no terms', {}, 'parameters.terms: Missing.'],
    ['an empty list', { terms: [] }, 'parameters.terms: The list is empty.'],
    [
      'more than 2,000 terms',
      { terms: Array.from({ length: 2001 }, (_, id) => ({ id: `${id}`, term: 'secret' })) },
      'parameters.terms: The list has more than 2,000 entries.',
    ],
    ['a term that is no object', { terms: ['secret'] }, 'parameters.terms.0: The term is not an object.'],
    [
      'an id that is no text',
      { terms: [{ id: 7, term: 'secret' }] },
      'parameters.terms.0.id: The term is not a text.',
    ],
    ['an empty term', { terms: [{ id: '1', term: '' }] }, 'parameters.terms.0.term: The text is empty.'],
    ['an unknown parameter', { terms, colour: 'red' }, 'parameters.colour: Unknown parameter.'],
  ])('%s', async (_, parameters, expected) => {
    const refused = await cause(parameters);
    expect(refused).toBe(expected);
    expect(refused).not.toContain('secret');
  });
});

describe('Users who see assigned folders only', () => {
  it.each<User>(['viewer', 'reviewer'])('must name them: %s', async (as) => {
    expect(await cause({ terms }, { as })).toContain(
      'parameters.scope: This user sees only assigned folders. Name the folders.',
    );
    expect(await cause({ terms, scope: { folderIds: [1] } }, { as })).toBeUndefined();
  });

  it('get no breakdown when they are view-only', async () => {
    const scope = { folderIds: [1] };
    expect(await cause({ terms, scope, byCustodian: true, byMonth: true }, { as: 'viewer' })).toBe(
      "parameters.byCustodian: View-only users can't see metadata.\nparameters.byMonth: View-only users can't see metadata.",
    );
    expect(await cause({ terms, scope, byCustodian: true }, { as: 'reviewer' })).toBeUndefined();
  });
});
