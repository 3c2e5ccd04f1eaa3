// The places of a case's transcripts where search terms are found, with the testimony around them. The search backend
// finds them; export-testimony reads the testimony and writes a PDF, or the same hits as rows.
import type { DepositionSearchPdfParameters } from '../../../contract/types.ts';
import { viewOnlyMayNotSee } from '../access.ts';
import { count, days } from '../phrases.ts';
import type { Report } from '../report.ts';

const scopes = { deponents: 'depositions', proceedings: 'court proceedings', both: 'all transcripts' };

export const depositionSearchPdf = {
  type: 'deposition_search_pdf',
  title: 'Deposition Search',
  // Search terms are attorney work product.
  confidential: ['terms', 'query'],
  days: ['dateFrom', 'dateTo'],

  meanings: {
    'Term ID': 'The id of the term in the request.',
    'Search Term': 'The term as it was typed.',
    'Hit Text': 'The words that were found.',
    Testimony: 'The lines of the hit and those around it, each with its page and line.',
    Exhibits: 'Exhibits that are introduced in these lines.',
    Designations: 'Labels of designations that cover any of these lines.',
  },

  describe({ name, terms, scope, deponentIds, volumeIds, dateFrom, dateTo, contextLines, sort, maxHits }) {
    return [
      name,
      `Hits of ${count(terms?.length ?? 1, 'search term')}`,
      scopes[scope!],
      deponentIds && 'selected deponents only',
      volumeIds && 'selected transcripts only',
      days('transcripts dated', dateFrom, dateTo),
      contextLines && `${count(contextLines, 'line')} before and after each hit`,
      `sorted by ${sort}`,
      `at most ${count(maxHits!, 'hit')}`,
    ];
  },

  denied(accessLevel, { includeExhibits }) {
    return [
      viewOnlyMayNotSee(accessLevel, 'coding'),
      // Their titles may be of documents in folders that these users do not see.
      includeExhibits &&
        accessLevel === 'reviewer' &&
        'parameters.includeExhibits: This user sees only assigned folders, and exhibits may be in others.',
    ];
  },
} satisfies Report<DepositionSearchPdfParameters>;
