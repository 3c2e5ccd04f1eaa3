// All that a document tells beside the testimony.
import type { DepositionSearchPdfParameters, SearchTerm } from '../../../../contract/types.ts';
import type { ReportContext } from '../../../lib/context.ts';
import type { Outcome } from '../../search-hit/rows.ts';
import type { Counts } from '../hits.ts';
import type { Transcript } from '../transcripts.ts';

export type DocumentFacts = {
  context: ReportContext;
  parameters: DepositionSearchPdfParameters;
  terms: SearchTerm[];
  outcomes: Outcome[];
  transcripts: Transcript[];
  counts: Counts;
  /** Hits that are shown. */
  shown: number;
  /** When the testimony was searched, milliseconds since 1970. */
  searchedAt: number;
  /** Warnings; those that are known after the last passage come last. */
  notes: () => string[];
};
