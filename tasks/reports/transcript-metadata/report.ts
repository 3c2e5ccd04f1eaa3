// The transcripts of a case with their metadata, one row per volume.
import type { TranscriptMetadataParameters } from '../../../contract/types.ts';
import { viewOnlyMayNotSee } from '../access.ts';
import { count, days } from '../phrases.ts';
import type { Report } from '../report.ts';
import customFields from './transcript-fields.sql';
import rows from './transcripts.sql';

const scopes = {
  both: 'Depositions and court proceedings',
  deponents: 'Depositions',
  proceedings: 'Court proceedings',
};

export const transcriptMetadata = {
  type: 'transcript_metadata',
  title: 'Transcript Metadata',

  describe({ scope, deponentIds, dateFrom, dateTo, includeCustomFields, onlyMissing, sort }) {
    return [
      scopes[scope!],
      deponentIds && `${count(deponentIds.length, 'chosen deponent')} only`,
      days('transcripts dated', dateFrom, dateTo),
      onlyMissing && 'only those that lack a date, a volume or a name',
      includeCustomFields ? 'with custom fields' : 'without custom fields',
      `sorted by ${sort}`,
    ];
  },

  denied: (accessLevel) => [viewOnlyMayNotSee(accessLevel, 'metadata')],

  query: () => ({ rows, customFields }),
} satisfies Report<TranscriptMetadataParameters>;
