import { describe, expect } from 'vitest';
import { caseIds, emails } from '../../local/database/seed.ts';
import type { TopicEvent } from '../../local/rails/rails.ts';
import { readPdf } from '../support/pdf.ts';
import { it, type TestStack } from '../support/stack.ts';

it.override('waitTimeScale', { scope: 'file' }, () => 0.001);

let stack: TestStack;
it.beforeAll(async ({ stack: shared }) => {
  stack = shared;
});
it.afterEach(() => {
  stack.search.beforeTerm = undefined;
});

const ask = async (jobId: string, terms: string[], more: object = {}, detail: object = {}) =>
  stack.ask(
    await stack.searchHits(
      jobId,
      terms,
      { volumeIds: [4], ...more },
      {
        reportType: 'deposition_search_pdf',
        ...detail,
      },
    ),
  );
const manifestOf = async ({ eventDetail }: TopicEvent) =>
  JSON.parse(await stack.textOf(eventDetail.file.key.replace(/[^/]+$/, 'manifest.json')));

describe('A deposition search', () => {
  let event: TopicEvent;
  it.beforeAll(async () => {
    event = await ask('searched', ['"seal failure"', '(bad']);
  });

  it('comes as an attached PDF, with an event for the alert in the application', async () => {
    expect(event).toMatchObject({
      eventType: 'REPORT_COMPLETED',
      caseId: caseIds.pumps,
      eventDetail: {
        reportType: 'deposition_search_pdf',
        delivery: { mode: 'attachment', recipients: [{ outcome: 'attachment' }] },
        file: { rows: 2, columns: [], contentType: 'application/pdf', name: expect.stringMatching(/\.pdf$/) },
      },
    });
    const [mail] = await stack.mailsOf('searched', 1);
    expect(mail!.to).toEqual([emails.paralegal]);
    const [attachment] = mail!.attachments;
    const pdf = await readPdf(attachment!.content);
    expect(pdf.text).toContain('1:03-1:04 (term T1)');
  });

  it('has a manifest that says what was found', async () => {
    expect(await manifestOf(event)).toMatchObject({
      file: { rows: 2 },
      search: { snapshot: 'pit', terms: 2, termsWithErrors: 1 },
      found: { hits: 2, transcripts: 1 },
      truncated: false,
    });
  });

  it('lets no term out of S3', async () => {
    const told = JSON.stringify([stack.rails.events, await manifestOf(event), stack.calls]);
    expect(told).not.toContain('seal failure');
    expect(told).not.toContain('(bad');
  });
});

it('tells in its manifest that hits were cut', async () => {
  const event = await ask('cut', ['seal'], { maxHits: 1 }, { format: 'csv', delivery: { mode: 'in_app' } });
  expect(event.eventDetail.file).toMatchObject({ rows: 1, contentType: 'text/csv; charset=utf-8' });
  expect(await manifestOf(event)).toMatchObject({ found: { hits: 4 }, truncated: true });
});

it('fails when the search does, and a redrive completes it', async () => {
  stack.search.beforeTerm = () => {
    throw new Error('The index is being rebuilt.');
  };
  const failed = await ask('broken', ['seal']);
  expect(failed).toMatchObject({
    eventType: 'REPORT_FAILED',
    eventDetail: { error: 'SearchFailed', cause: 'The index is being rebuilt.', redrivable: true },
  });
  stack.search.beforeTerm = undefined;
  expect((await stack.redrive('deposition-search-pdf', 'broken')).eventType).toBe('REPORT_COMPLETED');
});
