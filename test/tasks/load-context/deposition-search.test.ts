import { describe, expect } from 'vitest';
import { caseIds, emails, userIds } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/load-context/handler.ts';
import { it, storage } from '../../support/fixtures.ts';

const terms = [
  { id: '1', term: 'seal' },
  { id: '2', term: 'pump' },
];

async function load(
  parameters: object,
  user: keyof typeof userIds = 'paralegal',
  detail: Record<string, unknown> = {},
) {
  // The view-only user has a case of their own.
  const caseId = user === 'viewer' ? caseIds.newer : caseIds.pumps;
  const parametersKey = `development/cases/${caseId}/requests/search.json`;
  await storage.put(parametersKey, JSON.stringify(parameters));
  const requestedBy = { userId: userIds[user], email: emails[user] };
  const eventDetail = { reportType: 'deposition_search_pdf', requestedBy, parametersKey, ...detail };
  const request = { jobId: 'search-1', caseId, eventDetail };
  return handler({ request, startedAt: '2026-11-23T17:04:05.123Z' } as never);
}

it('is an attached PDF unless something else was asked for', async () => {
  const { context } = await load({ terms });
  expect(context).toMatchObject({
    report: {
      title: 'Deposition Search',
      format: 'pdf',
      parameters: { contextLines: 3, maxHits: 5000, layout: 'passages', paper: 'letter' },
    },
    delivery: { mode: 'attachment' },
    file: { name: expect.stringMatching(/\.pdf$/), contentType: 'application/pdf' },
    scopeDescription:
      'Hits of 2 search terms; all transcripts; 3 lines before and after each hit; sorted by deponent; at most 5,000 hits',
  });
  expect((await load({ terms }, 'paralegal', { format: 'xlsx' })).context).toMatchObject({
    report: { format: 'xlsx' },
  });
});

it('says what it covers', async () => {
  const parameters = {
    name: 'Seals',
    query: 'seal',
    scope: 'deponents',
    deponentIds: [1],
    volumeIds: [1],
    dateFrom: '2025-01-01',
    contextLines: 0,
    sort: 'date',
  };
  expect((await load(parameters)).context!.scopeDescription).toBe(
    'Seals; Hits of 1 search term; depositions; selected deponents only; selected transcripts only; ' +
      'transcripts dated on or after January 1, 2025; sorted by date; at most 5,000 hits',
  );
});

it('keeps terms out of the context', async () => {
  expect(JSON.stringify(await load({ query: 'secret' }))).not.toContain('secret');
  expect(JSON.stringify(await load({ terms: [{ id: '1', term: 'secret' }] }))).not.toContain('secret');
});

describe('is refused', () => {
  it.each<[string, object, string]>([
    ['without terms', {}, 'parameters: Give terms, or query.'],
    ['with terms and a query', { terms, query: 'seal' }, 'parameters: Give terms, or query, not both.'],
    ['with too many hits', { terms, maxHits: 20_001 }, 'parameters.maxHits: 20001 is more than 20000.'],
    ['with a query that is no text', { query: ['secret'] }, 'parameters.query: The term is not a text.'],
  ])('%s', async (_, parameters, cause) => {
    expect((await load(parameters)).refusal).toEqual({ error: 'InvalidRequest', cause });
  });

  it('to view-only users, and with exhibits to reviewers', async () => {
    expect((await load({ terms }, 'viewer')).refusal?.error).toBe('AccessLevelTooLow');
    expect((await load({ terms, includeExhibits: true }, 'reviewer')).refusal?.cause).toContain(
      'parameters.includeExhibits: This user sees only assigned folders',
    );
    expect((await load({ terms }, 'reviewer')).refusal).toBeNull();
  });
});
